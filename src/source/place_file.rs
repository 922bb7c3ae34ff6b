//! Putting files where they belong: whole or not at all, and never through a link.
#![expect(
    clippy::disallowed_methods,
    reason = "working folders are filled through these functions"
)]

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::NamedTempFile;

/// Writes a file beside its place and then moves it there: whoever looks sees the old file or the
/// new one. What was there is replaced; a link is replaced, not followed.
pub fn write_atomically(path: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(bytes)?;
    let mode = Permissions::from_mode(0o644);
    file.as_file().set_permissions(mode)?;
    move_to(path, file)
}

/// Copies a file with its time and what may be done with it; the owner may always write.
pub fn copy_file(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let metadata = source.metadata()?;
    let mut file = beside(to)?;
    io::copy(&mut source, file.as_file_mut())?;
    let mode = Permissions::from_mode(mode_of(&metadata));
    file.as_file().set_permissions(mode)?;
    file.as_file().set_modified(metadata.modified()?)?;
    move_to(to, file)
}

/// The same to where nothing is yet.
pub fn copy_new_file(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let metadata = source.metadata()?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode_of(&metadata))
        .open(to)?;
    io::copy(&mut source, &mut file)?;
    file.set_modified(metadata.modified()?)
}

fn mode_of(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & 0o777 | 0o600
}

/// Makes a link, in place of what was there.
pub fn make_link(target: &Utf8Path, at: &Utf8Path) -> io::Result<()> {
    remove(at)?;
    symlink(target, at)
}

