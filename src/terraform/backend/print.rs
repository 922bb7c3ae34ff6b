//! Backends as text: the block of a file, and arguments on a command line.

use std::collections::BTreeMap;

use hcl::expr::{ObjectKey, Traversal, Variable};
use hcl::format::{Format as _, Formatter};
use hcl::{Attribute, Block, Body, Expression, Identifier};
use terrane_hcl::{Kind, Number, Value};

use super::{Backend, BackendError};

/// The method by which Terragrunt lets state and plan be encrypted.
const METHOD: &str = "aes_gcm";
const LABEL: &str = "default";

/// `terraform { backend "…" { … } }`, with what encrypts the state.
pub(super) fn terraform_block(
    backend: &Backend,
    encryption: Option<&BTreeMap<String, Value>>,
) -> Result<String, BackendError> {
    let block = Block::builder("backend")
        .add_label(backend.kind.as_str())
        .add_attributes(attributes(&backend.arguments))
        .build();
    let mut terraform = Block::builder("terraform").add_block(block);
    if let Some(encryption) = encryption {
        terraform = terraform.add_block(encryption_block(encryption)?);
    }
    let body = Body::builder().add_block(terraform.build()).build();
    Ok(formatted(&body))
}

/// A value as `-backend-config` takes it: a string as it is, a list or an object as an expression.
pub(super) fn argument(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let mut formatter = Formatter::builder()
        .compact(true)
        .prefer_ident_keys(true)
        .build_vec();
    let text = expression(value).format_string(&mut formatter);
    text.expect("an expression can be written to memory")
}

fn encryption_block(encryption: &BTreeMap<String, Value>) -> Result<Block, BackendError> {
    let mut arguments = encryption.clone();
    let provider = arguments.remove("key_provider");
    let provider = provider.as_ref().and_then(Value::as_str);
    let provider = provider.ok_or(BackendError::NoKeyProvider)?;
    let uses = |kind| {
        let method = reference(["method", METHOD, LABEL]);
        Block::builder(kind)
            .add_attribute(("method", method))
            .build()
    };
    let keys = reference(["key_provider", provider, LABEL]);
    Ok(Block::builder("encryption")
        .add_block(
            Block::builder("key_provider")
                .add_label(provider)
                .add_label(LABEL)
                .add_attributes(attributes(&arguments))
                .build(),
        )
        .add_block(
            Block::builder("method")
                .add_label(METHOD)
                .add_label(LABEL)
                .add_attribute(("keys", keys))
                .build(),
        )
        .add_block(uses("state"))
        .add_block(uses("plan"))
        .build())
}

/// `method.aes_gcm.default`
fn reference([root, first, second]: [&str; 3]) -> Expression {
    let root = Variable::from(Identifier::sanitized(root));
    Traversal::builder(root)
        .attr(Identifier::sanitized(first))
        .attr(Identifier::sanitized(second))
        .build()
        .into()
}

fn attributes(arguments: &BTreeMap<String, Value>) -> Vec<Attribute> {
    let attribute =
        |(name, value): (&String, &Value)| Attribute::new(name.as_str(), expression(value));
    arguments.iter().map(attribute).collect()
}

fn expression(value: &Value) -> Expression {
    match value.kind() {
        Kind::Null | Kind::Unknown => Expression::Null,
        Kind::Bool(value) => value.into(),
        Kind::Number(number) => of_number(number),
        Kind::String(text) => text.into(),
        Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => {
            items.iter().map(expression).collect::<Vec<_>>().into()
        }
        Kind::Map(entries) | Kind::Object(entries) => Expression::Object(
            entries
                .iter()
                .map(|(key, value)| {
                    let key = Expression::from(key.as_str());
                    (ObjectKey::Expression(key), expression(value))
                })
                .collect(),
        ),
    }
}

/// A number that a machine cannot hold is written as a string, which engines convert.
fn of_number(number: &Number) -> Expression {
    match number.as_i64() {
        Some(value) => value.into(),
        None => number.to_string().into(),
    }
}

/// As the engine's own formatter would leave it.
fn formatted(body: &Body) -> String {
    let mut formatter = Formatter::builder()
        .compact_arrays(true)
        .dense(true)
        .prefer_ident_keys(true)
        .build_vec();
    let text = body.format_string(&mut formatter);
    aligned(&text.expect("a body can be written to memory"))
}

/// Brings the equals signs of neighbouring attributes below one another. One that goes on over
/// several lines has no neighbours.
fn aligned(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let lines: Vec<&str> = text.lines().collect();
    let names: Vec<Option<usize>> = lines.iter().map(|line| end_of_name(line)).collect();
    let groups = names.chunk_by(|one, other| one.is_some() && other.is_some());
    let mut rest = lines.as_slice();
    for group in groups {
        let (here, after) = rest.split_at(group.len());
        rest = after;
        let widest = group.iter().flatten().max();
        for (line, name) in here.iter().zip(group) {
            if let (Some(name), Some(widest)) = (name, widest) {
                let (before, from) = line.split_at(*name);
                out.push_str(before);
                out.extend(std::iter::repeat_n(' ', widest - name));
                out.push_str(from);
            } else {
                out.push_str(line);
            }
            out.push('\n');
        }
    }
    out
}

/// Where the name of an attribute ends whose value is all on this line.
fn end_of_name(line: &str) -> Option<usize> {
    let opens = line.ends_with('{') || line.ends_with('[');
    let is_quoted = line.trim_start().starts_with('"');
    let after_quotes = if is_quoted { line.find("\" = ")? } else { 0 };
    let at = line[after_quotes..].find(" = ")?;
    (!opens).then_some(after_quotes + at)
}
