//! Attributes and elements, as the language reaches them.

use super::{Kind, Repr, Value};
use crate::Text;
use crate::convert::{self, Mismatch};
use crate::number::Number;
use crate::ty::Type;

/// Why a value has no such attribute or element.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AccessError {
    /// Of `null` one can ask nothing.
    Null,
    /// This kind of value has no attributes.
    NoAttributes(Type),
    /// The elements are objects and may have the attribute; the list has not.
    AttributeOfList,
    /// The object or map has not the key asked for; [`Value::keys`] has those it has.
    NoSuchKey,
    /// This kind of value has no elements that an index could name.
    NoIndexes(Type),
    /// Sets have elements, and no way to name one.
    IndexOfSet,
    NullKey,
    KeyType(Mismatch),
    /// The index is not below the length.
    TooLarge {
        index: Number,
        length: usize,
    },
    Negative {
        index: Number,
    },
    NotWhole {
        index: Number,
    },
}

impl Value {
    /// An attribute of an object, or an element of a map. Marks of the value are passed on.
    pub fn get_attr(&self, name: &str) -> Result<Value, AccessError> {
        let found = match &self.0 {
            Repr::Null(..) => return Err(AccessError::Null),
            Repr::Unknown(_, ty) => attr_of_unknown(ty, name)?,
            Repr::Map(..) | Repr::Object(..) => match self.entry(name) {
                Some(value) => value.clone(),
                None => return Err(AccessError::NoSuchKey),
            },
            Repr::List(_, list) if matches!(list.element(), Type::Object(_)) => {
                return Err(AccessError::AttributeOfList);
            }
            Repr::List(..)
            | Repr::Set(..)
            | Repr::Tuple(..)
            | Repr::Bool(..)
            | Repr::Number(..)
            | Repr::String(..) => return Err(AccessError::NoAttributes(self.ty())),
        };
        Ok(found.with_marks(self.marks()))
    }

    /// An element of a list, tuple, map or object. Marks of the value and of the key are passed on.
    pub fn index(&self, key: &Value) -> Result<Value, AccessError> {
        if self.is_null() {
            return Err(AccessError::Null);
        }
        if key.is_null() {
            return Err(AccessError::NullKey);
        }
        let marks = self.marks() | key.deep_marks();
        if self.is_dynamic() || key.is_dynamic() {
            return Ok(Value::unknown().with_marks(marks));
        }
        let found = match &self.0 {
            Repr::List(..) | Repr::Tuple(..) | Repr::Unknown(_, Type::List(_) | Type::Tuple(_)) => {
                self.index_by_number(key)?
            }
            Repr::Map(..) | Repr::Object(..) | Repr::Unknown(_, Type::Map(_) | Type::Object(_)) => {
                self.index_by_name(key)?
            }
            Repr::Set(..) | Repr::Unknown(_, Type::Set(_)) => return Err(AccessError::IndexOfSet),
            Repr::Null(..)
            | Repr::Unknown(..)
            | Repr::Bool(..)
            | Repr::Number(..)
            | Repr::String(..) => return Err(AccessError::NoIndexes(self.ty())),
        };
        Ok(found.with_marks(marks))
    }

    fn index_by_number(&self, key: &Value) -> Result<Value, AccessError> {
        let key = convert::convert(key, &Type::Number).map_err(AccessError::KeyType)?;
        let (Some(items), Some(number)) = (self.items(), key.as_number()) else {
            return element_of_unknown(&self.ty(), key.as_number());
        };
        match position(number)? {
            Some(index) if index < items.len() => Ok(items[index].clone()),
            _ => Err(AccessError::TooLarge {
                index: number.clone(),
                length: items.len(),
            }),
        }
    }

    fn index_by_name(&self, key: &Value) -> Result<Value, AccessError> {
        let key = convert::convert(key, &Type::String).map_err(AccessError::KeyType)?;
        let Some(name) = key.as_str() else {
            return Ok(match &self.ty() {
                Type::Map(element) => Value::unknown_of(Type::clone(element)),
                _ => Value::unknown(),
            });
        };
        match &self.0 {
            Repr::Unknown(_, ty) => attr_of_unknown(ty, name),
            _ => self.entry(name).cloned().ok_or(AccessError::NoSuchKey),
        }
    }

    /// The keys of a map or object, also where only its type is known.
    pub fn keys(&self) -> Vec<Text> {
        match (self.entries(), &self.0) {
            (Some(entries), _) => entries.iter().map(|(key, _)| key.clone()).collect(),
            (None, Repr::Unknown(_, Type::Object(object))) => {
                object.iter().map(|(name, _)| name.clone()).collect()
            }
            (None, _) => Vec::new(),
        }
    }

    /// What a splat and a `for` expression go over, if the value can be gone over.
    pub fn is_iterable(&self) -> bool {
        match self.kind() {
            Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) | Kind::Map(_) | Kind::Object(_) => true,
            Kind::Unknown => !self.ty().is_primitive(),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => false,
        }
    }
}

fn attr_of_unknown(ty: &Type, name: &str) -> Result<Value, AccessError> {
    match ty {
        Type::Dynamic => Ok(Value::unknown()),
        Type::Map(element) => Ok(Value::unknown_of(Type::clone(element))),
        Type::Object(object) => match object.get(name) {
            Some(ty) => Ok(Value::unknown_of(ty.clone())),
            None => Err(AccessError::NoSuchKey),
        },
        Type::List(element) if matches!(**element, Type::Object(_)) => {
            Err(AccessError::AttributeOfList)
        }
        Type::List(_)
        | Type::Set(_)
        | Type::Tuple(_)
        | Type::Bool
        | Type::Number
        | Type::String => Err(AccessError::NoAttributes(ty.clone())),
    }
}

/// An element of a list or tuple where the sequence or the index is unknown.
fn element_of_unknown(ty: &Type, index: Option<&Number>) -> Result<Value, AccessError> {
    let index = match index {
        Some(number) => Some((number, position(number)?)),
        None => None,
    };
    match (ty, index) {
        (Type::List(element), _) => Ok(Value::unknown_of(Type::clone(element))),
        (Type::Tuple(elements), Some((number, at))) => {
            match at.and_then(|index| elements.get(index)) {
                Some(ty) => Ok(Value::unknown_of(ty.clone())),
                None => Err(AccessError::TooLarge {
                    index: number.clone(),
                    length: elements.len(),
                }),
            }
        }
        _ => Ok(Value::unknown()),
    }
}

/// A number as an index; `None` if it is larger than any index.
fn position(number: &Number) -> Result<Option<usize>, AccessError> {
    let index = || number.clone();
    if !number.is_whole() && !number.is_infinite() {
        return Err(AccessError::NotWhole { index: index() });
    }
    if number.is_negative() && !number.is_zero() {
        return Err(AccessError::Negative { index: index() });
    }
    Ok(number
        .as_i64()
        .and_then(|value| usize::try_from(value).ok()))
}
