use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::super::Config;
use super::{Folder, HOST, main_file};

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
    let wanted = "countersign.toml: every user may write to this, and so switch the second factor off; chmod o-w it";
    assert_eq!(folder.problems(), [wanted]);
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
