//! Functions that choose one of several values.

use super::{ANY, Arguments, Called, Function, Parameter, Unknowns, Wanted, a_type};
use crate::convert::{convert, converted_type};
use crate::host::CallError;
use crate::ty::Type;
use crate::unify::unify;
use crate::value::{Kind, Marks, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("coalesce", &[], ANY, coalesce).and_more(
        Parameter::new("values", Wanted::Any)
            .or_null()
            .with_unknown(Unknowns::All),
    ),
    Function::new("coalescelist", &[], ANY, coalescelist).and_more(
        Parameter::new("lists", Wanted::Any)
            .or_null()
            .with_unknown(Unknowns::All),
    ),
    Function::new(
        "element",
        &[
            Parameter::new("list", Wanted::Any)
                .with_unknown(Unknowns::All)
                .with_marks(),
            Parameter::number("index").with_unknown(Unknowns::All),
        ],
        ANY,
        element,
    ),
    Function::new(
        "lookup",
        &[
            Parameter::new("map", Wanted::Any)
                .with_unknown(Unknowns::All)
                .with_marks(),
            Parameter::string("key")
                .with_unknown(Unknowns::All)
                .with_marks(),
        ],
        ANY,
        lookup,
    )
    .and_more(
        Parameter::new("default", Wanted::Any)
            .or_null()
            .with_unknown(Unknowns::All)
            .with_marks(),
    ),
    Function::new(
        "one",
        &[Parameter::new("list", Wanted::Any).with_unknown(Unknowns::All)],
        ANY,
        one,
    ),
];

/// The first argument that is neither null nor an empty string, as a value of the type that all
/// arguments can become.
fn coalesce(arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=usize::MAX)?;
    let types: Vec<Type> = arguments.values().iter().map(Value::ty).collect();
    let Some(ty) = unify(&types) else {
        return Err(CallError::failed("The arguments have no type in common."));
    };
    for (index, value) in arguments.values().iter().enumerate() {
        let value = convert(value, &ty)
            .map_err(|error| CallError::argument(index, format!("is not suitable: {error}")))?;
        match value.kind() {
            Kind::Null | Kind::String("") => {}
            Kind::Unknown => return Ok(Value::unknown_of(ty)),
            Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Tuple(_)
            | Kind::Map(_)
            | Kind::Object(_) => return Ok(value),
        }
    }
    Err(CallError::failed(
        "All arguments are null or empty strings, so there is none to choose.",
    ))
}

/// The first argument that is not empty.
fn coalescelist(arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=usize::MAX)?;
    let lists = arguments.values();
    for (index, list) in lists.iter().enumerate() {
        let is_list = match list.kind() {
            Kind::List(_) | Kind::Tuple(_) => true,
            Kind::Unknown => matches!(list.ty(), Type::List(_) | Type::Tuple(_) | Type::Dynamic),
            _ => false,
        };
        if !is_list {
            let message = format!("must be a list or tuple, not {}", a_type(list));
            return Err(CallError::argument(index, message));
        }
    }
    let is_empty = |list: &&Value| list.items().is_some_and(<[_]>::is_empty);
    match lists.iter().find(|list| !is_empty(list)) {
        Some(list) if list.is_unknown() && !Value::have_one_type(lists) => Ok(Value::unknown()),
        Some(list) => Ok(list.clone()),
        None => Err(CallError::failed(
            "All arguments are empty, so there is none to choose.",
        )),
    }
}

/// An element of a list that goes round and round, in both directions.
fn element(arguments: &Arguments<'_>) -> Called {
    let (list, index) = (arguments.value(0), arguments.value(1));
    let index = if index.is_unknown() {
        None
    } else {
        Some(arguments.integer(1)?)
    };
    let found = match (list.kind(), index) {
        (Kind::List(items) | Kind::Tuple(items), Some(index)) => {
            items[position(items.len(), index)?].clone()
        }
        (Kind::Tuple(_), None) => Value::unknown(),
        (Kind::List(_) | Kind::Unknown, _) => match (list.ty(), index) {
            (Type::List(element), _) => Value::unknown_of(Type::clone(&element)),
            (Type::Tuple(types), Some(index)) => {
                Value::unknown_of(types[position(types.len(), index)?].clone())
            }
            (Type::Tuple(_) | Type::Dynamic, _) => Value::unknown(),
            _ => return Err(no_list(list)),
        },
        _ => return Err(no_list(list)),
    };
    Ok(found.with_marks(list.marks()))
}

/// Where an index leads that may lie far outside.
fn position(length: usize, index: i64) -> Result<usize, CallError> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    match index.checked_rem_euclid(length) {
        Some(rest) => Ok(usize::try_from(rest).expect("the rest is not negative and below it")),
        None => Err(CallError::argument(0, "must not be empty")),
    }
}

