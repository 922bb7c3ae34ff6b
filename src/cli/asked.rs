//! Naming the functions that had to ask the world although a command only looks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::options::{LogLevel, Options};
use super::screen;
use crate::config::{Estate, Facts, place_of};
use crate::model::Place;

/// Of more questions than these nobody reads the names.
const MOST_NAMED: usize = 10;

impl Options {
    /// Says which functions were asked, since one of the wanted facts needed their answers.
    pub(super) fn tell_asked(&self, estate: &Estate<'_>, facts: Facts) {
        if self.talk >= LogLevel::Info {
            screen::say(&notes(&questions_of(estate), facts));
        }
    }
}

/// A function by its place, and the units that asked it.
type Questions<'e> = BTreeMap<(Place, &'static str), Vec<&'e str>>;

fn questions_of<'e>(estate: &'e Estate<'_>) -> Questions<'e> {
    let mut questions = Questions::new();
    for unit in estate.units.values() {
        for asked in &unit.asked {
            let question = (place_of(&asked.place), asked.function);
            questions
                .entry(question)
                .or_default()
                .push(unit.path.as_str());
        }
    }
    questions
}

fn notes(questions: &Questions<'_>, facts: Facts) -> String {
    let needing = match (facts.contains(Facts::ROLES), facts.contains(Facts::STATE)) {
        (false, false) => "an edge",
        (true, false) => "an edge or a role",
        (false, true) => "an edge or a state location",
        (true, true) => "an edge, a role or a state location",
    };
    let mut text = String::new();
    for ((place, function), units) in questions.iter().take(MOST_NAMED) {
        let others = match units.len() - 1 {
            0 => String::new(),
            1 => " and one more unit".to_owned(),
            more => format!(" and {more} more units"),
        };
        writeln!(
            text,
            "note: {function}() at {place} was asked: {needing} of {}{others} depends on it",
            units[0]
        )
        .expect("a string takes everything");
    }
    if let Some(more @ 1..) = questions.len().checked_sub(MOST_NAMED) {
        writeln!(text, "note: {more} more functions were asked")
            .expect("a string takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn place(file: &str) -> Place {
        Place {
            file: file.into(),
            line: 2,
        }
    }

    #[test]
    fn a_function_of_many_units_is_named_once() {
        let questions = Questions::from([
            (
                (place("root.hcl"), "run_cmd"),
                vec!["dev/app", "dev/vpc", "prod"],
            ),
            ((place("app.hcl"), "get_aws_account_id"), vec!["dev/app"]),
        ]);
        assert_snapshot!(notes(&questions, Facts::STATE | Facts::ROLES), @"
        note: get_aws_account_id() at app.hcl:2 was asked: an edge, a role or a state location of dev/app depends on it
        note: run_cmd() at root.hcl:2 was asked: an edge, a role or a state location of dev/app and 2 more units depends on it
        ");
    }

    #[test]
    fn of_very_many_functions_the_first_are_named() {
        let questions = (0..12).map(|number| {
            let file = format!("{number:02}.hcl");
            ((place(&file), "run_cmd"), vec!["app"])
        });
        let told = notes(&questions.collect(), Facts::EDGES);
        assert_eq!(told.lines().count(), 11);
        assert!(
            told.ends_with("note: 2 more functions were asked\n"),
            "{told}"
        );
    }
}
