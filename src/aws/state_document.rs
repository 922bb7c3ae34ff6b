//! The `outputs` of a state file, read without reading the rest.
//!
//! Terraform writes `version`, `serial`, `lineage` and `outputs` before `resources`, which are
//! nearly all of the file. Reading stops after the outputs where only a beginning is at hand. It
//! is safe at any depth: values are taken as text, without recursion.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::{Origin, OutputValue};

/// What a state says about itself, and its outputs.
#[derive(Clone, Debug, Default)]
pub(super) struct StateDocument {
    pub(super) serial: u64,
    pub(super) lineage: String,
    pub(super) terraform_version: Option<String>,
    pub(super) outputs: BTreeMap<String, OutputValue>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum DocumentError {
    NotJson {
        offset: usize,
        detail: String,
    },
    /// The file ends in the middle.
    HalfWritten,
    /// JSON, but no state: nothing tells its version.
    NotAState,
    Newer {
        version: u64,
    },
    Older {
        version: u64,
    },
    Encrypted,
    DuplicateOutput {
        name: String,
    },
    TooDeep {
        name: String,
    },
}

/// The version of the state format that Terraform writes since 0.12, and `OpenTofu`.
const VERSION: u64 = 4;
/// How deep an output may be nested.
const DEPTH: usize = 200;

/// Reads a state, or the beginning of one. `Ok(None)` asks for more of it.
///
/// A whole state is looked through to its end, so that one which breaks off is not taken for good.
pub(super) fn read(bytes: &[u8], is_whole: bool) -> Result<Option<StateDocument>, DocumentError> {
    let mut seen = Seen {
        is_whole,
        ..Seen::default()
    };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let mut parsed = Top(&mut seen).deserialize(&mut json);
    if parsed.is_ok() {
        parsed = json.end();
    }
    if let Some(problem) = seen.problem {
        return Err(problem);
    }
    match parsed {
        _ if seen.is_enough => {}
        Err(error) if error.is_eof() && !is_whole => return Ok(None),
        Err(error) if error.is_eof() => return Err(DocumentError::HalfWritten),
        Err(error) => {
            let offset = offset_of(bytes, error.line(), error.column());
            return Err(DocumentError::NotJson {
                offset,
                detail: error.to_string(),
            });
        }
        Ok(()) => {}
    }
    match seen.version {
        Some(VERSION) => Ok(Some(seen.document)),
        Some(version) if version > VERSION => Err(DocumentError::Newer { version }),
        Some(version) => Err(DocumentError::Older { version }),
        None => Err(DocumentError::NotAState),
    }
}

/// What was met so far. It outlives the parser's error, by which reading is stopped early.
#[derive(Default)]
struct Seen {
    is_whole: bool,
    is_enough: bool,
    has_outputs: bool,
    version: Option<u64>,
    document: StateDocument,
    problem: Option<DocumentError>,
}

impl Seen {
    /// Stops the parser because of a problem.
    fn stop<E: serde::de::Error>(&mut self, problem: DocumentError) -> E {
        self.problem = Some(problem);
        E::custom("stopped")
    }
}

/// The state's object.
struct Top<'a>(&'a mut Seen);

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a state")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let seen = self.0;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "version" => seen.version = Some(map.next_value()?),
                "serial" => seen.document.serial = map.next_value()?,
                "lineage" => seen.document.lineage = map.next_value()?,
                "terraform_version" => seen.document.terraform_version = map.next_value()?,
                "outputs" => {
                    map.next_value_seed(OutputsSeed(seen))?;
                    seen.has_outputs = true;
                }
                "encrypted_data" | "encryption_version" => {
                    return Err(seen.stop(DocumentError::Encrypted));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            let Some(version) = seen.version else {
                continue;
            };
            // Another version's outputs may look like anything, so the rest is not read.
            if version != VERSION || (seen.has_outputs && !seen.is_whole) {
                seen.is_enough = true;
                return Err(M::Error::custom("enough"));
            }
        }
        Ok(())
    }
}

/// The object of outputs by name.
struct OutputsSeed<'a>(&'a mut Seen);

#[derive(Deserialize)]
struct Output {
    value: Box<RawValue>,
    #[serde(rename = "type")]
    value_type: Option<Box<RawValue>>,
    #[serde(default)]
    sensitive: bool,
}

impl<'de> DeserializeSeed<'de> for OutputsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OutputsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("outputs by name")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let seen = self.0;
        while let Some(name) = map.next_key::<String>()? {
            let Output {
                value,
                value_type,
                sensitive,
            } = map.next_value()?;
            if depth(value.get()) > DEPTH {
                return Err(seen.stop(DocumentError::TooDeep { name }));
            }
            let output = OutputValue {
                value,
                value_type,
                sensitive,
                origin: Origin::State,
            };
            if seen.document.outputs.insert(name.clone(), output).is_some() {
                return Err(seen.stop(DocumentError::DuplicateOutput { name }));
            }
        }
        Ok(())
    }
}

