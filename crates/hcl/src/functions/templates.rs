//! `templatefile`: templates in files of their own.

use std::sync::Arc;

use super::files::read_text;
use super::{ANY, Arguments, Called, Function, Parameter, Unknowns, Wanted};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::eval::{Context, evaluate};
use crate::host::{CallError, Host, Resolved, RootError, World};
use crate::lex::is_identifier;
use crate::parse::parse_template;
use crate::references::Reference;
use crate::source::Source;
use crate::suggestion::closest;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    "templatefile",
    &[
        Parameter::string("path"),
        Parameter::new("vars", Wanted::Any)
            .with_unknown(Unknowns::InPart)
            .with_marks(),
    ],
    ANY,
    templatefile,
)];

/// What a template sees: the variables it was given, the functions of the language, the world.
struct Template<'a> {
    variables: &'a Value,
    outer: &'a dyn Host,
}

impl Host for Template<'_> {
    fn root(&self, reference: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
        match self.variables.entry(reference.name) {
            Some(value) => Ok(Resolved::whole(value.clone())),
            None => Err(RootError::Unknown),
        }
    }

    fn root_names(&self) -> Vec<String> {
        let names = self.variables.keys();
        names.iter().map(ToString::to_string).collect()
    }

    fn world(&self) -> &dyn World {
        self.outer.world()
    }

    fn is_template(&self) -> bool {
        true
    }
}

fn templatefile(arguments: &Arguments<'_>) -> Called {
    if arguments.context().host.is_template() {
        return Err(CallError::failed(
            "A template that was read from a file cannot read another one.",
        ));
    }
    let variables = arguments.value(1);
    let Some(entries) = variables.entries() else {
        return Err(CallError::argument(1, "must be a map or an object"));
    };
    if let Some((name, _)) = entries.iter().find(|(name, _)| !is_identifier(name)) {
        let message = format!(
            "must have names that a template can use, and \"{name}\" is none: letters, digits and \
             underscores, with a letter first"
        );
        return Err(CallError::argument(1, message));
    }
    let source = Source::new(arguments.text(0), read_text(arguments, 0)?);
    render(arguments, &source, variables)
        .map(|value| value.with_marks(variables.marks()))
        .map_err(|diagnostics| CallError::Diagnostics(told_of_call(diagnostics, arguments)))
}

fn render(
    arguments: &Arguments<'_>,
    source: &Arc<Source>,
    variables: &Value,
) -> Result<Value, Diagnostics> {
    let budget = arguments.budget();
    let template = parse_template(source, budget.limits())?;
    let unknown = template.references().into_iter();
    let unknown = unknown.filter(|reference| variables.entry(reference.name).is_none());
    let unknown: Diagnostics = unknown
        .map(|reference| unknown_variable(&reference, source, variables))
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let host = Template {
        variables,
        outer: arguments.context().host,
    };
    let context = Context {
        source,
        host: &host,
        budget,
    };
    evaluate(&template, &context)
}

/// A variable that was not given is an error even where it would not be needed.
fn unknown_variable(
    reference: &Reference<'_>,
    source: &Arc<Source>,
    variables: &Value,
) -> Diagnostic {
    let name = reference.name;
    let complaint = Diagnostic::error("Unknown variable")
        .at(source, reference.name_span)
        .detail(format!("The template was given no variable \"{name}\"."))
        .label("not among its variables");
    let names = variables.keys();
    match closest(name, names.iter().map(AsRef::as_ref)) {
        Some(meant) => complaint
            .help(format!("did you mean \"{meant}\"?"))
            .suggest(source, reference.name_span, meant),
        None => complaint,
    }
}

/// What is wrong in the template, with the call that read it.
fn told_of_call(diagnostics: Diagnostics, arguments: &Arguments<'_>) -> Diagnostics {
    let call = arguments.location();
    let told = diagnostics.into_iter().map(|mut diagnostic| {
        let related = (call.clone(), "the template is read here".to_owned());
        diagnostic.related.push(related);
        diagnostic
    });
    told.collect()
}
