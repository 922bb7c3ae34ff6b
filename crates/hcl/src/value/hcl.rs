//! Values as text of the language.

use super::preview::write_quoted;
use super::{EncodeError, Kind, Value};
use crate::Text;

impl Value {
    /// Writes the value as an expression that has it: objects and maps with each entry on a line of
    /// its own, lists, sets and tuples in brackets. Within other text the layout is that of
    /// [`format`](crate::format()), applied to the whole. Marks are not looked at, and what is read
    /// again is an object where a map was written and a tuple where a list or set was.
    pub fn to_hcl(&self) -> Result<String, EncodeError> {
        let mut out = String::new();
        write_value(self, &mut out)?;
        Ok(crate::format(&out))
    }
}

fn write_value(value: &Value, out: &mut String) -> Result<(), EncodeError> {
    match value.kind() {
        Kind::Unknown => return Err(EncodeError::Unknown),
        Kind::Number(number) if number.is_infinite() => return Err(EncodeError::Infinite),
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&number.to_string()),
        Kind::String(text) => quoted(text, out),
        Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => write_items(items, out)?,
        Kind::Map(entries) | Kind::Object(entries) => write_entries(entries, out)?,
    }
    Ok(())
}

fn write_items(items: &[Value], out: &mut String) -> Result<(), EncodeError> {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_value(item, out)?;
    }
    out.push(']');
    Ok(())
}

fn write_entries(entries: &[(Text, Value)], out: &mut String) -> Result<(), EncodeError> {
    if entries.is_empty() {
        out.push_str("{}");
        return Ok(());
    }
    out.push_str("{\n");
    for (key, value) in entries {
        // A bare `for` would begin a loop.
        if crate::lex::is_identifier(key) && key != "for" {
            out.push_str(key);
        } else {
            quoted(key, out);
        }
        out.push_str(" = ");
        write_value(value, out)?;
        out.push('\n');
    }
    out.push('}');
    Ok(())
}

fn quoted(text: &str, out: &mut String) {
    write_quoted(text, out).expect("writing to a string succeeds");
}
