//! What the parser says when something is wrong: the place, the cause, what to write instead.
//!
//! Habits from other languages, and from the language's first version, are recognised by name.

mod body;
mod expression;
mod template;

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

impl Parser<'_> {
    pub(super) fn too_deep(&mut self) -> Box<Diagnostic> {
        let limit = self.limits.nesting;
        let span = self.peek().span;
        let complaint = Diagnostic::error("Nested too deeply")
            .detail(format!(
                "Here {limit} levels stand within each other, which is the limit."
            ))
            .at(self.source, span)
            .label("one level too many")
            .help("give parts of it names, or raise the limit `nesting`");
        Box::new(complaint)
    }

    pub(super) fn too_many_items(&mut self) -> Box<Diagnostic> {
        let limit = self.limits.items;
        let span = self.peek().span;
        let complaint = Diagnostic::error("Too many items")
            .detail(format!(
                "There are more than {limit} items, which is the limit."
            ))
            .at(self.source, span)
            .label("one item too many")
            .help("move the data into a JSON or YAML file, or raise the limit `items`");
        Box::new(complaint)
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

    /// What stands right before a place, without spaces.
    fn before(&self, span: Span) -> &str {
        self.lexer.text()[..span.start as usize].trim_end_matches([' ', '\t'])
    }
}
