//! Functions of lists and tuples.

use super::sets::Members;
use super::{
    ANY, Arguments, Called, Function, Parameter, Returns, STRINGS, Unknowns, Wanted, a_type,
};
use crate::convert::convert;
use crate::host::CallError;
use crate::number::Number;
use crate::ty::Type;
use crate::unify::unify;
use crate::value::{Kind, Marks, Value};

/// No more elements are made by `range`.
const LONGEST_RANGE: usize = 1024;

const ANY_LIST: Parameter = Parameter::new("list", Wanted::List(&Wanted::Any));
const STRING_LIST: Parameter = Parameter::new("list", Wanted::List(&Wanted::String));
/// A list or tuple of which the marks are kept where they are.
const SEQUENCE: Parameter = Parameter::new("list", Wanted::Any)
    .with_unknown(Unknowns::All)
    .with_marks();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "chunklist",
        &[
            ANY_LIST.with_unknown(Unknowns::InPart).with_marks(),
            Parameter::number("size"),
        ],
        Returns::Always(Wanted::List(&Wanted::List(&Wanted::Any))),
        chunklist,
    ),
    Function::new("compact", &[STRING_LIST], STRINGS, compact),
    Function::new("concat", &[], ANY, concat).and_more(
        Parameter::new("lists", Wanted::Any)
            .with_unknown(Unknowns::All)
            .with_marks(),
    ),
    Function::new("distinct", &[ANY_LIST], Returns::TypeOf(0), distinct),
    Function::new("flatten", &[Parameter::any_part("list")], ANY, flatten),
    Function::new(
        "range",
        &[],
        Returns::Always(Wanted::List(&Wanted::Number)),
        range,
    )
    .and_more(Parameter::number("limits")),
    Function::new("reverse", &[SEQUENCE], ANY, reverse),
    Function::new(
        "slice",
        &[
            SEQUENCE,
            Parameter::number("start_index").with_unknown(Unknowns::All),
            Parameter::number("end_index").with_unknown(Unknowns::All),
        ],
        ANY,
        slice,
    ),
    Function::new("sort", &[STRING_LIST], STRINGS, sort),
];

/// Lists of so many elements each, the last one perhaps of fewer. A size of 0 makes one list.
fn chunklist(arguments: &Arguments<'_>) -> Called {
    let list = arguments.value(0);
    let size = arguments.integer(1)?;
    let Ok(size) = usize::try_from(size) else {
        return Err(CallError::argument(1, "must not be negative"));
    };
    let items = list.items().unwrap_or_default();
    let element = list.element_type().cloned().unwrap_or(Type::Dynamic);
    let chunks = items.chunks(if size == 0 { items.len().max(1) } else { size });
    let chunks = chunks.map(|chunk| Value::list_from(element.clone(), chunk.to_vec()));
    let chunks: Vec<Value> = chunks.collect();
    arguments.count_items(items.len() + chunks.len(), chunks.len())?;
    Ok(Value::list_from(Type::list(element), chunks).with_marks(list.marks()))
}

/// Without nulls and empty strings.
fn compact(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let items = arguments.value(0).items().unwrap_or_default();
    let is_kept = |item: &&Value| item.as_str().is_some_and(|text| !text.is_empty());
    let items = items.iter().filter(is_kept).cloned().collect();
    Ok(Value::list_from(Type::String, items))
}

/// A list if all are lists with a type in common, else a tuple.
fn concat(arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=usize::MAX)?;
    let lists = arguments.values();
    let marks = lists
        .iter()
        .fold(Marks::NONE, |all, list| all | list.marks());
    for (index, list) in lists.iter().enumerate() {
        check_sequence(list, index)?;
    }
    let common = common_list_type(lists);
    let mut items = Vec::new();
    for list in lists {
        let before = items.len();
        let converted = common.as_ref().map(|ty| convert(list, ty));
        let converted = converted.transpose().map_err(|error| {
            CallError::failed(format!("The lists do not go together: {error}."))
        })?;
        let list = converted.as_ref().unwrap_or(list);
        match (list.items(), list.is_unknown().then(|| list.ty())) {
            (Some(more), _) => items.extend_from_slice(more),
            (None, Some(Type::Tuple(types))) => {
                items.extend(types.iter().cloned().map(Value::unknown_of));
            }
            (None, _) => {
                let ty = common.clone().unwrap_or(Type::Dynamic);
                return Ok(Value::unknown_of(ty).with_marks(marks));
            }
        }
        arguments.count_items(items.len() - before, items.len())?;
    }
    let result = match common {
        Some(Type::List(element)) => Value::list_from(Type::clone(&element), items),
        _ => Value::tuple(items),
    };
    Ok(result.with_marks(marks))
}

