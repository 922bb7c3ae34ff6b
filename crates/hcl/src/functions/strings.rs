//! Functions of strings.

mod letters;

use unicode_segmentation::UnicodeSegmentation;

use super::{Arguments, BOOL, Called, Function, Parameter, STRING, STRINGS, Unknowns, Wanted};
use crate::Text;
use crate::host::CallError;
use crate::ty::Type;
use crate::value::Value;

const TEXT: Parameter = Parameter::string("text");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("chomp", &[TEXT], STRING, |arguments| {
        cut(arguments, |text| text.trim_end_matches(['\r', '\n']))
    }),
    Function::new(
        "endswith",
        &[TEXT, Parameter::string("suffix")],
        BOOL,
        |arguments| Ok(Value::bool(arguments.text(0).ends_with(arguments.text(1)))),
    ),
    Function::new(
        "indent",
        &[Parameter::number("spaces"), TEXT],
        STRING,
        indent,
    ),
    Function::new("join", &[Parameter::string("separator")], STRING, join).and_more(
        Parameter::new("lists", Wanted::List(&Wanted::String)).with_unknown(Unknowns::None),
    ),
    Function::new("lower", &[TEXT], STRING, |arguments| {
        map_letters(arguments, Text::to_ascii_lowercase, letters::lower)
    }),
    Function::new(
        "split",
        &[Parameter::string("separator"), TEXT],
        STRINGS,
        split,
    ),
    Function::new(
        "startswith",
        &[TEXT, Parameter::string("prefix")],
        BOOL,
        |arguments| {
            Ok(Value::bool(
                arguments.text(0).starts_with(arguments.text(1)),
            ))
        },
    ),
    Function::new(
        "strcontains",
        &[TEXT, Parameter::string("part")],
        BOOL,
        |arguments| Ok(Value::bool(arguments.text(0).contains(arguments.text(1)))),
    ),
    Function::new("strrev", &[TEXT], STRING, strrev),
    Function::new(
        "substr",
        &[
            TEXT,
            Parameter::number("offset"),
            Parameter::number("length"),
        ],
        STRING,
        substr,
    ),
    Function::new("title", &[TEXT], STRING, title),
    Function::new(
        "trim",
        &[TEXT, Parameter::string("characters")],
        STRING,
        |arguments| {
            let characters: Vec<char> = arguments.text(1).chars().collect();
            cut(arguments, |text| text.trim_matches(characters.as_slice()))
        },
    ),
    Function::new(
        "trimprefix",
        &[TEXT, Parameter::string("prefix")],
        STRING,
        |arguments| {
            let prefix = arguments.text(1);
            cut(arguments, |text| text.strip_prefix(prefix).unwrap_or(text))
        },
    ),
    Function::new("trimspace", &[TEXT], STRING, |arguments| {
        cut(arguments, str::trim)
    }),
    Function::new(
        "trimsuffix",
        &[TEXT, Parameter::string("suffix")],
        STRING,
        |arguments| {
            let suffix = arguments.text(1);
            cut(arguments, |text| text.strip_suffix(suffix).unwrap_or(text))
        },
    ),
    Function::new("upper", &[TEXT], STRING, |arguments| {
        map_letters(arguments, Text::to_ascii_uppercase, letters::upper)
    }),
];

/// The first argument without something at its ends.
fn cut(arguments: &Arguments<'_>, cut: impl Fn(&str) -> &str) -> Called {
    arguments.count_all()?;
    Ok(Value::string(cut(arguments.text(0))))
}

fn map_letters(
    arguments: &Arguments<'_>,
    map_ascii: fn(&Text) -> Text,
    map: fn(char) -> char,
) -> Called {
    arguments.count_all()?;
    let text = arguments.value(0).as_text();
    let text = text.expect("the parameter wants a string that is known");
    Ok(if text.is_ascii() {
        Value::text(map_ascii(text))
    } else {
        Value::string(text.chars().map(map).collect::<Text>())
    })
}

/// Puts spaces before each line but the first.
fn indent(arguments: &Arguments<'_>) -> Called {
    let Ok(spaces) = usize::try_from(arguments.integer(0)?) else {
        return Err(CallError::argument(0, "must not be negative"));
    };
    let text = arguments.text(1);
    let newlines = text.bytes().filter(|byte| *byte == b'\n').count();
    let added = (newlines as u64).saturating_mul(spaces as u64);
    let bytes = (text.len() as u64).saturating_add(added);
    if newlines == 0 {
        return Ok(arguments.value(1).clone());
    }
    arguments.budget().expect_bytes(bytes)?;
    arguments.budget().take_steps(bytes / 64)?;
    let line_start = format!("\n{}", " ".repeat(spaces));
    Ok(Value::string(text.replace('\n', &line_start)))
}

/// Joins the elements of all lists.
fn join(arguments: &Arguments<'_>) -> Called {
    arguments.expect_count(2..=usize::MAX)?;
    let separator = arguments.text(0);
    let mut text = arguments.budget().take_buffer();
    let mut is_first = true;
    for (index, list) in arguments.values().iter().enumerate().skip(1) {
        for (position, item) in list.items().unwrap_or_default().iter().enumerate() {
            let Some(item) = item.as_str() else {
                let message = format!("must have no null in it, but element {position} is null");
                return Err(CallError::argument(index, message));
            };
            if !is_first {
                text.push_str(separator);
            }
            is_first = false;
            text.push_str(item);
            arguments.budget().expect_bytes(text.len() as u64)?;
        }
    }
    arguments.budget().take_steps(text.len() as u64 / 64)?;
    let value = Value::string(&text);
    arguments.budget().return_buffer(text);
    Ok(value)
}

/// With an empty separator into characters.
fn split(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let (separator, text) = (arguments.text(0), arguments.text(1));
    let count = if separator.is_empty() {
        text.chars().count()
    } else {
        text.matches(separator).count() + 1
    };
    arguments.count_items(count, count)?;
    let parts: Vec<Value> = if separator.is_empty() {
        let ends = text
            .char_indices()
            .map(|(at, c)| &text[at..at + c.len_utf8()]);
        ends.map(Value::string).collect()
    } else {
        text.split(separator).map(Value::string).collect()
    };
    Ok(Value::list_from(Type::String, parts))
}

/// The characters as readers count them from last to first.
fn strrev(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let reversed: String = arguments.text(0).graphemes(true).rev().collect();
    Ok(Value::string(reversed))
}

/// A part of a string, counted in characters as readers count them. A negative offset counts from
/// the end; a negative length means all that is left, and so does, from the end, a length of 0.
fn substr(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let text = arguments.text(0);
    let (offset, length) = (arguments.integer(1)?, arguments.integer(2)?);
    let from_end = offset < 0;
    let distance = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
    let offset = if from_end {
        text.graphemes(true).count().saturating_sub(distance)
    } else {
        distance
    };
    let is_rest = length < 0 || length == 0 && from_end;
    let length = usize::try_from(length).ok().filter(|_| !is_rest);
    let length = length.unwrap_or(usize::MAX);
    let part: String = text.graphemes(true).skip(offset).take(length).collect();
    Ok(Value::string(part))
}

/// With each word's first letter as a capital.
fn title(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let mut before = ' ';
    let letters = arguments.text(0).chars().map(|letter| {
        let starts_word = letters::separates_words(before);
        before = letter;
        if starts_word {
            letters::title(letter)
        } else {
            letter
        }
    });
    Ok(Value::string(letters.collect::<String>()))
}
