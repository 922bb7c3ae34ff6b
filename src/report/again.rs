//! What to type after a run that failed: the same command for what failed and what waited for it.

use camino::Utf8Path;

use super::summary::Summary;
use crate::model::{UnitPath, harmless, in_quotes};
use crate::run::outcome::Failure;

/// How the command is typed again for some of its units.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Again {
    /// Filters go between the two.
    Line { before: String, behind: String },
    /// Something in the line is not to be shown, so it is spoken of only.
    InWords,
    /// Nobody typed it, or its units were chosen in a way that no filter adds to.
    #[default]
    Unknown,
}

/// More failed units than this are not named in a command to type.
const MOST_FILTERS: usize = 3;

impl Summary {
    /// What to type to try again only what failed and what waited for it.
    pub(super) fn next_command(&self, again: &Again) -> Option<String> {
        let run = self.board.run.as_ref()?;
        let failed: Vec<(&UnitPath, &Failure)> = self.failures().collect();
        let at_risk = failed
            .iter()
            .any(|(_, failure)| matches!(failure, Failure::StateAtRisk(_)));
        if failed.is_empty() || failed.len() > MOST_FILTERS || at_risk || self.was_interrupted() {
            return None;
        }
        let paths: Vec<&UnitPath> = failed.iter().map(|(path, _)| *path).collect();
        let filters = self.filters(&run.scope, &paths);
        Some(harmless(&match again {
            Again::Line { before, behind } => format!("{before}{filters}{behind}"),
            Again::InWords if filters.is_empty() => "the same again".to_owned(),
            Again::InWords => format!("the same again, with{filters}"),
            Again::Unknown => return None,
        }))
    }

    /// The flags that choose these units and whatever waited for them; none where the one in the
    /// folder of the command is among them, since all others lie below it.
    fn filters(&self, scope: &Utf8Path, paths: &[&UnitPath]) -> String {
        let filter = |path: &&UnitPath| {
            let from_here = below(scope, path);
            let waited = !self.board.blocked_because_of(path).is_empty();
            // A word without a slash would be any unit of that name.
            let is_word = !from_here.contains('/');
            let filter = match (waited, is_word) {
                (false, false) => from_here.to_owned(),
                (false, true) => format!("./{from_here}"),
                (true, false) => format!("...{from_here}"),
                (true, true) => format!("...{{./{from_here}}}"),
            };
            (!from_here.is_empty()).then(|| format!(" --filter {}", in_quotes(&filter)))
        };
        let filters: Option<Vec<String>> = paths.iter().map(filter).collect();
        filters.unwrap_or_default().concat()
    }
}

/// A unit's path as seen from where the command was started.
fn below<'p>(scope: &Utf8Path, path: &'p UnitPath) -> &'p str {
    let inside = Utf8Path::new(path.as_str()).strip_prefix(scope);
    inside.map_or(path.as_str(), Utf8Path::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Look;
    use crate::report::closing::Failures;
    use crate::report::script::{Script, plan_failed};
    use crate::run::event::RunCommand;

    #[test]
    fn what_held_nothing_up_is_tried_again_by_itself() {
        let again = Again::Line {
            before: "terrane run-all plan -C live".to_owned(),
            behind: " -- -lock=false".to_owned(),
        };
        let mut script = Script::new(RunCommand::Plan, &["a", "it's", "c"]);
        script
            .starts("it's")
            .fails("it's", plan_failed())
            .run_ends();
        let mut summary = Summary::default();
        script
            .events()
            .iter()
            .for_each(|event| summary.observe(event));
        let next = |again: &Again| {
            let words = summary.closing_words(&Look::plain(), Failures::InOneLine, again);
            let next = words.lines().find(|line| line.starts_with("next"));
            next.map(ToOwned::to_owned)
        };
        assert_eq!(
            next(&again).as_deref(),
            Some(r"next  terrane run-all plan -C live --filter './it'\''s' -- -lock=false")
        );
        assert_eq!(
            next(&Again::InWords).as_deref(),
            Some(r"next  the same again, with --filter './it'\''s'")
        );
        assert_eq!(next(&Again::Unknown), None);
    }
}
