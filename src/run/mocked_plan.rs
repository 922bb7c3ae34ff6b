//! Saved plans that were made with mocks, and the note beside them that says so.
//!
//! A plan holds the values it was made with, and looks like any other. The note names the content
//! of the plan, so that another plan in its place is free of it; while a plan is being made the note
//! names none, and holds for whatever lies there: the engine may finish after terrane has gone.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where the notes beside saved plans are read and written"
)]

use std::{fs, io};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::outcome::{MockingBlock, MocksInApply};
use crate::model::{Place, UnitPath};
use crate::source::checksum::sum;
use crate::source::place_file::{remove, write_atomically};

/// The note.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    /// Of the plan that is meant; any, while it is being made.
    plan_sha256: Option<String>,
    /// What in it is made of mocks.
    values: Vec<String>,
    blocks: Vec<NotedBlock>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct NotedBlock {
    upstream: Utf8PathBuf,
    file: Utf8PathBuf,
    line: u32,
    outputs_are_read: bool,
}

/// A plan that is being made into a file.
#[derive(Debug)]
pub struct PlanInTheMaking {
    file: Utf8PathBuf,
    mocks: Option<Note>,
    before: Before,
}

/// What lay there: the plan's sum and the note.
#[derive(Debug)]
struct Before {
    sum: Option<String>,
    note: Option<Vec<u8>>,
}

impl PlanInTheMaking {
    /// To be called before the engine is started.
    pub fn begin(file: Utf8PathBuf, mocks: Option<&MocksInApply>) -> io::Result<Self> {
        let before = Before {
            sum: absent_as_none(sum::<Sha256>(&file))?,
            note: absent_as_none(fs::read(note_file(&file)))?,
        };
        let mocks = mocks.map(Note::of);
        if let Some(note) = &mocks {
            note.write(&file)?;
        }
        Ok(Self {
            file,
            mocks,
            before,
        })
    }

    pub fn file(&self) -> &Utf8Path {
        &self.file
    }

    /// To be called when the engine has ended, however it did.
    pub fn end(self) -> io::Result<()> {
        let now = absent_as_none(sum::<Sha256>(&self.file))?;
        let note_file = note_file(&self.file);
        match self.mocks {
            // Nothing was written: what lay there before is what it was.
            _ if now == self.before.sum => match self.before.note {
                Some(note) => write_atomically(&note_file, &note),
                None => remove(&note_file),
            },
            Some(note) => {
                let plan_sha256 = now;
                Note {
                    plan_sha256,
                    ..note
                }
                .write(&self.file)
            }
            None => remove(&note_file),
        }
    }
}

/// The mocks in a saved plan, if it was made with any that are not for an apply.
pub fn mocks_in(plan: &Utf8Path, command: &str) -> io::Result<Option<MocksInApply>> {
    let Some(note) = absent_as_none(fs::read(note_file(plan)))? else {
        return Ok(None);
    };
    let note: Note = serde_json::from_slice(&note).map_err(io::Error::other)?;
    let is_meant = match &note.plan_sha256 {
        Some(noted) => *noted == sum::<Sha256>(plan)?,
        None => true,
    };
    Ok(is_meant.then(|| note.into_mocks(plan, command)))
}

impl Note {
    fn of(mocks: &MocksInApply) -> Self {
        let noted = |block: &MockingBlock| NotedBlock {
            upstream: block.upstream.as_path().to_owned(),
            file: block.place.file.clone(),
            line: block.place.line,
            outputs_are_read: block.outputs_are_read,
        };
        Self {
            plan_sha256: None,
            values: mocks.values.clone(),
            blocks: mocks.blocks.iter().map(noted).collect(),
        }
    }

    fn write(&self, plan: &Utf8Path) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(self).expect("a note has a JSON form");
        text.push('\n');
        write_atomically(&note_file(plan), text.as_bytes())
    }

    fn into_mocks(self, plan: &Utf8Path, command: &str) -> MocksInApply {
        let block = |noted: NotedBlock| MockingBlock {
            upstream: UnitPath::new(&noted.upstream),
            place: Place {
                file: noted.file,
                line: noted.line,
            },
            outputs_are_read: noted.outputs_are_read,
        };
        MocksInApply {
            command: command.to_owned(),
            values: self.values,
            blocks: self.blocks.into_iter().map(block).collect(),
            plan: Some(plan.to_owned()),
        }
    }
}

/// `tfplan.tfplan.mocks.json`
fn note_file(plan: &Utf8Path) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("{plan}.mocks.json"))
}

fn absent_as_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use camino_tempfile::Utf8TempDir;

    use super::*;

    fn mocks() -> MocksInApply {
        MocksInApply {
            command: "plan".to_owned(),
            values: vec!["inputs.id".to_owned()],
            blocks: vec![MockingBlock {
                upstream: UnitPath::new("net".into()),
                place: Place {
                    file: "app/terragrunt.hcl".into(),
                    line: 3,
                },
                outputs_are_read: true,
            }],
            plan: None,
        }
    }

    /// Makes a plan; `text` is what the engine writes.
    fn make(plan: &Utf8Path, mocks: Option<&MocksInApply>, text: Option<&str>) {
        let making = PlanInTheMaking::begin(plan.to_owned(), mocks).unwrap();
        if let Some(text) = text {
            fs::write(plan, text).unwrap();
        }
        making.end().unwrap();
    }

    #[test]
    fn a_plan_with_mocks_is_known_until_another_one_takes_its_place() {
        let folder = Utf8TempDir::new().unwrap();
        let plan = folder.path().join("tfplan");
        make(&plan, Some(&mocks()), Some("mocked"));
        let found = mocks_in(&plan, "apply").unwrap().expect("it has mocks");
        assert_eq!(found.blocks, mocks().blocks);
        assert_eq!(found.plan, Some(plan.clone()));
        fs::write(&plan, "made outside").unwrap();
        assert_eq!(mocks_in(&plan, "apply").unwrap(), None);
        make(&plan, Some(&mocks()), Some("mocked"));
        make(&plan, None, Some("real"));
        assert_eq!(mocks_in(&plan, "apply").unwrap(), None);
        assert!(!note_file(&plan).exists());
    }

    #[test]
    fn a_plan_that_fails_leaves_the_plan_before_it_as_it_was() {
        let folder = Utf8TempDir::new().unwrap();
        let plan = folder.path().join("tfplan");
        make(&plan, None, Some("real"));
        make(&plan, Some(&mocks()), None);
        assert_eq!(mocks_in(&plan, "apply").unwrap(), None);
        make(&plan, Some(&mocks()), Some("mocked"));
        make(&plan, None, None);
        assert!(mocks_in(&plan, "apply").unwrap().is_some());
    }

    #[test]
    fn a_plan_that_terrane_did_not_see_finished_counts_as_made_with_mocks() {
        let folder = Utf8TempDir::new().unwrap();
        let plan = folder.path().join("tfplan");
        let making = PlanInTheMaking::begin(plan.clone(), Some(&mocks())).unwrap();
        drop(making);
        fs::write(&plan, "mocked").unwrap();
        assert!(mocks_in(&plan, "apply").unwrap().is_some());
    }

    #[test]
    fn a_note_that_cannot_be_read_is_an_error() {
        let folder = Utf8TempDir::new().unwrap();
        let plan = folder.path().join("tfplan");
        fs::write(&plan, "a plan").unwrap();
        fs::write(note_file(&plan), "{").unwrap();
        assert!(mocks_in(&plan, "apply").is_err());
    }
}
