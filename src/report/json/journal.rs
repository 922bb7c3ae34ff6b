//! The record of a run on disk, from which it can be looked at after terrane or its machine died.
//!
//! The same lines as [`JsonLines`](super::JsonLines), without the words of children, which have
//! files of their own. Where a run may change things, what a unit is about to do is on the disk
//! before it does it: the loop tells the start before anything of the unit exists. A run that
//! changes nothing waits for the disk only at its own start and end, since a disk takes longer for
//! each unit than terrane does; it is the machine that would have to die, not terrane, for the last
//! lines of a plan to be missing.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

use camino::Utf8Path;

use super::line;
use crate::report::reporter::Reporter;
use crate::run::event::{Event, EventKind};

/// Keeps the record of one run.
#[derive(Debug)]
pub struct Journal {
    file: File,
    may_change_things: bool,
}

impl Journal {
    /// Begins a record in a new file that only the user can read.
    pub fn create(path: &Utf8Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        Ok(Self {
            file,
            may_change_things: true,
        })
    }

    /// Whether the run goes on only when this is on the disk.
    fn must_last(&self, event: &EventKind) -> bool {
        match event {
            EventKind::RunStarted(_) | EventKind::RunEnded => true,
            EventKind::UnitStarted { .. }
            | EventKind::UnitEnded { .. }
            | EventKind::Stopping { .. } => self.may_change_things,
            EventKind::UnitStep { .. } | EventKind::UnitLine { .. } | EventKind::Tick => false,
        }
    }
}

impl Reporter for Journal {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        match &event.kind {
            EventKind::Tick | EventKind::UnitLine { .. } => return Ok(()),
            EventKind::RunStarted(facts) => {
                self.may_change_things = facts.command.may_change_things();
            }
            EventKind::UnitStarted { .. }
            | EventKind::UnitStep { .. }
            | EventKind::UnitEnded { .. }
            | EventKind::Stopping { .. }
            | EventKind::RunEnded => {}
        }
        self.file.write_all(&line(event)?)?;
        if self.must_last(&event.kind) {
            self.file.sync_data()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::report::read_events;
    use crate::report::script::Script;
    use crate::run::event::{RunCommand, Step};

    #[test]
    fn a_journal_can_be_read_at_any_moment_and_leaves_out_the_words_of_children() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = Utf8Path::from_path(folder.path())
            .expect("a UTF-8 path")
            .join("run.jsonl");
        let mut script = Script::new(RunCommand::Apply, &["a"]);
        script
            .starts("a")
            .step("a", Step::Applying)
            .tick()
            .says("a", "secret")
            .run_ends();
        let mut journal = Journal::create(&path).expect("the folder can be written");
        let mut kept = Vec::new();
        for event in script.events() {
            journal.observe(event).expect("the disk takes it");
            if !matches!(event.kind, EventKind::Tick | EventKind::UnitLine { .. }) {
                kept.push(event.clone());
            }
            let file = OpenOptions::new()
                .read(true)
                .open(&path)
                .expect("the file is there");
            let read: Vec<Event> = read_events(BufReader::new(file))
                .map(Result::unwrap)
                .collect();
            assert_eq!(read, kept);
        }
        assert_eq!(kept.len(), 4);
        let mode = path
            .metadata()
            .expect("the file is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        Journal::create(&path).expect_err("it never writes over another record");
    }

    #[test]
    fn what_may_change_things_is_on_the_disk_before_the_run_goes_on() {
        let waited_for = |command: RunCommand| -> Vec<bool> {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let path = Utf8Path::from_path(folder.path()).expect("a UTF-8 path");
            let mut journal = Journal::create(&path.join("run.jsonl")).expect("a new file");
            let step = command.step();
            let mut script = Script::new(command, &["a"]);
            script
                .starts("a")
                .step("a", step)
                .changes("a", 0, 0, 0)
                .run_ends();
            let events = script.events().iter();
            let waited = events.map(|event| {
                journal.observe(event).expect("the disk takes it");
                journal.must_last(&event.kind)
            });
            waited.collect()
        };
        // The run, the unit, its step, its end, the run's end.
        let all = [true, true, false, true, true];
        assert_eq!(waited_for(RunCommand::Apply), all);
        assert_eq!(waited_for(RunCommand::Other("import".to_owned())), all);
        let of_plan = [true, false, false, false, true];
        assert_eq!(waited_for(RunCommand::Plan), of_plan);
    }
}
