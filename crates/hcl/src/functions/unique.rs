//! Functions that make identifiers.

use sha1::Sha1;
use sha2::Digest;
use uuid::{Builder, Uuid};

use super::{Arguments, Called, Function, Parameter, STRING};
use crate::host::CallError;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("uuid", &[], STRING, |arguments| {
        let mut bytes = [0; 16];
        arguments.world().random(&mut bytes)?;
        let uuid = Builder::from_random_bytes(bytes).into_uuid();
        Ok(Value::string(uuid.to_string()))
    }),
    Function::new(
        "uuidv5",
        &[Parameter::string("namespace"), Parameter::string("name")],
        STRING,
        uuidv5,
    ),
];

/// The same identifier for the same name in the same namespace.
fn uuidv5(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let namespace = match arguments.text(0) {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::try_parse(other).map_err(|_| {
            CallError::argument(0, "must be \"dns\", \"url\", \"oid\", \"x500\" or a UUID")
        })?,
    };
    let hash = Sha1::new()
        .chain_update(namespace.as_bytes())
        .chain_update(arguments.text(1))
        .finalize();
    let bytes = hash.first_chunk().expect("the hash is longer than a UUID");
    let uuid = Builder::from_sha1_bytes(*bytes).into_uuid();
    Ok(Value::string(uuid.to_string()))
}
