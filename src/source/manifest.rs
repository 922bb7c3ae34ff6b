//! What terrane has put into a working folder, so that it can be taken away again, and so that it
//! need not be put there twice.
#![expect(
    clippy::disallowed_methods,
    reason = "the manifest lies in the working folder that is filled here"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::{fs, io};

use camino::{Utf8Path, Utf8PathBuf};

use super::listing::{Entry, EntryKind, Stamp};
use super::place_file::write_atomically;

/// Paths are seen from the root of the place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Manifest {
    /// Which version of the source was copied. `None` where that never came to its end.
    pub(super) version: Option<String>,
    pub(super) of_source: BTreeMap<Utf8PathBuf, Entry>,
    pub(super) of_unit: BTreeMap<Utf8PathBuf, Entry>,
    /// Written by `generate` blocks and the like; an absolute path lies outside.
    generated: BTreeSet<Utf8PathBuf>,
    /// When it was written, by the clock that the files' times are taken from.
    written: Option<i128>,
}

/// The manifest's name, in the root of a place.
pub const MANIFEST: &str = ".terrane-manifest";

/// Says which form the file has; another one is as good as none.
const HEADER: &str = "terrane manifest 1";

/// A file whose time is this close to the manifest's may have been written once more after it was
/// looked at, within one tick of the clock.
const TICK_NANOSECONDS: i128 = 20_000_000;

impl Manifest {
    /// An empty one where there is none, or none that can be understood.
    pub fn load(root: &Utf8Path) -> Self {
        let path = root.join(MANIFEST);
        let Ok(text) = fs::read_to_string(&path) else {
            return Self::default();
        };
        let Some(mut manifest) = Self::parse(&text) else {
            return Self::default();
        };
        let metadata = fs::symlink_metadata(&path).ok();
        manifest.written = metadata.map(|metadata| Stamp::of(&metadata).modified);
        manifest
    }

    pub fn save(&self, root: &Utf8Path) -> io::Result<()> {
        write_atomically(&root.join(MANIFEST), self.to_text().as_bytes())
    }

    /// Whether a file of the source or of the unit lies there, or would without the generated one.
    pub fn is_copied(&self, path: &Utf8Path) -> bool {
        self.of_unit.contains_key(path) || self.of_source.contains_key(path)
    }

    /// Whether a file of the source lies there, or would without others over it.
    pub fn is_of_source(&self, path: &Utf8Path) -> bool {
        self.of_source.contains_key(path)
    }

    pub fn is_generated(&self, path: &Utf8Path) -> bool {
        self.generated.contains(path)
    }

    pub fn generated(&self) -> &BTreeSet<Utf8PathBuf> {
        &self.generated
    }

    pub fn set_generated(&mut self, generated: BTreeSet<Utf8PathBuf>) {
        self.generated = generated;
    }

    /// Of a place where a copy has begun: what lies there is no version.
    #[must_use]
    pub(super) fn without_version(mut self) -> Self {
        self.version = None;
        self
    }

    /// Whether the time of a file says nothing about its content.
    pub(super) fn may_have_changed_since(&self, stamp: Stamp) -> bool {
        let written = self.written.unwrap_or_default();
        stamp.modified + TICK_NANOSECONDS >= written
    }

    fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        if let Some(version) = &self.version {
            let _ = writeln!(text, "version {}", escaped(version));
        }
        for (sign, files) in [('s', &self.of_source), ('u', &self.of_unit)] {
            for (path, Entry { stamp, kind }) in files {
                let Stamp { modified, bytes } = stamp;
                let kind = match kind {
                    EntryKind::File { executable: false } => "-".to_owned(),
                    EntryKind::File { executable: true } => "x".to_owned(),
                    EntryKind::Link { target } => format!(">{}", escaped(target.as_str())),
                };
                let path = escaped(path.as_str());
                let _ = writeln!(text, "{sign}\t{modified}\t{bytes}\t{kind}\t{path}");
            }
        }
        for path in &self.generated {
            let _ = writeln!(text, "g\t{}", escaped(path.as_str()));
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return None;
        }
        let mut manifest = Self::default();
        for line in lines {
            if let Some(version) = line.strip_prefix("version ") {
                manifest.version = Some(unescaped(version));
            } else if let Some(path) = line.strip_prefix("g\t") {
                manifest.generated.insert(unescaped(path).into());
            } else if let Some(file) = line.strip_prefix("s\t") {
                manifest.of_source.extend([parse_file(file)?]);
            } else if let Some(file) = line.strip_prefix("u\t") {
                manifest.of_unit.extend([parse_file(file)?]);
            } else {
                return None;
            }
        }
        Some(manifest)
    }
}

fn parse_file(line: &str) -> Option<(Utf8PathBuf, Entry)> {
    let mut fields = line.splitn(4, '\t');
    let stamp = Stamp {
        modified: fields.next()?.parse().ok()?,
        bytes: fields.next()?.parse().ok()?,
    };
    let kind = match fields.next()? {
        "-" => EntryKind::File { executable: false },
        "x" => EntryKind::File { executable: true },
        link => EntryKind::Link {
            target: unescaped(link.strip_prefix('>')?).into(),
        },
    };
    let path = unescaped(fields.next()?);
    Some((path.into(), Entry { stamp, kind }))
}

/// On one line and without tabs.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t")
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(next) = characters.next() {
        out.push(match next {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use camino_tempfile::Utf8TempDir;

    use super::*;

    fn file(modified: i128, bytes: u64, executable: bool) -> Entry {
        Entry {
            stamp: Stamp { modified, bytes },
            kind: EntryKind::File { executable },
        }
    }

    fn sample() -> Manifest {
        let target = "../a\tb".into();
        let link = Entry {
            kind: EntryKind::Link { target },
            ..file(7, 0, false)
        };
        Manifest {
            version: Some("v1".into()),
            of_source: [
                ("main.tf".into(), file(1, 2, false)),
                ("odd\n\tname\\n.tf".into(), file(-3, 4, true)),
                ("link".into(), link),
            ]
            .into(),
            of_unit: [("terragrunt.hcl".into(), file(5, 6, false))].into(),
            generated: ["backend.tf".into(), "/elsewhere/x.tf".into()].into(),
            written: None,
        }
    }

    #[test]
    fn a_manifest_survives_its_file_whatever_the_names() {
        let root = Utf8TempDir::new().unwrap();
        sample().save(root.path()).unwrap();
        let mut loaded = Manifest::load(root.path());
        assert!(loaded.written.take().is_some());
        assert_eq!(loaded, sample());
    }

    #[test]
    fn what_cannot_be_understood_is_as_good_as_none() {
        let root = Utf8TempDir::new().unwrap();
        assert_eq!(Manifest::load(root.path()), Manifest::default());
        for text in [
            "",
            "terrane manifest 99\n",
            "terrane manifest 1\nx\t1\n",
            "s\t1\t2\n",
        ] {
            fs::write(root.path().join(MANIFEST), text).unwrap();
            assert_eq!(Manifest::load(root.path()), Manifest::default(), "{text}");
        }
    }

    #[test]
    fn times_close_to_the_manifests_own_say_nothing() {
        let manifest = Manifest {
            written: Some(1_000_000_000),
            ..Manifest::default()
        };
        let changed = |modified| manifest.may_have_changed_since(Stamp { modified, bytes: 0 });
        assert!(!changed(900_000_000));
        assert!(changed(999_999_999));
        assert!(changed(2_000_000_000));
    }

    #[test]
    fn copied_files_are_known_under_generated_ones() {
        let manifest = sample();
        assert!(manifest.is_copied("main.tf".into()));
        assert!(manifest.is_copied("terragrunt.hcl".into()));
        assert!(!manifest.is_copied("backend.tf".into()));
        assert!(manifest.is_generated("backend.tf".into()));
    }
}
