//! The text of templates, up to the next sequence or the end; and its escapes.

use super::Lexer;
use crate::source::{Span, offset};

/// What ends a piece of literal text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LiteralEnd {
    /// `${`; whether it trims what stands before it.
    Interpolation { trim: bool },
    /// `%{`; whether it trims what stands before it.
    Directive { trim: bool },
    /// The end of a line of a heredoc; the newline belongs to the piece.
    Line,
    /// A newline where none may be, within quotes.
    BrokenLine,
    /// The closing quote, the closing marker, or the end of a template that has neither.
    Close,
    /// The end of the text before the template's end.
    Missing,
}

/// A piece of literal text. `span` is the raw text; `end_span` is what ended it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal {
    pub(crate) span: Span,
    pub(crate) end: LiteralEnd,
    pub(crate) end_span: Span,
    /// Whether the raw text means something else than it says.
    pub(crate) has_escapes: bool,
}

/// What a template stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Delimiter {
    Quotes,
    /// The span of the marker's name.
    Heredoc {
        marker: Span,
    },
    /// Nothing: the template is the whole text.
    Text,
}

impl Delimiter {
    /// What ends the heredoc that is opened here, and whether it loses its indentation.
    pub(crate) fn of_heredoc(text: &str, open: Span) -> (Self, bool) {
        let line = &text[open.start as usize..open.end as usize];
        let is_indented = line.starts_with("<<-");
        let start = open.start + if is_indented { 3 } else { 2 };
        let end = open.start + offset(line.trim_end().len());
        let marker = Span::new(start, end);
        (Self::Heredoc { marker }, is_indented)
    }
}

impl Lexer<'_> {
    /// Reads literal text from the current position and stops behind what ends it. In a heredoc one
    /// call reads one line at most, as the trimming of whitespace knows lines.
    pub(crate) fn next_literal(&mut self, delimiter: Delimiter) -> Literal {
        let start = self.position;
        if let Delimiter::Heredoc { marker } = delimiter
            && let Some(close) = self.closing_marker(marker)
        {
            return close;
        }
        let is_quoted = delimiter == Delimiter::Quotes;
        let mut has_escapes = false;
        loop {
            let here = self.position;
            let trim = |lexer: &Self| lexer.byte(2) == b'~';
            let (end, length) = match (self.byte(0), self.byte(1)) {
                (0, _) if here == self.text.len() => match delimiter {
                    Delimiter::Text => (LiteralEnd::Close, 0),
                    Delimiter::Quotes | Delimiter::Heredoc { .. } => (LiteralEnd::Missing, 0),
                },
                (b'"', _) if is_quoted => (LiteralEnd::Close, 1),
                (b'\n', _) | (b'\r', b'\n') if is_quoted => (LiteralEnd::BrokenLine, 0),
                (b'\n', _) => {
                    self.position += 1;
                    return self.literal(start, self.position, LiteralEnd::Line, 0, has_escapes);
                }
                (b'\\', _) if is_quoted => {
                    has_escapes = true;
                    self.position += 1 + self.escaped_length();
                    continue;
                }
                (b'$', b'$') | (b'%', b'%') if self.byte(2) == b'{' => {
                    has_escapes = true;
                    self.position += 3;
                    continue;
                }
                (b'$', b'{') => {
                    let trim = trim(self);
                    (LiteralEnd::Interpolation { trim }, 2 + usize::from(trim))
                }
                (b'%', b'{') => {
                    let trim = trim(self);
                    (LiteralEnd::Directive { trim }, 2 + usize::from(trim))
                }
                _ => {
                    self.position += 1;
                    continue;
                }
            };
            return self.literal(start, here, end, length, has_escapes);
        }
    }

    /// The length of what follows a backslash. A line's end is never escaped.
    fn escaped_length(&self) -> usize {
        match self.text[self.position + 1..].chars().next() {
            None | Some('\n' | '\r') => 0,
            Some(c) => c.len_utf8(),
        }
    }

    fn literal(
        &mut self,
        start: usize,
        end_at: usize,
        end: LiteralEnd,
        end_length: usize,
        has_escapes: bool,
    ) -> Literal {
        self.position = end_at + end_length;
        Literal {
            span: Span::new(offset(start), offset(end_at)),
            end,
            end_span: Span::new(offset(end_at), offset(self.position)),
            has_escapes,
        }
    }

    /// The end of a heredoc, if the line that begins here is its marker. The newline behind it is
    /// left; without one it is no end.
    fn closing_marker(&mut self, marker: Span) -> Option<Literal> {
        let start = self.position;
        let at_line_start = start == 0 || self.text.as_bytes()[start - 1] == b'\n';
        let name = &self.text[marker.start as usize..marker.end as usize];
        let rest = &self.text[start..];
        let line = &rest[..rest.find('\n')?];
        if !at_line_start || line.trim() != name {
            return None;
        }
        let indent = line.len() - line.trim_start().len();
        let mut close = self.literal(start, start, LiteralEnd::Close, 0, false);
        close.end_span = Span::new(offset(start + indent), offset(start + indent + name.len()));
        self.position = start + line.strip_suffix('\r').unwrap_or(line).len();
        Some(close)
    }
}

