//! A unit's merged configuration, for looking at: what `render` prints.

use serde_json::{Map, Number as JsonNumber, Value as Json};
use terrane_hcl::{Diagnostic, Diagnostics, Kind, Number, Value};

use super::as_value::value_of;
use super::estate::{Estate, Strictness, UpstreamOutputs};
use super::unit::OutputRead;
use crate::model::UnitIx;

/// A configuration to show, or what is missing for it.
#[derive(Debug)]
pub enum Rendering {
    Done(Json),
    /// These outputs are needed. Fetch them and render again.
    Wants(Vec<OutputRead>),
}

impl Estate<'_> {
    /// The merged configuration of a unit as JSON, as Terragrunt prints it: unknown attributes of
    /// known names are empty texts, numbers are floats.
    pub fn render(
        &self,
        unit: UnitIx,
        outputs: &UpstreamOutputs,
    ) -> Result<Rendering, Diagnostics> {
        match self.configuration(unit, outputs, Strictness::Lenient)? {
            Ok(configuration) => {
                let json = json_of(&value_of(&configuration))?;
                Ok(Rendering::Done(json))
            }
            Err(wants) => Ok(Rendering::Wants(wants)),
        }
    }
}

/// A value as `render` shows it: what is unknown is an empty text.
pub fn json_of(value: &Value) -> Result<Json, Diagnostics> {
    Ok(match value.kind() {
        Kind::Null => Json::Null,
        Kind::Unknown => Json::String(String::new()),
        Kind::Bool(value) => Json::Bool(value),
        Kind::Number(number) => Json::Number(json_number(number)?),
        Kind::String(text) => Json::String(text.to_owned()),
        Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => {
            Json::Array(items.iter().map(json_of).collect::<Result<_, _>>()?)
        }
        Kind::Map(entries) | Kind::Object(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                object.insert(key.to_string(), json_of(value)?);
            }
            Json::Object(object)
        }
    })
}

fn json_number(number: &Number) -> Result<JsonNumber, Diagnostics> {
    /// From here on a float cannot tell neighbours apart.
    const EXACT: i64 = 1 << 53;
    if let Some(whole) = number.as_i64()
        && (-EXACT..=EXACT).contains(&whole)
    {
        return Ok(whole.into());
    }
    JsonNumber::from_f64(number.to_f64()).ok_or_else(|| {
        Diagnostic::error("Number has no JSON form")
            .detail("Infinity cannot be written in JSON.")
            .into()
    })
}
