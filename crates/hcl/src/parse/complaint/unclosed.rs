//! Complaints about brackets that are never closed, and about one that closes nothing.

use super::super::Parser;
use super::super::brackets::{self, Parting};
use crate::diagnostic::Diagnostic;
use crate::lex::{Token, TokenKind, invalid};
use crate::source::Span;

/// What stands in brackets.
#[derive(Clone, Copy)]
pub(in super::super) enum Enclosed {
    Block,
    Object,
    List,
    Arguments,
    Parentheses,
    Index,
}

impl Enclosed {
    fn summary(self) -> &'static str {
        match self {
            Self::Block => "Unclosed block",
            Self::Object => "Unclosed object",
            Self::List => "Unclosed list",
            Self::Arguments => "Unclosed call",
            Self::Parentheses => "Unbalanced parentheses",
            Self::Index => "Unclosed index",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Object => "object",
            Self::List => "list",
            Self::Arguments => "call",
            Self::Parentheses => "expression in parentheses",
            Self::Index => "index",
        }
    }

    fn close(self) -> &'static str {
        match self {
            Self::Block | Self::Object => "}",
            Self::List | Self::Index => "]",
            Self::Arguments | Self::Parentheses => ")",
        }
    }
}

impl Parser<'_> {
    /// Tells of a block without its closing brace, unless something in it was told to be open.
    pub(in super::super) fn tell_unclosed(&mut self, open: Span) {
        if !std::mem::replace(&mut self.told_unclosed, true) && self.left_open.is_empty() {
            let complaint = self.unclosed_at_end(Enclosed::Block, open);
            self.diagnostics.push(*complaint);
        }
    }

    /// The text ends before something is closed. If indentation tells where the bracket is most
    /// likely missing, that is told as well.
    pub(in super::super) fn unclosed_at_end(&self, what: Enclosed, open: Span) -> Box<Diagnostic> {
        let (noun, close) = (what.noun(), what.close());
        let complaint = Diagnostic::error(what.summary()).detail(format!(
            "The file ends before the `{close}` that closes this {noun}."
        ));
        let complaint = match what {
            Enclosed::Block | Enclosed::List | Enclosed::Arguments => {
                complaint.at(self.source, open).label("never closed")
            }
            Enclosed::Object | Enclosed::Parentheses | Enclosed::Index => complaint
                .at(self.source, self.end_of_text())
                .label("the text ends here")
                .related(self.source, open, "never closed"),
        };
        Box::new(match brackets::unclosed(self.lexer.text(), open.start) {
            Some(parting) => {
                let line = self.source.position(parting.outside.start).line;
                self.with_parting(complaint, parting, open)
                    .help(format!("add the closing bracket before line {line}"))
            }
            None => complaint.help(format!("add the closing `{close}`")),
        })
    }

    fn with_parting(&self, complaint: Diagnostic, parting: Parting, open: Span) -> Diagnostic {
        let Parting {
            open: missing,
            outside,
        } = parting;
        let complaint = if open.contains(missing) {
            complaint
        } else {
            let text = "by its indentation, this may be the one that is not closed";
            complaint.related(self.source, missing, text)
        };
        complaint.related(
            self.source,
            outside,
            "its closing bracket may be missing before this line",
        )
    }

    /// Something else stands where a comma or a closing bracket should: the usual complaint, unless
    /// it is plain that the bracket is missing.
    pub(in super::super) fn unless_unclosed(
        &mut self,
        what: Enclosed,
        open: Span,
        usual: Diagnostic,
    ) -> Box<Diagnostic> {
        let token = self.peek();
        match token.kind {
            TokenKind::Invalid => Box::new(invalid::explain(self.source, token.span)),
            TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::CloseParenthesis => {
                self.unclosed_before_token(what, open, token.span)
            }
            _ if self.is_outside(token.span, open)
                && brackets::starts_item(self.lexer.text(), token.span) =>
            {
                let complaint = self.unclosed_before(what, open, token.span, "this line");
                let behind = Span::new(self.taken_end, self.taken_end);
                Box::new(complaint.suggest(self.source, behind, what.close()))
            }
            _ => Box::new(usual.at(self.source, token.span)),
        }
    }

    /// Whether this token stands first in its line, no deeper than the line of an opening bracket
    /// further up.
    pub(in super::super) fn is_outside(&self, token: Span, open: Span) -> bool {
        let text = self.lexer.text();
        let before = self.before(token);
        let depth = |at: Span| brackets::indentation(text, at.start);
        before.ends_with('\n') && !self.is_same_line(open, token) && depth(token) <= depth(open)
    }

    fn is_same_line(&self, a: Span, b: Span) -> bool {
        let between = Span::new(a.start.min(b.start), a.start.max(b.start));
        !self.text(between).contains('\n')
    }

    /// A bracket closes what is around something that is not closed yet.
    pub(in super::super) fn unclosed_before_token(
        &self,
        what: Enclosed,
        open: Span,
        token: Span,
    ) -> Box<Diagnostic> {
        let place = format!("this `{}`", self.text(token));
        let complaint = self.unclosed_before(what, open, token, &place);
        Box::new(if self.is_same_line(open, token) {
            complaint.suggest(
                self.source,
                Span::new(token.start, token.start),
                what.close(),
            )
        } else {
            complaint
        })
    }

    pub(in super::super) fn unclosed_before(
        &self,
        what: Enclosed,
        open: Span,
        at: Span,
        place: &str,
    ) -> Diagnostic {
        let (noun, close) = (what.noun(), what.close());
        let line = self.source.position(open.start).line;
        let complaint = Diagnostic::error(what.summary())
            .detail(format!(
                "The {noun} that begins in line {line} is not closed before {place}."
            ))
            .at(self.source, at)
            .label(format!("`{close}` is expected before this"))
            .related(self.source, open, "opened here");
        match brackets::unclosed(self.lexer.text(), open.start) {
            Some(parting) if parting.outside.start < at.start && !open.contains(parting.open) => {
                self.with_parting(complaint, parting, open)
            }
            _ => complaint,
        }
    }

    pub(in super::super) fn unclosed_splat(&mut self, open: Span) -> Box<Diagnostic> {
        self.unexpected(
            Diagnostic::error("Unclosed splat")
                .detail("The closing bracket of `[*]` must follow the star at once.")
                .label("a closing bracket is expected")
                .related(self.source, open, "opened here"),
        )
    }

    pub(in super::super) fn stray_brace(&mut self) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Unexpected closing brace")
            .detail("No block is open here that this brace could close.")
            .label("closes nothing");
        let at = self.peek().span.start;
        // After another error a brace too many is rather a consequence of that.
        let superfluous = self
            .diagnostics
            .is_empty()
            .then(|| brackets::superfluous(self.lexer.text(), at));
        let complaint = match superfluous.flatten() {
            Some(brace) => complaint.related(
                self.source,
                brace,
                "by its indentation, this may be the one too many",
            ),
            None => complaint.help("remove it, or look for a brace too many further up"),
        };
        self.unexpected(complaint)
    }

    /// Names the bracket that is open at a token which closes another one, or nothing at all.
    pub(super) fn with_innermost(&self, complaint: Diagnostic, token: Token) -> Diagnostic {
        let text = self.lexer.text();
        match brackets::innermost(text, self.item_start, token.span.start) {
            Some(open) if open.is_closed_by(token.kind) => complaint,
            Some(open) => complaint.related(self.source, open.span(), "this is still open"),
            None => complaint,
        }
    }
}
