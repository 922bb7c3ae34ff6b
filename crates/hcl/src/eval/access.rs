//! Variables, and steps into values.

use super::{Evaluated, Frame};
use crate::Diagnostics;
use crate::ast::{Access, AccessOperation, Expression, Step, StepKey, Traversal};
use crate::host::{Resolved, RootError};
use crate::references::Reference;
use crate::source::Span;
use crate::ty::Type;
use crate::unify::unify;
use crate::value::{Kind, Marks, Value};

impl Frame<'_> {
    #[inline(never)]
    pub(super) fn variable(&self, traversal: &Traversal) -> Evaluated {
        if let Some(value) = self.bound(traversal) {
            return if traversal.steps.is_empty() {
                Ok(value.clone())
            } else {
                self.steps(value, traversal, 0)
            };
        }
        let reference = Reference {
            attempted: self.attempts,
            ..Reference::of(traversal)
        };
        match self.context.host.root(&reference, self.context) {
            Ok(Resolved { value, steps }) if steps >= traversal.steps.len() => Ok(value),
            Ok(Resolved { value, steps }) => self.steps(&value, traversal, steps),
            Err(error) => Err(self.no_value(&reference, error)),
        }
    }

    #[cold]
    fn no_value(&self, reference: &Reference<'_>, error: RootError) -> Diagnostics {
        match error {
            RootError::Failed(diagnostics) => diagnostics,
            RootError::Unknown => self.unknown_variable(reference),
            RootError::NoAttribute { step, names } => {
                self.no_root_attribute(reference, step, &names)
            }
        }
    }

    /// The text of a name that a `for` binds, with its marks: what loops in templates are mostly
    /// made of, and nothing needs to be copied for it.
    pub(super) fn bound_text(&self, expression: &Expression) -> Option<(&str, Marks)> {
        let traversal = expression.as_traversal()?;
        let value = self.bound(traversal)?;
        let text = value.as_str()?;
        traversal.steps.is_empty().then_some((text, value.marks()))
    }

    /// Attributes that are there are followed in place, so that no value is made of each step on
    /// the way, only of the last.
    pub(super) fn steps(
        &self,
        value: &Value,
        traversal: &Traversal,
        mut taken: usize,
    ) -> Evaluated {
        let mut at = value;
        let mut marks = Marks::NONE;
        while let Some(inner) = traversal.steps.get(taken).and_then(|step| entry(at, step)) {
            marks |= at.marks();
            at = inner;
            taken += 1;
        }
        let value = at.clone().with_marks(marks);
        match traversal.steps.get(taken..) {
            None | Some([]) => Ok(value),
            Some(rest) => self.steps_one_by_one(value, traversal.name_span, rest),
        }
    }

    #[inline(never)]
    fn steps_one_by_one(&self, mut value: Value, name: Span, steps: &[Step]) -> Evaluated {
        for step in steps {
            let owner = Span::new(name.start, step.span.start);
            value = self.step(&value, step, owner)?;
        }
        Ok(value)
    }

    /// One step; `owner` is the text of what is stepped into.
    fn step(&self, value: &Value, step: &Step, owner: Span) -> Evaluated {
        let result = match &step.key {
            StepKey::Attribute(name) => value.get_attr(name),
            StepKey::Key(name) => value.index(&Value::text(name.clone())),
            StepKey::Index(number) => value.index(&Value::number(number.clone())),
        };
        result.map_err(|error| self.bad_step(&error, value, step, owner))
    }

    #[inline(never)]
    pub(super) fn access(&self, access: &Access) -> Evaluated {
        let target = self.evaluate(&access.target)?;
        self.operations(target, &access.operations, access.target.span)
    }

    fn operations(
        &self,
        mut value: Value,
        operations: &[AccessOperation],
        target: Span,
    ) -> Evaluated {
        for operation in operations {
            let owner = Span::new(target.start, operation.span().start);
            self.take_steps(1, operation.span())?;
            value = match operation {
                AccessOperation::Step(step) => self.step(&value, step, owner)?,
                AccessOperation::Index { key, span } => self.index(&value, key, *span, owner)?,
                AccessOperation::Splat { each, marker, span } => {
                    self.splat(&value, each, *marker, *span)?
                }
            };
        }
        Ok(value)
    }

    fn index(&self, value: &Value, key: &Expression, span: Span, owner: Span) -> Evaluated {
        let key_value = self.evaluate(key)?;
        value
            .index(&key_value)
            .map_err(|error| self.bad_index(&error, value, (key, &key_value), span, owner))
    }

    /// Does the same with every element. What is no sequence is one of a single element, and null
    /// of none.
    fn splat(
        &self,
        value: &Value,
        each: &[AccessOperation],
        marker: Span,
        span: Span,
    ) -> Evaluated {
        let marks = value.marks();
        let single = [value.clone()];
        let items = match value.kind() {
            Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => items,
            Kind::Null if is_sequence(&value.ty()) => return Err(self.splat_of_null(marker)),
            Kind::Null => return Ok(Value::tuple([]).with_marks(marks)),
            Kind::Unknown if value.is_dynamic() => return Ok(value.clone()),
            Kind::Unknown if is_sequence(&value.ty()) => {
                let ty = self.splat_type(&value.ty(), each, span)?;
                return Ok(Value::unknown_of(ty).with_marks(marks));
            }
            Kind::Unknown => return Ok(Value::unknown().with_marks(marks)),
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(_) | Kind::Object(_) => {
                &single
            }
        };
        let mut results = Vec::with_capacity(items.len());
        for item in items {
            let item = item.clone().with_marks(marks);
            results.push(self.operations(item, each, span)?);
        }
        let result = match value.kind() {
            Kind::List(_) | Kind::Set(_) => {
                let element = match results.first() {
                    Some(_) => common_type(&results),
                    None => match self.splat_type(&value.ty(), each, span)? {
                        Type::List(element) => Some(Type::clone(&element)),
                        _ => Some(Type::Dynamic),
                    },
                };
                match element {
                    Some(element) => Value::list_from(element, results),
                    None => Value::tuple(results),
                }
            }
            _ => Value::tuple(results),
        };
        self.keep(result.with_marks(marks), span)
    }

    /// The type of a splat over a sequence of which only the type is known.
    fn splat_type(
        &self,
        ty: &Type,
        each: &[AccessOperation],
        span: Span,
    ) -> Result<Type, crate::Diagnostics> {
        let of = |element: &Type| {
            let element = Value::unknown_of(element.clone());
            self.operations(element, each, span).map(|value| value.ty())
        };
        Ok(match ty {
            Type::List(element) | Type::Set(element) => Type::list(of(element)?),
            Type::Tuple(elements) => {
                Type::tuple(elements.iter().map(of).collect::<Result<_, _>>()?)
            }
            _ => Type::Dynamic,
        })
    }
}

/// What a step by name leads to, with its own marks only; `None` if there is more to say.
fn entry<'v>(value: &'v Value, step: &Step) -> Option<&'v Value> {
    match &step.key {
        StepKey::Attribute(name) | StepKey::Key(name) => value.entry(name),
        StepKey::Index(_) => None,
    }
}

fn is_sequence(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Set(_) | Type::Tuple(_))
}

/// The type of all values, if they are of one.
fn common_type(values: &[Value]) -> Option<Type> {
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    let unified = unify(&types)?;
    types.iter().all(|ty| *ty == unified).then_some(unified)
}
