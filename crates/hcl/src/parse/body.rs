//! Attributes and blocks.

use super::{Parse, Parser};
use crate::Text;
use crate::ast::{Attribute, Block, Body, ExpressionKind, Label};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lex::TokenKind;
use crate::source::Span;

enum Item {
    Attribute(Attribute),
    /// An attribute in whose value something is broken, which was told.
    Broken,
    Block(Block),
}

impl Parser<'_> {
    /// Reads a body up to the end of the text, or to the closing brace of a block. What is broken
    /// is told and passed over.
    pub(super) fn body(&mut self, block: Option<Span>) -> Body {
        let start = block.map_or(self.token.span.start, |open| open.end);
        let mut body = Body::default();
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::Newline => self.advance(),
                TokenKind::End => {
                    if let Some(open) = block {
                        self.tell_unclosed(open);
                    }
                    break;
                }
                TokenKind::CloseBrace if block.is_some() => break,
                TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::CloseParenthesis
                    if self.closes_left_open(token.kind) =>
                {
                    self.skip_line();
                }
                TokenKind::CloseBrace => {
                    let complaint = self.stray_brace();
                    self.advance();
                    self.tell(*complaint);
                }
                _ if self.has_too_many(&body) => {
                    let complaint = self.too_many_items();
                    self.give_up(*complaint);
                }
                _ => match self.item() {
                    Ok(Item::Attribute(attribute)) => body.attributes.push(attribute),
                    Ok(Item::Block(block)) => body.blocks.push(block),
                    Ok(Item::Broken) => {}
                    Err(complaint) => self.recover(token.span.start, *complaint),
                },
            }
        }
        body.span = self.span_from(start);
        self.index(&mut body);
        body.attributes.shrink_to_fit();
        body.blocks.shrink_to_fit();
        body
    }

    fn has_too_many(&self, body: &Body) -> bool {
        body.attributes.len() + body.blocks.len() >= self.limits.items as usize
    }

    fn item(&mut self) -> Parse<Item> {
        let name = self.peek();
        self.item_start = name.span.start;
        if name.kind != TokenKind::Identifier {
            return Err(self.no_item());
        }
        self.advance();
        match self.peek().kind {
            TokenKind::Equal => {
                let told = self.diagnostics.len();
                let attribute = self.attribute(name.span)?;
                self.end_of_line(Parser::after_attribute)?;
                Ok(if self.diagnostics.len() == told {
                    Item::Attribute(attribute)
                } else {
                    Item::Broken
                })
            }
            TokenKind::OpenBrace | TokenKind::Quote | TokenKind::Identifier => {
                let block = self.nested(|parser| parser.block(name.span))?;
                self.end_of_line(Parser::after_block)?;
                Ok(Item::Block(block))
            }
            _ => Err(self.neither_attribute_nor_block(name.span)),
        }
    }

    /// Takes the newline that ends an attribute or a block.
    fn end_of_line(&mut self, complaint: fn(&mut Self) -> Box<Diagnostic>) -> Parse<()> {
        match self.peek().kind {
            TokenKind::End => Ok(()),
            TokenKind::Newline => {
                self.token = self.lexer.next_token();
                Ok(())
            }
            _ => Err(complaint(self)),
        }
    }

    /// Reads an attribute from its equals sign on.
    fn attribute(&mut self, name_span: Span) -> Parse<Attribute> {
        self.advance();
        let expression = self.expression()?;
        Ok(Attribute {
            name: Text::from(self.text(name_span)),
            name_span,
            expression,
            span: self.span_from(name_span.start),
        })
    }

    /// Reads a block from its first label or its brace on.
    fn block(&mut self, kind_span: Span) -> Parse<Block> {
        let mut labels = Vec::new();
        while let Some(label) = self.label()? {
            labels.push(label);
        }
        let header_span = self.span_from(kind_span.start);
        if self.peek().kind != TokenKind::OpenBrace {
            let complaint = self.no_open_brace();
            if !self.brace_follows() {
                return Err(complaint);
            }
            // It is plain what is meant, and the rest may be right.
            self.diagnostics.push(*complaint);
            self.bracketed(true, |parser| Ok(parser.peek()))?;
        }
        let open = self.take().span;
        let body = match self.peek().kind {
            TokenKind::Newline | TokenKind::End | TokenKind::CloseBrace => self.body(Some(open)),
            _ => self.one_line_body()?,
        };
        let close = self.peek();
        self.take_if(TokenKind::CloseBrace);
        let span = self.span_from(kind_span.start);
        Ok(Block {
            kind: Text::from(self.text(kind_span)),
            kind_span,
            labels: labels.into(),
            body,
            header_span,
            open_span: open,
            close_span: match close.kind {
                TokenKind::CloseBrace => close.span,
                _ => Span::new(span.end, span.end),
            },
            span,
        })
    }

    /// Whether an opening brace stands first in the next line that is not blank.
    fn brace_follows(&mut self) -> bool {
        let mut ahead = self.lexer.clone();
        let mut token = self.token;
        while token.kind == TokenKind::Newline {
            token = ahead.next_token();
        }
        self.token.kind == TokenKind::Newline && token.kind == TokenKind::OpenBrace
    }

    fn label(&mut self) -> Parse<Option<Label>> {
        let token = self.peek();
        match token.kind {
            TokenKind::Identifier => {
                self.advance();
                Ok(Some(Label {
                    text: Text::from(self.text(token.span)),
                    span: token.span,
                }))
            }
            TokenKind::Quote => {
                let expression = self.template()?;
                match expression.kind {
                    ExpressionKind::String(text) => Ok(Some(Label {
                        text,
                        span: expression.span,
                    })),
                    _ => Err(self.sequence_in_label(expression.span)),
                }
            }
            _ => Ok(None),
        }
    }

    /// The one attribute of a block that stands on one line.
    fn one_line_body(&mut self) -> Parse<Body> {
        let name = self.peek();
        if name.kind != TokenKind::Identifier {
            return Err(self.no_item());
        }
        self.advance();
        if self.peek().kind != TokenKind::Equal {
            return Err(self.no_attribute_on_one_line(name.span));
        }
        let attribute = self.attribute(name.span)?;
        match self.peek().kind {
            TokenKind::CloseBrace => Ok(Body {
                span: attribute.span,
                attributes: vec![attribute],
                ..Body::default()
            }),
            _ => Err(self.more_on_one_line()),
        }
    }

    /// Tells of attributes with the same name, of which the first stays.
    fn index(&mut self, body: &mut Body) {
        for (again, first) in body.index().into_iter().take(Diagnostics::MOST) {
            let complaint = self.redefined(again, first);
            self.diagnostics.push(complaint);
        }
    }
}
