//! A failure outside of a run, where it is the command that fails: the same words as a diagnostic.

use terrane_hcl::{Diagnostic, Diagnostics};

use super::failure::explain;
use crate::run::outcome::Failure;

/// The failure as what is wrong with the command that met it.
pub fn failure_as_problems(failure: &Failure) -> Diagnostics {
    if let Failure::Evaluate { diagnostics } = failure {
        return diagnostics.iter().cloned().collect();
    }
    let explanation = explain(failure);
    let mut facts: Vec<String> = Vec::new();
    let mut problem = Diagnostic::error(explanation.headline);
    for (label, value) in explanation.rows {
        match label {
            "hint" => problem = problem.help(value),
            "next" => problem = problem.help(format!("run: {value}")),
            label => facts.push(format!("{label}: {value}")),
        }
    }
    facts.extend(
        explanation
            .words
            .iter()
            .map(|line| line.plain().to_string()),
    );
    if !facts.is_empty() {
        problem = problem.detail(facts.join("; "));
    }
    problem.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UnitPath;
    use crate::run::outcome::OutputsNotRead;

    #[test]
    fn facts_become_the_detail_and_a_hint_becomes_the_help() {
        let failure = Failure::ReadOutputs(Box::new(OutputsNotRead {
            upstream: UnitPath::new("net/vpc".into()),
            location: "s3://states/vpc".into(),
            role: None,
            reason: "no such bucket".into(),
            hint: Some("make it".into()),
        }));
        let problems = failure_as_problems(&failure);
        let problem = problems.iter().next().expect("a failure is a problem");
        assert!(
            problem.detail.contains("no such bucket"),
            "{}",
            problem.detail
        );
        assert_eq!(problem.help, ["make it"]);
    }
}