/// The list type that all become, if all are lists.
fn common_list_type(lists: &[Value]) -> Option<Type> {
    let is_list = |list: &Value| match list.kind() {
        Kind::List(_) => true,
        Kind::Unknown => matches!(list.ty(), Type::List(_)),
        _ => false,
    };
    if !lists.iter().all(is_list) {
        return None;
    }
    let types: Vec<Type> = lists.iter().map(Value::ty).collect();
    unify(&types).filter(|ty| matches!(ty, Type::List(_)))
}

fn check_sequence(list: &Value, index: usize) -> Result<(), CallError> {
    let is_sequence = match list.kind() {
        Kind::List(_) | Kind::Tuple(_) => true,
        Kind::Unknown => matches!(list.ty(), Type::List(_) | Type::Tuple(_) | Type::Dynamic),
        _ => false,
    };
    if is_sequence {
        return Ok(());
    }
    let message = format!("must be a list or tuple, not {}", a_type(list));
    Err(CallError::argument(index, message))
}

/// Each element where it stands first.
fn distinct(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let list = arguments.value(0);
    let mut seen = Members::default();
    let items = list.items().unwrap_or_default().iter();
    let items = items.filter(|item| seen.insert(item)).cloned().collect();
    let element = list.element_type().cloned().unwrap_or(Type::Dynamic);
    Ok(Value::list_from(element, items))
}

/// The elements of all lists in it, all levels down.
fn flatten(arguments: &Arguments<'_>) -> Called {
    let list = arguments.value(0);
    if list.items().is_none() {
        let message = format!("must be a list, set or tuple, not {}", a_type(list));
        return Err(CallError::argument(0, message));
    }
    let mut flat = Flat::default();
    flat.add(list, arguments)?;
    let result = if flat.is_unknown {
        Value::unknown()
    } else {
        Value::tuple(flat.items)
    };
    Ok(result.with_marks(flat.marks))
}

#[derive(Default)]
struct Flat {
    items: Vec<Value>,
    marks: Marks,
    /// Whether a list in it is unknown, or something that may yet be one.
    is_unknown: bool,
}

impl Flat {
    /// The depth of values is limited, and so is the recursion.
    fn add(&mut self, list: &Value, arguments: &Arguments<'_>) -> Result<(), CallError> {
        self.marks |= list.marks();
        let items = list.items().unwrap_or_default();
        arguments.count_items(items.len(), self.items.len() + items.len())?;
        for item in items {
            match item.kind() {
                Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) => self.add(item, arguments)?,
                Kind::Unknown => {
                    let ty = item.ty();
                    self.is_unknown |= matches!(
                        ty,
                        Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)
                    );
                    self.items.push(item.clone());
                }
                Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::String(_)
                | Kind::Map(_)
                | Kind::Object(_) => self.items.push(item.clone()),
            }
        }
        Ok(())
    }
}

