//! How firmly each further interrupt asks.
//!
//! Commands that may change things drain first: a polite stop in the middle of an apply can lose a
//! resource that the cloud makes anyway. Commands that only look are asked to stop at once. Nobody
//! is killed before the third interrupt.

use super::event::{RunCommand, Stage};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ladder {
    /// Let what runs finish, then ask, then kill.
    DrainFirst,
    /// Ask, then wait, then kill.
    AskAtOnce,
}

impl Ladder {
    pub fn of(command: &RunCommand) -> Self {
        if command.may_change_things() {
            Self::DrainFirst
        } else {
            Self::AskAtOnce
        }
    }

    /// The rung that the `count`th interrupt reaches.
    pub fn stage(self, count: u32) -> Stage {
        match (self, count) {
            (Self::DrainFirst, 0 | 1) => Stage::Draining,
            (Self::AskAtOnce, 0 | 1) | (Self::DrainFirst, 2) => Stage::Interrupting,
            (Self::AskAtOnce, 2) => Stage::Waiting,
            (Self::DrainFirst | Self::AskAtOnce, 3..) => Stage::Killing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(command: &RunCommand) -> Vec<Stage> {
        (1..=4)
            .map(|count| Ladder::of(command).stage(count))
            .collect()
    }

    #[test]
    fn what_changes_things_drains_before_it_is_asked_to_stop() {
        let whole = [
            Stage::Draining,
            Stage::Interrupting,
            Stage::Killing,
            Stage::Killing,
        ];
        assert_eq!(stages(&RunCommand::Apply), whole);
        assert_eq!(stages(&RunCommand::Destroy), whole);
        assert_eq!(
            stages(&RunCommand::Other("state".into())),
            whole,
            "who knows what it does"
        );
    }

    #[test]
    fn what_only_looks_is_asked_at_once_and_still_not_killed_before_the_third_time() {
        let whole = [
            Stage::Interrupting,
            Stage::Waiting,
            Stage::Killing,
            Stage::Killing,
        ];
        assert_eq!(stages(&RunCommand::Plan), whole);
        assert_eq!(stages(&RunCommand::Validate), whole);
    }
}
