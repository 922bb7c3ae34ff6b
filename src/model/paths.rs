//! Paths as text: made absolute, cleaned of `.` and `..`, and seen from one another. Nothing here
//! looks at the disk, so a link is a name like any other, as it is for Terragrunt.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// `path` seen from `base` if it is relative, without `.`, `..` and double slashes.
pub fn absolute(base: &Utf8Path, path: impl AsRef<Utf8Path>) -> Utf8PathBuf {
    let path = path.as_ref();
    let base = if path.is_absolute() {
        ""
    } else {
        base.as_str()
    };
    cleaned([base, path.as_str()])
}

/// The shortest path that names the same: without `.` and inner `..`; a relative one that would
/// be empty is `.`.
pub fn clean(path: &Utf8Path) -> Utf8PathBuf {
    cleaned([path.as_str()])
}

/// Several paths, each of which starts where the one before it ends, as one clean path.
///
/// Name by name over the text: tens of thousands of paths are cleaned while a large tree is read.
fn cleaned<const PATHS: usize>(paths: [&str; PATHS]) -> Utf8PathBuf {
    let is_absolute = paths.iter().find(|path| !path.is_empty());
    let is_absolute = is_absolute.is_some_and(|path| path.starts_with('/'));
    let mut clean = String::with_capacity(paths.iter().map(|path| path.len() + 1).sum());
    // Where the names begin that `..` takes away.
    let mut fixed = 0;
    for name in paths.iter().flat_map(|path| path.split('/')) {
        match name {
            "" | "." => {}
            ".." if clean.len() > fixed => {
                let end = clean[fixed..].rfind('/').map_or(fixed, |at| fixed + at);
                clean.truncate(end);
            }
            ".." if is_absolute => {}
            name => {
                if is_absolute || !clean.is_empty() {
                    clean.push('/');
                }
                clean.push_str(name);
                if name == ".." {
                    fixed = clean.len();
                }
            }
        }
    }
    if clean.is_empty() {
        clean.push(if is_absolute { '/' } else { '.' });
    }
    clean.into()
}

/// The way from one folder to another path; both absolute and clean. The same place is `.`.
pub fn relative(from: &Utf8Path, to: &Utf8Path) -> Utf8PathBuf {
    if from.as_str() == to.as_str() {
        return Utf8PathBuf::from(".");
    }
    if let Some(below) = below(from, to) {
        return below.to_owned();
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

/// What is left of a clean path behind a clean folder, by the text.
pub fn below<'p>(folder: &Utf8Path, path: &'p Utf8Path) -> Option<&'p Utf8Path> {
    let rest = path.as_str().strip_prefix(folder.as_str())?;
    let rest = match folder.as_str() {
        "/" => rest,
        _ => rest.strip_prefix('/')?,
    };
    (!rest.is_empty()).then(|| Utf8Path::new(rest))
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
            ("../x/../../y/z/..", "../../y"),
            ("a/..", "."),
            ("a/b/..", "a"),
            ("/a/..", "/"),
            ("/a/../../b", "/b"),
            ("//a", "/a"),
            ("/a/.../b", "/a/.../b"),
        ] {
            assert_eq!(clean(Utf8Path::new(path)), cleaned, "{path}");
        }
    }

    #[test]
    fn a_relative_path_starts_in_its_folder() {
        for (base, path, whole) in [
            ("/live/dev", "../shared/./tgw/", "/live/shared/tgw"),
            ("/live/dev", "/etc//hosts", "/etc/hosts"),
            ("/live/dev", "", "/live/dev"),
            ("/", "a", "/a"),
            ("live", "../../b", "../b"),
            ("", "a", "a"),
        ] {
            assert_eq!(absolute(Utf8Path::new(base), path), whole, "{base} {path}");
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
            ("/", "/live", "live"),
            ("/", "/", "."),
            ("/live", "/", ".."),
        ] {
            assert_eq!(relative(Utf8Path::new(from), Utf8Path::new(to)), way);
        }
    }
}