/// Numbers from the first limit to the one before the second, step by step.
fn range(arguments: &Arguments<'_>) -> Called {
    let zero = || Number::literal(0);
    let one = |is_down: bool| Number::literal(if is_down { -1 } else { 1 });
    let (start, end) = match arguments.len() {
        1 => (zero(), arguments.number(0)?),
        2 | 3 => (arguments.number(0)?, arguments.number(1)?),
        _ => {
            arguments.expect_count(1..=3)?;
            (zero(), zero())
        }
    };
    let is_down = end < start;
    let step = match arguments.len() {
        3 => arguments.number(2)?,
        _ => one(is_down),
    };
    if start == end {
        return Ok(Value::list_from(Type::Number, Vec::new()));
    }
    if step.is_zero() {
        return Err(CallError::argument(2, "must not be zero"));
    }
    if step.is_negative() != is_down {
        let wanted = if is_down { "negative" } else { "positive" };
        let message = format!("must be {wanted}, as it goes from {start} to {end}");
        return Err(CallError::argument(2, message));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if is_down { next > end } else { next < end } {
        if numbers.len() >= LONGEST_RANGE {
            return Err(CallError::failed(format!(
                "There would be more than {LONGEST_RANGE} numbers; a larger step makes fewer."
            )));
        }
        numbers.push(Value::number(next.clone()));
        next = next
            .add(&step)
            .map_err(|error| CallError::failed(format!("A number in it has no value: {error}.")))?;
    }
    arguments.budget().take_steps(numbers.len() as u64)?;
    Ok(Value::list_from(Type::Number, numbers))
}

/// Also of a set, which becomes a list in the order of sets.
fn reverse(arguments: &Arguments<'_>) -> Called {
    let list = arguments.value(0);
    let reversed = |items: &[Value]| -> Result<Vec<Value>, CallError> {
        arguments.count_items(items.len(), items.len())?;
        Ok(items.iter().rev().cloned().collect())
    };
    let result = match list.kind() {
        Kind::Tuple(items) => Value::tuple(reversed(items)?),
        Kind::List(items) | Kind::Set(items) => {
            let element = list.element_type().cloned();
            Value::list_from(element.unwrap_or(Type::Dynamic), reversed(items)?)
        }
        Kind::Unknown => match list.ty() {
            Type::Tuple(types) => {
                Value::unknown_of(Type::tuple(types.iter().rev().cloned().collect()))
            }
            Type::List(element) | Type::Set(element) => {
                Value::unknown_of(Type::list(Type::clone(&element)))
            }
            Type::Dynamic => Value::unknown(),
            _ => return Err(not_reversible(list)),
        },
        _ => return Err(not_reversible(list)),
    };
    Ok(result.with_marks(list.marks()))
}

fn not_reversible(value: &Value) -> CallError {
    let hint = match value.kind() {
        Kind::String(_) => "; strrev reverses strings",
        _ => "",
    };
    let message = format!("must be a list, set or tuple, not {}{hint}", a_type(value));
    CallError::argument(0, message)
}

/// From the start index to the one before the end index.
fn slice(arguments: &Arguments<'_>) -> Called {
    let list = arguments.value(0);
    check_sequence(list, 0)?;
    let knows_limits = !arguments.value(1).is_unknown() && !arguments.value(2).is_unknown();
    let limits = |length: usize| -> Result<std::ops::Range<usize>, CallError> {
        let (start, end) = (
            slice_limit(arguments, 1, length)?,
            slice_limit(arguments, 2, length)?,
        );
        if start > end {
            let message = format!("must not be above the end index, which is {end}");
            return Err(CallError::argument(1, message));
        }
        Ok(start..end)
    };
    let result = match (list.kind(), knows_limits) {
        (Kind::Tuple(items), true) => Value::tuple(items[limits(items.len())?].to_vec()),
        (Kind::List(items), true) => {
            let element = list.element_type().cloned().unwrap_or(Type::Dynamic);
            Value::list_from(element, items[limits(items.len())?].to_vec())
        }
        _ => match list.ty() {
            Type::Tuple(types) if knows_limits => {
                Value::unknown_of(Type::tuple(types[limits(types.len())?].to_vec()))
            }
            Type::List(_) => Value::unknown_of(list.ty()),
            _ => Value::unknown(),
        },
    };
    let length = result.items().map_or(0, <[_]>::len);
    arguments.count_items(length, length)?;
    Ok(result.with_marks(list.marks()))
}

fn slice_limit(arguments: &Arguments<'_>, index: usize, length: usize) -> Result<usize, CallError> {
    let limit = arguments.integer(index)?;
    match usize::try_from(limit) {
        Ok(limit) if limit <= length => Ok(limit),
        Ok(_) => {
            let message = format!("must not be above the length of the list, which is {length}");
            Err(CallError::argument(index, message))
        }
        Err(_) => Err(CallError::argument(index, "must not be negative")),
    }
}

/// By their bytes.
fn sort(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let mut items = arguments.value(0).items().unwrap_or_default().to_vec();
    if let Some(index) = items.iter().position(Value::is_null) {
        let message = format!("must have no null in it, but element {index} is null");
        return Err(CallError::argument(0, message));
    }
    items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(Value::list_from(Type::String, items))
}
