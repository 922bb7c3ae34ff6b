//! A rendered configuration in the language of the files: blocks where files have blocks.

use serde_json::Value as Json;
use terrane_hcl::Value;

use crate::cli::exit::CommandError;

/// How a part of the configuration is written.
#[derive(Clone, Copy)]
enum Form {
    /// `inputs = { … }`
    Attribute,
    /// `locals { … }`
    Block,
    /// `generate "provider" { … }`, one for each entry.
    LabelledBlocks,
    /// `retry "x" { … }`, one for each item, whose label is its name.
    NamedBlocks,
    /// It is no part of what files say.
    Left,
}

/// Blocks of the top, and the blocks within them. All others are attributes.
const FORMS: [(&str, Form); 17] = [
    ("after_hook", Form::LabelledBlocks),
    ("before_hook", Form::LabelledBlocks),
    ("dependencies", Form::Block),
    ("dependency", Form::LabelledBlocks),
    ("engine", Form::Block),
    ("error_hook", Form::LabelledBlocks),
    ("errors", Form::Block),
    ("exclude", Form::Block),
    ("extra_arguments", Form::LabelledBlocks),
    ("feature", Form::LabelledBlocks),
    ("generate", Form::LabelledBlocks),
    ("ignore", Form::NamedBlocks),
    ("locals", Form::Block),
    ("name", Form::Left),
    ("remote_state", Form::Block),
    ("retry", Form::NamedBlocks),
    ("terraform", Form::Block),
];

/// Where blocks may lie in one another. Everything else is data, whatever its names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Terraform,
    Errors,
    Dependency,
    OtherBlock,
    /// Names are anybody's here.
    Locals,
}

/// The configuration as text, formatted.
pub(super) fn text(configuration: &Json) -> Result<String, CommandError> {
    let text = body(configuration, Place::Top)?;
    Ok(terrane_hcl::format(&text))
}

/// Attributes first, then blocks with an empty line around each; the inputs at the end.
fn body(parts: &Json, place: Place) -> Result<String, CommandError> {
    let mut attributes = String::new();
    let mut blocks = Vec::new();
    let mut inputs = None;
    for (name, value) in parts.as_object().into_iter().flatten() {
        if is_nothing(value) && place != Place::Locals {
            continue;
        }
        match form(name, place) {
            Form::Attribute if place == Place::Top && name == "inputs" => {
                inputs = Some(attribute(name, value)?);
            }
            Form::Attribute => attributes += &attribute(attribute_name(name, place), value)?,
            Form::Block => blocks.push(block(name, None, value)?),
            Form::LabelledBlocks => {
                for (label, value) in value.as_object().into_iter().flatten() {
                    blocks.push(block(name, Some(label), value)?);
                }
            }
            Form::NamedBlocks => {
                for value in value.as_array().into_iter().flatten() {
                    let label = value.get("name").and_then(Json::as_str);
                    blocks.push(block(name, label, value)?);
                }
            }
            Form::Left => {}
        }
    }
    let parts = [attributes].into_iter().chain(blocks).chain(inputs);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    Ok(parts.join("\n"))
}

fn form(name: &str, place: Place) -> Form {
    let known = FORMS.iter().find(|(known, _)| *known == name);
    let known = known.map_or(Form::Attribute, |(_, form)| *form);
    let inner = |is_inner: bool| if is_inner { known } else { Form::Attribute };
    match place {
        Place::Top => inner(name != "name"),
        Place::Terraform => inner(name.ends_with("_hook") || name == "extra_arguments"),
        Place::Errors => inner(name == "retry" || name == "ignore"),
        // What was read is no part of the file.
        Place::Dependency if ["outputs", "inputs"].contains(&name) => Form::Left,
        Place::Dependency | Place::OtherBlock => inner(name == "name"),
        Place::Locals => Form::Attribute,
    }
}

/// The name in files, where the rendered one differs.
fn attribute_name(name: &str, place: Place) -> &str {
    if place == Place::Dependency && name == "skip" {
        "skip_outputs"
    } else {
        name
    }
}

/// What is not set. An empty text of an attribute at the top means the same.
fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Object(entries) => entries.is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) => false,
    }
}

fn block(kind: &str, label: Option<&str>, value: &Json) -> Result<String, CommandError> {
    let place = match kind {
        "terraform" => Place::Terraform,
        "errors" => Place::Errors,
        "dependency" => Place::Dependency,
        "locals" => Place::Locals,
        _ => Place::OtherBlock,
    };
    let label = match label {
        Some(label) => format!(" {}", expression(&Json::from(label))?),
        None => String::new(),
    };
    Ok(format!("{kind}{label} {{\n{}}}\n", body(value, place)?))
}

fn attribute(name: &str, value: &Json) -> Result<String, CommandError> {
    Ok(format!("{name} = {}\n", expression(value)?))
}

fn expression(value: &Json) -> Result<String, CommandError> {
    let unwritable = |problem: String| {
        CommandError::failed("the configuration cannot be written as HCL").detail(problem)
    };
    let value =
        Value::from_json(&value.to_string()).map_err(|error| unwritable(format!("{error:?}")))?;
    value
        .to_hcl()
        .map_err(|error| unwritable(format!("{error:?}")))
}
