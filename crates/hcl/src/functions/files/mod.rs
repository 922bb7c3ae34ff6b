//! Functions that read files and folders, through the [`World`](crate::World) of the host.

mod glob;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::paths::expand_home;
use super::{Arguments, BOOL, Called, Function, Parameter, Returns, STRING, Wanted};
use crate::host::{CallError, PathKind, WorldError};
use crate::ty::Type;
use crate::value::Value;

const PATH: Parameter = Parameter::string("path");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("file", &[PATH], STRING, |arguments| {
        Ok(Value::string(read_text(arguments, 0)?))
    }),
    Function::new("filebase64", &[PATH], STRING, |arguments| {
        Ok(Value::string(BASE64_STANDARD.encode(read(arguments, 0)?)))
    }),
    Function::new("fileexists", &[PATH], BOOL, fileexists),
    Function::new(
        "fileset",
        &[PATH, Parameter::string("pattern")],
        Returns::Always(Wanted::Set(&Wanted::String)),
        fileset,
    ),
];

/// The bytes of the file that an argument names.
pub(super) fn read(arguments: &Arguments<'_>, index: usize) -> Result<Vec<u8>, CallError> {
    let path = expand_home(arguments, index)?;
    let bytes = arguments
        .world()
        .read(&path)
        .map_err(|error| unreadable(&error, index))?;
    arguments.budget().expect_bytes(bytes.len() as u64)?;
    arguments.budget().take_steps(1 + bytes.len() as u64 / 64)?;
    Ok(bytes)
}

/// The text of the file that an argument names.
pub(super) fn read_text(arguments: &Arguments<'_>, index: usize) -> Result<String, CallError> {
    String::from_utf8(read(arguments, index)?).map_err(|_| {
        let message = "names a file that is not text in UTF-8; filebase64 reads any file";
        CallError::argument(index, message)
    })
}

fn unreadable(error: &WorldError, index: usize) -> CallError {
    match error {
        WorldError::NotAvailable => error.clone().into(),
        WorldError::NotFound => CallError::argument(
            index,
            "names no file that exists while the configuration is read",
        ),
        WorldError::Other(message) => CallError::argument(
            index,
            format!("names a file that cannot be read: {message}"),
        ),
    }
}

/// Only files count: a folder is an error, so that nobody is misled by a `false`.
fn fileexists(arguments: &Arguments<'_>) -> Called {
    let path = expand_home(arguments, 0)?;
    arguments.budget().take_steps(1)?;
    match arguments.world().look(&path) {
        Ok(None) | Err(WorldError::NotFound) => Ok(Value::bool(false)),
        Ok(Some(PathKind::File)) => Ok(Value::bool(true)),
        Ok(Some(PathKind::Folder)) => Err(CallError::argument(0, "names a folder and no file")),
        Ok(Some(PathKind::Other)) => Err(CallError::argument(
            0,
            "names something that is neither a file nor a folder",
        )),
        Err(error) => Err(unreadable(&error, 0)),
    }
}

/// The files in a folder whose paths, as seen from it, match a pattern.
fn fileset(arguments: &Arguments<'_>) -> Called {
    let paths = glob::find(arguments, arguments.text(0), arguments.text(1))?;
    let paths = paths.into_iter().map(Value::string).collect();
    Ok(Value::set_from(Type::String, paths))
}
