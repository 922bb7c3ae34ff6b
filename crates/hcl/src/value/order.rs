//! The order of sets.
//!
//! Strings in the order of their bytes, numbers ascending, `false` before `true`, nulls last. For
//! elements that are collections the original orders a text made of them; whoever writes a list made
//! from such a set into a file sees that order, so it is kept here.

use std::cmp::Ordering;
use std::fmt::Write;

use super::{Kind, Value};

/// Orders the elements of a set and drops those that are there already.
pub(super) fn ordered_set(mut items: Vec<Value>) -> Vec<Value> {
    if items
        .iter()
        .all(|item| item.items().is_none() && item.entries().is_none())
    {
        items.sort_by(compare_primitives);
        items.dedup();
        return items;
    }
    let mut keyed: Vec<(String, Value)> = items
        .into_iter()
        .map(|item| (sort_key(&item), item))
        .collect();
    keyed.sort_by(|(a_key, a), (b_key, b)| {
        a.is_null().cmp(&b.is_null()).then_with(|| a_key.cmp(b_key))
    });
    keyed.dedup_by(|(a_key, a), (b_key, b)| a_key == b_key && a == b);
    keyed.into_iter().map(|(_, item)| item).collect()
}

impl Value {
    /// A text that equal values have in common, and few others.
    pub(crate) fn set_key(&self) -> String {
        sort_key(self)
    }
}

fn compare_primitives(a: &Value, b: &Value) -> Ordering {
    match (a.kind(), b.kind()) {
        (Kind::String(a), Kind::String(b)) => a.cmp(b),
        (Kind::Number(a), Kind::Number(b)) => a.cmp(b),
        (Kind::Bool(a), Kind::Bool(b)) => a.cmp(&b),
        _ => a.is_null().cmp(&b.is_null()),
    }
}

fn sort_key(value: &Value) -> String {
    let mut key = String::new();
    write_key(value, &mut key);
    key
}

fn write_key(value: &Value, key: &mut String) {
    match value.kind() {
        Kind::Null => key.push('~'),
        Kind::Unknown => key.push('?'),
        Kind::Bool(value) => key.push(if value { 'T' } else { 'F' }),
        Kind::Number(number) => key.push_str(&number.sort_key()),
        Kind::String(text) => write_quoted(text, key),
        Kind::List(items) | Kind::Set(items) => write_items(items, '[', ']', key),
        Kind::Tuple(items) => write_items(items, '<', '>', key),
        Kind::Map(entries) => {
            key.push('{');
            for (name, value) in entries {
                write_quoted(name, key);
                key.push(':');
                write_key(value, key);
                key.push(';');
            }
            key.push('}');
        }
        Kind::Object(entries) => {
            key.push('<');
            for (_, value) in entries {
                write_key(value, key);
                key.push(';');
            }
            key.push('>');
        }
    }
}

fn write_items(items: &[Value], open: char, close: char, key: &mut String) {
    key.push(open);
    for item in items {
        write_key(item, key);
        key.push(';');
    }
    key.push(close);
}

/// A string in Go's quotes.
fn write_quoted(text: &str, key: &mut String) {
    key.push('"');
    for c in text.chars() {
        match c {
            '"' => key.push_str("\\\""),
            '\\' => key.push_str("\\\\"),
            '\u{7}' => key.push_str("\\a"),
            '\u{8}' => key.push_str("\\b"),
            '\u{c}' => key.push_str("\\f"),
            '\n' => key.push_str("\\n"),
            '\r' => key.push_str("\\r"),
            '\t' => key.push_str("\\t"),
            '\u{b}' => key.push_str("\\v"),
            c if c.is_ascii_control() => {
                let _ = write!(key, "\\x{:02x}", u32::from(c));
            }
            c if c.is_control() => {
                let _ = write!(key, "\\u{:04x}", u32::from(c));
            }
            c => key.push(c),
        }
    }
    key.push('"');
}
