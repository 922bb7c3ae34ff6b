//! What a scalar means.
//!
//! A plain scalar is a null, a bool, a number, a timestamp or else a string, by how it looks. The
//! rules are mostly those of YAML 1.1: `yes` and `on` are true, but `1_000` and `1:30` are strings.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dashu_int::UBig;

use super::super::dates::Timestamp;
use crate::number::Number;
use crate::value::{Kind, Value};

/// How a scalar is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    Plain,
    Quoted,
    /// With `|` or `>`.
    Block,
}

/// What a plain scalar looks like.
enum Plain {
    Value(Value),
    Timestamp(Timestamp),
    Text,
}

/// The value of a scalar; the error is a clause that says what is wrong with it. The tag is given
/// without `!!`.
pub(super) fn resolve(text: &str, style: Style, tag: Option<&str>) -> Result<Value, String> {
    match (tag, style) {
        (Some("str"), _) | (None, Style::Quoted) => Ok(Value::string(text)),
        (Some("binary"), _) => binary(text),
        (Some("null" | "bool" | "int" | "float" | "timestamp"), Style::Quoted) => {
            Ok(Value::string(text))
        }
        (None, Style::Plain) => Ok(match plain(text)? {
            Plain::Value(value) => value,
            Plain::Timestamp(timestamp) => Value::string(timestamp.to_string()),
            Plain::Text => Value::string(text),
        }),
        (None, Style::Block) => Ok(as_text(plain(text)?, text)),
        (Some(tag @ ("null" | "bool" | "int" | "float" | "timestamp")), _) => {
            match (plain(text)?, tag) {
                (Plain::Value(value), _) => Ok(value),
                (Plain::Timestamp(timestamp), "timestamp") => {
                    Ok(Value::string(timestamp.to_string()))
                }
                (_, "null") => Ok(Value::null()),
                _ => Err(format!("{} is no {tag}", Value::string(text).preview())),
            }
        }
        (Some(tag), _) => Err(format!("the tag !!{tag} is not supported")),
    }
}

/// A block that looks like something else is read as that, and written down again as text.
fn as_text(plain: Plain, text: &str) -> Value {
    match plain {
        Plain::Timestamp(timestamp) => Value::string(timestamp.to_string()),
        Plain::Text => Value::string(text),
        Plain::Value(value) => match value.kind() {
            Kind::Bool(value) => Value::string(value.to_string()),
            Kind::Number(number) => Value::string(number.to_string()),
            _ => value,
        },
    }
}

fn binary(text: &str) -> Result<Value, String> {
    match BASE64_STANDARD.decode(text.replace(['\r', '\n'], "")) {
        Ok(_) => Ok(Value::string(text)),
        Err(_) => Err("what is tagged !!binary must be base64".to_owned()),
    }
}

fn plain(text: &str) -> Result<Plain, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Value(Value::null()),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Plain::Value(Value::bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Plain::Value(Value::bool(false))
        }
        ".nan" | ".NaN" | ".NAN" => return Err("there is no number that is none".to_owned()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" => {
            return Err("infinity is not supported".to_owned());
        }
        _ => match (number(text)?, Timestamp::parse_loosely(text)) {
            (Some(number), _) => Plain::Value(Value::number(number)),
            (None, Some(timestamp)) => Plain::Timestamp(timestamp),
            (None, None) => Plain::Text,
        },
    })
}

/// Decimal numbers, and whole ones to the bases 8 and 16 behind `0o` and `0x`.
fn number(text: &str) -> Result<Option<Number>, String> {
    let too_large = || format!("the number {text} is out of range");
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        let Some(digits) = text.strip_prefix(prefix) else {
            continue;
        };
        let are_digits = |digit: char| digit.is_digit(radix);
        if digits.is_empty() || !digits.chars().all(are_digits) {
            return Ok(None);
        }
        let magnitude = UBig::from_str_radix(digits, radix).map_err(|_| too_large())?;
        return Ok(Some(
            Number::integer(false, magnitude).map_err(|_| too_large())?,
        ));
    }
    if !looks_decimal(text) {
        return Ok(None);
    }
    Number::parse(text).map(Some).ok_or_else(too_large)
}

/// Digits with a point or without, and an exponent of ten.
fn looks_decimal(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_mantissa =
        are_digits(whole) && are_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    is_mantissa
        && exponent.is_none_or(|exponent| {
            let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            !digits.is_empty() && are_digits(digits)
        })
}
