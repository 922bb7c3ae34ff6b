//! Values of one type as values of another.
//!
//! What can be converted is decided by the types alone; whether a string is a number shows only when
//! it is tried. Marks stay, nulls and unknowns become nulls and unknowns of the new type.

use std::fmt;

use crate::Text;
use crate::number::Number;
use crate::ty::{ObjectType, Type};
use crate::unify::unify;
use crate::value::{Kind, Marks, Value};

/// Why a value cannot be converted: where in it, and what is wrong there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The steps from the value to the part that is wrong, such as `.ports[2]`; often empty.
    pub path: String,
    /// A clause that follows a colon: `a number is required`.
    pub reason: String,
}

impl Mismatch {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            reason: reason.into(),
        }
    }

    fn wanted(ty: &Type) -> Self {
        let article = if matches!(ty, Type::Object(_)) {
            "an"
        } else {
            "a"
        };
        Self::new(format!("{article} {ty} is required"))
    }

    fn within(mut self, step: impl fmt::Display) -> Self {
        self.path = format!("{step}{}", self.path);
        self
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}, at {}", self.reason, self.path)
        }
    }
}

impl std::error::Error for Mismatch {}

/// The value as a value of the type. Parts of the type that are dynamic take what is there; all
/// elements of one collection become of one type all the same.
pub fn convert(value: &Value, to: &Type) -> Result<Value, Mismatch> {
    convert_value(value, to).map_err(|error| {
        // What the reason tells of a part of the value must not be told if the whole is secret.
        if value.marks().contains(Marks::SENSITIVE) {
            Mismatch::wanted(to)
        } else {
            error
        }
    })
}

fn convert_value(value: &Value, to: &Type) -> Result<Value, Mismatch> {
    let converted = match value.kind() {
        _ if matches!(to, Type::Dynamic) => return Ok(value.clone()),
        Kind::Null => Value::null_of(resulting_type(value, to)?),
        Kind::Unknown => Value::unknown_of(resulting_type(value, to)?),
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => return convert_primitive(value, to),
        Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => {
            convert_sequence(value, items, to)?
        }
        Kind::Map(entries) | Kind::Object(entries) => convert_mapping(value, entries, to)?,
    };
    Ok(converted.with_marks(value.marks()))
}

fn resulting_type(value: &Value, to: &Type) -> Result<Type, Mismatch> {
    converted_type(&value.ty(), to).ok_or_else(|| Mismatch::wanted(to))
}

fn convert_primitive(value: &Value, to: &Type) -> Result<Value, Mismatch> {
    let converted = match (value.kind(), to) {
        (Kind::Bool(_), Type::Bool)
        | (Kind::Number(_), Type::Number)
        | (Kind::String(_), Type::String) => return Ok(value.clone()),
        (Kind::Bool(value), Type::String) => {
            Value::text(if value { "true" } else { "false" }.into())
        }
        (Kind::Number(number), Type::String) => {
            let mut text = Text::new();
            number.write_to(&mut text).expect("a text takes all");
            Value::text(text)
        }
        (Kind::String(text), Type::Number) => match Number::parse(text) {
            Some(number) => Value::number(number),
            None => return Err(not_a(text, "number")),
        },
        (Kind::String("true" | "1"), Type::Bool) => Value::bool(true),
        (Kind::String("false" | "0"), Type::Bool) => Value::bool(false),
        (Kind::String(text), Type::Bool) => return Err(not_a(text, "bool")),
        _ => return Err(Mismatch::wanted(to)),
    };
    Ok(converted.with_marks(value.marks()))
}

fn not_a(text: &str, wanted: &str) -> Mismatch {
    let hint = match (wanted, text.to_lowercase().as_str()) {
        ("bool", lower @ ("true" | "false")) => format!("; write \"{lower}\" in lower case"),
        _ => String::new(),
    };
    let shown = Value::string(text).preview();
    Mismatch::new(format!("a {wanted} is required, and {shown} is none{hint}"))
}

