//! Values from JSON and to JSON, byte for byte as the original writes it.

use std::fmt::{self, Write};

use serde_json::Value as Json;

use super::{Kind, Value, normalized};
use crate::Text;
use crate::number::Number;
use crate::ty::Type;

/// Why a text is not the JSON of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// Not JSON: the line and column of the text, and what is wrong.
    Syntax {
        line: usize,
        column: usize,
        message: String,
    },
    /// JSON, but of another type.
    Type { path: String, wanted: Type },
    /// A number that is too large or too fine.
    Number(String),
}

/// Why a value has no JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EncodeError {
    Unknown,
    Infinite,
}

impl Value {
    /// Reads JSON; arrays become tuples and JSON objects objects.
    pub fn from_json(text: &str) -> Result<Self, DecodeError> {
        Self::from_json_as(text, &Type::Dynamic)
    }

    /// Reads JSON as a value of a type, such as an output in a state beside its type. Where the type
    /// is dynamic, the JSON decides.
    pub fn from_json_as(text: &str, ty: &Type) -> Result<Self, DecodeError> {
        let json: Json = serde_json::from_str(text).map_err(|error| DecodeError::Syntax {
            line: error.line(),
            column: error.column(),
            message: without_place(&error.to_string()),
        })?;
        decode(&json, ty, &mut Vec::new())
    }

    /// Writes JSON on one line. Marks are not looked at.
    pub fn to_json(&self) -> Result<String, EncodeError> {
        let mut out = String::with_capacity(64);
        self.write_json(&mut out)?;
        Ok(out)
    }

    /// Writes the same behind what a text has already.
    pub(crate) fn write_json(&self, out: &mut String) -> Result<(), EncodeError> {
        encode(self, out)
    }
}

impl Value {
    /// The same JSON as a tree. Marks are not looked at.
    pub fn to_json_value(&self) -> Result<Json, EncodeError> {
        Ok(match self.kind() {
            Kind::Null => Json::Null,
            Kind::Unknown => return Err(EncodeError::Unknown),
            Kind::Bool(value) => Json::Bool(value),
            Kind::Number(number) if number.is_infinite() => return Err(EncodeError::Infinite),
            Kind::Number(number) => {
                let text = number.to_string();
                Json::Number(
                    text.parse()
                        .expect("a finite number is written as JSON has it"),
                )
            }
            Kind::String(text) => Json::String(text.to_owned()),
            Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => {
                let items = items.iter().map(Self::to_json_value);
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            Kind::Map(entries) | Kind::Object(entries) => {
                let member = |(name, value): &(Text, Value)| {
                    let json = value.to_json_value()?;
                    Ok((name.to_string(), json))
                };
                Json::Object(entries.iter().map(member).collect::<Result<_, _>>()?)
            }
        })
    }
}

/// The message of `serde_json` without the place, which is told apart.
fn without_place(message: &str) -> String {
    let end = message.find(" at line ").unwrap_or(message.len());
    message[..end].to_owned()
}

fn decode(json: &Json, ty: &Type, path: &mut Vec<String>) -> Result<Value, DecodeError> {
    let of_other_type = |path: &[String]| DecodeError::Type {
        path: path.concat(),
        wanted: ty.clone(),
    };
    Ok(match (ty, json) {
        (_, Json::Null) => Value::null_of(ty.clone()),
        (Type::Bool | Type::Dynamic, Json::Bool(value)) => Value::bool(*value),
        (Type::Number | Type::Dynamic, Json::Number(number)) => decode_number(&number.to_string())?,
        (Type::String | Type::Dynamic, Json::String(text)) => Value::string(text),
        (Type::List(element), Json::Array(items)) => {
            Value::list_from(Type::clone(element), decode_items(items, element, path)?)
        }
        (Type::Set(element), Json::Array(items)) => {
            Value::set_from(Type::clone(element), decode_items(items, element, path)?)
        }
        (Type::Dynamic, Json::Array(items)) => {
            Value::tuple(decode_items(items, &Type::Dynamic, path)?)
        }
        (Type::Tuple(types), Json::Array(items)) if types.len() == items.len() => {
            let mut values = Vec::with_capacity(items.len());
            for (index, (item, ty)) in items.iter().zip(types.iter()).enumerate() {
                values.push(decode_at(item, ty, format!("[{index}]"), path)?);
            }
            Value::tuple(values)
        }
        (Type::Map(element), Json::Object(members)) => {
            let entries = decode_members(members, |_| Some(element), path)?;
            Value::map_from(Type::clone(element), entries)
        }
        (Type::Dynamic, Json::Object(members)) => {
            Value::object_from(decode_members(members, |_| Some(&Type::Dynamic), path)?)
        }
        (Type::Object(object), Json::Object(members)) => {
            let mut attributes = decode_members(members, |name| object.get(name), path)?;
            let missing = object
                .iter()
                .filter(|(name, _)| !members.contains_key(name.as_str()));
            attributes.extend(missing.map(|(name, ty)| (name.clone(), Value::null_of(ty.clone()))));
            Value::object_from(attributes)
        }
        // Terraform itself reads these from one another.
        (Type::String, Json::Bool(value)) => Value::string(value.to_string()),
        (Type::String, Json::Number(number)) => {
            Value::string(number_text(&decode_number(&number.to_string())?))
        }
        (Type::Number, Json::String(text)) if Number::parse(text).is_some() => decode_number(text)?,
        (Type::Bool, Json::String(text)) if text == "true" || text == "false" => {
            Value::bool(text == "true")
        }
        _ => return Err(of_other_type(path)),
    })
}

fn number_text(value: &Value) -> String {
    value.as_number().map(Number::to_string).unwrap_or_default()
}

fn decode_number(text: &str) -> Result<Value, DecodeError> {
    match Number::parse(text) {
        Some(number) => Ok(Value::number(number)),
        None => Err(DecodeError::Number(text.to_owned())),
    }
}

fn decode_at(
    json: &Json,
    ty: &Type,
    step: String,
    path: &mut Vec<String>,
) -> Result<Value, DecodeError> {
    path.push(step);
    let value = decode(json, ty, path)?;
    path.pop();
    Ok(value)
}

fn decode_items(
    items: &[Json],
    element: &Type,
    path: &mut Vec<String>,
) -> Result<Vec<Value>, DecodeError> {
    let items = items.iter().enumerate();
    items
        .map(|(index, item)| decode_at(item, element, format!("[{index}]"), path))
        .collect()
}

/// Members whose type is not given are an error, as in a state they cannot be.
fn decode_members<'a>(
    members: &serde_json::Map<String, Json>,
    ty: impl Fn(&str) -> Option<&'a Type>,
    path: &mut Vec<String>,
) -> Result<Vec<(Text, Value)>, DecodeError> {
    let mut entries = Vec::with_capacity(members.len());
    for (name, member) in members {
        let Some(ty) = ty(name) else {
            path.push(format!(".{name}"));
            return Err(DecodeError::Type {
                path: path.concat(),
                wanted: Type::Dynamic,
            });
        };
        let value = decode_at(member, ty, format!(".{name}"), path)?;
        entries.push((normalized(name), value));
    }
    Ok(entries)
}

