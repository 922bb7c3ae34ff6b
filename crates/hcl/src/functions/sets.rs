//! Functions of sets.

use std::collections::HashMap;

use super::{ANY, Arguments, Called, Function, Parameter, Returns, Unknowns, Wanted, a_type};
use crate::convert::convert;
use crate::host::CallError;
use crate::ty::Type;
use crate::unify::unify;
use crate::value::{Marks, Value};

const ANY_SET: Wanted = Wanted::Set(&Wanted::Any);
const OF_ANY: Returns = Returns::Always(ANY_SET);
const FIRST: Parameter = Parameter::new("first_set", ANY_SET);
const OTHERS: Parameter = Parameter::new("other_sets", ANY_SET);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("setintersection", &[FIRST], OF_ANY, setintersection).and_more(OTHERS),
    Function::new("setproduct", &[], ANY, setproduct).and_more(
        Parameter::new("sets", Wanted::Any)
            .with_unknown(Unknowns::All)
            .with_marks(),
    ),
    Function::new(
        "setsubtract",
        &[Parameter::new("a", ANY_SET), Parameter::new("b", ANY_SET)],
        OF_ANY,
        setsubtract,
    ),
    Function::new("setunion", &[FIRST], OF_ANY, setunion).and_more(OTHERS),
];

/// Values that one can be looked up among.
#[derive(Default)]
pub(super) struct Members<'a>(HashMap<String, Vec<&'a Value>>);

impl<'a> Members<'a> {
    pub(super) fn of(values: &'a [Value]) -> Self {
        let mut members = Self::default();
        for value in values {
            members.insert(value);
        }
        members
    }

    pub(super) fn contains(&self, value: &Value) -> bool {
        let alike = self.0.get(&value.set_key());
        alike.is_some_and(|alike| alike.iter().any(|other| other.equals(value) == Some(true)))
    }

    /// Whether it is new.
    pub(super) fn insert(&mut self, value: &'a Value) -> bool {
        let alike = self.0.entry(value.set_key()).or_default();
        let is_new = !alike.iter().any(|other| other.equals(value) == Some(true));
        if is_new {
            alike.push(value);
        }
        is_new
    }
}

fn setunion(arguments: &Arguments<'_>) -> Called {
    let (element, sets) = sets_of_one_type(arguments)?;
    let items: Vec<Value> = sets.into_iter().flatten().collect();
    arguments.count_items(items.len(), items.len())?;
    Ok(Value::set_from(element, items))
}

fn setintersection(arguments: &Arguments<'_>) -> Called {
    let (element, sets) = sets_of_one_type(arguments)?;
    let (first, others) = sets.split_first().expect("there is a first argument");
    let others: Vec<Members<'_>> = others.iter().map(|set| Members::of(set)).collect();
    let is_in_all = |item: &&Value| others.iter().all(|set| set.contains(item));
    let items = first.iter().filter(is_in_all).cloned().collect();
    Ok(Value::set_from(element, items))
}

fn setsubtract(arguments: &Arguments<'_>) -> Called {
    let (element, sets) = sets_of_one_type(arguments)?;
    let taken_away = Members::of(&sets[1]);
    let items = sets[0].iter().filter(|item| !taken_away.contains(item));
    Ok(Value::set_from(element.clone(), items.cloned().collect()))
}

/// The elements of all arguments, converted to one type. An empty set of no type goes with all.
fn sets_of_one_type(arguments: &Arguments<'_>) -> Result<(Type, Vec<Vec<Value>>), CallError> {
    arguments.count_all()?;
    let element = |set: &Value| set.element_type().cloned().unwrap_or(Type::Dynamic);
    let says_nothing =
        |set: &&Value| set.items().is_some_and(<[_]>::is_empty) && element(set) == Type::Dynamic;
    let sets = arguments.values();
    let types: Vec<Type> = sets
        .iter()
        .filter(|set| !says_nothing(set))
        .map(element)
        .collect();
    let element = if types.is_empty() {
        Type::Dynamic
    } else {
        unify(&types).ok_or_else(|| {
            CallError::failed("The elements of the sets must have a type in common.")
        })?
    };
    let wanted = Type::set(element.clone());
    let converted = sets.iter().enumerate().map(|(index, set)| {
        let set = convert(set, &wanted)
            .map_err(|error| CallError::argument(index, format!("is not suitable: {error}")))?;
        Ok(set.items().unwrap_or_default().to_vec())
    });
    Ok((element, converted.collect::<Result<_, CallError>>()?))
}

/// All ways to take one element of each. A list if all arguments are lists or tuples, else a set.
fn setproduct(arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(2..=usize::MAX)?;
    let mut marks = Marks::NONE;
    let mut types = Vec::with_capacity(arguments.len());
    let mut factors = Vec::with_capacity(arguments.len());
    let mut is_list = true;
    let mut is_unknown = false;
    for (index, value) in arguments.values().iter().enumerate() {
        marks |= value.marks();
        let factor = factor(value, index)?;
        is_list &= !matches!(value.ty(), Type::Set(_));
        is_unknown |= factor.items().is_none();
        types.push(factor.element_type().cloned());
        factors.push(factor);
    }
    let of_unknown = factors.iter().map(|factor| factor.ty().element().cloned());
    let types = types.into_iter().zip(of_unknown);
    let types = types.map(|(known, unknown)| known.or(unknown).unwrap_or(Type::Dynamic));
    let tuple = Type::tuple(types.collect());
    let product = if is_unknown {
        let kind = if is_list { Type::list } else { Type::set };
        Value::unknown_of(kind(tuple))
    } else {
        let tuples = all_choices(arguments, &factors)?;
        let kind = if is_list {
            Value::list_from
        } else {
            Value::set_from
        };
        kind(tuple, tuples)
    };
    Ok(product.with_marks(marks))
}

/// A set or list of one type, perhaps unknown.
fn factor(value: &Value, index: usize) -> Called {
    match value.ty() {
        Type::Dynamic => Ok(Value::unknown_of(Type::list(Type::Dynamic))),
        Type::Set(_) | Type::List(_) => Ok(value.clone()),
        Type::Tuple(_) => convert(value, &Type::list(Type::Dynamic))
            .map_err(|error| CallError::argument(index, format!("is not suitable: {error}"))),
        Type::Bool | Type::Number | Type::String | Type::Map(_) | Type::Object(_) => {
            let message = format!("must be a set or a list, not {}", a_type(value));
            Err(CallError::argument(index, message))
        }
    }
}

fn all_choices(arguments: &Arguments<'_>, factors: &[Value]) -> Result<Vec<Value>, CallError> {
    let factors: Vec<&[Value]> = factors.iter().filter_map(Value::items).collect();
    let lengths = factors.iter().map(|items| items.len() as u64);
    let total = lengths.fold(1u64, u64::saturating_mul);
    let budget = arguments.budget();
    budget.expect_items(total)?;
    budget.take_steps(total.saturating_mul(factors.len() as u64))?;
    let mut choices: Vec<Vec<Value>> = vec![Vec::new()];
    for items in factors {
        choices = choices
            .iter()
            .flat_map(|chosen| {
                items.iter().map(|item| {
                    let mut chosen = chosen.clone();
                    chosen.push(item.clone());
                    chosen
                })
            })
            .collect();
    }
    Ok(choices.into_iter().map(Value::tuple).collect())
}
