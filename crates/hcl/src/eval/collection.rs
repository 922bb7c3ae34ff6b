//! Tuples, objects, and `for` expressions.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Evaluated, Frame, Scope};
use crate::Text;
use crate::ast::{Expression, ExpressionKind, For, ObjectItem, ObjectKey};
use crate::convert::convert_key;
use crate::diagnostic::Diagnostics;
use crate::number::Number;
use crate::source::Span;
use crate::value::{Kind, Marks, Value};

/// The elements of a collection with their keys. Each has the marks of the collection, so that
/// nothing forgets on the way that it is a part of a secret.
pub(super) struct Elements<'v> {
    of: ElementsOf<'v>,
    marks: Marks,
}

enum ElementsOf<'v> {
    /// Keys are positions.
    Listed(&'v [Value]),
    /// Keys are the elements themselves.
    Set(&'v [Value]),
    Keyed(&'v [(Text, Value)]),
}

impl<'v> Elements<'v> {
    pub(super) fn len(&self) -> usize {
        match self.of {
            ElementsOf::Listed(items) | ElementsOf::Set(items) => items.len(),
            ElementsOf::Keyed(entries) => entries.len(),
        }
    }

    pub(super) fn key(&self, index: usize) -> Value {
        let key = match self.of {
            ElementsOf::Listed(_) => Value::number(Number::count(index)),
            ElementsOf::Set(items) => items[index].clone(),
            ElementsOf::Keyed(entries) => Value::text(entries[index].0.clone()),
        };
        key.with_marks(self.marks)
    }

    pub(super) fn value(&self, index: usize) -> Cow<'v, Value> {
        let value = match self.of {
            ElementsOf::Listed(items) | ElementsOf::Set(items) => &items[index],
            ElementsOf::Keyed(entries) => &entries[index].1,
        };
        if self.marks.is_empty() {
            Cow::Borrowed(value)
        } else {
            Cow::Owned(value.clone().with_marks(self.marks))
        }
    }
}

/// The result of a `for` expression as far as it is made.
struct Gathered<'e> {
    made: Made<'e>,
    is_unknown: bool,
    marks: Marks,
}

/// With the expressions of the keys, where there are keys.
enum Made<'e> {
    Tuple(Vec<Value>),
    Object(&'e Expression, Entries),
    Groups(&'e Expression, Groups),
}

/// The values of each key.
type Groups = BTreeMap<Text, Vec<Value>>;

/// The entries of an object that is made one by one. Most come in the order of their keys.
struct Entries {
    in_order: Vec<(Text, Value)>,
    others: BTreeMap<Text, Value>,
}

impl Entries {
    /// None yet; the vector is empty.
    fn in_memory(in_order: Vec<(Text, Value)>) -> Self {
        Self {
            in_order,
            others: BTreeMap::new(),
        }
    }

    /// Adds one. Says whether there was none with this key.
    fn add(&mut self, key: Text, value: Value) -> bool {
        let is_last = self.in_order.last().is_none_or(|(last, _)| *last < key);
        if is_last && self.others.is_empty() {
            self.in_order.push((key, value));
            return true;
        }
        self.add_to_others(key, value)
    }

    // The rarer ways are kept apart, so that the common one stays in the caches.
    #[inline(never)]
    fn add_to_others(&mut self, key: Text, value: Value) -> bool {
        let is_there = |(other, _): &(Text, Value)| other.cmp(&key);
        self.in_order.binary_search_by(is_there).is_err()
            && self.others.insert(key, value).is_none()
    }

    #[inline(never)]
    fn put_in_order(&mut self) {
        self.in_order.extend(std::mem::take(&mut self.others));
        self.in_order.sort_by(|(a, _), (b, _)| a.cmp(b));
    }

    /// All of them as an object, and the memory they were in.
    fn into_object(mut self) -> (Value, Vec<(Text, Value)>) {
        if !self.others.is_empty() {
            self.put_in_order();
        }
        (Value::object_drained(&mut self.in_order), self.in_order)
    }
}

impl Made<'_> {
    /// Adds a value with its key, for which a tuple has no use. Says whether the key was free.
    fn add(&mut self, key: Text, value: Value) -> bool {
        match self {
            Self::Tuple(items) => items.push(value),
            Self::Object(_, entries) => return entries.add(key, value),
            Self::Groups(_, groups) => add_to_group(groups, key, value),
        }
        true
    }
}

