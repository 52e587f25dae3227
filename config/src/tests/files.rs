use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::{Folder, HOST, main_file};
use crate::Config;

#[test]
fn what_is_no_plain_file_is_told_and_never_waited_for() {
    let folder = Folder::new();
    fs::create_dir(folder.path("countersign.toml")).unwrap();
    nix::unistd::mkfifo(
        &folder.path("conf.d/10.toml"),
        nix::sys::stat::Mode::S_IRUSR,
    )
    .unwrap();
    symlink("/dev/zero", folder.path("conf.d/20.toml")).unwrap();
    symlink("nowhere", folder.path("conf.d/30.toml")).unwrap();
    let no_file = "this is not a regular file; move it elsewhere";
    let wanted = [
        format!("countersign.toml: {no_file}"),
        format!("conf.d/10.toml: {no_file}"),
        format!("conf.d/20.toml: {no_file}"),
        "conf.d/30.toml: cannot read this: No such file or directory (os error 2)".to_owned(),
    ];
    assert_eq!(folder.problems(), wanted);
}

#[test]
fn a_link_that_points_nowhere_is_not_an_absent_file() {
    let folder = Folder::new();
    symlink("nowhere", folder.path("countersign.toml")).unwrap();
    fs::remove_dir(folder.path("conf.d")).unwrap();
    symlink("nowhere", folder.path("conf.d")).unwrap();
    let wanted = [
        "countersign.toml: cannot read this: No such file or directory (os error 2)",
        "conf.d: cannot read this: No such file or directory (os error 2)",
    ];
    assert_eq!(folder.problems(), wanted);
}

#[test]
fn a_file_that_everybody_may_write_to_is_refused() {
    let folder = main_file("");
    let open = fs::Permissions::from_mode(0o646);
    fs::set_permissions(folder.path("countersign.toml"), open).unwrap();
    let wanted = "countersign.toml: somebody besides root may write to this, and so switch the second factor off; chown root: it and chmod go-w it";
    assert_eq!(folder.problems(), [wanted]);
}

#[test]
fn what_others_may_write_to_or_own_is_refused_and_so_are_their_folders() {
    let exposed = |spoil: &dyn Fn(&Path)| {
        let folder = main_file("").with("conf.d/10.toml", "");
        spoil(&folder.path(""));
        let problems = Config::load(&folder.path(""), HOST).err();
        problems.map_or(0, |problems| problems.len())
    };
    let mode = |file: &'static str, mode| {
        move |dir: &Path| {
            fs::set_permissions(dir.join(file), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    assert_eq!(exposed(&|_| {}), 0);
    assert_eq!(exposed(&mode("conf.d", 0o777)), 1);
    assert_eq!(exposed(&mode("", 0o777)), 1);
    // Only root can give files away.
    if nix::unistd::geteuid().is_root() {
        let give = |file: &'static str, uid, gid| {
            move |dir: &Path| std::os::unix::fs::chown(dir.join(file), uid, gid).unwrap()
        };
        assert_eq!(exposed(&give("countersign.toml", Some(1234), None)), 1);
        assert_eq!(exposed(&give("conf.d", Some(1234), None)), 1);
        assert_eq!(exposed(&give("countersign.toml", None, Some(1234))), 0);
        assert_eq!(exposed(&mode("countersign.toml", 0o664)), 0);
        let by_group = |dir: &Path| {
            give("conf.d/10.toml", None, Some(1234))(dir);
            mode("conf.d/10.toml", 0o664)(dir);
        };
        assert_eq!(exposed(&by_group), 1);
    }
}

#[test]
fn a_file_larger_than_any_configuration_is_refused() {
    let most = 1 << 20;
    assert_eq!(
        main_file(vec![b'\n'; most]).load(),
        Config::default_for(HOST)
    );
    let too_large = main_file(vec![b'\n'; most + 1]);
    assert_eq!(
        too_large.problems(),
        ["countersign.toml: this is larger than 1048576 bytes"]
    );
}

#[test]
fn a_file_name_cannot_play_tricks_on_a_terminal() {
    let folder = Folder::new();
    let name = std::ffi::OsStr::from_bytes(b"conf.d/\x1b[2J\xff.toml");
    fs::write(folder.0.join(name), "x = 1").unwrap();
    let said = folder.problems().join("\n");
    assert!(said.starts_with("conf.d/\\u{1b}[2J"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
}
