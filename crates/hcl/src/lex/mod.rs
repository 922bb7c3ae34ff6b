//! Text to tokens, one at a time, on demand.
//!
//! The lexer knows no grammar. What a brace or a newline means is the parser's affair, and so is
//! when the text of a template begins; [`literal`] reads that.

pub(crate) mod invalid;
pub(crate) mod literal;

use crate::source::{Span, offset};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenKind {
    Identifier,
    Number,
    /// An opening quote; what follows is a template.
    Quote,
    /// `<<EOT` with its newline; what follows is a template.
    Heredoc,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParenthesis,
    CloseParenthesis,
    /// `~}`, the end of a template sequence that trims what follows.
    TrimEnd,
    Comma,
    Dot,
    Ellipsis,
    Equal,
    EqualEqual,
    NotEqual,
    Bang,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Question,
    Colon,
    DoubleColon,
    Arrow,
    Newline,
    End,
    /// What the language has no use for; [`invalid`] says what it is.
    Invalid,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// A place in a text, from which tokens are read.
#[derive(Clone)]
pub(crate) struct Lexer<'s> {
    text: &'s str,
    position: usize,
}

impl<'s> Lexer<'s> {
    pub(crate) fn new(text: &'s str) -> Self {
        Self { text, position: 0 }
    }

