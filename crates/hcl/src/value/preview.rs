//! A value in a few characters, for people.

use std::fmt::{self, Write};

use super::{Kind, Marks, Value};

/// Longer texts end in an ellipsis.
const WIDTH: usize = 80;

impl Value {
    /// The value as one might write it, cut to one short line. Sensitive values are not shown.
    pub fn preview(&self) -> String {
        let mut text = Limited {
            text: String::new(),
            left: WIDTH,
        };
        match write_value(self, &mut text) {
            Ok(()) => text.text,
            Err(fmt::Error) => text.text + "…",
        }
    }
}

/// The value in full, as it might be written; sensitive values are not shown.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(self, f)
    }
}

/// A text that refuses to grow beyond a number of characters.
struct Limited {
    text: String,
    left: usize,
}

impl fmt::Write for Limited {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for c in more.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(c);
        }
        Ok(())
    }
}

fn write_value(value: &Value, out: &mut impl Write) -> fmt::Result {
    if value.marks().contains(Marks::SENSITIVE) {
        return out.write_str("(sensitive value)");
    }
    match value.kind() {
        Kind::Null => out.write_str("null"),
        Kind::Unknown => out.write_str("(not known yet)"),
        Kind::Bool(value) => write!(out, "{value}"),
        Kind::Number(number) => write!(out, "{number}"),
        Kind::String(text) => write_quoted(text, out),
        Kind::Tuple(items) => write_items(items, out),
        Kind::List(items) => write_call("tolist", out, |out| write_items(items, out)),
        Kind::Set(items) => write_call("toset", out, |out| write_items(items, out)),
        Kind::Object(entries) => write_entries(entries, out),
        Kind::Map(entries) => write_call("tomap", out, |out| write_entries(entries, out)),
    }
}

fn write_call<W: Write>(
    name: &str,
    out: &mut W,
    argument: impl FnOnce(&mut W) -> fmt::Result,
) -> fmt::Result {
    write!(out, "{name}(")?;
    argument(out)?;
    out.write_str(")")
}

fn write_items(items: &[Value], out: &mut impl Write) -> fmt::Result {
    out.write_str("[")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        write_value(item, out)?;
    }
    out.write_str("]")
}

fn write_entries(entries: &[(crate::Text, Value)], out: &mut impl Write) -> fmt::Result {
    if entries.is_empty() {
        return out.write_str("{}");
    }
    out.write_str("{ ")?;
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        if crate::lex::is_identifier(key) {
            out.write_str(key)?;
        } else {
            write_quoted(key, out)?;
        }
        out.write_str(" = ")?;
        write_value(value, out)?;
    }
    out.write_str(" }")
}

/// A string as it would stand in a file.
pub(crate) fn write_quoted(text: &str, out: &mut impl Write) -> fmt::Result {
    out.write_char('"')?;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            '$' | '%' if chars.peek() == Some(&'{') => write!(out, "{c}{c}")?,
            c if is_invisible(c) && c <= '\u{ffff}' => write!(out, "\\u{:04x}", u32::from(c))?,
            c if is_invisible(c) => write!(out, "\\U{:08x}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

/// Whether a character cannot be told from another, or from nothing, by looking at it.
fn is_invisible(c: char) -> bool {
    let is_format = matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{e0001}'..='\u{e007f}' | '\u{e000}'..='\u{f8ff}'
    );
    c.is_control() || is_format || (c.is_whitespace() && c != ' ')
}
