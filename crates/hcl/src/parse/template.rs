//! Quoted strings, heredocs and whole templates.
//!
//! The order of steps decides what comes out, byte for byte: literal text is cut into lines, `~`
//! takes the whitespace off the piece beside it, and what an indented heredoc loses at the start of
//! its lines is counted only then.

use std::borrow::Cow;

use super::{Parse, Parser};
use crate::Text;
use crate::ast::{Expression, ExpressionKind, ForDirective, IfDirective, Part};
use crate::lex::TokenKind;
use crate::lex::literal::{Delimiter, Literal, LiteralEnd, unescape};
use crate::source::Span;
use crate::template::{self, Piece};
use crate::value::normalized;

use super::collection::ForHeader;
use super::walk::BrokenLine;

/// A template as it is read: pieces of text and sequences, one after the other.
pub(super) enum Sequence {
    Interpolation(Expression),
    If(Expression),
    Else,
    EndIf,
    For(Box<ForHeader>),
    EndFor,
}

type ReadPiece<'s> = Piece<'s, (Sequence, Span)>;

type Pieces<'s> = std::iter::Peekable<std::vec::IntoIter<ReadPiece<'s>>>;

/// A directive whose end is looked for.
#[derive(Clone, Copy)]
pub(super) enum Open {
    If { span: Span, has_else: bool },
    For { span: Span },
}

/// What ended a run of parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Else,
    EndIf,
    EndFor,
    Template,
}

impl<'s> Parser<'s> {
    /// Reads a quoted string or a heredoc from its opening on.
    pub(super) fn template(&mut self) -> Parse<Expression> {
        let open = self.peek();
        let (delimiter, is_indented) = match open.kind {
            TokenKind::Quote => (Delimiter::Quotes, false),
            _ => Delimiter::of_heredoc(self.lexer.text(), open.span),
        };
        if delimiter == Delimiter::Quotes
            && let Some(kind) = self.plain_string()
        {
            self.advance();
            return Ok(Expression::new(self.span_from(open.span.start), kind));
        }
        let (mut pieces, end) = self.pieces(delimiter, open.span)?;
        if is_indented {
            template::dedent(&mut pieces);
        }
        let kind = self.assemble(pieces, end)?;
        // The template was read past the current token, so its end is the end of what was taken.
        self.token.span = end;
        self.advance();
        Ok(Expression::new(self.span_from(open.span.start), kind))
    }

    pub(super) fn bare_template(&mut self) -> Parse<Expression> {
        let whole = Span::new(0, self.end_of_text().end);
        let (pieces, end) = self.pieces(Delimiter::Text, whole)?;
        let kind = self.assemble(pieces, end)?;
        Ok(Expression::new(whole, kind))
    }

