//! Values as JSON, in the forms that files and variables want.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use terrane_hcl::{EncodeError, Value};

use super::super::module_code::ModuleCode;

/// The file that says which variables are null.
pub fn null_file(names: &BTreeSet<String>) -> String {
    let nulls = names.iter().map(|name| (name.clone(), Json::Null));
    indented(&Json::Object(nulls.collect()))
}

/// The file with which somebody can call the engine by hand: the inputs that the module declares.
pub fn debug_file(
    inputs: &BTreeMap<String, Value>,
    code: &ModuleCode,
) -> Result<String, EncodeError> {
    let declared = inputs
        .iter()
        .filter(|(name, _)| code.variables.contains_key(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    indented_json(&declared)
}

/// Values by their names, as a file of their own.
pub fn indented_json(values: &BTreeMap<String, Value>) -> Result<String, EncodeError> {
    let mut object = serde_json::Map::new();
    for (name, value) in values {
        object.insert(name.clone(), value.to_json_value()?);
    }
    Ok(indented(&Json::Object(object)))
}

/// By two blanks, without a newline at the end, and with the escapes that keep JSON harmless
/// within HTML: what Terragrunt writes.
fn indented(json: &Json) -> String {
    let text = serde_json::to_string_pretty(json).expect("JSON values can be written");
    // These characters stand in strings only.
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
