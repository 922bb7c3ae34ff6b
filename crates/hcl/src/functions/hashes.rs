//! Hashes of texts and files.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::files::read;
use super::{Arguments, Called, Function, Parameter, STRING};
use crate::host::CallError;
use crate::value::Value;

const TEXT: Parameter = Parameter::string("text");
const PATH: Parameter = Parameter::string("path");

/// What bcrypt costs if the call does not say it.
const USUAL_COST: u32 = 10;
/// Steps of the budget that bcrypt takes for one of its rounds.
const STEPS_A_ROUND: u64 = 400;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("base64sha256", &[TEXT], STRING, |arguments| {
        of_text::<Sha256>(arguments, base64)
    }),
    Function::new("base64sha512", &[TEXT], STRING, |arguments| {
        of_text::<Sha512>(arguments, base64)
    }),
    Function::new("bcrypt", &[TEXT], STRING, bcrypt).and_more(Parameter::number("cost")),
    Function::new("filebase64sha256", &[PATH], STRING, |arguments| {
        of_file::<Sha256>(arguments, base64)
    }),
    Function::new("filebase64sha512", &[PATH], STRING, |arguments| {
        of_file::<Sha512>(arguments, base64)
    }),
    Function::new("filemd5", &[PATH], STRING, |arguments| {
        of_file::<Md5>(arguments, hexadecimal)
    }),
    Function::new("filesha1", &[PATH], STRING, |arguments| {
        of_file::<Sha1>(arguments, hexadecimal)
    }),
    Function::new("filesha256", &[PATH], STRING, |arguments| {
        of_file::<Sha256>(arguments, hexadecimal)
    }),
    Function::new("filesha512", &[PATH], STRING, |arguments| {
        of_file::<Sha512>(arguments, hexadecimal)
    }),
    Function::new("md5", &[TEXT], STRING, |arguments| {
        of_text::<Md5>(arguments, hexadecimal)
    }),
    Function::new("sha1", &[TEXT], STRING, |arguments| {
        of_text::<Sha1>(arguments, hexadecimal)
    }),
    Function::new("sha256", &[TEXT], STRING, |arguments| {
        of_text::<Sha256>(arguments, hexadecimal)
    }),
    Function::new("sha512", &[TEXT], STRING, |arguments| {
        of_text::<Sha512>(arguments, hexadecimal)
    }),
];

fn of_text<D: Digest>(arguments: &Arguments<'_>, print: fn(&[u8]) -> String) -> Called {
    arguments.count_all()?;
    let hash = D::digest(arguments.text(0).as_bytes());
    Ok(Value::string(print(hash.as_slice())))
}

fn of_file<D: Digest>(arguments: &Arguments<'_>, print: fn(&[u8]) -> String) -> Called {
    let hash = D::digest(read(arguments, 0)?);
    Ok(Value::string(print(hash.as_slice())))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.collect()
}

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Another hash each time, as the salt is random.
fn bcrypt(arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(1..=2)?;
    let cost = match arguments.len() {
        1 => USUAL_COST,
        _ => match arguments.integer(1)? {
            cost @ 4..=31 => u32::try_from(cost).expect("it is at most 31"),
            ..4 => USUAL_COST,
            32.. => return Err(CallError::argument(1, "must be between 4 and 31")),
        },
    };
    let text = arguments.text(0);
    if text.len() > 72 {
        return Err(CallError::argument(0, "must not be longer than 72 bytes"));
    }
    arguments.budget().take_steps(STEPS_A_ROUND << cost)?;
    let mut salt = [0; 16];
    arguments.world().random(&mut salt)?;
    match bcrypt::hash_with_salt(text, cost, salt) {
        Ok(hash) => Ok(Value::string(
            hash.format_for_version(bcrypt::Version::TwoA),
        )),
        Err(error) => Err(CallError::failed(format!("It cannot be hashed: {error}."))),
    }
}