/// The first line behind `from` that begins with a heredoc's marker, or with one that differs from it
/// in case only: what may have been meant as the end of a heredoc that has none.
pub(crate) fn near_marker(text: &str, delimiter: Delimiter, from: u32) -> Option<Span> {
    let Delimiter::Heredoc { marker } = delimiter else {
        return None;
    };
    let name = &text[marker.start as usize..marker.end as usize];
    let mut start = from as usize;
    for line in text[start..].split_inclusive('\n') {
        let at = start + line.len() - line.trim_start().len();
        let is_name = text
            .get(at..at + name.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(name));
        let next = text
            .get(at + name.len()..)
            .and_then(|rest| rest.chars().next());
        if is_name && !next.is_some_and(|c| c == '-' || unicode_ident::is_xid_continue(c)) {
            return Some(Span::new(offset(at), offset(at + name.len())));
        }
        start += line.len();
    }
    None
}

/// What an escape sequence got wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct EscapeError {
    pub(crate) span: Span,
    pub(crate) problem: EscapeProblem,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EscapeProblem {
    /// No such escape.
    Unknown,
    /// `\u` wants four hexadecimal digits, `\U` eight.
    Digits { wanted: usize },
    /// Digits that are no character.
    NoCharacter,
}

/// The meaning of raw text, in which `$${` and `%%{` stand for `${` and `%{`, and within quotes a
/// backslash escapes. `start` is where the text begins in its source.
pub(crate) fn unescape(raw: &str, start: u32, is_quoted: bool) -> Result<String, EscapeError> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['\\', '$', '%']) {
        text.push_str(&rest[..at]);
        let tail = &rest[at..];
        let length = match tail.as_bytes() {
            [b'\\', ..] if is_quoted => {
                let (c, length) = escape(tail).map_err(|(problem, length)| {
                    let begin = start + offset(raw.len() - tail.len());
                    EscapeError {
                        span: Span::new(begin, begin + offset(length)),
                        problem,
                    }
                })?;
                text.push(c);
                length
            }
            [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => {
                text.push_str(&tail[1..3]);
                3
            }
            _ => {
                text.push_str(&tail[..1]);
                1
            }
        };
        rest = &tail[length..];
    }
    text.push_str(rest);
    Ok(text)
}

/// The character of an escape sequence and the sequence's length.
fn escape(text: &str) -> Result<(char, usize), (EscapeProblem, usize)> {
    let Some(selector) = text[1..].chars().next() else {
        return Err((EscapeProblem::Unknown, 1));
    };
    let wanted = match selector {
        'n' => return Ok(('\n', 2)),
        'r' => return Ok(('\r', 2)),
        't' => return Ok(('\t', 2)),
        '"' | '\\' => return Ok((selector, 2)),
        'u' => 4,
        'U' => 8,
        _ => return Err((EscapeProblem::Unknown, 1 + selector.len_utf8())),
    };
    let digits = text[2..]
        .bytes()
        .take(wanted)
        .take_while(u8::is_ascii_hexdigit);
    let length = 2 + digits.count();
    if length < 2 + wanted {
        return Err((EscapeProblem::Digits { wanted }, length));
    }
    let code = u32::from_str_radix(&text[2..length], 16).ok();
    match code.and_then(char::from_u32) {
        Some(c) => Ok((c, length)),
        None => Err((EscapeProblem::NoCharacter, length)),
    }
}
