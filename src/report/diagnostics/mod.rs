//! What is wrong in people's files, as they read it: an excerpt with the place marked, what is
//! meant, and what to type instead; and the same as JSON.
//!
//! A diagnostic carries the text that it points at, so nothing here opens a file.

mod shortened;
mod wire;

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use terrane_hcl::{Diagnostic, Location, Severity, Suggestion};

use super::look::Look;
use crate::model::harmless;

pub use shortened::first_of_each_kind;
pub(super) use wire::DiagnosticWire;

/// Shows all of them, in their order, with an empty line between two.
pub fn render_diagnostics<'d>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    look: &Look,
) -> String {
    let rendered = diagnostics
        .into_iter()
        .map(|diagnostic| render(diagnostic, look));
    rendered.collect::<Vec<_>>().join("\n")
}

/// The shape of `terraform validate -json`: a list of objects with `severity`, `summary`, `detail`,
/// `range` and `snippet`, to which `label`, `related`, `help` and `suggestion` are added where there
/// are any.
pub fn diagnostics_as_json<'d>(diagnostics: impl IntoIterator<Item = &'d Diagnostic>) -> String {
    let wire: Vec<DiagnosticWire> = diagnostics.into_iter().map(DiagnosticWire::from).collect();
    let text = serde_json::to_string_pretty(&wire);
    text.expect("strings and numbers always have a JSON form") + "\n"
}

fn render(diagnostic: &Diagnostic, look: &Look) -> String {
    let renderer = if look.colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = match look.width {
        Some(width) => renderer.term_width(width),
        None => renderer,
    };
    let mut groups = vec![what_is_wrong(diagnostic)];
    groups.extend(diagnostic.suggestion.as_ref().map(what_to_write));
    let text = renderer.render(&groups);
    // Words and files of strangers are in it, and colours of our own.
    let lines = text.lines().map(|line| harmless(line.trim_end()) + "\n");
    lines.collect()
}

fn what_is_wrong(diagnostic: &Diagnostic) -> Group<'_> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(on_one_line(&diagnostic.summary)));
    for excerpt in Excerpt::of(diagnostic) {
        group = group.element(excerpt.snippet());
    }
    if !diagnostic.detail.is_empty() && diagnostic.detail != diagnostic.label {
        group = group.element(
            Level::NOTE
                .no_name()
                .message(on_one_line(&diagnostic.detail)),
        );
    }
    for (name, value) in &diagnostic.values {
        let message = on_one_line(&format!("{name} is {value}")).into_owned();
        group = group.element(Level::NOTE.with_name("where").message(message));
    }
    for help in &diagnostic.help {
        // What is to be written down has lines of its own; they are set in by the renderer.
        group = group.element(Level::HELP.message(help.replace('\r', " ")));
    }
    group
}

fn what_to_write(suggestion: &Suggestion) -> Group<'_> {
    let Suggestion {
        location,
        replacement,
    } = suggestion;
    // Each of its lines gets a number from the renderer.
    let patch = Patch::new(range(location), replacement.replace('\r', " "));
    Level::HELP.secondary_title("write this instead").element(
        Snippet::source(location.source.text())
            .path(location.source.name())
            .patch(patch),
    )
}

/// All marks within one file.
struct Excerpt<'d> {
    location: &'d Location,
    marks: Vec<(AnnotationKind, &'d Location, &'d str)>,
}

impl<'d> Excerpt<'d> {
    /// One for each file, that of the subject first.
    fn of(diagnostic: &'d Diagnostic) -> Vec<Self> {
        let subject = diagnostic
            .subject
            .iter()
            .map(|location| (AnnotationKind::Primary, location, diagnostic.label.as_str()));
        let related = diagnostic
            .related
            .iter()
            .map(|(location, label)| (AnnotationKind::Context, location, label.as_str()));
        let mut excerpts: Vec<Self> = Vec::new();
        for mark in subject.chain(related) {
            let name = mark.1.source.name();
            match excerpts
                .iter_mut()
                .find(|known| known.location.source.name() == name)
            {
                Some(excerpt) => excerpt.marks.push(mark),
                None => excerpts.push(Self {
                    location: mark.1,
                    marks: vec![mark],
                }),
            }
        }
        excerpts
    }

    fn snippet(&self) -> Snippet<'d, annotate_snippets::Annotation<'d>> {
        let source = &self.location.source;
        let snippet = Snippet::source(source.text()).path(source.name());
        snippet.annotations(self.marks.iter().map(|(kind, location, label)| {
            let annotation = kind.span(range(location));
            if label.is_empty() {
                annotation
            } else {
                annotation.label(on_one_line(label))
            }
        }))
    }
}

/// A span that lies within its text, at the borders of characters, whatever it was.
fn range(location: &Location) -> Range<usize> {
    let text = location.source.text();
    let start = text.floor_char_boundary(location.span.start as usize);
    let end = text.ceil_char_boundary(location.span.end as usize);
    start..end.max(start)
}

/// A line break in somebody's words would begin a line that looks like one of ours.
fn on_one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r']) {
        text.split(['\n', '\r'])
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ")
            .into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests;
