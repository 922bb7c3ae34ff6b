//! Tokens without a grammar: what is opened and closed, and nothing else.
//!
//! After an error this is all that can be said of a text for certain. What is never closed is closed
//! by what closes something around it, and a string ends with its line at the latest.

use crate::diagnostic::Diagnostics;
use crate::lex::literal::{Delimiter, LiteralEnd, near_marker};
use crate::lex::{Lexer, Token, TokenKind};
use crate::source::Span;

/// A bracket, or a sequence of a template, that is not closed yet.
#[derive(Clone, Copy)]
pub(super) enum Opened {
    Bracket {
        kind: TokenKind,
        span: Span,
    },
    /// A sequence and the opening of the template around it.
    Sequence {
        delimiter: Delimiter,
        span: Span,
        template: Span,
    },
}

impl Opened {
    pub(super) fn span(&self) -> Span {
        match self {
            Opened::Bracket { span, .. } | Opened::Sequence { span, .. } => *span,
        }
    }

    pub(super) fn is_closed_by(&self, close: TokenKind) -> bool {
        match self {
            Opened::Sequence { .. } => matches!(close, TokenKind::CloseBrace | TokenKind::TrimEnd),
            Opened::Bracket { kind, .. } => *kind == opening(close),
        }
    }
}

/// The bracket that this one closes.
pub(super) fn opening(close: TokenKind) -> TokenKind {
    match close {
        TokenKind::CloseBrace => TokenKind::OpenBrace,
        TokenKind::CloseBracket => TokenKind::OpenBracket,
        TokenKind::CloseParenthesis => TokenKind::OpenParenthesis,
        other => other,
    }
}

pub(super) struct Walk<'s> {
    pub(super) lexer: Lexer<'s>,
    /// From the outermost to the innermost.
    pub(super) open: Vec<Opened>,
    pub(super) broken_lines: Vec<BrokenLine>,
    /// How many unclosed heredocs may yet be ended by a line that is nearly their marker. Each costs
    /// a look at all of the text.
    near_markers: u8,
    /// Whether a heredoc without its marker took all that follows.
    pub(super) is_swallowed: bool,
}

/// A string in quotes that goes beyond its line.
#[derive(Clone, Copy)]
pub(super) struct BrokenLine {
    pub(super) newline: Span,
    pub(super) quote: Span,
    /// A sequence around the string that is not closed either, and may be the cause.
    pub(super) sequence: Option<Span>,
}

/// What is opened deeper than this is not remembered.
const MOST_OPEN: usize = 1_000;

/// What a token does.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) token: Token,
    /// Whether it is a closing bracket of which nothing is open.
    pub(super) is_stray: bool,
}

impl<'s> Walk<'s> {
    pub(super) fn new(text: &'s str, start: u32) -> Self {
        let mut lexer = Lexer::new(text);
        lexer.seek(start as usize);
        Self {
            lexer,
            open: Vec::new(),
            broken_lines: Vec::new(),
            near_markers: 20,
            is_swallowed: false,
        }
    }

    /// The next token. The text of templates is passed over, their sequences are not.
    pub(super) fn step(&mut self) -> Step {
        let token = self.lexer.next_token();
        let mut is_stray = false;
        match token.kind {
            TokenKind::Quote => self.template(Delimiter::Quotes, token.span),
            TokenKind::Heredoc => {
                let (delimiter, _) = Delimiter::of_heredoc(self.lexer.text(), token.span);
                self.template(delimiter, token.span);
            }
            TokenKind::OpenBrace | TokenKind::OpenBracket | TokenKind::OpenParenthesis => {
                self.push(Opened::Bracket {
                    kind: token.kind,
                    span: token.span,
                });
            }
            TokenKind::CloseBrace
            | TokenKind::TrimEnd
            | TokenKind::CloseBracket
            | TokenKind::CloseParenthesis => is_stray = !self.close(token.kind),
            _ => {}
        }
        Step { token, is_stray }
    }

    fn push(&mut self, opened: Opened) {
        if self.open.len() < MOST_OPEN {
            self.open.push(opened);
        }
    }

    /// Closes what this token closes, and what was left open in it.
    fn close(&mut self, close: TokenKind) -> bool {
        let closes = |opened: &Opened| opened.is_closed_by(close);
        let Some(at) = self.open.iter().rposition(closes) else {
            return false;
        };
        self.open.truncate(at + 1);
        if let Some(Opened::Sequence {
            delimiter,
            template,
            ..
        }) = self.open.pop()
        {
            self.template(delimiter, template);
        }
        true
    }

    /// Passes over literal text, up to the template's end or into its next sequence.
    fn template(&mut self, delimiter: Delimiter, template: Span) {
        loop {
            let literal = self.lexer.next_literal(delimiter);
            match literal.end {
                LiteralEnd::Line => {}
                LiteralEnd::Close => return,
                LiteralEnd::Missing => {
                    let is_heredoc = matches!(delimiter, Delimiter::Heredoc { .. });
                    let is_ended = self.end_near_marker(delimiter, template);
                    self.is_swallowed |= is_heredoc && !is_ended;
                    return;
                }
                LiteralEnd::BrokenLine => {
                    let sequence = self.cut_off(literal.end_span);
                    if self.broken_lines.len() < Diagnostics::MOST {
                        self.broken_lines.push(BrokenLine {
                            newline: literal.end_span,
                            quote: template,
                            sequence,
                        });
                    }
                    return;
                }
                LiteralEnd::Interpolation { .. } | LiteralEnd::Directive { .. } => {
                    self.push(Opened::Sequence {
                        delimiter,
                        span: literal.end_span,
                        template,
                    });
                    return;
                }
            }
        }
    }

    /// Forgets the sequences of quoted strings that were opened on a line which ends within quotes.
    /// The outermost of them is what is left unclosed.
    fn cut_off(&mut self, newline: Span) -> Option<Span> {
        let text = self.lexer.text();
        let is_on_line = |opened: &Opened| {
            matches!(opened, Opened::Sequence { delimiter: Delimiter::Quotes, span, .. }
                if !text[span.start as usize..newline.start as usize].contains('\n'))
        };
        let at = self.open.iter().position(is_on_line)?;
        let span = self.open[at].span();
        self.open.truncate(at);
        Some(span)
    }

    /// Goes back to the line that may have been meant as the end of an unclosed heredoc, if there
    /// is one.
    fn end_near_marker(&mut self, delimiter: Delimiter, template: Span) -> bool {
        let Some(left) = self.near_markers.checked_sub(1) else {
            return false;
        };
        self.near_markers = left;
        let marker = near_marker(self.lexer.text(), delimiter, template.end);
        if let Some(marker) = marker {
            self.lexer.seek(marker.end as usize);
        }
        marker.is_some()
    }
}