#[inline(never)]
fn add_to_group(groups: &mut Groups, key: Text, value: Value) {
    groups.entry(key).or_default().push(value);
}

#[inline(never)]
fn tuples(groups: Groups) -> Value {
    let groups = groups.into_iter();
    let groups = groups.map(|(key, values)| (key, Value::tuple(values)));
    Value::object_from(groups.collect())
}

impl Frame<'_> {
    #[inline(never)]
    pub(super) fn tuple(&self, items: &[Expression], span: Span) -> Evaluated {
        let mut values = self.context.budget.take_values();
        self.evaluate_all(items, &mut values)?;
        let tuple = Value::tuple_drained(&mut values);
        self.context.budget.return_values(values);
        self.keep(tuple, span)
    }

    /// The last of two items with the same key wins. With an unknown key nothing of the object is
    /// known.
    #[inline(never)]
    pub(super) fn object(&self, items: &[ObjectItem], span: Span) -> Evaluated {
        if let Some(ObjectKey::Name { rank: Some(_), .. }) = items.first().map(|item| &item.key) {
            return self.ranked_object(items, span);
        }
        let mut attributes = Vec::with_capacity(items.len());
        let mut errors = Diagnostics::new();
        let mut marks = Marks::NONE;
        let mut has_unknown_key = false;
        for item in items {
            let key = self.object_key(&item.key);
            match (key, self.evaluate(&item.value)) {
                (Ok((key, key_marks)), Ok(value)) => {
                    marks |= key_marks;
                    match key {
                        Some(key) => attributes.push((key, value)),
                        None => has_unknown_key = true,
                    }
                }
                (key, value) => {
                    errors.extend(key.err().into_iter().flatten());
                    errors.extend(value.err().into_iter().flatten());
                    if self.context.budget.is_exhausted() {
                        return Err(errors);
                    }
                }
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        if has_unknown_key {
            return Ok(Value::unknown().with_marks(marks));
        }
        self.keep(Value::object_from(attributes).with_marks(marks), span)
    }

    /// An object whose items know their places.
    fn ranked_object(&self, items: &[ObjectItem], span: Span) -> Evaluated {
        let mut attributes = self.context.budget.take_entries();
        attributes.resize_with(items.len(), || (Text::new(), Value::bool(false)));
        let mut errors = Diagnostics::new();
        for item in items {
            let ObjectKey::Name {
                name,
                rank: Some(rank),
                ..
            } = &item.key
            else {
                unreachable!("all items of an object have names and ranks, or none has a rank");
            };
            match self.evaluate(&item.value) {
                Ok(value) => attributes[usize::from(*rank)] = (name.clone(), value),
                Err(error) => {
                    errors.extend(error);
                    if self.context.budget.is_exhausted() {
                        return Err(errors);
                    }
                }
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let object = Value::object_drained(&mut attributes);
        self.context.budget.return_entries(attributes);
        self.keep(object, span)
    }

    /// A key and its marks; no key if it is unknown.
    fn object_key(&self, key: &ObjectKey) -> Result<(Option<Text>, Marks), Diagnostics> {
        let expression = match key {
            ObjectKey::Name { name, .. } => return Ok((Some(name.clone()), Marks::NONE)),
            ObjectKey::Expression(expression) => expression,
        };
        if matches!(expression.kind, ExpressionKind::Variable(_)) {
            return Err(self.ambiguous_key(expression.span));
        }
        let value = self.evaluate(expression)?;
        if value.is_null() {
            return Err(self.null_key(expression));
        }
        match convert_key(&value) {
            Ok(key) => Ok((key, value.deep_marks())),
            Err(error) => Err(self.bad_key(&error, &value, expression)),
        }
    }

    #[inline(never)]
    pub(super) fn for_expression(&self, for_expression: &For, span: Span) -> Evaluated {
        let collection = self.evaluate(&for_expression.collection)?;
        let marks = collection.marks();
        let Some(elements) = self.elements(&collection, &for_expression.collection)? else {
            self.check_condition(for_expression)?;
            return Ok(Value::unknown().with_marks(marks));
        };
        if elements.len() == 0 {
            self.check_condition(for_expression)?;
        }
        let budget = self.context.budget;
        let expected = budget.expect_items(elements.len() as u64);
        expected.map_err(|exceeded| self.limit(exceeded, span))?;
        let mut gathered = Gathered {
            made: match &for_expression.key {
                None => Made::Tuple(budget.take_values()),
                Some(key) if for_expression.group => Made::Groups(key, BTreeMap::new()),
                Some(key) => Made::Object(key, Entries::in_memory(budget.take_entries())),
            },
            is_unknown: false,
            marks,
        };
        for index in 0..elements.len() {
            let names = (&for_expression.key_name, &for_expression.value_name);
            let (key, value) = (|| elements.key(index), elements.value(index));
            self.bind(names, key, &value, |frame| {
                frame.gather(for_expression, &mut gathered)
            })?;
        }
        self.finish(gathered, span)
    }

    /// One round of a `for` expression.
    fn gather(&self, for_expression: &For, gathered: &mut Gathered<'_>) -> Result<(), Diagnostics> {
        if let Some(condition) = &for_expression.condition {
            let (decision, value) = self.condition(condition)?;
            gathered.marks |= value.deep_marks();
            match decision {
                Some(true) => {}
                Some(false) => return Ok(()),
                None => {
                    gathered.is_unknown = true;
                    return Ok(());
                }
            }
        }
        let key_expression = match &mut gathered.made {
            Made::Tuple(items) => {
                items.push(self.evaluate(&for_expression.value)?);
                return Ok(());
            }
            Made::Object(key, _) | Made::Groups(key, _) => *key,
        };
        let key_value = self.evaluate(key_expression)?;
        let value = self.evaluate(&for_expression.value)?;
        if key_value.is_null() {
            return Err(self.null_key(key_expression));
        }
        gathered.marks |= key_value.deep_marks();
        let key = convert_key(&key_value)
            .map_err(|error| self.bad_key(&error, &key_value, key_expression))?;
        let Some(key) = key else {
            gathered.is_unknown = true;
            return Ok(());
        };
        if gathered.made.add(key, value) {
            Ok(())
        } else {
            Err(self.duplicate_key(&key_value, key_expression))
        }
    }

    /// Tells what is wrong with the condition of a `for` that has no element to try it on.
    fn check_condition(&self, for_expression: &For) -> Result<(), Diagnostics> {
        let Some(condition) = &for_expression.condition else {
            return Ok(());
        };
        let names = (&for_expression.key_name, &for_expression.value_name);
        self.bind(names, Value::unknown, &Value::unknown(), |frame| {
            frame.condition(condition).map(|_| ())
        })
    }

    fn finish(&self, gathered: Gathered<'_>, span: Span) -> Evaluated {
        if gathered.is_unknown {
            return Ok(Value::unknown().with_marks(gathered.marks));
        }
        let budget = self.context.budget;
        let value = match gathered.made {
            Made::Tuple(mut items) => {
                let tuple = Value::tuple_drained(&mut items);
                budget.return_values(items);
                tuple
            }
            Made::Groups(_, groups) => tuples(groups),
            Made::Object(_, entries) => {
                let (object, memory) = entries.into_object();
                budget.return_entries(memory);
                object
            }
        };
        self.keep(value.with_marks(gathered.marks), span)
    }

    /// The elements of a collection; `None` if they are unknown.
    pub(super) fn elements<'v>(
        &self,
        collection: &'v Value,
        expression: &Expression,
    ) -> Result<Option<Elements<'v>>, Diagnostics> {
        let of = match collection.kind() {
            Kind::List(items) | Kind::Tuple(items) => ElementsOf::Listed(items),
            Kind::Set(items) => ElementsOf::Set(items),
            Kind::Map(entries) | Kind::Object(entries) => ElementsOf::Keyed(entries),
            Kind::Unknown if collection.is_iterable() => return Ok(None),
            Kind::Null => return Err(self.null_collection(expression)),
            Kind::Unknown | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                return Err(self.no_collection(collection, expression));
            }
        };
        let marks = collection.marks();
        Ok(Some(Elements { of, marks }))
    }

    /// Does something where the names of a `for` are bound to one element.
    pub(super) fn bind<T>(
        &self,
        (key_name, value_name): (&Option<Text>, &Text),
        key: impl FnOnce() -> Value,
        value: &Value,
        body: impl FnOnce(Frame<'_>) -> T,
    ) -> T {
        let key_value;
        let key_scope;
        let outer = match key_name {
            Some(name) => {
                key_value = key();
                key_scope = Scope {
                    name,
                    value: &key_value,
                    outer: self.scope,
                };
                Some(&key_scope)
            }
            None => self.scope,
        };
        let value_scope = Scope {
            name: value_name,
            value,
            outer,
        };
        body(self.with_scope(&value_scope))
    }
}
