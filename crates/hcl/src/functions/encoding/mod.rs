//! Functions between values and texts that other programs read.

mod charset;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;
use flate2::{Compression, Crc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{ANY, Arguments, Called, Function, Parameter, STRING, Wanted};
use crate::host::CallError;
use crate::value::Value;

const TEXT: Parameter = Parameter::string("text");
const ENCODING: Parameter = Parameter::string("encoding");

/// What a query string spells out.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b' ');

/// The bits left over at the end of base64 need not be zero.
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("base64decode", &[TEXT], STRING, base64decode),
    Function::new("base64encode", &[TEXT], STRING, |arguments| {
        base64encode(arguments, arguments.text(0).as_bytes())
    }),
    Function::new("base64gzip", &[TEXT], STRING, base64gzip),
    Function::new("jsondecode", &[TEXT], ANY, jsondecode),
    Function::new(
        "jsonencode",
        &[Parameter::new("value", Wanted::Any).or_null()],
        STRING,
        jsonencode,
    ),
    Function::new("textdecodebase64", &[TEXT, ENCODING], STRING, |arguments| {
        let text = charset(arguments)?.decode(&base64_bytes(arguments)?);
        if text.contains(char::REPLACEMENT_CHARACTER) {
            let message = "has bytes in it that mean nothing in this encoding";
            return Err(CallError::argument(0, message));
        }
        Ok(Value::string(text))
    }),
    Function::new(
        "textencodebase64",
        &[TEXT, ENCODING],
        STRING,
        |arguments| match charset(arguments)?.encode(arguments.text(0)) {
            Some(bytes) => base64encode(arguments, &bytes),
            None => Err(CallError::argument(
                0,
                "has characters in it that this encoding has not",
            )),
        },
    ),
    Function::new("urlencode", &[TEXT], STRING, |arguments| {
        arguments.count_all()?;
        let encoded = utf8_percent_encode(arguments.text(0), QUERY).to_string();
        Ok(Value::string(encoded.replace(' ', "+")))
    }),
];

fn base64encode(arguments: &Arguments<'_>, bytes: &[u8]) -> Called {
    arguments.count_all()?;
    arguments.budget().expect_bytes(bytes.len() as u64)?;
    Ok(Value::string(BASE64_STANDARD.encode(bytes)))
}

fn base64decode(arguments: &Arguments<'_>) -> Called {
    match String::from_utf8(base64_bytes(arguments)?) {
        Ok(text) => Ok(Value::string(text)),
        Err(_) => Err(CallError::argument(
            0,
            "does not hold text in UTF-8; for other encodings there is textdecodebase64",
        )),
    }
}

/// Line breaks within base64 do not count.
fn base64_bytes(arguments: &Arguments<'_>) -> Result<Vec<u8>, CallError> {
    arguments.count_all()?;
    let text = arguments.text(0).replace(['\r', '\n'], "");
    LENIENT_BASE64.decode(text).map_err(|error| {
        let why = match error {
            base64::DecodeError::InvalidByte(at, byte) => {
                format!("the character {:?} at {at} is none of it", char::from(byte))
            }
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => {
                "its end is missing".to_owned()
            }
            base64::DecodeError::InvalidLastSymbol { .. } => "its end is wrong".to_owned(),
        };
        CallError::argument(0, format!("is not valid base64: {why}"))
    })
}

/// Flushed before it is closed, as the original does it. What compresses differently from the
/// original decompresses to the same all the same.
fn base64gzip(arguments: &Arguments<'_>) -> Called {
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    const EMPTY_LAST_BLOCK: [u8; 5] = [1, 0, 0, 255, 255];
    let text = arguments.text(0).as_bytes();
    let mut bytes = HEADER.to_vec();
    bytes.extend(deflated(text));
    bytes.extend(EMPTY_LAST_BLOCK);
    let mut crc = Crc::new();
    crc.update(text);
    bytes.extend(crc.sum().to_le_bytes());
    bytes.extend(crc.amount().to_le_bytes());
    base64encode(arguments, &bytes)
}

/// All of a text in blocks of which none says that it is the last.
fn deflated(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
    let written = std::io::Write::write_all(&mut encoder, text);
    let flushed = written.and_then(|()| std::io::Write::flush(&mut encoder));
    flushed.expect("writing into memory does not fail");
    encoder.get_ref().clone()
}

fn jsondecode(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    Value::from_json(arguments.text(0))
        .map_err(|error| CallError::argument(0, format!("is not valid: {error}")))
}

fn jsonencode(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let value = arguments.value(0);
    arguments.budget().expect_bytes(value.size().bytes)?;
    let mut json = arguments.budget().take_buffer();
    if let Err(error) = value.write_json(&mut json) {
        let message = format!("cannot be encoded: {error}");
        return Err(CallError::argument(0, message));
    }
    let text = Value::string(&json);
    arguments.budget().return_buffer(json);
    Ok(text)
}

fn charset(arguments: &Arguments<'_>) -> Result<charset::Charset, CallError> {
    charset::Charset::of_name(arguments.text(1)).ok_or_else(|| {
        let message = "must be the name of an encoding that is offered, such as \"UTF-16LE\", \
                       \"ISO-8859-1\" or \"windows-1252\"";
        CallError::argument(1, message)
    })
}
