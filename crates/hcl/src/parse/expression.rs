//! Expressions: conditionals, operators, terms.

use super::complaint::Enclosed;
use super::{Parse, Parser};
use crate::Text;
use crate::ast::{
    Call, Conditional, Expression, ExpressionKind, Operand, Operation, Operator, Traversal, Unary,
    UnaryOperator,
};
use crate::functions;
use crate::lex::{Token, TokenKind};
use crate::number::Number;

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parse<Expression> {
        self.nested(|parser| {
            let condition = parser.operation(0)?;
            match parser.take_if(TokenKind::Question) {
                Some(_) => parser.conditional(condition),
                None => Ok(condition),
            }
        })
    }

    /// Reads a conditional from behind its question mark.
    fn conditional(&mut self, condition: Expression) -> Parse<Expression> {
        let yes = self.expression()?;
        if self.take_if(TokenKind::Colon).is_none() {
            return Err(self.no_colon(condition.span));
        }
        let no = self.expression()?;
        Ok(Expression::new(
            condition.span.to(no.span),
            ExpressionKind::Conditional(Box::new(Conditional { condition, yes, no })),
        ))
    }

    /// Reads terms joined by operators of at least this rank. Operators of one rank make one flat
    /// node, so that a long chain is no deep tree.
    fn operation(&mut self, least_rank: u8) -> Parse<Expression> {
        let mut left = self.term()?;
        while let Some((_, rank)) = operator(self.peek().kind) {
            if rank < least_rank {
                break;
            }
            let mut rest = Vec::new();
            while let Some((operator, other)) = operator(self.peek().kind) {
                if other != rank {
                    break;
                }
                let operator_span = self.take().span;
                rest.push(Operand {
                    operator,
                    operator_span,
                    expression: self.operation(rank + 1)?,
                });
            }
            rest.shrink_to_fit();
            let span = self.span_from(left.span.start);
            let operation = Operation { first: left, rest };
            left = Expression::new(span, ExpressionKind::Operation(Box::new(operation)));
        }
        Ok(left)
    }

    /// Reads a term with the steps that follow it.
    fn term(&mut self) -> Parse<Expression> {
        let term = self.bare_term()?;
        match self.peek().kind {
            TokenKind::Dot | TokenKind::OpenBracket => self.access(term),
            _ => Ok(term),
        }
    }

    fn bare_term(&mut self) -> Parse<Expression> {
        let token = self.peek();
        match token.kind {
            TokenKind::Identifier => self.word(token),
            TokenKind::Quote | TokenKind::Heredoc => self.template(),
            TokenKind::Number => self.number(token),
            TokenKind::OpenBrace => self.object(),
            TokenKind::OpenBracket => self.tuple(),
            TokenKind::OpenParenthesis => self.parentheses(token),
            TokenKind::Minus => self.unary(token, UnaryOperator::Negate),
            TokenKind::Bang => self.unary(token, UnaryOperator::Not),
            _ => Err(self.no_expression()),
        }
    }

    fn parentheses(&mut self, open: Token) -> Parse<Expression> {
        let inner = self.bracketed(true, |parser| {
            parser.advance();
            let inner = parser.expression()?;
            match parser.peek().kind {
                TokenKind::CloseParenthesis => Ok(inner),
                _ => Err(parser.unbalanced_parentheses(open.span)),
            }
        })?;
        self.advance();
        Ok(Expression::new(
            self.span_from(open.span.start),
            ExpressionKind::Parentheses(Box::new(inner)),
        ))
    }

    fn unary(&mut self, token: Token, operator: UnaryOperator) -> Parse<Expression> {
        self.advance();
        let operand = self.nested(Self::term)?;
        Ok(Expression::new(
            token.span.to(operand.span),
            ExpressionKind::Unary(Box::new(Unary { operator, operand })),
        ))
    }

    fn number(&mut self, token: Token) -> Parse<Expression> {
        let Some(number) = Number::parse(self.text(token.span)) else {
            return Err(self.bad_number(token.span));
        };
        self.advance();
        Ok(Expression::new(token.span, ExpressionKind::Number(number)))
    }

    /// Reads what begins with a word: a keyword, a call, or a variable.
    fn word(&mut self, token: Token) -> Parse<Expression> {
        self.advance();
        if let TokenKind::OpenParenthesis | TokenKind::DoubleColon = self.peek().kind {
            return self.call(token);
        }
        let kind = match self.text(token.span) {
            "true" => ExpressionKind::Bool(true),
            "false" => ExpressionKind::Bool(false),
            "null" => ExpressionKind::Null,
            name => ExpressionKind::Variable(Box::new(Traversal {
                name: Text::from(name),
                name_span: token.span,
                steps: Vec::new(),
                bound: self.bound_at(name),
            })),
        };
        Ok(Expression::new(token.span, kind))
    }

    /// Reads a call from behind the first word of its name.
    fn call(&mut self, first: Token) -> Parse<Expression> {
        let mut name = Text::from(self.text(first.span));
        while self.take_if(TokenKind::DoubleColon).is_some() {
            let token = self.peek();
            if token.kind != TokenKind::Identifier {
                return Err(self.no_function_name());
            }
            self.advance();
            name.push_str("::");
            name.push_str(self.text(token.span));
        }
        let name_span = self.span_from(first.span.start);
        if self.peek().kind != TokenKind::OpenParenthesis {
            return Err(self.no_open_parenthesis(name_span));
        }
        let mut call = Call {
            function: functions::find(&name),
            name,
            name_span,
            arguments: Vec::new(),
            spread: None,
        };
        self.bracketed(true, |parser| parser.arguments(&mut call))?;
        call.arguments.shrink_to_fit();
        self.advance();
        Ok(Expression::new(
            self.span_from(first.span.start),
            ExpressionKind::Call(Box::new(call)),
        ))
    }

    /// Reads the arguments of a call up to its closing parenthesis.
    fn arguments(&mut self, call: &mut Call) -> Parse<()> {
        let open = self.take().span;
        while self.peek().kind != TokenKind::CloseParenthesis {
            if call.arguments.len() >= self.limits.items as usize {
                return Err(self.too_many_items());
            }
            call.arguments.push(self.expression()?);
            let separator = self.peek();
            match separator.kind {
                TokenKind::CloseParenthesis => break,
                TokenKind::Comma => self.advance(),
                TokenKind::Ellipsis => {
                    call.spread = Some(separator.span);
                    self.advance();
                    if self.peek().kind != TokenKind::CloseParenthesis {
                        return Err(self.more_after_spread(separator.span));
                    }
                }
                TokenKind::End => {
                    let call = call.name_span.to(open);
                    return Err(self.unclosed_at_end(Enclosed::Arguments, call));
                }
                _ => return Err(self.no_argument_separator(open)),
            }
        }
        Ok(())
    }
}

/// An operator and its rank; those of higher rank bind closer.
fn operator(kind: TokenKind) -> Option<(Operator, u8)> {
    Some(match kind {
        TokenKind::Or => (Operator::Or, 0),
        TokenKind::And => (Operator::And, 1),
        TokenKind::EqualEqual => (Operator::Equal, 2),
        TokenKind::NotEqual => (Operator::NotEqual, 2),
        TokenKind::Greater => (Operator::Greater, 3),
        TokenKind::GreaterEqual => (Operator::GreaterOrEqual, 3),
        TokenKind::Less => (Operator::Less, 3),
        TokenKind::LessEqual => (Operator::LessOrEqual, 3),
        TokenKind::Plus => (Operator::Add, 4),
        TokenKind::Minus => (Operator::Subtract, 4),
        TokenKind::Star => (Operator::Multiply, 5),
        TokenKind::Slash => (Operator::Divide, 5),
        TokenKind::Percent => (Operator::Remainder, 5),
        _ => return None,
    })
}
