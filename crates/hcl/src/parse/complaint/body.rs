//! Complaints about attributes and blocks.

use super::super::Parser;
use crate::diagnostic::Diagnostic;
use crate::lex::{TokenKind, is_identifier};
use crate::source::Span;

impl Parser<'_> {
    /// Something stands where an attribute or a block should begin.
    pub(in super::super) fn no_item(&mut self) -> Box<Diagnostic> {
        let token = self.peek();
        let found = self.found();
        let complaint = Diagnostic::error("Attribute or block expected").detail(format!(
            "An attribute or a block must begin here, and {found} begins neither."
        ));
        if let Some(complaint) = self.only_a_path(&complaint) {
            return Box::new(complaint.at(self.source, token.span));
        }
        let complaint = match token.kind {
            TokenKind::Quote => self.quoted_name(token.span),
            TokenKind::OpenBrace => complaint.label("no name stands before this brace").help(
                "a block has a name before its brace; a file in JSON is named with .json at its end",
            ),
            TokenKind::Number => complaint
                .label("not a name")
                .help("names begin with a letter or an underscore"),
            TokenKind::Question
            | TokenKind::Colon
            | TokenKind::And
            | TokenKind::Or
            | TokenKind::Plus
            | TokenKind::EqualEqual
            | TokenKind::Dot => complaint
                .label("neither a name nor a block")
                .help(
                    "an expression goes on in the next line only within ( ), [ ] or { }; put \
                     parentheses around it",
                ),
            _ => complaint.label("neither a name nor a block"),
        };
        self.unexpected(complaint)
    }

    fn quoted_name(&self, quote: Span) -> Diagnostic {
        let complaint = Diagnostic::error("Quoted attribute name")
            .detail("The names of attributes stand without quotes. Quotes are for keys within { }.")
            .label("a name stands without quotes");
        let rest = &self.lexer.text()[quote.end as usize..];
        match rest.split_once('"') {
            Some((name, _)) if is_identifier(name) => {
                let end = quote.end + crate::source::offset(name.len() + 1);
                complaint.suggest(self.source, Span::new(quote.start, end), name)
            }
            _ => complaint,
        }
    }

    /// A name with neither an equals sign nor a block behind it.
    pub(in super::super) fn neither_attribute_nor_block(&mut self, name: Span) -> Box<Diagnostic> {
        let token = self.peek();
        if token.kind == TokenKind::Invalid {
            return self.unexpected(Diagnostic::error(""));
        }
        let text = self.text(name);
        let found = self.found();
        let complaint = Diagnostic::error("Attribute or block expected")
            .detail(format!(
                "Behind `{text}` stands {found}: that is neither an attribute nor a block."
            ))
            .at(self.source, name)
            .label("neither an attribute nor a block");
        if let Some(complaint) = self.only_a_path(&complaint) {
            return Box::new(complaint);
        }
        let rest = &self.lexer.text()[token.span.start as usize..];
        let sign = match token.kind {
            TokenKind::Colon if rest.starts_with(":=") => {
                Span::new(token.span.start, token.span.end + 1)
            }
            _ => token.span,
        };
        let equals = |complaint: Diagnostic| {
            complaint
                .help(format!("an attribute is written `{text} = …`"))
                .suggest(self.source, sign, "=")
        };
        let complaint = match token.kind {
            TokenKind::Colon | TokenKind::EqualEqual | TokenKind::Arrow => equals(complaint),
            TokenKind::Dot => complaint.help(
                "names have no dots; a value within a value is written `outer = { inner = … }`",
            ),
            _ => complaint.help(format!(
                "an attribute is written `{text} = …`, a block `{text} {{ … }}`"
            )),
        };
        Box::new(complaint)
    }

    /// Something stands behind an attribute on its line.
    pub(in super::super) fn after_attribute(&mut self) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("End of line expected")
            .detail(format!(
                "The attribute ends here, and so must its line, but {found} follows."
            ))
            .label("behind the end of the attribute");
        let complaint = self.with_habit(complaint);
        self.unexpected(complaint)
    }

    /// Something stands behind an expression that should be all there is.
    pub(in super::super) fn after_expression(&mut self) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Unexpected text behind the expression")
            .detail(format!("The expression ends here, but {found} follows."))
            .label("behind the end of the expression");
        let complaint = self.with_habit(complaint);
        self.unexpected(complaint)
    }

    pub(in super::super) fn after_block(&mut self) -> Box<Diagnostic> {
        let found = self.found();
        self.unexpected(
            Diagnostic::error("End of line expected")
                .detail(format!(
                    "The block ends here, and so must its line, but {found} follows."
                ))
                .label("behind the end of the block")
                .help("begin a new line behind the closing brace"),
        )
    }

    pub(in super::super) fn no_open_brace(&mut self) -> Box<Diagnostic> {
        let token = self.peek();
        let found = self.found();
        let complaint = Diagnostic::error("Incomplete block")
            .detail(format!(
                "A label or an opening brace is expected here, not {found}."
            ))
            .label("a brace is expected");
        let complaint = match token.kind {
            TokenKind::Equal => complaint
                .help("an equals sign makes an attribute, which has one name and no labels"),
            TokenKind::Newline => {
                complaint.help("the opening brace stands on the same line as the block's name")
            }
            _ => complaint,
        };
        self.unexpected(complaint)
    }

    pub(in super::super) fn sequence_in_label(&self, span: Span) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Label is not constant")
            .detail("The labels of a block are fixed texts: they cannot have ${ } or %{ } in them.")
            .at(self.source, span)
            .label("has a sequence in it")
            .help("for the characters themselves write $${ or %%{");
        Box::new(complaint)
    }

    pub(in super::super) fn no_attribute_on_one_line(&mut self, name: Span) -> Box<Diagnostic> {
        if self.peek().kind == TokenKind::Invalid {
            return self.unexpected(Diagnostic::error(""));
        }
        let complaint = Diagnostic::error("Too much for one line")
            .detail("A block on one line can hold one attribute, and no block.")
            .at(self.source, name)
            .label("not an attribute")
            .help("begin a new line behind the opening brace and before the closing one");
        Box::new(complaint)
    }

    pub(in super::super) fn more_on_one_line(&mut self) -> Box<Diagnostic> {
        let found = self.found();
        let complaint = Diagnostic::error("Too much for one line")
            .detail(format!(
                "A block on one line holds one attribute and its closing brace, but {found} follows."
            ))
            .label("the closing brace is expected")
            .help("begin a new line behind the opening brace and before the closing one");
        self.unexpected(complaint)
    }

    pub(in super::super) fn redefined(&self, again: Span, first: Span) -> Diagnostic {
        let name = self.text(again);
        let line = self.source.position(first.start).line;
        let file = self.source.name();
        Diagnostic::error("Attribute set twice")
            .detail(format!(
                "The attribute `{name}` was set at {file}:{line} already."
            ))
            .at(self.source, again)
            .label("set again")
            .related(self.source, first, "first set here")
            .help("keep one of them")
    }
}
