//! The login socket, and who is kept from it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use countersign_tests::{Lab, Program, Stage, in_lab};

use crate::door::{Door, wait_until};

const SOCKET: &str = "/run/countersign/login.sock";
const UNIT: &str = include_str!("../../../packaging/systemd/countersign-login.socket");
/// Connects, and asks for alice's login; prints what came of it.
const CLIENT: &str = concat!(include_str!("wire.py"), include_str!("client.py"));

fn alice(stage: Stage) -> Lab {
    stage.user("alice", "her password").start()
}

fn connect_as(user: &str) -> String {
    Program::as_user(user, "python3")
        .args(["-c", CLIENT, SOCKET])
        .text()
}

#[test]
fn the_socket_and_its_folder_are_for_root_alone() {
    in_lab(|stage| {
        let _lab = alice(stage);
        for (path, mode, said) in [
            (SOCKET, 0o600, "SocketMode=0600"),
            ("/run/countersign", 0o700, "DirectoryMode=0700"),
        ] {
            let found = fs::metadata(path).expect("it is there");
            assert_eq!((found.uid(), found.gid()), (0, 0), "{path}");
            assert_eq!(found.permissions().mode() & 0o777, mode, "{path}");
            // What the lab does by hand is what the unit says.
            assert!(UNIT.lines().any(|line| line == said), "{UNIT}");
        }
        for user in ["alice", "countersign", "nobody"] {
            assert_eq!(connect_as(user), "PermissionError\n", "{user}");
        }
        assert_eq!(connect_as("root"), "none\n");
    });
}

#[test]
fn whoever_gets_at_the_socket_without_being_root_is_turned_away() {
    in_lab(|stage| {
        let lab = alice(stage);
        fs::set_permissions("/run/countersign", fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(SOCKET, fs::Permissions::from_mode(0o666)).unwrap();
        for user in ["alice", "countersign", "nobody"] {
            assert_eq!(connect_as(user), "closed\n", "{user}");
            let uid = Program::new("id").args(["-u", user]).text();
            let line = format!("login socket: uid {} turned away", uid.trim_end());
            wait_until("it is in the log", || lab.log().contains(&line));
        }
        assert_eq!(connect_as("root"), "none\n");
    });
}

#[test]
fn clients_that_say_nothing_hold_up_no_login() {
    in_lab(|stage| {
        let lab = alice(stage);
        let mut secret = lab.enroll("alice");
        let idle = "import socket, sys, time\n\
                    held = [socket.socket(socket.AF_UNIX) for _ in range(200)]\n\
                    for one in held: one.connect(sys.argv[1])\n\
                    print('ready', flush=True)\n\
                    time.sleep(600)";
        let idle = crate::rogue::Rogue::run("root", idle, &[SOCKET]);
        let door = Door::hasty(&lab);
        door.try_code(&secret.wrong_code()).refused_as_wrong();
        door.try_code(&secret.next_code()).let_in();
        idle.end();
    });
}

#[test]
fn the_daemon_outlives_clients_that_speak_no_dbus() {
    in_lab(|stage| {
        let mut lab = alice(stage);
        let mut secret = lab.enroll("alice");
        let pid = || Program::new("pidof").arg("countersignd").text();
        let before = pid();
        for sent in [
            "b''",
            "b'GET / HTTP/1.1\\r\\n\\r\\n'",
            "b'\\0AUTH EXTERNAL 31303030\\r\\nBEGIN\\r\\n'",
            "b'\\0AUTH ANONYMOUS\\r\\nBEGIN\\r\\n'",
            "b'\\0AUTH EXTERNAL 30\\r\\nBEGIN\\r\\n' + bytes(range(256)) * 300",
            "b'\\0AUTH EXTERNAL 30\\r\\nBEGIN\\r\\nl\\1\\0\\1\\xff\\xff\\xff\\x7f\\1\\0\\0\\0\\xff\\xff\\xff\\x7f'",
            "b'A' * 10000000",
        ] {
            let client = format!(
                "import socket, sys\n\
                 one = socket.socket(socket.AF_UNIX)\n\
                 one.connect(sys.argv[1])\n\
                 try:\n  one.sendall({sent})\n  one.shutdown(1)\n  one.recv(65536)\n\
                 except OSError: pass"
            );
            Program::new("python3").args(["-c", &client, SOCKET]).text();
        }
        Door::shipped(&lab).try_code(&secret.next_code()).let_in();
        assert_eq!(pid(), before, "{}", lab.daemon_output());
        lab.daemon().stop();
    });
}
