use super::*;
use std::os::unix::fs::symlink;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names(dir: &Path) -> Vec<String> {
    fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn what_is_kept_is_whole_and_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qr.png");
    let mut file = PrivateFile::create(&path, Existing::Refuse).unwrap();
    assert_eq!(mode(&path), 0o600);
    file.write(b"picture").unwrap();
    file.keep().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"picture");
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn what_is_not_kept_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qr.png");
    PrivateFile::create(&path, Existing::Refuse)
        .unwrap()
        .write(b"picture")
        .unwrap();
    assert!(names(dir.path()).is_empty());
}

#[test]
fn a_file_that_is_there_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qr.png");
    fs::write(&path, "old").unwrap();
    let error = PrivateFile::create(&path, Existing::Refuse).unwrap_err();
    assert!(matches!(error, FileError::Exists { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn replacing_waits_until_the_new_one_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qr.png");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();

    PrivateFile::create(&path, Existing::Replace)
        .unwrap()
        .write(b"given up")
        .unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"old");

    let mut file = PrivateFile::create(&path, Existing::Replace).unwrap();
    file.write(b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"old");
    file.keep().unwrap();
    assert_eq!(
        (fs::read(&path).unwrap(), mode(&path)),
        (b"new".to_vec(), 0o600)
    );
    assert_eq!(names(dir.path()), ["qr.png"]);
}

#[test]
fn links_and_directories_are_never_replaced_nor_followed() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    fs::write(&target, "precious").unwrap();
    let (link, dangling) = (dir.path().join("link.png"), dir.path().join("dangling.png"));
    symlink(&target, &link).unwrap();
    symlink(dir.path().join("nowhere"), &dangling).unwrap();
    for existing in [Existing::Refuse, Existing::Replace] {
        for path in [&link, &dangling] {
            let error = PrivateFile::create(path, existing).unwrap_err();
            assert!(matches!(error, FileError::Symlink { .. }), "{error}");
        }
        let error = PrivateFile::create(dir.path(), existing).unwrap_err();
        assert!(matches!(error, FileError::NotAFile { .. }), "{error}");
    }
    assert_eq!(fs::read(&target).unwrap(), b"precious");
    assert!(!dir.path().join("nowhere").exists());
}

#[test]
fn a_missing_directory_and_a_full_disk_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = PrivateFile::create(&dir.path().join("no/qr.png"), Existing::Refuse).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("its directory does not exist. Create it, or choose another")
    );

    let path = dir.path().join("qr.png");
    let mut file = PrivateFile::create(&path, Existing::Refuse).unwrap();
    file.file = File::options().write(true).open("/dev/full").unwrap();
    let error = file.write(b"picture").unwrap_err();
    assert!(matches!(error, FileError::Full { .. }), "{error}");
    drop(file);
    assert!(names(dir.path()).is_empty());
}

#[test]
fn what_is_written_again_takes_the_place_of_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("card.pdf");
    let mut file = PrivateFile::create(&path, Existing::Refuse).unwrap();
    for text in [&b"a long draft"[..], b"short"] {
        file.write(text).unwrap();
        assert_eq!(fs::read(&path).unwrap(), text);
    }
}

#[test]
fn names_in_messages_cannot_write_to_the_terminal() {
    let said = FileError::Exists {
        path: "a\u{1b}[2J.png".into(),
    }
    .to_string();
    assert!(said.contains("a\\u{1b}[2J.png") && !said.contains('\u{1b}'));
}