fn no_list(value: &Value) -> CallError {
    let message = format!("must be a list or tuple, not {}", a_type(value));
    CallError::argument(0, message)
}

/// An entry of a map or object, or else the default, which must be of the map's element type.
fn lookup(arguments: &Arguments<'_>) -> Called {
    if arguments.len() > 3 {
        let message = format!("It takes 2 or 3 arguments, and got {}.", arguments.len());
        return Err(CallError::Count(message));
    }
    let (map, key) = (arguments.value(0), arguments.value(1));
    let default = arguments.get(2);
    let in_map = |element: &Type| {
        let default = default.map(|default| as_default(default, element));
        Ok::<_, CallError>(lookup_in_map(
            map,
            key.as_str(),
            element,
            default.transpose()?,
        ))
    };
    let found = match (map.kind(), key.as_str()) {
        (Kind::Map(_), _) => in_map(map.element_type().expect("a map has one"))?,
        (Kind::Object(_), Some(name)) => map.entry(name).or(default).cloned(),
        (Kind::Object(_), None) => Some(Value::unknown()),
        (Kind::Unknown, _) => match (map.ty(), key.as_str()) {
            (Type::Map(element), _) => in_map(&element)?,
            (Type::Object(object), Some(name)) => match object.get(name) {
                Some(ty) => Some(Value::unknown_of(ty.clone())),
                None => default.cloned(),
            },
            (Type::Object(_), None) | (Type::Dynamic, _) => Some(Value::unknown()),
            _ => return Err(no_map(map)),
        },
        _ => return Err(no_map(map)),
    };
    match found {
        Some(value) => Ok(value.with_marks(map.marks() | key.marks())),
        None => Err(no_such_key(map, key)),
    }
}

fn no_map(value: &Value) -> CallError {
    let message = format!("must be a map or an object, not {}", a_type(value));
    CallError::argument(0, message)
}

fn lookup_in_map(
    map: &Value,
    key: Option<&str>,
    element: &Type,
    default: Option<Value>,
) -> Option<Value> {
    match (map.is_unknown(), key) {
        (false, Some(key)) => map.entry(key).cloned().or(default),
        _ => Some(Value::unknown_of(element.clone())),
    }
}

fn as_default(default: &Value, element: &Type) -> Result<Value, CallError> {
    let wrong = |reason: String| {
        let message = format!("must be of the type of the map's elements: {reason}");
        CallError::argument(2, message)
    };
    if converted_type(&default.ty(), element).is_none() {
        return Err(wrong(format!("a {element} is required")));
    }
    convert(default, element).map_err(|error| wrong(error.to_string()))
}

fn no_such_key(map: &Value, key: &Value) -> CallError {
    let is_sensitive = (map.deep_marks() | key.marks()).contains(Marks::SENSITIVE);
    match key.as_str() {
        Some(name) if !is_sensitive => {
            let message = format!(
                "must be one that the map has, and {} is none; with a third argument there is a \
                 default",
                Value::string(name).preview()
            );
            CallError::argument(1, message)
        }
        _ => CallError::argument(1, "must be one that the map has"),
    }
}

/// The only element, or null of an empty list.
fn one(arguments: &Arguments<'_>) -> Called {
    let list = arguments.value(0);
    match list.kind() {
        Kind::List([item]) | Kind::Set([item]) | Kind::Tuple([item]) => Ok(item.clone()),
        Kind::Tuple([]) => Ok(Value::null()),
        Kind::List([]) | Kind::Set([]) => {
            let element = list.element_type().cloned();
            Ok(Value::null_of(element.unwrap_or(Type::Dynamic)))
        }
        Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => Err(too_many(items.len())),
        Kind::Unknown => one_of_unknown(list),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Map(_)
        | Kind::Object(_) => Err(no_sequence(list)),
    }
}

fn one_of_unknown(list: &Value) -> Called {
    match list.ty() {
        Type::List(element) | Type::Set(element) => Ok(Value::unknown_of(Type::clone(&element))),
        Type::Dynamic => Ok(Value::unknown()),
        Type::Tuple(types) => match types.as_slice() {
            [] => Ok(Value::null()),
            [ty] => Ok(Value::unknown_of(ty.clone())),
            types => Err(too_many(types.len())),
        },
        _ => Err(no_sequence(list)),
    }
}

fn too_many(length: usize) -> CallError {
    let message = format!("must have one element or none, and has {length}");
    CallError::argument(0, message)
}

fn no_sequence(value: &Value) -> CallError {
    let message = format!("must be a list, set or tuple, not {}", a_type(value));
    CallError::argument(0, message)
}
