//! Files, the clock and dice.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{complains_with, same_with};
use crate::eval::Context;
use crate::host::{Host, PathKind, Resolved, RootError, World, WorldError};
use crate::limits::Limits;
use crate::references::Reference;
use crate::testing::{evaluate_with, value};

/// A host of which only the world is of interest: a few files under `/unit`, noon of a day, and a
/// die that always shows the same.
struct Outside(BTreeMap<&'static str, &'static [u8]>);

impl Outside {
    fn new() -> Self {
        Self(BTreeMap::from([
            ("/unit/greeting.tftpl", &b"Hello ${upper(name)}!"[..]),
            ("/unit/loop.tftpl", b"${templatefile(\"loop.tftpl\", {})}"),
            ("/unit/bomb.tftpl", b"%{ for a in range(1000) }%{ for b in range(1000) }%{ for c in range(1000) }x%{ endfor }%{ endfor }%{ endfor }"),
            ("/unit/broken.tftpl", b"${nam}"),
            ("/unit/raw.bin", b"\xff\xfe"),
            ("/unit/files/a.txt", b"a\n"),
            ("/unit/files/.hidden", b""),
            ("/unit/files/b.json", b"{}"),
            ("/unit/files/deep/er/c.txt", b""),
        ]))
    }

    fn under(path: &str) -> String {
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/unit/{path}")
        };
        super::paths::clean(&path)
    }
}

impl Host for Outside {
    fn root(&self, _: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
        Err(RootError::Unknown)
    }

    fn root_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn world(&self) -> &dyn World {
        self
    }
}

impl World for Outside {
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        let file = self.0.get(Self::under(path).as_str());
        file.map(|bytes| bytes.to_vec()).ok_or(WorldError::NotFound)
    }

    fn look(&self, path: &str) -> Result<Option<PathKind>, WorldError> {
        let path = Self::under(path);
        if self.0.contains_key(path.as_str()) {
            return Ok(Some(PathKind::File));
        }
        let folder = format!("{path}/");
        let is_folder = self.0.keys().any(|file| file.starts_with(&folder));
        Ok(is_folder.then_some(PathKind::Folder))
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, PathKind)>, WorldError> {
        let folder = format!("{}/", Self::under(folder));
        let mut entries = BTreeMap::new();
        for path in self.0.keys().filter_map(|file| file.strip_prefix(&folder)) {
            match path.split_once('/') {
                Some((name, _)) => entries.insert(name.to_owned(), PathKind::Folder),
                None => entries.insert(path.to_owned(), PathKind::File),
            };
        }
        Ok(entries.into_iter().collect())
    }

    fn base_folder(&self) -> Result<String, WorldError> {
        Ok("/unit".to_owned())
    }

    fn home_folder(&self) -> Result<String, WorldError> {
        Ok("/home/ann".to_owned())
    }

    fn now(&self) -> Result<Duration, WorldError> {
        Ok(Duration::from_hours(490_932))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), WorldError> {
        buffer.fill(4);
        Ok(())
    }
}

fn same(cases: &[(&str, &str)]) {
    same_with(&Outside::new(), cases);
}

fn complains(cases: &[(&str, &str)]) {
    complains_with(&Outside::new(), cases);
}

