//! Backends as text: the block of a file, and arguments on a command line.

use std::collections::BTreeMap;

use terrane_hcl::{EncodeError, Kind, Value};

use super::{Backend, BackendError};

/// The method by which Terragrunt lets state and plan be encrypted.
const METHOD: &str = "aes_gcm";
const LABEL: &str = "default";

/// `terraform { backend "…" { … } }`, with what encrypts the state.
pub(super) fn terraform_block(
    backend: &Backend,
    encryption: Option<&BTreeMap<String, Value>>,
) -> Result<String, BackendError> {
    let kind = quoted(&backend.kind);
    let arguments = attributes(&backend.arguments)?;
    let encryption = encryption.map(encryption_block).transpose()?;
    let encryption = encryption.unwrap_or_default();
    Ok(terrane_hcl::format(&format!(
        "terraform {{\nbackend {kind} {{\n{arguments}}}\n{encryption}}}\n"
    )))
}

/// A value as `-backend-config` takes it: a string as it is, a list or an object as an expression.
pub(super) fn argument(name: &str, value: &Value) -> Result<String, BackendError> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => in_one_line(value).map_err(|error| unwritable(name, error)),
    }
}

fn encryption_block(encryption: &BTreeMap<String, Value>) -> Result<String, BackendError> {
    let mut arguments = encryption.clone();
    let provider = arguments.remove("key_provider");
    let provider = provider.as_ref().and_then(Value::as_str);
    let provider = provider.ok_or(BackendError::NoKeyProvider)?;
    let (label, method, keys) = (quoted(LABEL), quoted(METHOD), quoted(provider));
    let arguments = attributes(&arguments)?;
    Ok(format!(
        "encryption {{\n\
         key_provider {keys} {label} {{\n{arguments}}}\n\
         method {method} {label} {{\nkeys = key_provider.{provider}.{LABEL}\n}}\n\
         state {{\nmethod = method.{METHOD}.{LABEL}\n}}\n\
         plan {{\nmethod = method.{METHOD}.{LABEL}\n}}\n\
         }}\n"
    ))
}

fn attributes(arguments: &BTreeMap<String, Value>) -> Result<String, BackendError> {
    let lines = arguments.iter().map(|(name, value)| {
        let value = value.to_hcl().map_err(|error| unwritable(name, error))?;
        Ok(format!("{name} = {value}\n"))
    });
    lines.collect()
}

fn in_one_line(value: &Value) -> Result<String, EncodeError> {
    match value.kind() {
        Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(in_one_line).collect();
            Ok(format!("[{}]", items?.join(", ")))
        }
        Kind::Map(entries) | Kind::Object(entries) => {
            let entries = entries.iter().map(|(name, value)| {
                let value = in_one_line(value)?;
                Ok(format!("{} = {value}", quoted(name)))
            });
            let entries: Result<Vec<_>, _> = entries.collect();
            Ok(format!("{{ {} }}", entries?.join(", ")))
        }
        Kind::Null | Kind::Unknown | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
            value.to_hcl().map(|text| text.trim_end().to_owned())
        }
    }
}

fn quoted(text: &str) -> String {
    let literal = Value::string(text).to_hcl();
    literal.expect("a text is known").trim_end().to_owned()
}

fn unwritable(name: &str, error: EncodeError) -> BackendError {
    match error {
        EncodeError::Unknown => BackendError::Unknown(name.to_owned()),
        EncodeError::Infinite => BackendError::Infinite(name.to_owned()),
    }
}
