//! Paths as text: made absolute, cleaned of `.` and `..`, and seen from one another. Nothing here
//! looks at the disk, so a link is a name like any other, as it is for Terragrunt.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// `path` seen from `base` if it is relative, without `.`, `..` and double slashes.
pub fn absolute(base: &Utf8Path, path: impl AsRef<Utf8Path>) -> Utf8PathBuf {
    clean(&base.join(path))
}

/// The shortest path that names the same: without `.` and inner `..`; a relative one that would
/// be empty is `.`.
pub fn clean(path: &Utf8Path) -> Utf8PathBuf {
    let mut cleaned = Utf8PathBuf::with_capacity(path.as_str().len());
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => match cleaned.components().next_back() {
                Some(Utf8Component::Normal(_)) => {
                    cleaned.pop();
                }
                Some(Utf8Component::RootDir | Utf8Component::Prefix(_)) => {}
                None | Some(Utf8Component::CurDir | Utf8Component::ParentDir) => {
                    cleaned.push("..");
                }
            },
            Utf8Component::RootDir | Utf8Component::Prefix(_) | Utf8Component::Normal(_) => {
                cleaned.push(component);
            }
        }
    }
    if cleaned.as_str().is_empty() {
        cleaned.push(".");
    }
    cleaned
}

/// The way from one folder to another path; both absolute and clean. The same place is `.`.
pub fn relative(from: &Utf8Path, to: &Utf8Path) -> Utf8PathBuf {
    if let Ok(below) = to.strip_prefix(from) {
        return if below.as_str().is_empty() {
            Utf8PathBuf::from(".")
        } else {
            below.to_owned()
        };
    }
    let mut from = from.components().peekable();
    let mut to = to.components().peekable();
    while let (Some(a), Some(b)) = (from.peek(), to.peek()) {
        if a != b {
            break;
        }
        from.next();
        to.next();
    }
    let mut way: Utf8PathBuf = from.map(|_| Utf8Component::ParentDir).collect();
    way.extend(to);
    way
}

/// The folder that a file lies in.
pub fn folder_of(file: &Utf8Path) -> &Utf8Path {
    file.parent().unwrap_or(Utf8Path::new("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_by_their_text() {
        for (path, cleaned) in [
            ("/a/b/../c/./d//e/", "/a/c/d/e"),
            ("/../a", "/a"),
            ("a/../..", ".."),
            ("./", "."),
            ("", "."),
            ("../../x/..", "../.."),
        ] {
            assert_eq!(clean(Utf8Path::new(path)), cleaned, "{path}");
        }
    }

    #[test]
    fn one_path_is_seen_from_another() {
        for (from, to, way) in [
            ("/live", "/live/dev/vpc", "dev/vpc"),
            ("/live/dev/app", "/live/shared/tgw", "../../shared/tgw"),
            ("/live/dev", "/live/dev", "."),
            ("/live/dev", "/live", ".."),
            ("/live/dev", "/live/development", "../development"),
        ] {
            assert_eq!(relative(Utf8Path::new(from), Utf8Path::new(to)), way);
        }
    }
}
