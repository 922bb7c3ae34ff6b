//! Functions of maps and objects.

use std::collections::{BTreeMap, HashSet};

use super::{ANY, Arguments, Called, Function, Parameter, Returns, Unknowns, Wanted, a_type};
use crate::Text;
use crate::convert::convert;
use crate::host::CallError;
use crate::ty::Type;
use crate::unify::unify;
use crate::value::{Kind, Marks, Value, merge_entries};

const MAP: Parameter = Parameter::new("map", Wanted::Any)
    .with_unknown(Unknowns::All)
    .with_marks();
const ANY_LIST: Wanted = Wanted::List(&Wanted::Any);
const STRINGS_BY_NAME: Wanted = Wanted::Map(&Wanted::List(&Wanted::String));

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("keys", &[MAP], ANY, keys),
    Function::new(
        "matchkeys",
        &[
            Parameter::new("values", ANY_LIST),
            Parameter::new("keys", ANY_LIST),
            Parameter::new("searchset", ANY_LIST),
        ],
        Returns::TypeOf(0),
        matchkeys,
    ),
    Function::new("merge", &[], ANY, merge).and_more(
        Parameter::new("maps", Wanted::Any)
            .or_null()
            .with_unknown(Unknowns::All)
            .with_marks(),
    ),
    Function::new(
        "transpose",
        &[Parameter::new("map", STRINGS_BY_NAME)],
        Returns::Always(STRINGS_BY_NAME),
        transpose,
    ),
    Function::new("values", &[MAP], ANY, values),
    Function::new(
        "zipmap",
        &[
            Parameter::new("keys", Wanted::List(&Wanted::String)).with_marks(),
            Parameter::new("values", Wanted::Any)
                .with_unknown(Unknowns::All)
                .with_marks(),
        ],
        ANY,
        zipmap,
    ),
];

fn no_map(value: &Value, index: usize) -> CallError {
    let message = format!("must be a map or an object, not {}", a_type(value));
    CallError::argument(index, message)
}

/// In the order of their bytes. Those of an object are known even where it is not.
fn keys(arguments: &Arguments<'_>) -> Called {
    let map = arguments.value(0);
    let keys = || -> Vec<Value> { map.keys().into_iter().map(Value::text).collect() };
    let keys = match map.kind() {
        Kind::Object(_) => Value::tuple(keys()),
        Kind::Map(_) => Value::list_from(Type::String, keys()),
        Kind::Unknown => match map.ty() {
            Type::Object(_) => Value::tuple(keys()),
            Type::Map(_) => Value::unknown_of(Type::list(Type::String)),
            Type::Dynamic => Value::unknown(),
            _ => return Err(no_map(map, 0)),
        },
        _ => return Err(no_map(map, 0)),
    };
    Ok(keys.with_marks(map.marks()))
}

/// In the order of their keys.
fn values(arguments: &Arguments<'_>) -> Called {
    let map = arguments.value(0);
    let values = |entries: &[(Text, Value)]| -> Vec<Value> {
        entries.iter().map(|(_, value)| value.clone()).collect()
    };
    let values = match map.kind() {
        Kind::Object(entries) => Value::tuple(values(entries)),
        Kind::Map(entries) => {
            let element = map.element_type().cloned();
            Value::list_from(element.unwrap_or(Type::Dynamic), values(entries))
        }
        Kind::Unknown => match map.ty() {
            Type::Object(object) => {
                Value::unknown_of(Type::tuple(object.types().cloned().collect()))
            }
            Type::Map(element) => Value::unknown_of(Type::list(Type::clone(&element))),
            Type::Dynamic => Value::unknown(),
            _ => return Err(no_map(map, 0)),
        },
        _ => return Err(no_map(map, 0)),
    };
    Ok(values.with_marks(map.marks()))
}

/// Those of the values whose keys are in the search set.
fn matchkeys(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let [values, keys, searchset] = [0, 1, 2].map(|index| arguments.value(index));
    let items = |list: &Value| list.items().unwrap_or_default().to_vec();
    if items(values).len() != items(keys).len() {
        return Err(CallError::failed(
            "The values and the keys must be of one length.",
        ));
    }
    let Some(ty) = unify(&[keys.ty(), searchset.ty()]) else {
        return Err(CallError::failed(
            "The keys and the search set must have a type in common.",
        ));
    };
    let as_common = |index: usize| {
        convert(arguments.value(index), &ty)
            .map_err(|error| CallError::argument(index, format!("is not suitable: {error}")))
    };
    let (keys, searchset) = (as_common(1)?, as_common(2)?);
    let wanted = items(&searchset);
    let steps = (items(&keys).len() as u64).saturating_mul(wanted.len() as u64);
    arguments.budget().take_steps(steps)?;
    let is_wanted = |key: &Value| wanted.iter().any(|other| key.equals(other) == Some(true));
    let pairs = items(values).into_iter().zip(items(&keys));
    let found = pairs
        .filter(|(_, key)| is_wanted(key))
        .map(|(value, _)| value);
    let element = values.element_type().cloned();
    Ok(Value::list_from(
        element.unwrap_or(Type::Dynamic),
        found.collect(),
    ))
}

/// Later ones win. A map if all are maps of one type, else an object; nulls count for nothing.
fn merge(arguments: &Arguments<'_>) -> Called {
    let marks = arguments.values().iter().map(Value::marks);
    let marks = marks.fold(Marks::NONE, |all, marks| all | marks);
    if let Some(ty) = type_of_unknown_merge(arguments)? {
        return Ok(Value::unknown_of(ty).with_marks(marks));
    }
    count_merged(arguments)?;
    let mut merged = arguments.budget().take_entries();
    let entries = arguments.values().iter().filter_map(Value::entries);
    merge_entries(entries, &mut merged);
    let value = match common_element(arguments.values()) {
        Some(element) => Value::map_drained(element.clone(), &mut merged),
        None => Value::object_drained(&mut merged),
    };
    arguments.budget().return_entries(merged);
    Ok(value.with_marks(marks))
}

