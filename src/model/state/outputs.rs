//! A unit's outputs as its state holds them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use serde_json::value::RawValue;
use thiserror::Error;

/// The outputs of one unit, and which version of its state they come from.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    pub values: BTreeMap<String, OutputValue>,
    pub version: StateVersion,
}

/// One output. Value and type stay the JSON text of the state until the language reads them, so
/// that no number loses a digit and nothing is converted that nobody asks for.
#[derive(Clone)]
pub struct OutputValue {
    pub value: Box<RawValue>,
    /// The type constraint, in the language's JSON form. It tells a tuple from a list.
    pub value_type: Option<Box<RawValue>>,
    pub sensitive: bool,
    pub origin: Origin,
}

/// Where a value came from. It is never lost: what is not from state is not applied silently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    State,
    Planned,
    Mock,
}

/// Which state was read: what is needed to name it, and to notice that it has moved.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StateVersion {
    pub serial: u64,
    pub lineage: String,
    pub terraform_version: Option<String>,
    pub last_modified: Option<SystemTime>,
    pub version_id: Option<String>,
    pub etag: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MissingOutput {
    #[error("it has no outputs at all (serial {serial}), so none called {wanted:?}")]
    NoOutputs { wanted: String, serial: u64 },
    #[error("it has no output {wanted:?}; there are {}", available.join(", "))]
    NotAmong {
        wanted: String,
        available: Vec<String>,
    },
}

impl Outputs {
    /// The output of that name, or the names that there are.
    pub fn require(&self, name: &str) -> Result<&OutputValue, MissingOutput> {
        self.values.get(name).ok_or_else(|| {
            let wanted = name.to_owned();
            if self.values.is_empty() {
                MissingOutput::NoOutputs {
                    wanted,
                    serial: self.version.serial,
                }
            } else {
                let available = self.values.keys().cloned().collect();
                MissingOutput::NotAmong { wanted, available }
            }
        })
    }
}

impl PartialEq for OutputValue {
    fn eq(&self, other: &Self) -> bool {
        let type_text = |output: &Self| output.value_type.as_ref().map(|t| t.get().to_owned());
        self.value.get() == other.value.get()
            && type_text(self) == type_text(other)
            && (self.sensitive, self.origin) == (other.sensitive, other.origin)
    }
}

impl fmt::Debug for OutputValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.sensitive {
            "(sensitive)"
        } else {
            self.value.get()
        };
        f.debug_struct("OutputValue")
            .field("value", &format_args!("{value}"))
            .field(
                "type",
                &format_args!("{}", self.value_type.as_ref().map_or("-", |t| t.get())),
            )
            .field("origin", &self.origin)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(json: &str, sensitive: bool) -> OutputValue {
        let value = RawValue::from_string(json.to_owned()).expect("JSON");
        OutputValue {
            value,
            value_type: None,
            sensitive,
            origin: Origin::State,
        }
    }

    #[test]
    fn a_missing_output_names_those_there_are() {
        let mut outputs = Outputs::default();
        outputs.version.serial = 4;
        let said = |outputs: &Outputs| outputs.require("id").map(drop).map_err(|e| e.to_string());
        assert_eq!(
            said(&outputs),
            Err("it has no outputs at all (serial 4), so none called \"id\"".into())
        );
        outputs.values.insert("arn".into(), output("1", false));
        outputs.values.insert("name".into(), output("2", false));
        assert_eq!(
            said(&outputs),
            Err("it has no output \"id\"; there are arn, name".into())
        );
    }

    #[test]
    fn debug_shows_no_sensitive_output() {
        assert!(!format!("{:?}", output("\"hunter2\"", true)).contains("hunter2"));
    }
}