fn convert_sequence(value: &Value, items: &[Value], to: &Type) -> Result<Value, Mismatch> {
    let kind = match to {
        Type::Tuple(types) => {
            if !matches!(value.kind(), Kind::Tuple(_)) || types.len() != items.len() {
                return Err(wrong_length(value, items.len(), to));
            }
            let items = items.iter().zip(types.iter()).enumerate();
            let items = items.map(|(index, (item, ty))| convert_at(item, ty, index));
            return Ok(Value::tuple(items.collect::<Result<Vec<_>, _>>()?));
        }
        Type::List(element) => (element, Value::list_from as fn(Type, Vec<Value>) -> Value),
        Type::Set(element) => (element, Value::set_from as fn(Type, Vec<Value>) -> Value),
        _ => return Err(Mismatch::wanted(to)),
    };
    let (wanted, build) = kind;
    if value.element_type() == Some(wanted) && !wanted.contains_dynamic() {
        return Ok(match (value.kind(), to) {
            (Kind::List(_), Type::List(_)) | (Kind::Set(_), Type::Set(_)) => value.clone(),
            _ => build(Type::clone(wanted), items.to_vec()),
        });
    }
    let element = element_to_be(value, items.is_empty(), wanted, to)?;
    let items = items.iter().enumerate();
    let items = items
        .map(|(index, item)| convert_at(item, &element, index))
        .collect::<Result<Vec<_>, _>>()?;
    let element = type_found(element, &items).ok_or_else(|| no_single_type(value, to))?;
    Ok(build(element, items))
}

fn convert_mapping(value: &Value, entries: &[(Text, Value)], to: &Type) -> Result<Value, Mismatch> {
    let wanted = match to {
        Type::Map(element) => element,
        Type::Object(object) => return convert_to_object(value, object),
        _ => return Err(Mismatch::wanted(to)),
    };
    if value.element_type() == Some(wanted) && !wanted.contains_dynamic() {
        return Ok(value.clone());
    }
    let element = element_to_be(value, entries.is_empty(), wanted, to)?;
    let values = entries
        .iter()
        .map(|(key, item)| convert(item, &element).map_err(|error| error.within(Key(key))))
        .collect::<Result<Vec<_>, _>>()?;
    let element = type_found(element, &values).ok_or_else(|| no_single_type(value, to))?;
    let keys = entries.iter().map(|(key, _)| key.clone());
    Ok(Value::map_from(element, keys.zip(values).collect()))
}

/// Attributes that the type does not name are dropped.
fn convert_to_object(value: &Value, object: &ObjectType) -> Result<Value, Mismatch> {
    let mut attributes = Vec::with_capacity(object.len());
    for (name, ty) in object {
        let Some(attribute) = value.entry(name) else {
            return Err(Mismatch::new(format!(
                "the attribute \"{name}\" is required"
            )));
        };
        let converted = convert(attribute, ty).map_err(|error| error.within(Key(name)))?;
        attributes.push((name.clone(), converted));
    }
    Ok(Value::object_from(attributes))
}

fn convert_at(item: &Value, to: &Type, index: usize) -> Result<Value, Mismatch> {
    convert(item, to).map_err(|error| error.within(format_args!("[{index}]")))
}

/// A key as a step of a path.
struct Key<'a>(&'a str);

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if crate::lex::is_identifier(self.0) {
            write!(f, ".{}", self.0)
        } else {
            write!(f, "[{:?}]", self.0)
        }
    }
}

/// The type that the elements are converted to: the wanted one, or where that is open, the one
/// that all can become. With no elements at all the types alone decide.
fn element_to_be(
    value: &Value,
    is_empty: bool,
    wanted: &Type,
    to: &Type,
) -> Result<Type, Mismatch> {
    if wanted.contains_dynamic() || is_empty {
        let whole = converted_type(&value.ty(), to).ok_or_else(|| no_single_type(value, to))?;
        return Ok(whole.element().cloned().unwrap_or(Type::Dynamic));
    }
    Ok(wanted.clone())
}

