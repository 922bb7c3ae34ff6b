//! The single file by `hcl::eval`, used as well as one can, and the functions it needs.
//!
//! It knows variables only as whole values, so the object of locals is declared again after each
//! local; functions are declared once, and the context that has them is copied for each unit, which
//! is told of its dependencies as a whole.
#![expect(
    clippy::needless_pass_by_value,
    reason = "functions of hcl::eval are given their arguments so"
)]

use hcl::eval::{Context, Evaluate, FuncArgs, FuncDef, ParamType};
use hcl::{Body, Map, Value};

use crate::units;

pub(crate) fn parsed(number: usize) -> Body {
    hcl::parse(&units::unit(number)).expect("a unit is valid")
}

pub(crate) struct Evaluator {
    functions: Context<'static>,
    dependencies: Value,
}

impl Evaluator {
    pub(crate) fn new(dependencies: &str) -> Self {
        Self {
            functions: functions(),
            dependencies: serde_json::from_str(dependencies).expect("it is JSON"),
        }
    }

    /// The inputs of a unit whose locals refer only to those above them.
    #[inline(never)]
    pub(crate) fn inputs(&self, unit: &Body) -> Value {
        let mut context = self.functions.clone();
        context.declare_var("dependency", self.dependencies.clone());
        let mut locals = Map::new();
        let blocks = unit.blocks().filter(|block| block.identifier() == "locals");
        for local in blocks.flat_map(|block| block.body().attributes()) {
            let value = local.expr().evaluate(&context);
            let value = value.expect("a local has a value");
            locals.insert(local.key().to_owned(), value);
            context.declare_var("local", Value::Object(locals.clone()));
        }
        let inputs = unit
            .attributes()
            .find(|attribute| attribute.key() == "inputs");
        let inputs = inputs.expect("a unit has inputs").expr();
        let inputs = inputs.evaluate(&context);
        inputs.expect("inputs have a value")
    }
}

/// A context with the language's functions, as far as the units call them.
pub(crate) fn functions() -> Context<'static> {
    let mut context = Context::new();
    let any = || FuncDef::builder().param(ParamType::Any);
    let many = || FuncDef::builder().variadic_param(ParamType::Any);
    context.declare_func("upper", any().build(upper));
    context.declare_func("lower", any().build(lower));
    context.declare_func("length", any().build(length));
    context.declare_func("values", any().build(values));
    context.declare_func("join", any().param(ParamType::Any).build(join));
    context.declare_func("merge", many().build(merge));
    context.declare_func("format", many().build(format));
    context.declare_func("dirname", any().build(dirname));
    context.declare_func("jsonencode", any().build(jsonencode));
    context
}

pub(crate) type Called = Result<Value, String>;

pub(crate) fn text(args: &FuncArgs, index: usize) -> Result<&str, String> {
    args[index].as_str().ok_or_else(|| "not a text".to_owned())
}

fn upper(args: FuncArgs) -> Called {
    Ok(text(&args, 0)?.to_uppercase().into())
}

fn lower(args: FuncArgs) -> Called {
    Ok(text(&args, 0)?.to_lowercase().into())
}

fn length(args: FuncArgs) -> Called {
    args[0]
        .as_array()
        .map(|items| items.len().into())
        .ok_or_else(|| "not a list".to_owned())
}

fn values(args: FuncArgs) -> Called {
    let object = args[0].as_object().ok_or("not an object")?;
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    Ok(entries
        .into_iter()
        .map(|(_, value)| value.clone())
        .collect::<Vec<_>>()
        .into())
}

fn join(args: FuncArgs) -> Called {
    let items = args[1].as_array().ok_or("not a list")?;
    let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
    Ok(items.join(text(&args, 0)?).into())
}

fn merge(args: FuncArgs) -> Called {
    let mut merged = Map::new();
    for map in args.into_values() {
        let Value::Object(map) = map else {
            return Err("not an object".to_owned());
        };
        merged.extend(map);
    }
    // `for` goes over the keys of the language in their order.
    merged.sort_keys();
    Ok(merged.into())
}

/// Knows `%s`, which is all that is asked of it.
fn format(args: FuncArgs) -> Called {
    let mut pieces = text(&args, 0)?.split("%s");
    let mut formatted = pieces.next().unwrap_or_default().to_owned();
    for (index, piece) in pieces.enumerate() {
        formatted.push_str(text(&args, index + 1)?);
        formatted.push_str(piece);
    }
    Ok(formatted.into())
}

fn dirname(args: FuncArgs) -> Called {
    let folder = text(&args, 0)?.rsplit_once('/').map(|(folder, _)| folder);
    Ok(folder.unwrap_or(".").into())
}

fn jsonencode(args: FuncArgs) -> Called {
    let sorted = sorted(args[0].clone());
    let json = serde_json::to_string(&sorted).map_err(|error| error.to_string())?;
    Ok(json.into())
}

/// The same value with the keys of objects in order, which the original has them in.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(entries) => {
            let entries = entries.into_iter();
            let mut entries: Vec<_> = entries.map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(entries.into_iter().collect())
        }
        value => value,
    }
}
