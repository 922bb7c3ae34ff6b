//! One type for values of several types.
//!
//! The two results of a conditional and the elements of a list must be of one type. Which one is
//! found here, among them rules that surprise: two objects with different attributes become a map.

use std::collections::HashSet;

use crate::convert::converted_type;
use crate::ty::{ObjectType, Type};

/// The type that values of all these types can become; `None` if there is none.
pub fn unify(types: &[Type]) -> Option<Type> {
    let (first, rest) = types.split_first()?;
    if rest.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let mut seen = HashSet::new();
    let types: Vec<Type> = types
        .iter()
        .filter(|ty| seen.insert(*ty))
        .cloned()
        .collect();
    unify_different(&types)
}

fn unify_different(types: &[Type]) -> Option<Type> {
    let count = |is: fn(&Type) -> bool| types.iter().filter(|ty| is(ty)).count();
    let dynamic = count(|ty| matches!(ty, Type::Dynamic));
    let lists = count(|ty| matches!(ty, Type::List(_)));
    let sets = count(|ty| matches!(ty, Type::Set(_)));
    let tuples = count(|ty| matches!(ty, Type::Tuple(_)));
    let maps = count(|ty| matches!(ty, Type::Map(_)));
    let objects = count(|ty| matches!(ty, Type::Object(_)));
    let all = types.len() - dynamic;
    let structural = [lists, sets, tuples, maps, objects];
    if all > 0 && dynamic > 0 && structural.contains(&all) {
        // What a value of a type yet to come would make of this cannot be foreseen.
        return Some(Type::Dynamic);
    }
    if objects == all {
        return unify_objects(types);
    }
    if tuples == all {
        return unify_tuples(types);
    }
    if objects > 0 && tuples > 0 {
        return None;
    }
    let elements = || unify(&elements_of(types));
    let as_collection = match all {
        _ if maps > 0 && maps + objects == all => elements().map(Type::map),
        _ if lists > 0 && lists + tuples == all => elements().map(Type::list),
        _ if sets == all => elements().map(Type::set),
        _ => None,
    };
    as_collection.or_else(|| preferred(types))
}

/// All the types of elements and attributes.
fn elements_of(types: &[Type]) -> Vec<Type> {
    let mut elements = Vec::new();
    for ty in types {
        match ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => {
                elements.push(Type::clone(element));
            }
            Type::Tuple(tuple) => elements.extend(tuple.iter().cloned()),
            Type::Object(object) => elements.extend(object.types().cloned()),
            Type::Dynamic | Type::Bool | Type::Number | Type::String => {}
        }
    }
    elements
}

/// The same attributes are unified one by one; different ones make it a map.
fn unify_objects(types: &[Type]) -> Option<Type> {
    let objects: Vec<&ObjectType> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Object(object) => Some(&**object),
            _ => None,
        })
        .collect();
    let (first, rest) = objects.split_first()?;
    let same_names = |other: &&ObjectType| {
        first.len() == other.len() && first.iter().zip(other.iter()).all(|(a, b)| a.0 == b.0)
    };
    if !rest.iter().all(same_names) {
        return unify(&elements_of(types)).map(Type::map);
    }
    let attributes = first.iter().map(|(name, _)| {
        let types: Vec<Type> = objects
            .iter()
            .filter_map(|object| object.get(name).cloned())
            .collect();
        Some((name.clone(), unify(&types)?))
    });
    attributes.collect::<Option<Vec<_>>>().map(Type::object)
}

/// Tuples of one length are unified element by element; others make it a list.
fn unify_tuples(types: &[Type]) -> Option<Type> {
    let tuples: Vec<&[Type]> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Tuple(tuple) => Some(tuple.as_slice()),
            _ => None,
        })
        .collect();
    let length = tuples.first()?.len();
    if tuples.iter().any(|tuple| tuple.len() != length) {
        return unify(&elements_of(types)).map(Type::list);
    }
    let elements = (0..length).map(|index| {
        let types: Vec<Type> = tuples.iter().map(|tuple| tuple[index].clone()).collect();
        unify(&types)
    });
    elements.collect::<Option<_>>().map(Type::tuple)
}

/// The first of these types, in an order of preference, that all the others can become.
fn preferred(types: &[Type]) -> Option<Type> {
    let mut candidates: Vec<&Type> = types.iter().collect();
    candidates.sort_by_key(|ty| match ty {
        Type::String | Type::List(_) | Type::Map(_) => 0,
        Type::Bool | Type::Number | Type::Set(_) | Type::Object(_) => 1,
        Type::Tuple(_) => 2,
        Type::Dynamic => 3,
    });
    candidates
        .into_iter()
        .find(|wanted| types.iter().all(|ty| converted_type(ty, wanted).is_some()))
        .cloned()
}