/// The type of the elements, once they are converted; `None` if they have none in common.
fn type_found(element: Type, items: &[Value]) -> Option<Type> {
    match items.first() {
        Some(first) if element.contains_dynamic() => {
            Value::have_one_type(items).then(|| first.ty())
        }
        _ => Some(element),
    }
}

fn no_single_type(value: &Value, to: &Type) -> Mismatch {
    let (from, into) = match (value.kind(), to) {
        (Kind::Object(_) | Kind::Map(_), _) => ("attributes", "map"),
        (_, Type::Set(_)) => ("elements", "set"),
        _ => ("elements", "list"),
    };
    if to.element().is_some_and(Type::contains_dynamic) {
        Mismatch::new(format!(
            "the {from} have no type in common, as those of a {into} must"
        ))
    } else {
        Mismatch::wanted(to)
    }
}

fn wrong_length(value: &Value, length: usize, to: &Type) -> Mismatch {
    match (value.kind(), to) {
        (Kind::Tuple(_), Type::Tuple(types)) => Mismatch::new(format!(
            "a tuple of {} elements is required, and this one has {length}",
            types.len()
        )),
        _ => Mismatch::wanted(to),
    }
}

/// The type that a value of one type has once it is converted to another, which may be open in
/// parts; `None` if no value of that type can be converted.
pub(crate) fn converted_type(from: &Type, to: &Type) -> Option<Type> {
    match (from, to) {
        (_, Type::Dynamic) => Some(from.clone()),
        (Type::Dynamic, _) => Some(to.clone()),
        _ if from == to => Some(to.clone()),
        (Type::Bool | Type::Number, Type::String) | (Type::String, Type::Bool | Type::Number) => {
            Some(to.clone())
        }
        (Type::List(from) | Type::Set(from), Type::List(element)) => {
            converted_type(from, element).map(Type::list)
        }
        (Type::List(from) | Type::Set(from), Type::Set(element)) => {
            converted_type(from, element).map(Type::set)
        }
        (Type::Tuple(from), Type::List(element)) => {
            converted_elements(from, element).map(Type::list)
        }
        (Type::Tuple(from), Type::Set(element)) => converted_elements(from, element).map(Type::set),
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => {
            let pairs = from.iter().zip(to.iter());
            let types = pairs.map(|(from, to)| converted_type(from, to));
            types.collect::<Option<_>>().map(Type::tuple)
        }
        (Type::Map(from), Type::Map(element)) => converted_type(from, element).map(Type::map),
        (Type::Object(from), Type::Map(element)) => {
            let types: Vec<Type> = from.types().cloned().collect();
            converted_elements(&types, element).map(Type::map)
        }
        (Type::Object(from), Type::Object(to)) => {
            let attributes = to
                .iter()
                .map(|(name, to)| Some((name.clone(), converted_type(from.get(name)?, to)?)));
            attributes.collect::<Option<Vec<_>>>().map(Type::object)
        }
        (Type::Map(from), Type::Object(to)) => {
            let attributes = to
                .iter()
                .map(|(name, to)| Some((name.clone(), converted_type(from, to)?)));
            attributes.collect::<Option<Vec<_>>>().map(Type::object)
        }
        _ => None,
    }
}

fn converted_elements(from: &[Type], element: &Type) -> Option<Type> {
    if !element.contains_dynamic() {
        let all = from
            .iter()
            .all(|from| converted_type(from, element).is_some());
        return all.then(|| element.clone());
    }
    if from.is_empty() {
        return Some(element.clone());
    }
    let types = from.iter().map(|from| converted_type(from, element));
    unify(&types.collect::<Option<Vec<_>>>()?)
}

/// An attribute or key from a value that is a string or can become one.
pub(crate) fn convert_key(value: &Value) -> Result<Option<Text>, Mismatch> {
    if let Some(text) = value.as_text() {
        return Ok(Some(text.clone()));
    }
    let text = convert(value, &Type::String)?;
    Ok(text.as_text().cloned())
}

#[cfg(test)]
mod tests;
