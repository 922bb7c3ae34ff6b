//! Complaints about what other programs left in a text, or should have replaced in it.

use super::super::Parser;
use super::super::brackets::line_of;
use super::super::recover::is_conflict_marker;
use crate::diagnostic::Diagnostic;
use crate::source::{Span, offset};

impl Parser<'_> {
    /// The complaint about a merge conflict, if this place is in the line of a marker, and the span
    /// of the whole conflict.
    pub(in super::super) fn merge_conflict(&self, at: u32) -> Option<(Diagnostic, Span)> {
        let text = self.lexer.text();
        let line = line_of(text, at);
        if !is_conflict_marker(line) {
            return None;
        }
        let start = offset(line.as_ptr().addr() - text.as_ptr().addr());
        let marker = Span::new(start, start + offset(line.trim_end().len()));
        let complaint = Diagnostic::error("Merge conflict")
            .detail("This line is a marker that git left where two versions of the file disagree.")
            .at(self.source, marker)
            .label("a conflict begins here")
            .help(
                "keep what is right of both versions, and remove the lines <<<<<<<, ======= and \
                 >>>>>>>",
            );
        if !line.starts_with('<') {
            return Some((complaint.label("a marker of a conflict"), marker));
        }
        let marker_line = |sign: &str| {
            let at = text[start as usize..].find(&format!("\n{sign}"))?;
            let start = start + offset(at + 1);
            let line = line_of(text, start);
            is_conflict_marker(line).then(|| Span::new(start, start + offset(line.len())))
        };
        let complaint = match marker_line("=======") {
            Some(middle) => complaint.related(self.source, middle, "the other version begins here"),
            None => complaint,
        };
        Some(match marker_line(">>>>>>>") {
            Some(end) => (
                complaint.related(self.source, end, "and ends here"),
                marker.to(end),
            ),
            None => (complaint, marker),
        })
    }

    /// The complaint about a placeholder, such as of Jinja or boilerplate, if this place is in one.
    pub(in super::super) fn placeholder(&self, at: u32) -> Option<Diagnostic> {
        let text = self.lexer.text();
        let line = line_of(text, at);
        let start = offset(line.as_ptr().addr() - text.as_ptr().addr());
        let (open, close) =
            [("{{", "}}"), ("{%", "%}")]
                .into_iter()
                .find_map(|(open, close)| {
                    let from = line.find(open)?;
                    let is_sequence = line[..from].ends_with(['$', '%']);
                    let length = line[from..].find(close)? + close.len();
                    (!is_sequence && start + offset(from) <= at)
                        .then_some((start + offset(from), start + offset(from + length)))
                })?;
        let span = Span::new(open, close);
        let shown = self.text(span);
        let complaint = Diagnostic::error("Placeholder was not replaced")
            .detail(format!(
                "`{shown}` is for a program that fills in templates, such as boilerplate, \
                 cookiecutter or Jinja. This language reads it as two braces."
            ))
            .at(self.source, span)
            .label("a placeholder")
            .help("have the template filled in first, or leave its folder out of what is read");
        span.contains(Span::new(at, at)).then_some(complaint)
    }

    /// The complaint with the advice for a file that holds nothing but a path, if it is one.
    pub(super) fn only_a_path(&self, complaint: &Diagnostic) -> Option<Diagnostic> {
        let text = self.lexer.text().trim();
        let is_path = text.starts_with("../") || text.starts_with("./") || text.contains(".hcl");
        let is_alone = !text.contains(|c: char| c.is_whitespace() || "={\"".contains(c));
        (is_path && is_alone).then(|| {
            let label = "a path, and nothing else";
            let help = "the file may be a symbolic link that was checked out as a text";
            complaint.clone().label(label).help(help)
        })
    }
}