fn encode(value: &Value, out: &mut String) -> Result<(), EncodeError> {
    match value.kind() {
        Kind::Null => out.push_str("null"),
        Kind::Unknown => return Err(EncodeError::Unknown),
        Kind::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Kind::Number(number) if number.is_infinite() => return Err(EncodeError::Infinite),
        Kind::Number(number) => number.write_to(out).expect("a text takes all"),
        Kind::String(text) => encode_string(text, out),
        Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                encode(item, out)?;
            }
            out.push(']');
        }
        Kind::Map(entries) | Kind::Object(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                encode_string(key, out);
                out.push(':');
                encode(value, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// A string with the escapes of Go, which guards `<`, `>` and `&` and two separators as well.
fn encode_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(may_need_escape) {
        let (before, from_here) = rest.split_at(at);
        out.push_str(before);
        let mut characters = from_here.chars();
        let c = characters.next().expect("a character begins here");
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("a text takes all");
            }
            c => out.push(c),
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Whether a character begins with this byte that has an escape, or some others.
fn may_need_escape(byte: u8) -> bool {
    matches!(byte, 0..=0x1f | b'"' | b'\\' | b'<' | b'>' | b'&' | 0xe2)
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax {
                line,
                column,
                message,
            } => write!(f, "not JSON: {message}, in line {line}, column {column}"),
            Self::Type { path, wanted } if path.is_empty() => write!(f, "not a {wanted}"),
            Self::Type { path, wanted } => write!(f, "{path} is not of the type {wanted}"),
            Self::Number(text) => write!(f, "the number {text} is out of range"),
        }
    }
}

impl std::error::Error for DecodeError {}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "a value that is not known yet has no JSON form",
            Self::Infinite => "infinity has no JSON form",
        })
    }
}

impl std::error::Error for EncodeError {}