/// How deep valid JSON is nested.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The byte that the parser's line and column, both counted from one, stand for.
fn offset_of(bytes: &[u8], line: usize, column: usize) -> usize {
    let before: usize = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    before + column.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "3b1d", "outputs": {"id": {"value": "tgw-1", "type": "string"}, "asn": {"value": 12345678901234567890123, "type": "number", "sensitive": true}}, "resources": [{"a": [1, 2, {"b": "]}"}]}]}"#;

    fn problem(json: &str) -> DocumentError {
        read(json.as_bytes(), true).expect_err("no good state")
    }

    #[test]
    fn outputs_keep_every_digit_and_their_marks() {
        let state = read(STATE.as_bytes(), true)
            .expect("readable")
            .expect("whole");
        assert_eq!((state.serial, state.lineage.as_str()), (7, "3b1d"));
        assert_eq!(state.outputs["asn"].value.get(), "12345678901234567890123");
        assert!(state.outputs["asn"].sensitive && !state.outputs["id"].sensitive);
    }

    #[test]
    fn a_beginning_is_enough_once_it_holds_the_outputs() {
        let resources = STATE.find("\"resources\"").expect("resources");
        for cut in 0..STATE.len() {
            let read = read(&STATE.as_bytes()[..cut], false).expect("never an error");
            assert_eq!(read.is_some(), cut >= resources - 2, "cut at {cut}");
        }
    }

    #[test]
    fn a_whole_state_that_breaks_off_is_not_taken_for_good() {
        for cut in 1..STATE.len() {
            assert_eq!(
                problem(&STATE[..cut]),
                DocumentError::HalfWritten,
                "cut at {cut}"
            );
        }
        assert!(matches!(
            problem(&format!("{STATE}x")),
            DocumentError::NotJson { .. }
        ));
    }

    #[test]
    fn outputs_may_come_late_or_not_at_all() {
        let late =
            r#"{"resources": [{"x": 1}], "serial": 1, "outputs": {}, "lineage": "", "version": 4}"#;
        assert!(read(late.as_bytes(), true).expect("readable").is_some());
        assert!(
            read(&late.as_bytes()[..60], false)
                .expect("so far")
                .is_none()
        );
        let none = r#"{"version": 4, "serial": 1, "lineage": "x", "resources": []}"#;
        assert!(
            read(none.as_bytes(), true)
                .expect("readable")
                .expect("whole")
                .outputs
                .is_empty()
        );
    }

    #[test]
    fn another_format_is_named_not_guessed() {
        assert_eq!(
            problem(r#"{"version": 5, "outputs": []}"#),
            DocumentError::Newer { version: 5 }
        );
        assert_eq!(
            problem(r#"{"version": 3, "modules": []}"#),
            DocumentError::Older { version: 3 }
        );
        assert_eq!(
            problem(
                r#"{"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "…", "encryption_version": "v0"}"#
            ),
            DocumentError::Encrypted
        );
        assert_eq!(problem("{}"), DocumentError::NotAState);
    }

    #[test]
    fn what_is_no_json_is_told_with_its_byte() {
        let html = problem("<html>");
        assert!(
            matches!(html, DocumentError::NotJson { offset: 0, .. }),
            "{html:?}"
        );
        let second_line = problem("{\n  \"version\": x}");
        assert!(
            matches!(second_line, DocumentError::NotJson { offset: 15, .. }),
            "{second_line:?}"
        );
    }

    #[test]
    fn an_output_that_is_there_twice_is_an_error() {
        let twice = r#"{"version": 4, "outputs": {"a": {"value": 1}, "a": {"value": 2}}}"#;
        assert_eq!(
            problem(twice),
            DocumentError::DuplicateOutput { name: "a".into() }
        );
    }

    #[test]
    fn depth_is_bounded_without_a_stack() {
        let nested = |depth: usize| {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            format!(r#"{{"version": 4, "outputs": {{"a": {{"value": {open}{close}}}}}}}"#)
        };
        assert!(read(nested(DEPTH).as_bytes(), true).is_ok());
        assert_eq!(
            problem(&nested(DEPTH + 1)),
            DocumentError::TooDeep { name: "a".into() }
        );
        assert_eq!(
            problem(&nested(1_000_000)),
            DocumentError::TooDeep { name: "a".into() }
        );
        let resources = format!(
            r#"{{"version": 4, "r": {}{}, "outputs": {{}}}}"#,
            "[".repeat(1_000_000),
            "]".repeat(1_000_000)
        );
        assert!(read(resources.as_bytes(), true).is_ok());
    }
}
