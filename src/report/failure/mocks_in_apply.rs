//! Mocks that were kept from an apply: whose they are, and what to do instead.

use super::Explanation;
use crate::model::UnitPath;
use crate::report::words::listed;
use crate::run::outcome::{MockingBlock, MocksInApply};

pub(super) fn mocks_in_apply(facts: &MocksInApply) -> Explanation {
    let MocksInApply {
        command,
        values,
        blocks,
        plan,
    } = facts;
    let all = upstreams(blocks.iter());
    let read = upstreams(blocks.iter().filter(|block| block.outputs_are_read));
    let list = format!("add \"{command}\" to mock_outputs_allowed_terraform_commands");
    let (headline, hint) = match plan {
        Some(_) => (
            format!("its saved plan was made with mocks of {all}"),
            match read.as_str() {
                "" => format!("{list} and plan again"),
                read => format!("apply {read}, then plan again"),
            },
        ),
        None => (
            format!("mocks of {all} would be given to {command}"),
            match read.as_str() {
                "" => format!("if that is meant, {list}"),
                read => format!("apply {read} first, or {list}"),
            },
        ),
    };
    let mut explanation = Explanation::of(headline)
        .maybe("plan", plan.as_ref())
        .row("values", listed(values));
    for block in blocks {
        explanation = explanation.row("at", &block.place);
    }
    explanation.place = blocks.first().map(|block| block.place.clone());
    explanation.row("hint", hint)
}

/// The names of the upstreams, each once.
fn upstreams<'b>(blocks: impl Iterator<Item = &'b MockingBlock>) -> String {
    let mut paths: Vec<&UnitPath> = blocks.map(|block| &block.upstream).collect();
    paths.dedup();
    let names: Vec<String> = paths.iter().map(ToString::to_string).collect();
    listed(&names)
}
