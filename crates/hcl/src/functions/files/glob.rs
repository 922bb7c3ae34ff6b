//! Finding files by patterns such as `modules/**/*.tf`.
//!
//! `*` and `?` match within a name, `**` any folders, `[a-z]` a character and `{a,b}` one of several
//! texts. Names that begin with a dot are matched like all others.

use globset::{GlobBuilder, GlobMatcher};

use super::super::paths::clean;
use crate::functions::Arguments;
use crate::host::{CallError, PathKind, WorldError};

/// Deeper folders are not looked into; links that lead in a circle end here.
const DEEPEST: usize = 64;

/// The paths of all files that match, as seen from the folder, in any order.
pub(super) fn find(
    arguments: &Arguments<'_>,
    folder: &str,
    pattern: &str,
) -> Result<Vec<String>, CallError> {
    let pattern = clean(pattern.trim_start_matches('/'));
    let (fixed, matched) = fixed_start(&pattern);
    let mut search = Search {
        arguments,
        folder: if folder.is_empty() { "." } else { folder },
        matcher: matcher(&pattern)?,
        deepest: if matched.iter().any(|name| name.contains("**")) {
            DEEPEST
        } else {
            fixed.len() + matched.len()
        },
        found: Vec::new(),
    };
    if matched.is_empty() {
        search.look_at(&pattern)?;
    } else {
        search.descend(&fixed.join("/"), fixed.len() + 1)?;
    }
    Ok(search.found)
}

fn matcher(pattern: &str) -> Result<GlobMatcher, CallError> {
    let glob = GlobBuilder::new(&with_plain_exclamation_marks(pattern))
        .literal_separator(true)
        .backslash_escape(true)
        .empty_alternates(true)
        .build();
    match glob {
        Ok(glob) => Ok(glob.compile_matcher()),
        Err(error) => {
            let message = format!("is not valid: {}", error.kind());
            Err(CallError::argument(1, message))
        }
    }
}

/// Only `[^a]` means any character but this. An exclamation mark is one of the characters meant; the
/// library sees it so at the end.
fn with_plain_exclamation_marks(pattern: &str) -> String {
    let mut parts = pattern.split("[!");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some(("", rest)) => plain.extend(["!", rest]),
            Some((class, rest)) => plain.extend(["[", class, "!]", rest]),
            None => plain.extend(["[!", part]),
        }
    }
    plain
}

/// The names of a pattern that are plain names, up to the first that is not, and the others.
fn fixed_start(pattern: &str) -> (Vec<&str>, Vec<&str>) {
    let mut names: Vec<&str> = pattern.split('/').collect();
    let is_plain = |name: &&str| !name.contains(['*', '?', '[', '{', '\\']);
    let fixed = names.iter().take_while(|name| is_plain(name)).count();
    let matched = names.split_off(fixed);
    (names, matched)
}

struct Search<'a> {
    arguments: &'a Arguments<'a>,
    folder: &'a str,
    matcher: GlobMatcher,
    deepest: usize,
    found: Vec<String>,
}

impl Search<'_> {
    fn full(&self, path: &str) -> String {
        if path.is_empty() {
            self.folder.to_owned()
        } else {
            format!("{}/{path}", self.folder)
        }
    }

    /// One path that is no pattern.
    fn look_at(&mut self, path: &str) -> Result<(), CallError> {
        self.arguments.budget().take_steps(1)?;
        match self.arguments.world().look(&self.full(path)) {
            Ok(Some(PathKind::File)) => self.found.push(path.to_owned()),
            Err(WorldError::NotAvailable) => return Err(WorldError::NotAvailable.into()),
            Ok(Some(PathKind::Folder | PathKind::Other) | None) | Err(_) => {}
        }
        Ok(())
    }

    /// All that lies under a path, whose entries are so deep. What cannot be read is passed over,
    /// as if it were empty.
    fn descend(&mut self, path: &str, depth: usize) -> Result<(), CallError> {
        let entries = match self.arguments.world().list(&self.full(path)) {
            Ok(entries) => entries,
            Err(WorldError::NotAvailable) => return Err(WorldError::NotAvailable.into()),
            Err(WorldError::NotFound | WorldError::Other(_)) => return Ok(()),
        };
        self.arguments
            .count_items(entries.len() + 1, self.found.len())?;
        for (name, kind) in entries {
            let path = if path.is_empty() {
                name
            } else {
                format!("{path}/{name}")
            };
            match kind {
                PathKind::File if self.matcher.is_match(&path) => self.found.push(path),
                PathKind::Folder if depth < self.deepest => self.descend(&path, depth + 1)?,
                PathKind::File | PathKind::Folder | PathKind::Other => {}
            }
        }
        Ok(())
    }
}
