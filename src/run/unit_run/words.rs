//! Where a unit's children leave their words, and what is read from there again.
#![expect(
    clippy::disallowed_methods,
    reason = "the words of children are read from their files here"
)]

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::DirBuilderExt as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::model::{ChildEnd, Line, Stream, UnitPath};
use crate::process::WordFiles;
use crate::run::outcome::{CommandFailed, Failure};
use crate::terraform::error_rules::ErrorText;

/// Of longer words the end is read.
const MOST_BYTES: u64 = 4 << 20;

/// The folder of one unit's words, and how many children it has heard.
#[derive(Debug)]
pub(super) struct UnitWords {
    folder: Utf8PathBuf,
    count: Cell<u32>,
}

impl UnitWords {
    pub(super) fn new(run: &Utf8Path, unit: &UnitPath) -> Result<Self, Failure> {
        let folder = run.join(unit.as_path());
        let mut builder = fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| Failure::WorkDir {
            path: folder.clone(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            folder,
            count: Cell::new(0),
        })
    }

    /// The files for the next child: `2-plan.out`, `2-plan.err`.
    pub(super) fn next(&self, name: &str) -> WordFiles {
        self.count.set(self.count.get() + 1);
        let plain: String = name
            .chars()
            .map(|letter| match letter {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => letter,
                _ => '_',
            })
            .take(80)
            .collect();
        WordFiles::in_folder(&self.folder, &format!("{}-{plain}", self.count.get()))
    }
}

/// What a child said: stdout and stderr. Of a file that cannot be read, what was heard of it.
pub(super) fn said(words: &[Utf8PathBuf], last_lines: &[Line]) -> (String, String) {
    let heard = |stream: Stream| {
        let lines = last_lines.iter().filter(|line| line.stream == stream);
        lines.map(|line| line.plain() + "\n").collect()
    };
    let text = |file: Option<&Utf8PathBuf>, stream: Stream| match file.map(|file| end_of(file)) {
        Some(Ok(text)) => text,
        Some(Err(_)) | None => heard(stream),
    };
    let mut files = words.iter();
    let stdout = text(files.next(), Stream::Stdout);
    (stdout, text(files.next(), Stream::Stderr))
}

/// What the rules of a unit are held against: the words of a child that failed by itself.
pub(super) fn error_text(failure: &Failure) -> Option<ErrorText> {
    let failed = match failure {
        Failure::Init(failed) | Failure::Command(failed) => failed.as_ref(),
        Failure::Hook(hook) => &hook.failed,
        Failure::ReadOutputs(_)
        | Failure::MocksInApply(_)
        | Failure::Evaluate { .. }
        | Failure::FetchSource { .. }
        | Failure::WorkDir { .. }
        | Failure::NoCode { .. }
        | Failure::AssumeRole(_)
        | Failure::WrongAccount(_)
        | Failure::Spawn { .. }
        | Failure::StateAtRisk(_)
        | Failure::Protected { .. }
        | Failure::TimedOut { .. }
        | Failure::Interrupted { .. }
        | Failure::Bug { .. } => return None,
    };
    Some(text_of(failed))
}

fn text_of(failed: &CommandFailed) -> ErrorText {
    let (_, stderr) = said(&failed.words, &failed.last_lines);
    let end = match failed.end {
        ChildEnd::Code(code) => format!("exit status {code}"),
        ChildEnd::Signal(signal) => format!("signal {signal}"),
    };
    ErrorText::new(&stderr, &end)
}

fn end_of(file: &Utf8Path) -> std::io::Result<String> {
    let mut opened = File::open(file)?;
    let size = opened.metadata()?.len();
    opened.seek(SeekFrom::Start(size.saturating_sub(MOST_BYTES)))?;
    let mut bytes = Vec::new();
    opened.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_words_that_are_gone_what_was_heard_is_left() {
        let folder = camino_tempfile::Utf8TempDir::new().expect("a temporary folder");
        let words = ["out", "err"].map(|name| folder.path().join(name));
        fs::write(&words[0], "planned\n").expect("a new file");
        let heard = [
            Line::new(Stream::Stdout, b"ed"),
            Line::new(Stream::Stderr, b"Error: Failed to save state"),
        ];
        let (stdout, stderr) = said(&words, &heard);
        assert_eq!(stdout, "planned\n");
        assert_eq!(stderr, "Error: Failed to save state\n");
    }
}