/// Counts the entries of each argument, beside those with other keys in the arguments before it.
fn count_merged(arguments: &Arguments<'_>) -> Result<(), CallError> {
    let entries = || arguments.values().iter().filter_map(Value::entries);
    let all = entries().map(|entries| entries.len() as u64).sum();
    if all <= arguments.budget().limits().collection_items {
        return Ok(arguments.budget().take_steps(all)?);
    }
    let mut keys = HashSet::new();
    for entries in entries() {
        arguments.count_items(entries.len(), keys.len() + entries.len())?;
        keys.extend(entries.iter().map(|(key, _)| key));
    }
    Ok(())
}

/// The element type of the maps, if there are maps only and all have the same.
fn common_element(values: &[Value]) -> Option<&Type> {
    let mut common = None;
    for value in values.iter().filter(|value| !value.is_null()) {
        let element = value.element_type()?;
        if common.is_some_and(|common| common != element) {
            return None;
        }
        common = Some(element);
    }
    common
}

/// The type of the result if an argument is unknown, and whether all are maps or objects.
#[inline(never)]
fn type_of_unknown_merge(arguments: &Arguments<'_>) -> Result<Option<Type>, CallError> {
    let mut is_unknown = false;
    for (index, value) in arguments.values().iter().enumerate() {
        match value.kind() {
            Kind::Null | Kind::Map(_) | Kind::Object(_) => {}
            Kind::Unknown => match value.ty() {
                Type::Dynamic | Type::Map(_) | Type::Object(_) => is_unknown = true,
                _ => return Err(no_map(value, index)),
            },
            _ => return Err(no_map(value, index)),
        }
    }
    if !is_unknown {
        return Ok(None);
    }
    let given = arguments.values().iter().filter(|value| !value.is_null());
    let types: Vec<Type> = given.clone().map(Value::ty).collect();
    if types.iter().all(|ty| *ty == types[0]) {
        return Ok(types.into_iter().next());
    }
    let mut attributes = Vec::new();
    for (value, ty) in given.zip(&types) {
        match (ty, value.entries()) {
            (Type::Object(object), _) => attributes.extend(object.iter().cloned()),
            (Type::Map(element), Some(entries)) => {
                let entries = entries.iter();
                attributes.extend(entries.map(|(key, _)| (key.clone(), Type::clone(element))));
            }
            _ => return Ok(Some(Type::Dynamic)),
        }
    }
    Ok(Some(Type::object(attributes)))
}

/// Each string of the lists with the keys under which it stood.
fn transpose(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let mut lists: BTreeMap<Text, Vec<Value>> = BTreeMap::new();
    for (key, list) in arguments.value(0).entries().unwrap_or_default() {
        let null = || {
            let message = format!("must have no null in it, but \"{key}\" has one");
            CallError::argument(0, message)
        };
        for item in list.items().ok_or_else(null)? {
            let text = item.as_text().ok_or_else(null)?;
            let keys = lists.entry(text.clone()).or_default();
            keys.push(Value::text(key.clone()));
        }
    }
    let lists = lists.into_iter().map(|(text, mut keys)| {
        keys.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        (text, Value::list_from(Type::String, keys))
    });
    Ok(Value::map_from(Type::list(Type::String), lists.collect()))
}

/// A map with keys from one list and values from another; an object if the values are a tuple.
fn zipmap(arguments: &Arguments<'_>) -> Called {
    let (keys, values) = (arguments.value(0), arguments.value(1));
    let marks = keys.deep_marks() | values.marks();
    let names = key_names(keys)?;
    arguments.count_items(names.len(), names.len())?;
    let zipped = match values.kind() {
        Kind::List(items) | Kind::Tuple(items) => {
            check_lengths(names.len(), items.len())?;
            let entries = names.into_iter().zip(items.iter().cloned()).collect();
            match values.element_type() {
                Some(element) => Value::map_from(element.clone(), entries),
                None => Value::object_from(entries),
            }
        }
        Kind::Unknown => match values.ty() {
            Type::List(element) => Value::unknown_of(Type::map(Type::clone(&element))),
            Type::Tuple(types) => {
                check_lengths(names.len(), types.len())?;
                let attributes = names.into_iter().zip(types.iter().cloned());
                Value::unknown_of(Type::object(attributes))
            }
            Type::Dynamic => Value::unknown(),
            _ => return Err(no_values(values)),
        },
        _ => return Err(no_values(values)),
    };
    Ok(zipped.with_marks(marks))
}

fn key_names(keys: &Value) -> Result<Vec<Text>, CallError> {
    let keys = keys.items().unwrap_or_default().iter().enumerate();
    let names = keys.map(|(index, key)| {
        key.as_text().cloned().ok_or_else(|| {
            let message = format!("must have no null in it, but element {index} is null");
            CallError::argument(0, message)
        })
    });
    names.collect()
}

fn check_lengths(keys: usize, values: usize) -> Result<(), CallError> {
    if keys == values {
        return Ok(());
    }
    Err(CallError::failed(format!(
        "There are {keys} keys and {values} values, and there must be as many of one as of the \
         other."
    )))
}

fn no_values(values: &Value) -> CallError {
    let message = format!("must be a list or tuple, not {}", a_type(values));
    CallError::argument(1, message)
}
