//! What the parser says when something is wrong: the place, the cause, what to write instead.
//!
//! Habits from other languages, and from the language's first version, are recognised by name.

mod body;
mod collection;
mod expression;
mod foreign;
mod habit;
mod template;
mod unclosed;

pub(super) use unclosed::Enclosed;

use std::sync::Arc;

use super::Parser;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::limits::Limits;
use crate::source::{Source, Span};

pub(super) fn too_large(source: &Arc<Source>, limits: &Limits) -> Box<Diagnostic> {
    let complaint = Diagnostic::error("Text too large")
        .detail(format!(
            "The text has {} bytes, and the limit is {}.",
            source.text().len(),
            limits.source_bytes
        ))
        .at(source, Span::new(0, 0))
        .help("move data into a JSON or YAML file, or raise the limit `source_bytes`");
    Box::new(complaint)
}

pub(super) fn utf16(source: &Arc<Source>) -> Box<Diagnostic> {
    let complaint = Diagnostic::error("Invalid character encoding")
        .detail("The file is in UTF-16, as some programs on Windows write it, and not in UTF-8.")
        .at(source, Span::new(0, 0))
        .label("marks a text as UTF-16")
        .help("save the file as UTF-8; in PowerShell: Out-File -Encoding utf8");
    Box::new(complaint)
}

/// Also for configuration in JSON syntax.
pub(crate) fn too_deep(source: &Arc<Source>, span: Span, limits: &Limits) -> Box<Diagnostic> {
    let limit = limits.nesting;
    let complaint = Diagnostic::error("Nested too deeply")
        .detail(format!(
            "Here {limit} levels stand within each other, which is the limit."
        ))
        .at(source, span)
        .label("one level too many")
        .help("give parts of it names, or raise the limit `nesting`");
    Box::new(complaint)
}

/// Also for configuration in JSON syntax.
pub(crate) fn too_many_items(source: &Arc<Source>, span: Span, limits: &Limits) -> Box<Diagnostic> {
    let limit = limits.items;
    let complaint = Diagnostic::error("Too many items")
        .detail(format!(
            "There are more than {limit} items, which is the limit."
        ))
        .at(source, span)
        .label("one item too many")
        .help("move the data into a JSON or YAML file, or raise the limit `items`");
    Box::new(complaint)
}

impl Parser<'_> {
    pub(super) fn too_deep(&mut self) -> Box<Diagnostic> {
        let span = self.peek().span;
        too_deep(self.source, span, self.limits)
    }

    pub(super) fn too_many_items(&mut self) -> Box<Diagnostic> {
        let span = self.peek().span;
        too_many_items(self.source, span, self.limits)
    }

    /// The current token in words.
    fn found(&mut self) -> String {
        let token = self.peek();
        match token.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::Newline => "the end of the line".to_owned(),
            TokenKind::Quote => "a string".to_owned(),
            TokenKind::Heredoc => "a heredoc".to_owned(),
            _ => format!("`{}`", self.text(token.span)),
        }
    }

    /// The place behind the last token taken, up to the end of its line or to a comment.
    fn behind_taken(&self) -> Span {
        let rest = &self.lexer.text()[self.taken_end as usize..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let start = self.taken_end + crate::source::offset(blanks);
        Span::new(start, start)
    }

    /// What stands right before a place, without spaces.
    fn before(&self, span: Span) -> &str {
        self.lexer.text()[..span.start as usize].trim_end_matches([' ', '\t'])
    }
}
