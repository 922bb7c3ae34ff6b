//! Many problems at once: the first of each kind, and how many more there are.

use std::collections::HashMap;

use terrane_hcl::{Diagnostic, Severity};

/// How many problems of one kind are shown where all are not asked for. What many units share by an
/// included file is the same line again and again.
const MOST_OF_A_KIND: usize = 10;
/// And how many with one summary, whatever each says of its place: thousands of paths may lead
/// nowhere, each to a nowhere of its own.
const MOST_OF_A_SUMMARY: usize = 30;

/// The problems to show, and the number of those that are not.
///
/// Two problems are of one kind where they say the same of the same sort of place.
pub fn first_of_each_kind<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
) -> (Vec<&'d Diagnostic>, usize) {
    let mut kinds: HashMap<(Severity, &str, &str), usize> = HashMap::new();
    let mut summaries: HashMap<(Severity, &str), usize> = HashMap::new();
    let mut shown = Vec::new();
    let mut left_out = 0;
    for diagnostic in diagnostics {
        let (severity, summary) = (diagnostic.severity, &*diagnostic.summary);
        let kind = kinds
            .entry((severity, summary, &*diagnostic.label))
            .or_default();
        let alike = summaries.entry((severity, summary)).or_default();
        if *kind < MOST_OF_A_KIND && *alike < MOST_OF_A_SUMMARY {
            *kind += 1;
            *alike += 1;
            shown.push(diagnostic);
        } else {
            left_out += 1;
        }
    }
    (shown, left_out)
}

#[cfg(test)]
mod tests {
    use terrane_hcl::Diagnostic;

    use super::first_of_each_kind;

    #[test]
    fn a_rare_problem_is_not_lost_among_many_of_another_kind() {
        let many =
            (0..100).map(|number| Diagnostic::error("Call failed").detail(number.to_string()));
        let all: Vec<Diagnostic> = many.chain([Diagnostic::error("Unclosed string")]).collect();
        let (shown, left_out) = first_of_each_kind(&all);
        let summaries: Vec<&str> = shown.iter().map(|one| &*one.summary).collect();
        assert_eq!(summaries[9..], ["Call failed", "Unclosed string"]);
        assert_eq!((shown.len(), left_out), (11, 90));
    }

    #[test]
    fn problems_that_differ_in_their_places_alone_are_shortened_too() {
        let nowhere = |number: usize| {
            Diagnostic::error("Unknown upstream").label(format!("no unit at {number}"))
        };
        let all: Vec<Diagnostic> = (0..100).map(nowhere).collect();
        let (shown, left_out) = first_of_each_kind(&all);
        assert_eq!((shown.len(), left_out), (30, 70));
    }
}
