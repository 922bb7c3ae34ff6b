//! Tuples and objects of literals: their values are made once, when they are parsed.

use super::{Expression, ExpressionKind, ObjectItem, ObjectKey};
use crate::value::Value;

/// A small tuple or object of literals, which has the same value wherever it stands.
#[derive(Debug)]
pub struct Constant {
    /// The tuple or object as it is written.
    pub written: Expression,
    pub(crate) value: Value,
}

impl Constant {
    /// Larger ones are made when they are asked for, if ever.
    const MOST_ITEMS: usize = 32;
}

impl Expression {
    /// A constant with its value, and all else as it is. What is broken has no value.
    pub(crate) fn with_constant(self) -> Self {
        match self.constant() {
            Some(value) => Self {
                span: self.span,
                kind: ExpressionKind::Constant(Box::new(Constant {
                    written: self,
                    value,
                })),
            },
            None => self,
        }
    }

    /// The value of a small tuple or object of literals and constants, whose keys are bare words.
    fn constant(&self) -> Option<Value> {
        let is_small = |length: usize| length <= Constant::MOST_ITEMS;
        match &self.kind {
            ExpressionKind::Tuple(items) if is_small(items.len()) => {
                let items: Option<Vec<Value>> = items.iter().map(Self::known_value).collect();
                Some(Value::tuple_drained(&mut items?))
            }
            ExpressionKind::Object(items) if is_small(items.len()) => {
                let attribute = |item: &ObjectItem| match &item.key {
                    ObjectKey::Name { name, .. } => Some((name.clone(), item.value.known_value()?)),
                    ObjectKey::Expression(_) => None,
                };
                let attributes: Option<Vec<_>> = items.iter().map(attribute).collect();
                Some(Value::object_from(attributes?))
            }
            _ => None,
        }
    }

    /// The value of a literal or a constant.
    fn known_value(&self) -> Option<Value> {
        match &self.kind {
            ExpressionKind::Null => Some(Value::null()),
            ExpressionKind::Bool(value) => Some(Value::bool(*value)),
            ExpressionKind::Number(number) => Some(Value::number(number.clone())),
            ExpressionKind::String(text) => Some(Value::text(text.clone())),
            ExpressionKind::Constant(constant) => Some(constant.value.clone()),
            _ => None,
        }
    }

    /// The expression as it is written, where its value is known beforehand.
    pub(crate) fn written(&self) -> &Expression {
        match &self.kind {
            ExpressionKind::Constant(constant) => &constant.written,
            _ => self,
        }
    }
}
