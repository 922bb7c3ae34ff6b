//! Tuples, objects, and `for` expressions, which look like either.

use super::complaint::Enclosed;
use super::{Parse, Parser};
use crate::Text;
use crate::ast::{Expression, ExpressionKind, For, ObjectItem, ObjectKey};
use crate::lex::{Token, TokenKind};
use crate::source::Span;

/// The names behind `for`, and what is gone over.
pub(super) struct ForHeader {
    pub(super) key_name: Option<Text>,
    pub(super) value_name: Text,
    pub(super) collection: Expression,
}

impl ForHeader {
    /// The names in the order in which they are bound.
    pub(super) fn names(&self) -> impl Iterator<Item = Text> {
        let names = self.key_name.iter().chain([&self.value_name]);
        names.cloned()
    }
}

impl Parser<'_> {
    pub(super) fn tuple(&mut self) -> Parse<Expression> {
        let open = self.peek();
        let kind = self.bracketed(true, |parser| {
            parser.advance();
            if parser.at_word("for") {
                return parser.for_expression(TokenKind::CloseBracket);
            }
            parser
                .tuple_items(open)
                .map(|items| ExpressionKind::Tuple(items.into()))
        })?;
        self.advance();
        Ok(Expression::new(self.span_from(open.span.start), kind).with_constant())
    }

    fn tuple_items(&mut self, open: Token) -> Parse<Vec<Expression>> {
        let mut items = Vec::new();
        while self.peek().kind != TokenKind::CloseBracket {
            if items.len() >= self.limits.items as usize {
                return Err(self.too_many_items());
            }
            items.push(self.expression()?);
            match self.peek().kind {
                TokenKind::CloseBracket => break,
                TokenKind::Comma => self.advance(),
                TokenKind::End => return Err(self.unclosed_at_end(Enclosed::List, open.span)),
                _ => return Err(self.no_item_separator(open.span)),
            }
        }
        Ok(items)
    }

    pub(super) fn object(&mut self) -> Parse<Expression> {
        let open = self.peek();
        self.advance();
        let kind = if self.for_follows() {
            self.bracketed(true, |parser| parser.for_expression(TokenKind::CloseBrace))?
        } else {
            let mut items = self.bracketed(false, |parser| parser.object_items(open))?;
            ObjectItem::rank_all(&mut items);
            ExpressionKind::Object(items.into())
        };
        self.advance();
        Ok(Expression::new(self.span_from(open.span.start), kind).with_constant())
    }

    /// Whether the next word is `for`. Newlines before it are passed over only if it is, as they
    /// separate items otherwise.
    fn for_follows(&mut self) -> bool {
        let mut ahead = self.lexer.clone();
        let mut token = self.token;
        while token.kind == TokenKind::Newline {
            token = ahead.next_token();
        }
        token.kind == TokenKind::Identifier && self.text(token.span) == "for"
    }

    /// Reads the items of an object up to its closing brace. What is broken is told and passed over.
    fn object_items(&mut self, open: Token) -> Parse<Vec<ObjectItem>> {
        let mut items = Vec::new();
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::Newline => self.advance(),
                TokenKind::CloseBrace => return Ok(items),
                TokenKind::End => return Err(self.unclosed_at_end(Enclosed::Object, open.span)),
                TokenKind::CloseBracket | TokenKind::CloseParenthesis => {
                    let what = Enclosed::Object;
                    return Err(self.unclosed_before_token(what, open.span, token.span));
                }
                _ if items.len() >= self.limits.items as usize => {
                    return Err(self.too_many_items());
                }
                _ => match self.object_item(open) {
                    Ok(item) => items.push(item),
                    // What is open to the end of the text is open further out as well.
                    Err(complaint) if self.in_sequence || self.token.kind == TokenKind::End => {
                        return Err(complaint);
                    }
                    Err(complaint) if self.is_behind_object(token, open, &items) => {
                        let what = Enclosed::Object;
                        let at = complaint.subject.map_or(token.span, |subject| subject.span);
                        let complaint = self.unclosed_before(what, open.span, at, "this line");
                        return Err(Box::new(
                            complaint.help("add the closing } before this line"),
                        ));
                    }
                    Err(complaint) => self.recover(token.span.start, *complaint),
                },
            }
        }
    }

    /// Whether something broken is not meant as an item, but follows an object without its brace: the
    /// items before it are indented, and it is not.
    fn is_behind_object(&self, token: Token, open: Token, items: &[ObjectItem]) -> bool {
        let is_outside = |span: Span| self.is_outside(span, open.span);
        items
            .last()
            .is_some_and(|item| !is_outside(item.key.span()))
            && is_outside(token.span)
    }

    /// Reads an item and what separates it from the next.
    fn object_item(&mut self, open: Token) -> Parse<ObjectItem> {
        let key = object_key(self.expression()?);
        match self.peek().kind {
            TokenKind::Equal | TokenKind::Colon => self.advance(),
            _ => return Err(self.no_value_separator(&key, open.span)),
        }
        let value = self.expression()?;
        match self.peek().kind {
            TokenKind::CloseBrace | TokenKind::End => {}
            TokenKind::Comma | TokenKind::Newline => self.advance(),
            _ => return Err(self.no_attribute_separator(open.span)),
        }
        Ok(ObjectItem { key, value })
    }

    /// Reads a `for` expression from its first word up to its closing bracket.
    fn for_expression(&mut self, close: TokenKind) -> Parse<ExpressionKind> {
        let introducer = self.take().span;
        let header = self.for_header(introducer)?;
        self.binding(|parser| {
            parser.bound.extend(header.names());
            parser.for_body(header, introducer, close)
        })
    }

    fn for_body(
        &mut self,
        header: ForHeader,
        introducer: Span,
        close: TokenKind,
    ) -> Parse<ExpressionKind> {
        if self.take_if(TokenKind::Colon).is_none() {
            return Err(self.bad_for("a colon must stand behind the collection", introducer));
        }
        let mut key = None;
        let mut value = self.expression()?;
        if self.take_if(TokenKind::Arrow).is_some() {
            key = Some(value);
            value = self.expression()?;
        }
        let ellipsis = self.take_if(TokenKind::Ellipsis);
        let condition = if self.at_word("if") {
            self.advance();
            Some(self.expression()?)
        } else {
            None
        };
        if self.peek().kind != close {
            return Err(self.unclosed_for(introducer, close));
        }
        match (close == TokenKind::CloseBrace, &key, ellipsis) {
            (true, None, _) => return Err(self.for_without_key(value.span)),
            (false, Some(key), _) => return Err(self.for_with_key(key.span)),
            (false, None, Some(ellipsis)) => return Err(self.for_with_group(ellipsis.span)),
            _ => {}
        }
        Ok(ExpressionKind::For(Box::new(For {
            key_name: header.key_name,
            value_name: header.value_name,
            collection: header.collection,
            key,
            value,
            condition,
            group: ellipsis.is_some(),
        })))
    }

    /// Reads the names and the collection behind the word `for`.
    pub(super) fn for_header(&mut self, introducer: Span) -> Parse<ForHeader> {
        let mut key_name = None;
        let mut value_name = self.for_name("a name must stand behind \"for\"", introducer)?;
        if self.take_if(TokenKind::Comma).is_some() {
            let second = self.for_name("a second name must stand behind the comma", introducer)?;
            key_name = Some(std::mem::replace(&mut value_name, second));
        }
        if !self.at_word("in") {
            return Err(self.bad_for("the word \"in\" must stand behind the names", introducer));
        }
        self.advance();
        Ok(ForHeader {
            key_name,
            value_name,
            collection: self.expression()?,
        })
    }

    fn for_name(&mut self, wanted: &str, introducer: Span) -> Parse<Text> {
        match self.take_if(TokenKind::Identifier) {
            Some(name) => Ok(Text::from(self.text(name.span))),
            None => Err(self.bad_for(wanted, introducer)),
        }
    }
}

/// A bare word is a name, whatever it might mean elsewhere; all else is evaluated.
fn object_key(expression: Expression) -> ObjectKey {
    match expression.as_keyword() {
        Some(name) => ObjectKey::Name {
            name: crate::value::normalized(name),
            span: expression.span,
            rank: None,
        },
        None => ObjectKey::Expression(expression),
    }
}
