//! What is seen of folders, with links, odd names and other modes.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use camino_tempfile::Utf8TempDir;

use super::*;

/// A folder with files; a path that ends in `/` is an empty folder.
fn folder(paths: &[&str]) -> Utf8TempDir {
    let folder = Utf8TempDir::new().unwrap();
    for path in paths {
        let path = folder.path().join(path);
        if path.as_str().ends_with('/') {
            fs::create_dir_all(&path).unwrap();
        } else {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, path.as_str()).unwrap();
        }
    }
    folder
}

fn all_rules() -> CopyRules {
    CopyRules::for_module(&[], &[]).unwrap()
}

fn local(folder: &Utf8TempDir) -> Result<Listing, ListError> {
    Listing::of_local(folder.path(), &all_rules(), "/nowhere".into())
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.files.keys().map(|path| path.as_str()).collect()
}

#[test]
fn files_are_listed_by_the_rules() {
    let folder = folder(&["main.tf", "sub/x.tf", ".env", "empty/", ".git/config"]);
    assert_eq!(names(&local(&folder).unwrap()), ["main.tf", "sub/x.tf"]);
}

#[test]
fn the_folder_that_is_copied_into_is_left_out() {
    let folder = folder(&["main.tf", "dl/x/main.tf"]);
    let without = folder.path().join("dl");
    let listing = Listing::of_local(folder.path(), &all_rules(), &without).unwrap();
    assert_eq!(names(&listing), ["main.tf"]);
}

#[test]
fn links_are_followed_but_not_round_in_circles() {
    let folder = folder(&["a/x.tf", "shared.tf"]);
    symlink("../shared.tf", folder.path().join("a/shared.tf")).unwrap();
    symlink("a", folder.path().join("b")).unwrap();
    symlink(".", folder.path().join("loop")).unwrap();
    symlink("..", folder.path().join("a/up")).unwrap();
    symlink("gone", folder.path().join("dangling.tf")).unwrap();
    let listing = local(&folder).unwrap();
    assert_eq!(
        names(&listing),
        [
            "a/shared.tf",
            "a/x.tf",
            "b/shared.tf",
            "b/x.tf",
            "shared.tf"
        ]
    );
    let linked = &listing.files[Utf8Path::new("a/shared.tf")];
    assert_eq!(linked, &listing.files[Utf8Path::new("shared.tf")]);
}

#[test]
fn a_digest_changes_with_content_time_name_and_mode() {
    let folder = folder(&["main.tf"]);
    let file = folder.path().join("main.tf");
    let digest = || local(&folder).unwrap().digest();
    let mut seen = vec![digest()];
    assert_eq!(digest(), seen[0]);

    fs::write(
        &file,
        "longer than before, by far and away, whatever it was",
    )
    .unwrap();
    seen.push(digest());
    let earlier = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1);
    fs::File::options()
        .append(true)
        .open(&file)
        .unwrap()
        .set_modified(earlier)
        .unwrap();
    seen.push(digest());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    seen.push(digest());
    fs::rename(&file, folder.path().join("other.tf")).unwrap();
    seen.push(digest());

    let mut distinct = seen.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), seen.len());
}

#[test]
fn what_is_missing_or_no_folder_is_told() {
    let folder = folder(&["main.tf"]);
    let list = |path: &str| {
        let path = folder.path().join(path);
        Listing::of_local(&path, &all_rules(), "/nowhere".into()).unwrap_err()
    };
    assert_eq!(list("no"), ListError::Missing(folder.path().join("no")));
    assert_eq!(
        list("main.tf"),
        ListError::NotAFolder(folder.path().join("main.tf"))
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_is_told() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = folder(&["main.tf"]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.tf");
    fs::write(folder.path().as_std_path().join(name), "").unwrap();
    let told = local(&folder).unwrap_err();
    assert!(told.to_string().ends_with("caf\u{fffd}.tf"), "{told}");
}

#[test]
fn what_was_fetched_comes_whole_without_its_history() {
    let folder = folder(&[".gitkeep", ".git/config", "sub/.hidden/x", "main.tf"]);
    symlink("../main.tf", folder.path().join("sub/link.tf")).unwrap();
    let listing = Listing::of_fetched(folder.path()).unwrap();
    assert_eq!(
        names(&listing),
        [".gitkeep", "main.tf", "sub/.hidden/x", "sub/link.tf"]
    );
    let target = "../main.tf".into();
    assert_eq!(
        listing.files[Utf8Path::new("sub/link.tf")].kind,
        EntryKind::Link { target }
    );
}

#[test]
fn a_fetched_link_must_stay_within() {
    for target in ["/etc/passwd", "../../x", "..", "a/../../x", "down/../up"] {
        let folder = folder(&["sub/"]);
        symlink(target, folder.path().join("sub/link")).unwrap();
        let listed = Listing::of_fetched(folder.path());
        let leaves = matches!(listed, Err(ListError::LinkLeaves { .. }));
        assert_eq!(leaves, target != "..", "{target}");
    }
}