    /// The usual case: a quoted string in which nothing stands for something else.
    fn plain_string(&mut self) -> Option<ExpressionKind> {
        let start = self.lexer.position();
        let rest = &self.lexer.text()[start..];
        let stop = |b: &u8| matches!(b, b'"' | b'\\' | b'$' | b'%' | b'\n' | b'\r');
        let length = rest.as_bytes().iter().position(stop)?;
        if rest.as_bytes()[length] != b'"' {
            return None;
        }
        let text = &rest[..length];
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return None;
        }
        self.lexer.seek(start + length + 1);
        self.token.span.end = crate::source::offset(start + length + 1);
        Some(ExpressionKind::String(normalized(text)))
    }

    /// Reads all of a template; the span is that of its end.
    fn pieces(&mut self, delimiter: Delimiter, open: Span) -> Parse<(Vec<ReadPiece<'s>>, Span)> {
        self.binding(|parser| parser.bound_pieces(delimiter, open))
    }

    fn bound_pieces(
        &mut self,
        delimiter: Delimiter,
        open: Span,
    ) -> Parse<(Vec<ReadPiece<'s>>, Span)> {
        let mut pieces: Vec<ReadPiece<'s>> = Vec::new();
        // How many names are bound outside of each directive that is open.
        let mut outside = Vec::new();
        let mut trims = false;
        loop {
            let literal = self.lexer.next_literal(delimiter);
            if !literal.span.is_empty() {
                let text = self.literal_text(&literal, delimiter)?;
                pieces.push(Piece::Text(if trims {
                    template::trim_start(text)
                } else {
                    text
                }));
            }
            trims = match literal.end {
                LiteralEnd::Line => false,
                LiteralEnd::Close => return Ok((pieces, literal.end_span)),
                LiteralEnd::BrokenLine => {
                    return Err(self.broken_line(BrokenLine {
                        newline: literal.end_span,
                        quote: open,
                        sequence: None,
                    }));
                }
                LiteralEnd::Missing => return Err(self.unclosed_template(delimiter, open)),
                LiteralEnd::Interpolation { trim } | LiteralEnd::Directive { trim } => {
                    if trim && let Some(Piece::Text(text)) = pieces.last_mut() {
                        *text = template::trim_end(std::mem::take(text));
                    }
                    if pieces.len() >= self.limits.items as usize * 4 {
                        return Err(self.too_many_items());
                    }
                    let is_directive = matches!(literal.end, LiteralEnd::Directive { .. });
                    let (sequence, trims) =
                        self.sequence(literal.end_span, is_directive, delimiter)?;
                    match &sequence.0 {
                        Sequence::For(header) => {
                            // Every name is compared with all that are bound around it.
                            if self.depth as usize + outside.len() >= self.limits.nesting as usize {
                                return Err(self.too_deep());
                            }
                            outside.push(self.bound.len());
                            self.bound.extend(header.names());
                        }
                        Sequence::EndFor => {
                            let outer = outside.pop().unwrap_or(self.bound.len());
                            self.bound.truncate(outer);
                        }
                        Sequence::Interpolation(_)
                        | Sequence::If(_)
                        | Sequence::Else
                        | Sequence::EndIf => {}
                    }
                    pieces.push(Piece::Sequence(sequence));
                    trims
                }
            };
        }
    }

    fn literal_text(&self, literal: &Literal, delimiter: Delimiter) -> Parse<Cow<'s, str>> {
        let raw = self.text(literal.span);
        for (at, _) in raw.match_indices(char::REPLACEMENT_CHARACTER) {
            let start = literal.span.start + crate::source::offset(at);
            if self.source.is_undecodable(start) {
                return Err(self.undecodable(Span::new(start, start + 3)));
            }
        }
        if !literal.has_escapes {
            return Ok(Cow::Borrowed(raw));
        }
        match unescape(raw, literal.span.start, delimiter == Delimiter::Quotes) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(error) => Err(self.bad_escape(error, literal.span)),
        }
    }

    /// Reads a sequence from behind its opening to behind its closing brace. Also says whether it
    /// trims what follows.
    fn sequence(
        &mut self,
        open: Span,
        is_directive: bool,
        delimiter: Delimiter,
    ) -> Parse<((Sequence, Span), bool)> {
        let is_within = std::mem::replace(&mut self.in_sequence, true);
        let read = self.bracketed(true, |parser| {
            parser.advance();
            let sequence = if is_directive {
                parser.directive(open)?
            } else {
                Sequence::Interpolation(parser.expression()?)
            };
            let close = parser.peek();
            match close.kind {
                TokenKind::CloseBrace | TokenKind::TrimEnd => Ok((sequence, close)),
                _ => Err(parser.unclosed_sequence(open, is_directive, delimiter)),
            }
        });
        self.in_sequence = is_within;
        let (sequence, close) = read?;
        let span = open.to(close.span);
        Ok(((sequence, span), close.kind == TokenKind::TrimEnd))
    }

    fn directive(&mut self, open: Span) -> Parse<Sequence> {
        let token = self.peek();
        if token.kind != TokenKind::Identifier {
            return Err(self.no_directive(open));
        }
        Ok(match self.text(token.span) {
            "if" => {
                self.advance();
                Sequence::If(self.expression()?)
            }
            "for" => {
                self.advance();
                Sequence::For(Box::new(self.for_header(token.span)?))
            }
            word @ ("else" | "endif" | "endfor") => {
                self.advance();
                match word {
                    "else" => Sequence::Else,
                    "endif" => Sequence::EndIf,
                    _ => Sequence::EndFor,
                }
            }
            _ => return Err(self.no_directive(open)),
        })
    }

    /// Puts pieces together to what they mean.
    fn assemble(&mut self, mut pieces: Vec<ReadPiece<'s>>, end: Span) -> Parse<ExpressionKind> {
        if let [Piece::Sequence((Sequence::Interpolation(_), _))] = pieces.as_slice()
            && let Some(Piece::Sequence((Sequence::Interpolation(inner), _))) = pieces.pop()
        {
            return Ok(ExpressionKind::Interpolation(Box::new(inner)));
        }
        let mut pieces = pieces.into_iter().peekable();
        let (mut parts, _) = self.parts(&mut pieces, None, end)?;
        Ok(match parts.as_slice() {
            [] => ExpressionKind::String(Text::new()),
            [Part::Literal(_)] => match parts.pop() {
                Some(Part::Literal(text)) => ExpressionKind::String(text),
                _ => ExpressionKind::Template(parts.into()),
            },
            _ => ExpressionKind::Template(parts.into()),
        })
    }

    fn parts(
        &mut self,
        pieces: &mut Pieces<'s>,
        open: Option<Open>,
        end: Span,
    ) -> Parse<(Vec<Part>, Ended)> {
        let mut parts = Vec::new();
        loop {
            let (sequence, span) = match pieces.next() {
                None => match open {
                    None => return Ok((parts, Ended::Template)),
                    Some(open) => return Err(self.unclosed_directive(open, end)),
                },
                Some(Piece::Text(text)) => {
                    if let Some(text) = merged(text, pieces) {
                        parts.push(Part::Literal(text));
                    }
                    continue;
                }
                Some(Piece::Sequence(sequence)) => sequence,
            };
            let ended = match (sequence, open) {
                (Sequence::Interpolation(expression), _) => {
                    parts.push(Part::Interpolation(expression));
                    continue;
                }
                (Sequence::If(condition), _) => {
                    parts.push(self.nested(|p| p.if_directive(condition, pieces, span, end))?);
                    continue;
                }
                (Sequence::For(header), _) => {
                    parts.push(self.nested(|p| p.for_directive(*header, pieces, span, end))?);
                    continue;
                }
                (
                    Sequence::Else,
                    Some(Open::If {
                        has_else: false, ..
                    }),
                ) => Ended::Else,
                (Sequence::EndIf, Some(Open::If { .. })) => Ended::EndIf,
                (Sequence::EndFor, Some(Open::For { .. })) => Ended::EndFor,
                (Sequence::Else, _) => return Err(self.unexpected_directive("else", span, open)),
                (Sequence::EndIf, _) => return Err(self.unexpected_directive("endif", span, open)),
                (Sequence::EndFor, _) => {
                    return Err(self.unexpected_directive("endfor", span, open));
                }
            };
            return Ok((parts, ended));
        }
    }

    fn if_directive(
        &mut self,
        condition: Expression,
        pieces: &mut Pieces<'s>,
        span: Span,
        end: Span,
    ) -> Parse<Part> {
        let open = |has_else| Some(Open::If { span, has_else });
        let (yes, ended) = self.parts(pieces, open(false), end)?;
        let no = match ended {
            Ended::Else => self.parts(pieces, open(true), end)?.0,
            Ended::EndIf | Ended::EndFor | Ended::Template => Vec::new(),
        };
        Ok(Part::If(Box::new(IfDirective {
            condition,
            yes: yes.into(),
            no: no.into(),
        })))
    }

    fn for_directive(
        &mut self,
        header: ForHeader,
        pieces: &mut Pieces<'s>,
        span: Span,
        end: Span,
    ) -> Parse<Part> {
        let (body, _) = self.parts(pieces, Some(Open::For { span }), end)?;
        Ok(Part::For(Box::new(ForDirective {
            key_name: header.key_name,
            value_name: header.value_name,
            collection: header.collection,
            body: body.into(),
        })))
    }
}

/// A piece of text together with those that follow it; `None` if nothing is left of them.
fn merged<'s>(first: Cow<'s, str>, pieces: &mut Pieces<'s>) -> Option<Text> {
    let mut text = first;
    while let Some(Piece::Text(more)) = pieces.next_if(|piece| matches!(piece, Piece::Text(_))) {
        if text.is_empty() {
            text = more;
        } else if !more.is_empty() {
            text.to_mut().push_str(&more);
        }
    }
    (!text.is_empty()).then(|| normalized(&text))
}
