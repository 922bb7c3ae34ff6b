//! `csvdecode`: the CSV of RFC 4180, to the letter.
//!
//! The `csv` crate takes anything and guesses what was meant; here stray quotes are errors, as in
//! the original.

use super::{ANY, Arguments, Called, Function, Parameter};
use crate::Text;
use crate::host::CallError;
use crate::ty::Type;
use crate::value::{Value, normalized};

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    "csvdecode",
    &[Parameter::string("text")],
    ANY,
    csvdecode,
)];

/// A list of objects, whose attributes are the columns named in the first line.
fn csvdecode(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let wrong = |message: String| CallError::argument(0, message);
    let mut reader = Reader {
        rest: arguments.text(0),
        line: 1,
    };
    let Some((_, header)) = reader.record().map_err(wrong)? else {
        return Err(wrong(
            "must have a first line with the names of the columns".to_owned(),
        ));
    };
    let names: Vec<Text> = header.iter().map(|name| normalized(name)).collect();
    let object = Type::object(names.iter().map(|name| (name.clone(), Type::String)));
    if let Some(name) = repeated(&names) {
        return Err(wrong(format!("has two columns called \"{name}\"")));
    }
    let mut rows = Vec::new();
    while let Some((line, fields)) = reader.record().map_err(wrong)? {
        if fields.len() != names.len() {
            return Err(wrong(format!(
                "must have {} fields in each line, and line {line} has {}",
                names.len(),
                fields.len()
            )));
        }
        let fields = fields.iter().map(Value::string);
        rows.push(Value::object_from(
            names.iter().cloned().zip(fields).collect(),
        ));
        arguments.count_items(names.len(), rows.len())?;
    }
    Ok(Value::list_from(object, rows))
}

fn repeated(names: &[Text]) -> Option<&Text> {
    let mut sorted: Vec<&Text> = names.iter().collect();
    sorted.sort();
    let pair = sorted.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(pair[0])
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    /// The fields of the next record and the line it begins in. Empty lines are none.
    fn record(&mut self) -> Result<Option<(usize, Vec<String>)>, String> {
        while let Some(rest) = after_line_end(self.rest) {
            self.rest = rest;
            self.line += 1;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            let field = match self.rest.strip_prefix('"') {
                Some(inner) => {
                    self.rest = inner;
                    self.quoted()?
                }
                None => self.bare()?,
            };
            fields.push(field);
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            self.rest = after_line_end(self.rest).unwrap_or_default();
            self.line += 1;
            return Ok(Some((line, fields)));
        }
    }

    /// Up to the next comma or the end of the line.
    fn bare(&mut self) -> Result<String, String> {
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let end = match self.rest[..end].strip_suffix('\r') {
            // A carriage return belongs to the end of the line.
            Some(before) if !self.rest[end..].starts_with(',') => before.len(),
            _ => end,
        };
        let (field, rest) = self.rest.split_at(end);
        if field.contains('"') {
            return Err(format!(
                "has a quote within a field that is not quoted, in line {}",
                self.line
            ));
        }
        self.rest = rest;
        Ok(field.to_owned())
    }

    /// Up to the closing quote; two quotes are one.
    fn quoted(&mut self) -> Result<String, String> {
        let start = self.line;
        let mut field = String::new();
        loop {
            let Some((part, rest)) = self.rest.split_once('"') else {
                return Err(format!("has a quote that is not closed, in line {start}"));
            };
            self.line += part.matches('\n').count();
            field.push_str(&part.replace("\r\n", "\n"));
            self.rest = rest;
            if let Some(rest) = rest.strip_prefix('"') {
                field.push('"');
                self.rest = rest;
                continue;
            }
            let is_end = rest.is_empty() || rest.starts_with(',') || after_line_end(rest).is_some();
            if is_end {
                return Ok(field);
            }
            return Err(format!(
                "has something behind a closing quote, in line {}",
                self.line
            ));
        }
    }
}

/// What follows a line end, if there is one here. At the end of the text a carriage return is one.
fn after_line_end(text: &str) -> Option<&str> {
    text.strip_prefix("\r\n")
        .or_else(|| text.strip_prefix('\n'))
        .or_else(|| (text == "\r").then_some(""))
}
