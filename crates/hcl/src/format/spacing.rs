//! Whether a blank stands between two tokens of a line.

use super::scan::Piece;
use crate::lex::TokenKind;

/// What a piece of text is to the layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A token of the grammar, one that opens a template included.
    Token(TokenKind),
    /// `/* … */`
    Comment,
    /// Up to the end of its line, and without it.
    LineComment,
    /// Text of a template, raw.
    Literal,
    /// `${` or `%{`
    SequenceOpen,
    SequenceEnd,
    QuoteEnd,
    /// The closing marker.
    HeredocEnd,
}

impl Kind {
    /// How many brackets it opens; less than none for what closes one.
    pub(super) fn opens(self) -> i32 {
        match self {
            Kind::SequenceOpen
            | Kind::Token(
                TokenKind::OpenBrace | TokenKind::OpenBracket | TokenKind::OpenParenthesis,
            ) => 1,
            Kind::SequenceEnd
            | Kind::Token(
                TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::CloseParenthesis,
            ) => -1,
            Kind::Token(_)
            | Kind::Comment
            | Kind::LineComment
            | Kind::Literal
            | Kind::QuoteEnd
            | Kind::HeredocEnd => 0,
        }
    }
}

#[expect(
    clippy::match_same_arms,
    reason = "each line is a rule, and the first that fits decides"
)]
/// Whether a blank stands between two tokens. What stands before both of them tells a minus sign
/// from a minus operator.
pub(super) fn is_apart(before: Option<Kind>, left: &Piece<'_>, right: &Piece<'_>) -> bool {
    use Kind::{HeredocEnd, Literal, QuoteEnd, SequenceEnd, SequenceOpen, Token};
    use TokenKind as T;
    let follows_name = left.kind == Token(T::Identifier) && before == Some(left.kind);
    match (left.kind, right.kind) {
        // Two numbers with a dot between them would become one.
        (Token(T::Number), Token(T::Dot)) => right.blanks > 0,
        (Token(T::Dot), Token(T::Number)) if before == Some(Token(T::Number)) => right.blanks > 0,
        (Token(T::OpenBrace), Token(T::CloseBrace)) => false,
        (Token(T::Identifier), Token(T::OpenParenthesis | T::DoubleColon)) => false,
        (Token(T::DoubleColon), Token(T::Identifier)) => false,
        (Token(T::Dot), _) | (_, Token(T::Dot)) => false,
        (_, Token(T::Comma | T::Ellipsis)) => false,
        (Token(T::Comma), _) => true,
        (Token(T::Quote | T::Heredoc) | Literal, _) | (_, Literal | QuoteEnd | HeredocEnd) => false,
        (Token(T::Minus), _) => !before.is_none_or(precedes_sign),
        (Token(T::Bang), _) => false,
        // The word of a `for` behind its name.
        (Token(T::Identifier), _) if left.text == "in" && follows_name => true,
        (Token(T::OpenBrace), _) | (_, Token(T::CloseBrace)) => true,
        (Token(T::CloseBrace), SequenceEnd) => true,
        (Token(T::OpenBracket | T::OpenParenthesis), _) => false,
        (_, Token(T::CloseBracket | T::CloseParenthesis)) => false,
        (_, Token(T::OpenBrace)) => true,
        (SequenceOpen, _) | (_, SequenceEnd) | (SequenceEnd, SequenceOpen) => false,
        (Token(T::Identifier | T::Number), Token(T::OpenBracket)) => false,
        (_, Token(T::OpenBracket)) => left.kind.opens() >= 0,
        _ => true,
    }
}

/// Whether a minus behind this token is a sign, and no operator.
fn precedes_sign(kind: Kind) -> bool {
    use TokenKind as T;
    matches!(
        kind,
        Kind::Token(
            T::Equal
                | T::EqualEqual
                | T::NotEqual
                | T::Less
                | T::LessEqual
                | T::Greater
                | T::GreaterEqual
                | T::And
                | T::Or
                | T::Bang
                | T::Plus
                | T::Minus
                | T::Star
                | T::Slash
                | T::Percent
                | T::Question
                | T::Colon
                | T::Comma
                | T::OpenBrace
                | T::OpenBracket
                | T::OpenParenthesis
        )
    )
}
