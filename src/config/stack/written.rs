//! The files that are written beside a generated unit or stack: its values, and what its
//! `autoinclude` block says.

use camino::Utf8Path;
use terrane_hcl::{
    Block, Body, Context, Diagnostic, Diagnostics, Expression, Host, Location, Reference, Resolved,
    RootError, Value, World, evaluate,
};

use super::read::{PartKind, StackPart};
use crate::config::scope::View;
use crate::model::paths::relative;

impl StackPart {
    /// The text of its `terragrunt.values.hcl`: one attribute a line, in the order of their names.
    pub fn values_text(&self) -> Result<Option<String>, Diagnostics> {
        let Some(entries) = self.values.as_ref().and_then(Value::entries) else {
            return Ok(None);
        };
        let mut text = String::new();
        for (name, value) in entries {
            attribute(&mut text, name, &hcl(value, &self.place)?);
        }
        Ok(Some(terrane_hcl::format(&text)))
    }
}

/// The text of an `autoinclude` block as a file of its own: what is known now is written as a
/// value, what waits for outputs as it stands.
pub(super) fn auto_include_text(
    view: View<'_>,
    block: &Block,
    part: &StackPart,
    parts: &[StackPart],
    stack_folder: &Utf8Path,
) -> Result<String, Diagnostics> {
    let folder = part.folder_in(stack_folder);
    let ways = |kind: PartKind| {
        let others = parts.iter().filter(move |other| other.kind == kind);
        Value::object(others.map(|other| {
            let way = relative(&folder, &other.folder_in(stack_folder));
            let path = Value::object([("path", Value::from(way.as_str()))]);
            (other.name.clone(), path)
        }))
    };
    let writer = Writer {
        view,
        units: ways(PartKind::Unit),
        stacks: ways(PartKind::Stack),
    };
    let mut text = String::new();
    writer.body(&block.body, &mut text)?;
    Ok(terrane_hcl::format(text.trim_end()) + "\n")
}

/// Writes a body in which `unit` and `stack` are the other parts of the stack.
struct Writer<'w> {
    view: View<'w>,
    units: Value,
    stacks: Value,
}

impl Writer<'_> {
    fn body(&self, body: &Body, text: &mut String) -> Result<(), Diagnostics> {
        let source = &self.view.scope.file.source;
        let mut errors = Diagnostics::new();
        for item in body.items() {
            match item {
                terrane_hcl::Item::Attribute(written) => match self.value(&written.expression) {
                    Ok(value) => attribute(text, &written.name, &value),
                    Err(more) => errors.extend(more),
                },
                terrane_hcl::Item::Block(inner) => {
                    text.push_str(&inner.kind);
                    for label in &inner.labels {
                        text.push(' ');
                        text.push_str(source.slice(label.span));
                    }
                    text.push_str(" {\n");
                    errors.extend(self.body(&inner.body, text).err().into_iter().flatten());
                    text.push_str("}\n\n");
                }
            }
        }
        if errors.has_errors() {
            return Err(errors);
        }
        Ok(())
    }

    fn value(&self, expression: &Expression) -> Result<String, Diagnostics> {
        let source = &self.view.scope.file.source;
        let references = expression.references();
        if references.iter().any(|r| r.name == "dependency") {
            return Ok(source.slice(expression.span).to_owned());
        }
        let context = Context {
            source,
            host: self,
            budget: &self.view.evaluation.budget,
        };
        let value = evaluate(expression, &context)?;
        hcl(&value, &expression.span.in_source(source))
    }
}

impl Host for Writer<'_> {
    fn root(
        &self,
        reference: &Reference<'_>,
        context: &Context<'_>,
    ) -> Result<Resolved, RootError> {
        match reference.name {
            "unit" => Ok(Resolved::whole(self.units.clone())),
            "stack" => Ok(Resolved::whole(self.stacks.clone())),
            _ => self.view.root(reference, context),
        }
    }

    fn root_names(&self) -> Vec<String> {
        let own = ["unit", "stack"].map(str::to_owned);
        own.into_iter().chain(self.view.root_names()).collect()
    }

    fn call(
        &self,
        name: &str,
        arguments: &terrane_hcl::Arguments<'_>,
    ) -> Option<Result<Value, terrane_hcl::CallError>> {
        self.view.call(name, arguments)
    }

    fn function_names(&self) -> Vec<String> {
        self.view.function_names()
    }

    fn world(&self) -> &dyn World {
        self.view.world()
    }
}

fn hcl(value: &Value, place: &Location) -> Result<String, Diagnostics> {
    value.to_hcl().map_err(|error| {
        Diagnostic::error("Value cannot be written")
            .detail(format!("It is written into a file of the stack: {error}."))
            .at(&place.source, place.span)
            .into()
    })
}

fn attribute(text: &mut String, name: &str, value: &str) {
    text.push_str(name);
    text.push_str(" = ");
    text.push_str(value);
    text.push('\n');
}
