//! The lines to write in place of attributes that Terragrunt 1.0 removed: what `removed` makes of
//! them, as text that can be taken over.

use std::sync::Arc;

use terrane_hcl::{Attribute, Body, Diagnostic, Source};

use super::schema::REMOVED_ATTRIBUTES;
use crate::model::engine_facts::{DEFAULT_RETRY_ATTEMPTS, DEFAULT_RETRY_SLEEP};

/// Understood, although it was removed: a warning with the lines to write instead. The attributes
/// about retries become one block, which stands in the place of the first of them.
pub(crate) fn removed_attribute(
    attribute: &Attribute,
    body: &Body,
    source: &Arc<Source>,
) -> Diagnostic {
    let span = attribute.name_span.to(attribute.expression.span);
    let line_of = |span: terrane_hcl::Span| source.position(span.start).line;
    let warning = Diagnostic::warning("Removed attribute")
        .detail(format!(
            "Terragrunt 1.0 removed \"{}\"; terrane still understands it.",
            attribute.name
        ))
        .at(source, attribute.name_span);
    let (block, lines) = if attribute.name == "skip" {
        ("exclude", exclude(source.slice(attribute.expression.span)))
    } else {
        ("errors", errors(body, source))
    };
    if let Some(there) = body.blocks.iter().find(|found| found.kind == block) {
        let line = line_of(there.kind_span);
        return warning.help(format!(
            "take it away: the {block} block in line {line} counts in its place"
        ));
    }
    let first = retries(body).next();
    match first.filter(|first| block == "errors" && first.name != attribute.name) {
        Some(first) => warning.help(format!(
            "take it away: the errors block that is to stand in line {} says it as well",
            line_of(first.name_span)
        )),
        None => warning.suggest(source, span, lines),
    }
}

fn exclude(condition: &str) -> String {
    format!("exclude {{\n  if      = {condition}\n  actions = [\"all\"]\n  no_run  = true\n}}")
}

fn errors(body: &Body, source: &Source) -> String {
    let written = |name: &str, default: String| match body.attribute(name) {
        // Its further lines are set in as deeply as the block is.
        Some(attribute) => {
            let written = source.slice(attribute.expression.span);
            written.replace('\n', "\n    ")
        }
        None => default,
    };
    let errors = written(
        "retryable_errors",
        "get_default_retryable_errors()".to_owned(),
    );
    let attempts = written("retry_max_attempts", DEFAULT_RETRY_ATTEMPTS.to_string());
    let sleep = written(
        "retry_sleep_interval_sec",
        DEFAULT_RETRY_SLEEP.as_secs().to_string(),
    );
    format!(
        "errors {{\n  retry \"default\" {{\n    retryable_errors   = {errors}\n    \
         max_attempts       = {attempts}\n    sleep_interval_sec = {sleep}\n  }}\n}}"
    )
}

/// The attributes about retries, as they stand.
fn retries(body: &Body) -> impl Iterator<Item = &Attribute> {
    let is_about_retries = |name: &str| name != "skip" && REMOVED_ATTRIBUTES.contains(&name);
    let attributes = body.attributes.iter();
    attributes.filter(move |attribute| is_about_retries(&attribute.name))
}
