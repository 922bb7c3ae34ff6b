//! From events to values.
//!
//! The scanner and the parser are `saphyr-parser`; what is here puts values together. Collections
//! that are open stand in a list, so that no depth of nesting needs the stack.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::scalar::{Style, resolve};
use super::tabs::Tabs;
use crate::Text;
use crate::convert::convert_key;
use crate::host::CallError;
use crate::limits::Budget;
use crate::value::Value;

/// The namespace of the tags that are written with `!!`.
const STANDARD_TAGS: &str = "tag:yaml.org,2002:";

/// Reads a text of one document.
pub(super) fn decode(text: &str, budget: &Budget) -> Result<Value, CallError> {
    let mut loader = Loader {
        budget,
        open: Vec::new(),
        anchors: HashMap::new(),
        root: None,
    };
    expect_readable(text)?;
    let mut tabs = Tabs::of(text);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let (line, column) = (error.marker().line(), error.marker().col() + 1);
            wrong(error.info(), line, column)
        })?;
        budget.take_steps(1)?;
        let checked = tabs.check(&event, span);
        let added = checked.and_then(|()| loader.event(event));
        added.map_err(|error| match error {
            Trouble::Text(message) => wrong(&message, span.start.line(), span.start.col() + 1),
            Trouble::Call(error) => error,
        })?;
    }
    loader
        .root
        .ok_or_else(|| CallError::argument(0, "has nothing in it"))
}

/// Control characters other than those between lines and words can only be escaped.
fn expect_readable(text: &str) -> Result<(), CallError> {
    let is_bare = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    let Some(at) = text.find(|c| is_bare(c) || matches!(c, '\u{fffe}' | '\u{ffff}')) else {
        return Ok(());
    };
    let line = text[..at].matches('\n').count() + 1;
    let column = text[..at].chars().rev().take_while(|c| *c != '\n').count() + 1;
    let message = "a control character must be written as an escape sequence in double quotes";
    Err(wrong(message, line, column))
}

fn wrong(message: &str, line: usize, column: usize) -> CallError {
    CallError::argument(
        0,
        format!("is not valid: {message}, in line {line}, column {column}"),
    )
}

/// What is wrong at the place of an event.
pub(super) enum Trouble {
    Text(String),
    Call(CallError),
}

impl From<&str> for Trouble {
    fn from(message: &str) -> Self {
        Self::Text(message.to_owned())
    }
}

struct Loader<'a> {
    budget: &'a Budget,
    open: Vec<Open>,
    /// The values that have names, by the parser's numbers for these.
    anchors: HashMap<usize, Value>,
    root: Option<Value>,
}

/// A collection that is not complete yet.
enum Open {
    Sequence {
        items: Vec<Value>,
        anchor: usize,
    },
    Mapping {
        entries: Vec<(Text, Value)>,
        /// What the next value belongs to, if the next one is a value.
        key: Option<Key>,
        anchor: usize,
    },
}

enum Key {
    Text(Text),
    /// `<<`: the entries of the value become those of the mapping.
    Merge,
}

impl Loader<'_> {
    fn event(&mut self, event: Event<'_>) -> Result<(), Trouble> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err("there is a second document, and one is all that can be read".into())
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Alias(_) if self.expects_key() => Err("a key cannot be an alias".into()),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(value) => self.add(value.clone(), 0),
                None => Err("an alias stands within what it names, or for a key".into()),
            },
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref())
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq")?;
                self.start(Open::Sequence {
                    items: Vec::new(),
                    anchor,
                })
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map")?;
                self.start(Open::Mapping {
                    entries: Vec::new(),
                    key: None,
                    anchor,
                })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Mapping { key: None, .. }))
    }

    fn start(&mut self, collection: Open) -> Result<(), Trouble> {
        if self.expects_key() {
            return Err("a key must be a scalar".into());
        }
        self.open.push(collection);
        let deepest = self.budget.expect_depth(self.open.len());
        deepest.map_err(|exceeded| Trouble::Call(exceeded.into()))
    }

    fn end(&mut self) -> Result<(), Trouble> {
        let (value, anchor) = match self.open.pop() {
            Some(Open::Sequence { items, anchor }) => (Value::tuple(items), anchor),
            Some(Open::Mapping {
                entries, anchor, ..
            }) => (Value::object_from(entries), anchor),
            None => return Ok(()),
        };
        let kept = self.budget.keep(&value);
        kept.map_err(|exceeded| Trouble::Call(exceeded.into()))?;
        self.add(value, anchor)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Trouble> {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let is_key = self.expects_key();
        if is_key && text == "<<" && tag.is_none() {
            self.set_key(Key::Merge);
            return Ok(());
        }
        let tag = tag.map(standard_tag).transpose()?;
        let value = resolve(text, style, tag).map_err(Trouble::Text)?;
        if !is_key {
            return self.add(value, anchor);
        }
        let Ok(Some(key)) = convert_key(&value) else {
            return Err("a key must not be null".into());
        };
        self.set_key(Key::Text(key));
        Ok(())
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Open::Mapping { key, .. }) = self.open.last_mut() {
            *key = Some(new);
        }
    }

    /// Puts a complete value where it belongs.
    fn add(&mut self, value: Value, anchor: usize) -> Result<(), Trouble> {
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        let length = match self.open.last_mut() {
            None => {
                self.root = Some(value);
                return Ok(());
            }
            Some(Open::Sequence { items, .. }) => {
                items.push(value);
                items.len()
            }
            Some(Open::Mapping { entries, key, .. }) => {
                match key.take() {
                    Some(Key::Text(name)) => entries.push((name, value)),
                    Some(Key::Merge) => match value.entries() {
                        Some(more) => entries.extend_from_slice(more),
                        None => return Err("only a mapping can be merged with <<".into()),
                    },
                    None => return Err("a key must be a scalar".into()),
                }
                entries.len()
            }
        };
        let expected = self.budget.expect_items(length as u64);
        expected.map_err(|exceeded| Trouble::Call(exceeded.into()))
    }
}

/// The name of a tag of YAML's own.
fn standard_tag(tag: &Tag) -> Result<&str, Trouble> {
    let unknown = || Trouble::Text(format!("the tag {tag} is not supported"));
    if tag.handle == STANDARD_TAGS {
        return Ok(&tag.suffix);
    }
    let whole = tag.suffix.strip_prefix(STANDARD_TAGS);
    whole.filter(|_| tag.handle.is_empty()).ok_or_else(unknown)
}

fn check_tag(tag: Option<&Tag>, wanted: &str) -> Result<(), Trouble> {
    match tag {
        Some(tag) if standard_tag(tag)? != wanted => Err(Trouble::Text(format!(
            "the tag {tag} does not go with this value"
        ))),
        _ => Ok(()),
    }
}
