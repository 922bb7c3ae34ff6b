//! From values to YAML.
//!
//! Strings are in double quotes, so that none looks like something else; those of several lines are
//! blocks where that is possible. Long ones are folded at spaces, which reads as one line again.

use std::fmt::Write;

use crate::value::{Kind, Value};

/// A key that is longer than this needs a question mark.
const LONGEST_SIMPLE_KEY: usize = 128;
/// Behind this column a string in quotes goes on in the next line, if there is a space to do so at.
const WIDTH: usize = 80;

/// Writes one document.
pub(super) fn encode(value: &Value) -> String {
    let mut writer = Writer::default();
    writer.node(value, 0);
    if !writer.out.ends_with(['\n', '\u{2028}', '\u{2029}']) {
        writer.out.push('\n');
    }
    // A plain scalar by itself might go on, so its end is marked.
    if matches!(value.kind(), Kind::Null | Kind::Bool(_) | Kind::Number(_)) {
        writer.out.push_str("...\n");
    }
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
}

impl Writer {
    /// Writes a value where the line has been begun already. Further lines of it are indented so
    /// deep.
    fn node(&mut self, value: &Value, indent: usize) {
        match value.kind() {
            Kind::Null | Kind::Unknown => self.out.push_str("null"),
            Kind::Bool(value) => self.out.push_str(if value { "true" } else { "false" }),
            Kind::Number(number) => {
                let _ = write!(self.out, "{number}");
            }
            Kind::String(text) => self.string(text, indent),
            Kind::List([]) | Kind::Set([]) | Kind::Tuple([]) => self.out.push_str("[]"),
            Kind::List(items) | Kind::Set(items) | Kind::Tuple(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.new_line(indent);
                    }
                    self.out.push_str("- ");
                    self.node(item, indent + 2);
                }
            }
            Kind::Map([]) | Kind::Object([]) => self.out.push_str("{}"),
            Kind::Map(entries) | Kind::Object(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        self.new_line(indent);
                    }
                    self.entry(key, value, indent);
                }
            }
        }
    }

    fn entry(&mut self, key: &str, value: &Value, indent: usize) {
        if can_be_block(key) || key.len() > LONGEST_SIMPLE_KEY {
            self.out.push_str("? ");
            self.string(key, indent + 2);
            self.new_line(indent);
            self.out.push_str(": ");
            self.node(value, indent + 2);
            return;
        }
        self.quoted(key, None);
        self.out.push(':');
        match value.kind() {
            // The items of a list are not indented further than the key of the list.
            Kind::List([_, ..]) | Kind::Set([_, ..]) | Kind::Tuple([_, ..]) => {
                self.new_line(indent);
                self.node(value, indent);
            }
            Kind::Map([_, ..]) | Kind::Object([_, ..]) => {
                self.new_line(indent + 2);
                self.node(value, indent + 2);
            }
            _ => {
                self.out.push(' ');
                self.node(value, indent + 2);
            }
        }
    }

    fn new_line(&mut self, indent: usize) {
        if !self.out.ends_with(['\n', '\u{2028}', '\u{2029}']) {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn string(&mut self, text: &str, indent: usize) {
        if can_be_block(text) {
            self.block(text, indent.max(2));
        } else {
            self.quoted(text, Some(indent.max(2)));
        }
    }

    /// A block that keeps its line ends. A digit tells its indentation where it begins with a space.
    fn block(&mut self, text: &str, indent: usize) {
        self.out.push('|');
        if text.starts_with(|first| first == ' ' || is_line_end(first)) {
            self.out.push('2');
        }
        let mut from_end = text.chars().rev().map(is_line_end);
        match (from_end.next(), from_end.next()) {
            (Some(false) | None, _) => self.out.push('-'),
            (Some(true), Some(true) | None) => self.out.push('+'),
            (Some(true), Some(false)) => {}
        }
        self.out.push('\n');
        let mut begins_line = true;
        for character in text.chars() {
            if is_line_end(character) {
                begins_line = true;
            } else if begins_line {
                self.out.extend(std::iter::repeat_n(' ', indent));
                begins_line = false;
            }
            self.out.push(character);
        }
    }

    /// A text in quotes, with further lines that are indented so deep, or in one line.
    fn quoted(&mut self, text: &str, folded: Option<usize>) {
        let line = self.out.rsplit('\n').next().unwrap_or_default();
        let mut column = line.chars().count() + 1;
        let mut after_space = false;
        self.out.push('"');
        let mut characters = text.chars().enumerate().peekable();
        while let Some((index, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            match (folded, next) {
                (Some(indent), Some(next))
                    if character == ' ' && !after_space && index > 0 && column > WIDTH =>
                {
                    self.new_line(indent);
                    column = indent;
                    // Only behind a backslash does a space at the start of a line count.
                    if next == ' ' {
                        self.out.push('\\');
                        column += 1;
                    }
                }
                _ => column += self.quoted_character(character),
            }
            after_space = character == ' ';
        }
        self.out.push('"');
    }

    /// Writes a character or its escape sequence, and tells how many columns that takes.
    fn quoted_character(&mut self, character: char) -> usize {
        let escape = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '\u{85}' => "\\N",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            character if is_printable(character) => {
                self.out.push(character);
                return 1;
            }
            character => {
                let before = self.out.len();
                let _ = match u32::from(character) {
                    code @ ..0x100 => write!(self.out, "\\x{code:02X}"),
                    code @ ..0x1_0000 => write!(self.out, "\\u{code:04X}"),
                    code => write!(self.out, "\\U{code:08X}"),
                };
                return self.out.len() - before;
            }
        };
        self.out.push_str(escape);
        escape.len()
    }
}

/// Whether a string has several lines, and nothing in it that a block cannot hold.
fn can_be_block(text: &str) -> bool {
    let mut after_space = false;
    for character in text.chars() {
        let breaks_after_space = after_space && is_line_end(character);
        if breaks_after_space || character != '\n' && !is_printable(character) {
            return false;
        }
        after_space = character == ' ';
    }
    text.contains('\n') && !after_space
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What may stand in a document as it is; characters beyond the first plane may not.
fn is_printable(character: char) -> bool {
    matches!(
        character,
        ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}'
    ) && character != '\u{feff}'
}