    pub(crate) fn text(&self) -> &'s str {
        self.text
    }

    /// Where the next token is looked for.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn seek(&mut self, position: usize) {
        self.position = position;
    }

    fn byte(&self, ahead: usize) -> u8 {
        let bytes = self.text.as_bytes();
        bytes.get(self.position + ahead).copied().unwrap_or(0)
    }

    /// The next token. Spaces and comments are passed over, newlines are not.
    pub(crate) fn next_token(&mut self) -> Token {
        let is_comment_open = self.skip_blank();
        let start = self.position;
        let kind = if is_comment_open {
            self.position = self.text.len();
            TokenKind::Invalid
        } else {
            self.scan()
        };
        Token {
            kind,
            span: Span::new(offset(start), offset(self.position)),
        }
    }

    /// Passes over spaces and comments; true before a comment that is never closed.
    fn skip_blank(&mut self) -> bool {
        loop {
            match (self.byte(0), self.byte(1)) {
                (b' ' | b'\t', _) => self.position += 1,
                (b'#', _) | (b'/', b'/') => self.skip_line(),
                (b'/', b'*') => match self.text[self.position + 2..].find("*/") {
                    Some(length) => self.position += length + 4,
                    None => return true,
                },
                _ => return false,
            }
        }
    }

    /// Passes over the rest of a line, but not its end.
    fn skip_line(&mut self) {
        let rest = &self.text.as_bytes()[self.position..];
        let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let is_crlf = length < rest.len() && length > 0 && rest[length - 1] == b'\r';
        self.position += if is_crlf { length - 1 } else { length };
    }

    fn scan(&mut self) -> TokenKind {
        use TokenKind as Kind;
        let (byte, next) = (self.byte(0), self.byte(1));
        let (kind, length) = match (byte, next) {
            (b'a'..=b'z' | b'A'..=b'Z' | b'_', _) => {
                self.skip_identifier();
                return Kind::Identifier;
            }
            (b'0'..=b'9', _) => {
                self.skip_number();
                return Kind::Number;
            }
            (b'"', _) => (Kind::Quote, 1),
            (b'\n', _) => (Kind::Newline, 1),
            (b'\r', b'\n') => (Kind::Newline, 2),
            (b'=', b'=') => (Kind::EqualEqual, 2),
            (b'=', b'>') => (Kind::Arrow, 2),
            (b'=', _) => (Kind::Equal, 1),
            (b'.', b'.') if self.byte(2) == b'.' => (Kind::Ellipsis, 3),
            (b'.', _) => (Kind::Dot, 1),
            (b',', _) => (Kind::Comma, 1),
            (b'{', _) => (Kind::OpenBrace, 1),
            (b'}', _) => (Kind::CloseBrace, 1),
            (b'[', _) => (Kind::OpenBracket, 1),
            (b']', _) => (Kind::CloseBracket, 1),
            (b'(', _) => (Kind::OpenParenthesis, 1),
            (b')', _) => (Kind::CloseParenthesis, 1),
            (b':', b':') => (Kind::DoubleColon, 2),
            (b':', _) => (Kind::Colon, 1),
            (b'?', _) => (Kind::Question, 1),
            (b'&', b'&') => (Kind::And, 2),
            (b'|', b'|') => (Kind::Or, 2),
            (b'!', b'=') => (Kind::NotEqual, 2),
            (b'!', _) => (Kind::Bang, 1),
            (b'<', b'=') => (Kind::LessEqual, 2),
            (b'<', b'<') => return self.scan_heredoc_open(),
            (b'<', _) => (Kind::Less, 1),
            (b'>', b'=') => (Kind::GreaterEqual, 2),
            (b'>', _) => (Kind::Greater, 1),
            (b'+', _) => (Kind::Plus, 1),
            (b'-', _) => (Kind::Minus, 1),
            (b'*', _) => (Kind::Star, 1),
            (b'/', _) => (Kind::Slash, 1),
            (b'%', _) => (Kind::Percent, 1),
            (b'~', b'}') => (Kind::TrimEnd, 2),
            _ => return self.scan_other(),
        };
        self.position += length;
        kind
    }

    fn scan_other(&mut self) -> TokenKind {
        let Some(c) = self.text[self.position..].chars().next() else {
            return TokenKind::End;
        };
        if unicode_ident::is_xid_start(c) {
            self.skip_identifier();
            return TokenKind::Identifier;
        }
        self.position += c.len_utf8();
        TokenKind::Invalid
    }

    fn skip_identifier(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.position) {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'-' | b'0'..=b'9' => self.position += 1,
                0..0x80 => return,
                _ => match self.text[self.position..].chars().next() {
                    Some(c) if unicode_ident::is_xid_continue(c) => self.position += c.len_utf8(),
                    _ => return,
                },
            }
        }
    }

    /// Digits, points and exponents in any order, but with a digit at the end: what is no number
    /// among them, such as `1.2.3`, is told apart later.
    fn skip_number(&mut self) {
        let mut ahead = 0;
        loop {
            ahead += match (self.byte(ahead), self.byte(ahead + 1), self.byte(ahead + 2)) {
                (b'0'..=b'9', _, _) | (b'e' | b'E', b'0'..=b'9', _) => {
                    ahead += 1;
                    self.position += ahead;
                    ahead = 0;
                    continue;
                }
                (b'e' | b'E', b'+' | b'-', b'0'..=b'9') => 2,
                (b'.', _, _) => 1,
                _ => return,
            };
        }
    }

    /// `<<` or `<<-`, a marker and the end of the line. Anything else is a comparison.
    fn scan_heredoc_open(&mut self) -> TokenKind {
        let mut ahead = self.clone();
        ahead.position += if self.byte(2) == b'-' { 3 } else { 2 };
        let marker = ahead.position;
        let first = self.text[marker..].chars().next();
        if !first.is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c)) {
            self.position += 1;
            return TokenKind::Less;
        }
        ahead.skip_identifier();
        let newline = match (ahead.byte(0), ahead.byte(1)) {
            (b'\n', _) => 1,
            (b'\r', b'\n') => 2,
            _ => {
                self.position += 1;
                return TokenKind::Less;
            }
        };
        self.position = ahead.position + newline;
        TokenKind::Heredoc
    }
}

/// Whether a text is an identifier and nothing else.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut lexer = Lexer::new(text);
    let token = lexer.next_token();
    token.kind == TokenKind::Identifier && token.span == Span::new(0, offset(text.len()))
}

#[cfg(test)]
mod tests;