#[test]
fn files_are_read_as_text_or_as_bytes() {
    same(&[
        (r#"file("files/a.txt")"#, r#""a\n""#),
        (r#"filebase64("raw.bin")"#, r#""//4=""#),
        (
            r#"filemd5("files/.hidden")"#,
            r#""d41d8cd98f00b204e9800998ecf8427e""#,
        ),
        (r#"fileexists("nope")"#, "false"),
        (r#"fileexists("files/a.txt")"#, "true"),
    ]);
    complains(&[
        (r#"file("nope")"#, "names no file that exists"),
        (r#"file("raw.bin")"#, "filebase64 reads any file"),
        (r#"fileexists("files")"#, "names a folder and no file"),
    ]);
}

#[test]
fn files_are_found_by_patterns() {
    same(&[
        (
            r#"fileset("files", "*")"#,
            r#"[".hidden","a.txt","b.json"]"#,
        ),
        (
            r#"fileset(".", "**/*.txt")"#,
            r#"["files/a.txt","files/deep/er/c.txt"]"#,
        ),
        (r#"fileset("files", "{a,b}.*")"#, r#"["a.txt","b.json"]"#),
        (r#"fileset("files", "[^a]*")"#, r#"[".hidden","b.json"]"#),
        (r#"fileset("files", "?.txt")"#, r#"["a.txt"]"#),
        (r#"fileset("files/deep", "../a.txt")"#, r#"["../a.txt"]"#),
        (r#"fileset("nowhere", "*")"#, "[]"),
    ]);
    complains(&[(r#"fileset(".", "[")"#, "pattern")]);
}

#[test]
fn an_exclamation_mark_in_a_pattern_is_one_of_the_characters() {
    same(&[
        (r#"fileset("files", "[!a].txt")"#, r#"["a.txt"]"#),
        (r#"fileset("files", "[!b-z].txt")"#, "[]"),
    ]);
}

#[test]
fn templates_see_what_they_are_given() {
    same(&[
        (
            r#"templatefile("greeting.tftpl", {name = "ann"})"#,
            r#""Hello ANN!""#,
        ),
        (r#"templatefile("files/b.json", {})"#, r#""{}""#),
    ]);
    complains(&[
        (
            r#"templatefile("greeting.tftpl", {})"#,
            "was given no variable \"name\"",
        ),
        (
            r#"templatefile("greeting.tftpl", [])"#,
            "must be a map or an object",
        ),
        (
            r#"templatefile("greeting.tftpl", {"a b" = 1, name = 2})"#,
            "\"a b\" is none",
        ),
    ]);
}

#[test]
fn what_is_wrong_in_a_template_is_shown_there() {
    complains(&[(
        r#"templatefile("broken.tftpl", {name = 1})"#,
        "broken.tftpl:1:3: Unknown variable",
    )]);
}

#[test]
fn templates_end_however_they_are_written() {
    complains(&[(
        r#"templatefile("loop.tftpl", {})"#,
        "loop.tftpl:1:3: Call failed",
    )]);
    let limits = Limits {
        steps: 10_000,
        ..Limits::default()
    };
    let bomb = r#"templatefile("bomb.tftpl", {})"#;
    let error = evaluate_with(bomb, &Outside::new(), limits).expect_err(bomb);
    assert!(error.to_string().starts_with("bomb.tftpl:1:"), "{error}");
    assert!(error.to_string().contains("Limit reached"), "{error}");
}

#[test]
fn paths_are_made_absolute_and_short() {
    same(&[
        (r#"abspath("x/../y")"#, r#""/unit/y""#),
        (r#"abspath("/a/../b//c/")"#, r#""/b/c""#),
        (r#"pathexpand("~/x")"#, r#""/home/ann/x""#),
        (r#"basename("/a/b/")"#, r#""b""#),
        (r#"basename("")"#, r#"".""#),
        (r#"dirname("a/b/c")"#, r#""a/b""#),
        (r#"dirname("../x/.././../y/")"#, r#""../../y""#),
        (r#"abspath("/../a/..")"#, r#""/""#),
        (r#"dirname("a")"#, r#"".""#),
    ]);
    complains(&[(r#"pathexpand("~bob/x")"#, "another user's home folder")]);
}

#[test]
fn the_clock_and_the_dice_come_from_the_world() {
    same(&[
        ("timestamp()", r#""2026-01-02T12:00:00Z""#),
        ("uuid()", r#""04040404-0404-4404-8404-040404040404""#),
        (r#"substr(bcrypt("x", 4), 0, 7)"#, r#""$2a$04$""#),
    ]);
}

#[test]
fn without_a_world_there_are_no_files() {
    let value = value(r#"can(file("files/a.txt"))"#);
    assert_eq!(value.as_bool(), Some(false));
}
