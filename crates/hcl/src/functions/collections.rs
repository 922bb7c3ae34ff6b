//! Functions of lists, sets, maps and objects.

use unicode_segmentation::UnicodeSegmentation;

use super::{Arguments, Called, Function, Parameter, Unknowns, Wanted};
use crate::host::CallError;
use crate::number::Number;
use crate::ty::Type;
use crate::value::{Kind, Marks, Value};

/// A collection of which only the shape is looked at.
const COLLECTION: Parameter = Parameter::new("collection", Wanted::Any)
    .with_unknown(Unknowns::InPart)
    .with_marks();

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "concat",
        parameters: &[],
        rest: Some(
            Parameter::new("lists", Wanted::Any)
                .with_unknown(Unknowns::InPart)
                .with_marks(),
        ),
        result: Wanted::Any,
        body: concat,
    },
    Function {
        name: "keys",
        parameters: &[COLLECTION],
        rest: None,
        result: Wanted::Any,
        body: keys,
    },
    Function {
        name: "length",
        parameters: &[COLLECTION],
        rest: None,
        result: Wanted::Number,
        body: length,
    },
    Function {
        name: "merge",
        parameters: &[],
        rest: Some(
            Parameter::new("maps", Wanted::Any)
                .or_null()
                .with_unknown(Unknowns::InPart)
                .with_marks(),
        ),
        result: Wanted::Any,
        body: merge,
    },
    Function {
        name: "values",
        parameters: &[COLLECTION],
        rest: None,
        result: Wanted::Any,
        body: values,
    },
];

/// A list if all are lists of one type, else a tuple.
fn concat(arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=usize::MAX)?;
    let mut items = Vec::new();
    let mut marks = Marks::NONE;
    let mut element: Option<Type> = None;
    let mut are_lists = true;
    for (index, value) in arguments.values().iter().enumerate() {
        marks |= value.marks();
        let before = items.len();
        match value.kind() {
            Kind::List(more) => {
                let of = value.element_type().cloned().unwrap_or(Type::Dynamic);
                are_lists &= element.as_ref().is_none_or(|element| *element == of);
                element = Some(of);
                items.extend_from_slice(more);
            }
            Kind::Tuple(more) => {
                are_lists = false;
                items.extend_from_slice(more);
            }
            _ => return Err(CallError::argument(index, "must be a list")),
        }
        arguments.count_items(items.len() - before, items.len())?;
    }
    let result = match element {
        Some(element) if are_lists => Value::list_from(element, items),
        _ => Value::tuple(items),
    };
    Ok(result.with_marks(marks))
}

fn keys(arguments: &Arguments<'_>) -> Called {
    let value = arguments.value(0);
    let Some(entries) = value.entries() else {
        return Err(CallError::argument(0, "must be a map or an object"));
    };
    let keys = entries
        .iter()
        .map(|(key, _)| Value::text(key.clone()))
        .collect();
    let keys = match value.kind() {
        Kind::Map(_) => Value::list_from(Type::String, keys),
        _ => Value::tuple(keys),
    };
    Ok(keys.with_marks(value.marks()))
}

/// Of a string the characters as readers count them.
fn length(arguments: &Arguments<'_>) -> Called {
    let value = arguments.value(0);
    let length = match value.kind() {
        Kind::String(text) => text.graphemes(true).count(),
        Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => items.len(),
        Kind::Map(entries) | Kind::Object(entries) => entries.len(),
        Kind::Null | Kind::Unknown | Kind::Bool(_) | Kind::Number(_) => {
            return Err(CallError::argument(0, "must be a string or a collection"));
        }
    };
    Ok(Value::number(Number::count(length)).with_marks(value.marks()))
}

/// Later ones win. A map if all are maps of one type, else an object; nulls count for nothing.
fn merge(arguments: &Arguments<'_>) -> Called {
    let mut entries = Vec::new();
    let mut marks = Marks::NONE;
    let mut element: Option<Type> = None;
    let mut are_maps = true;
    for (index, value) in arguments.values().iter().enumerate() {
        marks |= value.marks();
        let before = entries.len();
        match value.kind() {
            Kind::Null => continue,
            Kind::Map(more) => {
                let of = value.element_type().cloned().unwrap_or(Type::Dynamic);
                are_maps &= element.as_ref().is_none_or(|element| *element == of);
                element = Some(of);
                entries.extend_from_slice(more);
            }
            Kind::Object(more) => {
                are_maps = false;
                entries.extend_from_slice(more);
            }
            _ => return Err(CallError::argument(index, "must be a map or an object")),
        }
        arguments.count_items(entries.len() - before, entries.len())?;
    }
    let result = match element {
        Some(element) if are_maps => Value::map_from(element, entries),
        _ => Value::object_from(entries),
    };
    Ok(result.with_marks(marks))
}

/// In the order of their keys.
fn values(arguments: &Arguments<'_>) -> Called {
    let value = arguments.value(0);
    let Some(entries) = value.entries() else {
        return Err(CallError::argument(0, "must be a map or an object"));
    };
    let values = entries.iter().map(|(_, value)| value.clone()).collect();
    let values = match value.element_type() {
        Some(element) => Value::list_from(element.clone(), values),
        None => Value::tuple(values),
    };
    Ok(values.with_marks(value.marks()))
}
