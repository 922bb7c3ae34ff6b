//! Outputs as people and programs get them.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use unicode_width::UnicodeWidthStr as _;

use super::Found;
use crate::cli::exit::CommandError;
use crate::cli::options::Options;
use crate::model::{MissingOutput, OutputValue, Outputs, StateLocation, harmless};

/// A change of meaning raises it.
const VERSION: u32 = 1;

/// Values longer than this stand on lines of their own.
const LONGEST_ON_A_LINE: usize = 100;

/// One line for each output, more for a large one.
pub(super) fn table(outputs: &Outputs, show_sensitive: bool) -> String {
    let widest = outputs.values.keys().map(|name| name.width()).max();
    let width = widest.unwrap_or(0) + 2;
    let lines = outputs.values.iter().map(|(name, output)| {
        let value = if output.sensitive && !show_sensitive {
            "(sensitive)".to_owned()
        } else {
            shown(&output.value, width)
        };
        let missing = " ".repeat(width.saturating_sub(name.width()));
        format!("{}{missing}{value}\n", harmless(name))
    });
    lines.collect()
}

/// A value on one line, or with its further lines below the first.
fn shown(value: &RawValue, indent: usize) -> String {
    let value: serde_json::Value =
        serde_json::from_str(value.get()).expect("a state's output is JSON");
    let line = value.to_string();
    if line.len() <= LONGEST_ON_A_LINE {
        return harmless(&line);
    }
    let lines = format!("{value:#}");
    let lines: Vec<_> = lines.lines().map(harmless).collect();
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

#[derive(Serialize)]
struct Document<'f> {
    version: u32,
    unit: &'f str,
    outputs: BTreeMap<&'f str, Output<'f>>,
    state: State<'f>,
}

/// As terraform has it; the value of a sensitive output is there only when it was asked for.
#[derive(Serialize)]
struct Output<'f> {
    sensitive: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    value_type: Option<&'f RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'f RawValue>,
}

#[derive(Serialize)]
struct State<'f> {
    location: String,
    serial: u64,
    lineage: &'f str,
    terraform_version: Option<&'f str>,
    last_modified: Option<String>,
    version_id: Option<&'f str>,
    read_as: Option<String>,
}

pub(super) fn json(found: &Found<'_>, show_sensitive: bool) -> String {
    let version = &found.outputs.version;
    let document = Document {
        version: VERSION,
        unit: found.unit.path.as_str(),
        outputs: outputs(&found.outputs, show_sensitive),
        state: State {
            location: location(&found.location),
            serial: version.serial,
            lineage: &version.lineage,
            terraform_version: version.terraform_version.as_deref(),
            last_modified: version.last_modified.and_then(timestamp),
            version_id: version.version_id.as_deref(),
            read_as: found.chain.role().map(ToString::to_string),
        },
    };
    let text = serde_json::to_string_pretty(&document);
    text.expect("strings and JSON always have a JSON form") + "\n"
}

fn outputs(outputs: &Outputs, show_sensitive: bool) -> BTreeMap<&str, Output<'_>> {
    let is_hidden = |output: &OutputValue| output.sensitive && !show_sensitive;
    let all = outputs.values.iter().map(|(name, output)| {
        let value = (!is_hidden(output)).then_some(&*output.value);
        let printed = Output {
            sensitive: output.sensitive,
            value_type: output.value_type.as_deref(),
            value,
        };
        (name.as_str(), printed)
    });
    all.collect()
}

fn location(location: &StateLocation) -> String {
    match location {
        StateLocation::S3(s3) => format!("s3://{}/{}", s3.bucket, s3.object_key()),
        StateLocation::Other { kind } => kind.clone(),
    }
}

fn timestamp(time: SystemTime) -> Option<String> {
    Some(Timestamp::try_from(time).ok()?.to_string())
}

/// The bare text of one output, without a newline, as programs want it.
pub(super) fn raw(
    found: &Found<'_>,
    name: &str,
    show_sensitive: bool,
) -> Result<String, CommandError> {
    let output = found.outputs.require(name).map_err(|missing| {
        let unit = &found.unit.path;
        CommandError::failed(format!("{unit} has no output {name}")).detail(among(&missing))
    })?;
    if output.sensitive && !show_sensitive {
        return Err(CommandError::failed(format!("{name} is sensitive"))
            .help("--show-sensitive prints it all the same"));
    }
    let value: serde_json::Value =
        serde_json::from_str(output.value.get()).expect("a state's output is JSON");
    match value {
        serde_json::Value::String(text) => Ok(text),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        serde_json::Value::Bool(value) => Ok(value.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            Err(
                CommandError::failed(format!("{name} is neither a string, a number nor a bool"))
                    .help("--json prints values of any kind"),
            )
        }
    }
}

fn among(missing: &MissingOutput) -> String {
    match missing {
        MissingOutput::NoOutputs { serial, .. } => {
            format!("it has no outputs at all (serial {serial})")
        }
        MissingOutput::NotAmong { available, .. } => format!("there are {}", available.join(", ")),
    }
}

impl Found<'_> {
    /// `serial 41 · 2 days ago · read as state-mgmt-role in 84 ms`
    pub(super) fn footer(&self, options: &Options) -> String {
        let version = &self.outputs.version;
        let who = match self.chain.role() {
            Some(role) => role.name().to_owned(),
            None => "the base identity".to_owned(),
        };
        let age = version
            .last_modified
            .and_then(|time| options.launch.now.duration_since(time).ok())
            .map_or_else(String::new, |age| format!(" · {} ago", old(age)));
        format!(
            "serial {}{age} · read as {who} in {} ms\n",
            version.serial,
            self.took.as_millis()
        )
    }
}

/// How long ago something was, in the largest unit that is not nothing: `2 days`.
fn old(age: Duration) -> String {
    let seconds = age.as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let found = units.into_iter().find(|(size, _)| seconds >= *size);
    let (count, unit) = found.map_or((seconds, "second"), |(size, unit)| (seconds / size, unit));
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