/// Makes a folder and those above it, below `root`, which is there. Where a link or a file is in
/// the way, it goes: nothing is ever put behind a link.
pub fn make_folder(root: &Utf8Path, relative: &Utf8Path) -> io::Result<()> {
    let mut path = root.to_owned();
    for component in relative.components() {
        path.push(component);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => continue,
            Ok(_) => fs::remove_file(&path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        fs::create_dir(&path)?;
    }
    Ok(())
}

/// Takes a file or a link away, if there is one.
pub fn remove(path: &Utf8Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Takes a file away, and the folders above it that are empty then, up to `root`. What lies behind
/// a link is not ours to take.
pub fn remove_with_empty_folders(root: &Utf8Path, relative: &Utf8Path) -> io::Result<()> {
    let folders = || {
        let above = relative.ancestors().skip(1);
        above.filter(|path| *path != "").map(|path| root.join(path))
    };
    if folders().any(|folder| folder.is_symlink()) {
        return Ok(());
    }
    remove(&root.join(relative))?;
    for folder in folders() {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}

/// Whether a regular file, not a link to one, holds exactly these bytes.
pub fn holds(path: &Utf8Path, bytes: &[u8]) -> bool {
    is_regular(path) && fs::read(path).is_ok_and(|found| found == bytes)
}

/// Whether two regular files have the same bytes.
pub fn same_content(one: &Utf8Path, other: &Utf8Path) -> io::Result<bool> {
    let length = |path: &Utf8Path| fs::metadata(path).map(|metadata| metadata.len());
    Ok(is_regular(other) && length(one)? == length(other)? && fs::read(one)? == fs::read(other)?)
}

fn is_regular(path: &Utf8Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn beside(path: &Utf8Path) -> io::Result<NamedTempFile> {
    let folder: Utf8PathBuf = path.parent().unwrap_or(Utf8Path::new(".")).to_owned();
    tempfile::Builder::new()
        .prefix(".terrane-tmp-")
        .tempfile_in(folder)
}

fn move_to(path: &Utf8Path, file: NamedTempFile) -> io::Result<()> {
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use camino_tempfile::Utf8TempDir;

    use super::*;

    fn read(path: &Utf8Path) -> String {
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_link_in_the_way_is_replaced_and_its_target_left_alone() {
        let folder = Utf8TempDir::new().unwrap();
        let [outside, link, copied] =
            ["outside", "link", "copied"].map(|name| folder.path().join(name));
        fs::write(&outside, "precious").unwrap();

        symlink(&outside, &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert_eq!(
            (read(&link), read(&outside)),
            ("new".into(), "precious".into())
        );

        symlink(&outside, &copied).unwrap();
        copy_file(&link, &copied).unwrap();
        assert_eq!(
            (read(&copied), read(&outside)),
            ("new".into(), "precious".into())
        );
    }

    #[test]
    fn a_hard_linked_file_is_replaced_not_written_to() {
        let folder = Utf8TempDir::new().unwrap();
        let [shared, mine] = ["shared", "mine"].map(|name| folder.path().join(name));
        fs::write(&shared, "shared").unwrap();
        fs::hard_link(&shared, &mine).unwrap();
        fs::set_permissions(&mine, Permissions::from_mode(0o444)).unwrap();
        write_atomically(&mine, b"mine").unwrap();
        assert_eq!(
            (read(&mine), read(&shared)),
            ("mine".into(), "shared".into())
        );
    }

    #[test]
    fn folders_are_not_made_behind_links() {
        let folder = Utf8TempDir::new().unwrap();
        let [root, outside] = ["root", "outside"].map(|name| folder.path().join(name));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&outside).unwrap();
        symlink(&outside, root.join("a")).unwrap();
        fs::write(root.join("file"), "").unwrap();

        make_folder(&root, "a/b".into()).unwrap();
        make_folder(&root, "file/c".into()).unwrap();
        assert!(root.join("a/b").is_dir() && root.join("file/c").is_dir());
        assert!(!outside.join("b").exists());
    }

    #[test]
    fn copies_keep_time_and_mode() {
        let folder = Utf8TempDir::new().unwrap();
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        fs::write(&from, "x").unwrap();
        fs::set_permissions(&from, Permissions::from_mode(0o555)).unwrap();
        copy_file(&from, &to).unwrap();
        let (from, to) = (fs::metadata(from).unwrap(), fs::metadata(to).unwrap());
        assert_eq!(from.modified().unwrap(), to.modified().unwrap());
        assert_eq!(to.permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn a_new_file_replaces_nothing() {
        let folder = Utf8TempDir::new().unwrap();
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        fs::write(&from, "x").unwrap();
        fs::set_permissions(&from, Permissions::from_mode(0o555)).unwrap();
        copy_new_file(&from, &to).unwrap();
        let (before, after) = (fs::metadata(&from).unwrap(), fs::metadata(&to).unwrap());
        assert_eq!(before.modified().unwrap(), after.modified().unwrap());
        assert_eq!(after.permissions().mode() & 0o777, 0o755);
        assert!(copy_new_file(&from, &to).is_err());
    }

    #[test]
    fn empty_folders_go_with_their_last_file() {
        let folder = Utf8TempDir::new().unwrap();
        let root = folder.path();
        make_folder(root, "a/b".into()).unwrap();
        fs::write(root.join("a/b/x"), "").unwrap();
        fs::write(root.join("a/y"), "").unwrap();
        remove_with_empty_folders(root, "a/b/x".into()).unwrap();
        assert!(root.join("a/y").exists() && !root.join("a/b").exists());
        remove_with_empty_folders(root, "a/y".into()).unwrap();
        assert!(!root.join("a").exists() && root.exists());
        remove_with_empty_folders(root, "never/there".into()).unwrap();
    }

    #[test]
    fn nothing_behind_a_link_is_taken_away() {
        let folder = Utf8TempDir::new().unwrap();
        let [root, outside] = ["root", "outside"].map(|name| folder.path().join(name));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("x"), "").unwrap();
        symlink(&outside, root.join("a")).unwrap();
        remove_with_empty_folders(&root, "a/x".into()).unwrap();
        assert!(outside.join("x").exists());
    }

    #[test]
    fn content_is_compared_without_following_links() {
        let folder = Utf8TempDir::new().unwrap();
        let [one, link] = ["one", "link"].map(|name| folder.path().join(name));
        fs::write(&one, "x").unwrap();
        symlink(&one, &link).unwrap();
        assert!(holds(&one, b"x") && !holds(&one, b"y") && !holds(&link, b"x"));
        assert!(same_content(&one, &one).unwrap() && !same_content(&one, &link).unwrap());
    }
}
