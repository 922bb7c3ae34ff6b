//! Who listens to a run, and the fan-out to all of them.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::summary::Summary;
use crate::run::event::Event;

/// Somebody who follows a run, event by event.
///
/// A reporter accepts every event, in any state: what it does not understand it leaves out. An
/// error silences it for the rest of the run and hurts nobody else.
pub trait Reporter {
    fn observe(&mut self, event: &Event) -> io::Result<()>;

    /// Whether it draws again as time passes.
    fn redraws(&self) -> bool {
        false
    }
}

/// All reporters of a run, and the summary, which is always on.
#[derive(Default)]
pub struct Reporters {
    listening: Vec<Box<dyn Reporter>>,
    summary: Summary,
    silenced: Vec<io::Error>,
}

impl Reporters {
    pub fn new(reporters: Vec<Box<dyn Reporter>>) -> Self {
        Self {
            listening: reporters,
            ..Self::default()
        }
    }

    pub fn observe(&mut self, event: &Event) {
        self.summary.observe(event);
        let silenced = &mut self.silenced;
        self.listening
            .retain_mut(|reporter| match observed(reporter.as_mut(), event) {
                Ok(()) => true,
                Err(error) => {
                    silenced.push(error);
                    false
                }
            });
    }

    pub fn redraws(&self) -> bool {
        self.listening.iter().any(|reporter| reporter.redraws())
    }

    /// The summary of all that was observed, and why reporters fell silent. A reader that went
    /// away (`| head`) is not among the reasons: it is no trouble.
    pub fn finish(self) -> (Summary, Vec<io::Error>) {
        let mut trouble = self.silenced;
        trouble.retain(|error| error.kind() != io::ErrorKind::BrokenPipe);
        (self.summary, trouble)
    }
}

impl fmt::Debug for Reporters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporters")
            .field("listening", &self.listening.len())
            .field("summary", &self.summary)
            .field("silenced", &self.silenced)
            .finish()
    }
}

/// A mistake of ours in a reporter must not stop a run either.
fn observed(reporter: &mut dyn Reporter, event: &Event) -> io::Result<()> {
    let observed = catch_unwind(AssertUnwindSafe(|| reporter.observe(event)));
    observed.unwrap_or_else(|_| Err(io::Error::other("a mistake in a reporter, shown above")))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::report::script::event;
    use crate::run::event::EventKind;

    type Fail = fn() -> io::Result<()>;

    /// Notes what it sees, until it is to fail.
    struct Listener {
        seen: Rc<RefCell<Vec<u64>>>,
        /// What happens at the second event.
        fails: Option<Fail>,
    }

    impl Reporter for Listener {
        fn observe(&mut self, event: &Event) -> io::Result<()> {
            self.seen.borrow_mut().push(event.seq);
            match self.fails {
                Some(fail) if event.seq == 1 => fail(),
                Some(_) | None => Ok(()),
            }
        }
    }

    fn seen_beside_one_that_fails(fail: Fail) -> (Vec<u64>, Vec<u64>, usize) {
        let failing = Rc::new(RefCell::new(Vec::new()));
        let healthy = Rc::new(RefCell::new(Vec::new()));
        let mut reporters = Reporters::new(vec![
            Box::new(Listener {
                seen: Rc::clone(&failing),
                fails: Some(fail),
            }),
            Box::new(Listener {
                seen: Rc::clone(&healthy),
                fails: None,
            }),
        ]);
        for seq in 0..4 {
            reporters.observe(&event(seq, EventKind::Tick));
        }
        let (_, trouble) = reporters.finish();
        (failing.take(), healthy.take(), trouble.len())
    }

    #[test]
    fn a_broken_pipe_silences_that_reporter_only_and_is_no_trouble() {
        let broken = || Err(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(
            seen_beside_one_that_fails(broken),
            (vec![0, 1], vec![0, 1, 2, 3], 0)
        );
    }

    #[test]
    fn a_full_disk_silences_that_reporter_and_is_told_at_the_end() {
        let full = || Err(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(
            seen_beside_one_that_fails(full),
            (vec![0, 1], vec![0, 1, 2, 3], 1)
        );
    }

    #[test]
    fn a_mistake_in_a_reporter_does_not_stop_the_run() {
        let panics = || panic!("a mistake");
        assert_eq!(
            seen_beside_one_that_fails(panics),
            (vec![0, 1], vec![0, 1, 2, 3], 1)
        );
    }
}
