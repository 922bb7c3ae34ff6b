//! Functions of paths, which look at no files.
//!
//! Separators are slashes on all platforms that are supported.

use super::{Arguments, Called, Function, Parameter, STRING};
use crate::host::CallError;
use crate::value::Value;

const PATH: Parameter = Parameter::string("path");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abspath", &[PATH], STRING, abspath),
    Function::new("basename", &[PATH], STRING, |arguments| {
        Ok(Value::string(last_name(arguments.text(0))))
    }),
    Function::new("dirname", &[PATH], STRING, |arguments| {
        let path = arguments.text(0);
        let end = path.rfind('/').map_or(0, |at| at + 1);
        Ok(Value::string(clean(&path[..end])))
    }),
    Function::new("pathexpand", &[PATH], STRING, |arguments| {
        Ok(Value::string(expand_home(arguments, 0)?))
    }),
];

fn abspath(arguments: &Arguments<'_>) -> Called {
    let path = arguments.text(0);
    if path.starts_with('/') {
        return Ok(Value::string(clean(path)));
    }
    let base = arguments.world().base_folder()?;
    Ok(Value::string(clean(&format!("{base}/{path}"))))
}

/// The last name of a path, whether or not slashes follow it.
fn last_name(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let path = path.trim_end_matches('/');
    match path.rsplit('/').next() {
        None | Some("") => "/",
        Some(name) => name,
    }
}

/// The shortest path that means the same, found by looking at its names alone.
pub(super) fn clean(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let root = if is_absolute { "/" } else { "" };
    let mut clean = String::with_capacity(path.len().max(1));
    clean.push_str(root);
    // How many names may be taken back.
    let mut depth = 0;
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if depth > 0 => {
                depth -= 1;
                clean.truncate(clean.rfind('/').map_or(0, |slash| slash.max(root.len())));
            }
            ".." if is_absolute => {}
            name => {
                if clean.len() > root.len() {
                    clean.push('/');
                }
                clean.push_str(name);
                depth += usize::from(name != "..");
            }
        }
    }
    if clean.is_empty() {
        clean.push('.');
    }
    clean
}

/// A path argument with the home folder in place of a `~` at its start.
pub(super) fn expand_home(arguments: &Arguments<'_>, index: usize) -> Result<String, CallError> {
    let path = arguments.text(index);
    let Some(rest) = path.strip_prefix('~') else {
        return Ok(path.to_owned());
    };
    if !rest.is_empty() && !rest.starts_with(['/', '\\']) {
        let message = "names another user's home folder, and only one's own is known";
        return Err(CallError::argument(index, message));
    }
    let home = arguments.world().home_folder()?;
    Ok(clean(&format!("{home}/{rest}")))
}
