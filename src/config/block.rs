//! Blocks with their values: what a file says once its expressions are evaluated.
//!
//! A decoded block keeps values as the language has them, each with its place, so that merging,
//! rendering and explaining work on the same thing. Typed structs are made of it at the very end.

use terrane_hcl::{
    Attribute, Block, Diagnostic, Diagnostics, Expression, Location, Text, Value, convert,
};

use super::config_file::ConfigFile;
use super::schema::{AttributeSchema, BlockSchema, Wanted};
use super::schema_check::missing_attribute;

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) place: Location,
}

/// A block whose attributes have values of the types that its schema wants. What is not set or
/// null is not among them.
#[derive(Clone, Debug)]
pub(crate) struct DecodedBlock {
    pub(crate) schema: &'static BlockSchema,
    /// Empty where there is none.
    pub(crate) label: Text,
    pub(crate) attributes: Vec<(&'static str, Located<Value>)>,
    /// In the order of the text.
    pub(crate) blocks: Vec<DecodedBlock>,
    pub(crate) place: Location,
}

impl DecodedBlock {
    pub(crate) fn new(schema: &'static BlockSchema, label: Text, place: Location) -> Self {
        Self {
            schema,
            label,
            attributes: Vec::new(),
            blocks: Vec::new(),
            place,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Located<Value>> {
        self.attributes
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.get(name).map(|located| &located.value)
    }

    pub(crate) fn set(&mut self, name: &'static str, value: Located<Value>) {
        match self.attributes.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((name, value)),
        }
    }

    pub(crate) fn string(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str()
    }

    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        self.value(name)?.as_bool()
    }

    /// The elements of a list of strings.
    pub(crate) fn strings(&self, name: &str) -> Option<Vec<String>> {
        let items = self.value(name)?.items()?;
        Some(
            items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        )
    }

    /// The place of an attribute; of the block, if it is not set.
    pub(crate) fn place_of(&self, name: &str) -> &Location {
        self.get(name).map_or(&self.place, |located| &located.place)
    }

    pub(crate) fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a DecodedBlock> {
        self.blocks
            .iter()
            .filter(move |block| block.schema.kind == kind)
    }
}

/// Evaluates blocks of one file.
pub(crate) struct Decoder<'a> {
    pub(crate) file: &'a ConfigFile,
    pub(crate) evaluate: &'a dyn Fn(&Expression) -> Result<Value, Diagnostics>,
}

impl Decoder<'_> {
    /// A block, and all that is wrong in it. Unknown names are passed over here.
    pub(crate) fn block(
        &self,
        block: &Block,
        schema: &'static BlockSchema,
    ) -> Result<DecodedBlock, Diagnostics> {
        self.block_of(block, schema, &|_| true)
    }

    /// A block with only those of its own attributes that are wanted.
    pub(crate) fn block_of(
        &self,
        block: &Block,
        schema: &'static BlockSchema,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<DecodedBlock, Diagnostics> {
        let label = block.labels.first().map(|label| label.text.clone());
        let place = self.file.at(block.header_span);
        let mut decoded = DecodedBlock::new(schema, label.unwrap_or_default(), place);
        let mut errors = Diagnostics::new();
        for wanted in schema.attributes.iter().filter(|a| is_wanted(a.name)) {
            let Some(attribute) = block.body.attribute(wanted.name) else {
                if wanted.required {
                    errors.push(missing_attribute(block, wanted.name, &self.file.source));
                }
                continue;
            };
            match self.attribute(attribute, wanted) {
                Ok(value) if value.value.is_null() && wanted.wanted != Wanted::Any => {
                    if wanted.required {
                        errors.push(null_attribute(wanted.name, &value.place));
                    }
                }
                Ok(value) => decoded.attributes.push((wanted.name, value)),
                Err(more) => errors.extend(more),
            }
        }
        for inner in &block.body.blocks {
            let Some(child) = schema.child(&inner.kind) else {
                continue;
            };
            match self.block(inner, child.schema) {
                Ok(inner) => decoded.blocks.push(inner),
                Err(more) => errors.extend(more),
            }
        }
        if errors.has_errors() {
            return Err(errors);
        }
        Ok(decoded)
    }

    /// One attribute with a value of the type that is wanted of it.
    pub(crate) fn attribute(
        &self,
        attribute: &Attribute,
        wanted: &AttributeSchema,
    ) -> Result<Located<Value>, Diagnostics> {
        let value = (self.evaluate)(&attribute.expression)?;
        let place = self.file.at(attribute.expression.span);
        let value = fit(&value, wanted, &place)?;
        Ok(Located {
            value,
            place: self.file.at(attribute.span),
        })
    }
}

/// The value as the type that is wanted.
pub(crate) fn fit(
    value: &Value,
    wanted: &AttributeSchema,
    place: &Location,
) -> Result<Value, Diagnostics> {
    let unsuitable = |reason: String| {
        Diagnostic::error("Unsuitable value")
            .detail(format!("The attribute \"{}\" {reason}.", wanted.name))
            .at(&place.source, place.span)
    };
    if wanted.wanted == Wanted::Object && !is_object_like(value) {
        return Err(unsuitable(format!("needs an object, and this is a {}", value.ty())).into());
    }
    convert(value, &wanted.wanted.ty())
        .map_err(|mismatch| unsuitable(format!("does not take this value: {mismatch}")).into())
}

fn is_object_like(value: &Value) -> bool {
    value.is_null() || value.is_unknown() || value.entries().is_some()
}

fn null_attribute(name: &str, place: &Location) -> Diagnostic {
    Diagnostic::error("Unsuitable value")
        .detail(format!("The attribute \"{name}\" must not be null."))
        .at(&place.source, place.span)
}

/// An object as a block of a schema: the form `remote_state = { … }`.
pub(crate) fn block_of_object(
    value: &Value,
    schema: &'static BlockSchema,
    label: Text,
    place: &Location,
) -> Result<DecodedBlock, Diagnostics> {
    let mut decoded = DecodedBlock::new(schema, label, place.clone());
    let mut errors = Diagnostics::new();
    for wanted in schema.attributes {
        let inner = value.get_attr(wanted.name).ok().filter(|v| !v.is_null());
        let Some(inner) = inner else {
            if wanted.required && !value.is_unknown() {
                errors.push(
                    Diagnostic::error("Missing attribute")
                        .detail(format!(
                            "\"{}\" needs the attribute \"{}\".",
                            schema.kind, wanted.name
                        ))
                        .at(&place.source, place.span),
                );
            }
            continue;
        };
        match fit(&inner, wanted, place) {
            Ok(value) => decoded.set(
                wanted.name,
                Located {
                    value,
                    place: place.clone(),
                },
            ),
            Err(more) => errors.extend(more),
        }
    }
    if errors.has_errors() {
        return Err(errors);
    }
    Ok(decoded)
}
