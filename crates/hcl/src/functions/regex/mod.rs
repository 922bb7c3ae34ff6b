//! `regex`, `regexall` and `replace`.
//!
//! Patterns are in the syntax of RE2. [`syntax`] writes them in that of the `regex` crate, which
//! matches the same way: leftmost, first alternative first, in linear time.

mod class;
mod syntax;

use ::regex::{Captures, Regex, RegexBuilder};

use self::syntax::Pattern;
use super::{ANY, Arguments, Called, Function, Parameter, STRING, Unknowns};
use crate::host::CallError;
use crate::ty::Type;
use crate::value::{Value, normalized};

/// The longest pattern.
const PATTERN_BYTES: usize = 64 << 10;
/// Compiled patterns may be as large as the last of these. How large one becomes shows only when it
/// is compiled, so each size is tried when the one before was too small, and paid for beforehand.
const COMPILED_BYTES: [usize; 3] = [64 << 10, 1 << 20, 10 << 20];
/// How much of a compiled pattern beyond the first size is made in a step of the budget.
const COMPILED_BYTES_A_STEP: usize = 16;
/// How much of a text is searched in a step of the budget.
const BYTES_A_STEP: u64 = 256;

const PATTERN: Parameter = Parameter::string("pattern");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "regex",
        &[
            PATTERN,
            Parameter::string("text").with_unknown(Unknowns::All),
        ],
        ANY,
        regex,
    ),
    Function::new(
        "regexall",
        &[
            PATTERN,
            Parameter::string("text").with_unknown(Unknowns::All),
        ],
        ANY,
        regexall,
    ),
    Function::new(
        "replace",
        &[
            Parameter::string("text"),
            Parameter::string("part"),
            Parameter::string("replacement"),
        ],
        STRING,
        replace,
    ),
];

/// A pattern ready to match, and what each match of it becomes.
struct Matcher {
    regex: Regex,
    /// The names of its groups, without the whole match.
    names: Vec<Option<String>>,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// No groups: the matched text.
    Text,
    /// The texts of the groups, by position.
    Tuple,
    /// The texts of the groups, by name.
    Object,
}

impl Matcher {
    fn of_argument(arguments: &Arguments<'_>, index: usize) -> Result<Self, CallError> {
        let (regex, names) = compile(arguments, arguments.text(index), index)?;
        let named = names.iter().flatten().count();
        let shape = match (names.len(), named) {
            (0, _) => Shape::Text,
            (_, 0) => Shape::Tuple,
            (all, named) if all == named => Shape::Object,
            _ => {
                let message = "must have names for all of its groups, or for none";
                return Err(CallError::argument(index, message));
            }
        };
        Ok(Self {
            regex,
            names,
            shape,
        })
    }

    /// The type of what a match becomes.
    fn ty(&self) -> Type {
        match self.shape {
            Shape::Text => Type::String,
            Shape::Tuple => Type::tuple(vec![Type::String; self.names.len()]),
            Shape::Object => {
                let names = self.names.iter().flatten();
                Type::object(names.map(|name| (normalized(name), Type::String)))
            }
        }
    }

    /// A group that took no part in the match is null.
    fn value(&self, captures: &Captures<'_>) -> Value {
        let group = |index: usize| match captures.get(index) {
            Some(found) => Value::string(found.as_str()),
            None => Value::null_of(Type::String),
        };
        match self.shape {
            Shape::Text => group(0),
            Shape::Tuple => Value::tuple((1..=self.names.len()).map(group)),
            Shape::Object => {
                let names = self.names.iter().flatten().enumerate();
                Value::object(names.map(|(index, name)| (name, group(index + 1))))
            }
        }
    }
}

fn compile(
    arguments: &Arguments<'_>,
    pattern: &str,
    index: usize,
) -> Result<(Regex, Vec<Option<String>>), CallError> {
    arguments.budget().take_steps(pattern.len() as u64 + 1)?;
    let wrong = |why: String| CallError::argument(index, format!("is not valid: {why}"));
    if pattern.len() > PATTERN_BYTES {
        return Err(wrong(format!("it is longer than {PATTERN_BYTES} bytes")));
    }
    let Pattern { text, names } = syntax::translate(pattern).map_err(wrong)?;
    let mut tried = build(&text, COMPILED_BYTES[0]);
    for bytes in &COMPILED_BYTES[1..] {
        if !matches!(tried, Err(::regex::Error::CompiledTooBig(_))) {
            break;
        }
        let steps = bytes / COMPILED_BYTES_A_STEP;
        arguments.budget().take_steps(steps as u64)?;
        tried = build(&text, *bytes);
    }
    match tried {
        Ok(regex) => Ok((regex, names)),
        Err(error) => Err(wrong(reason(&error))),
    }
}

fn build(text: &str, most_bytes: usize) -> Result<Regex, ::regex::Error> {
    RegexBuilder::new(text).size_limit(most_bytes).build()
}

/// What is left to complain about when the syntax is right.
fn reason(error: &::regex::Error) -> String {
    match error {
        ::regex::Error::CompiledTooBig(limit) => {
            format!("it needs more than {limit} bytes when compiled")
        }
        _ => "it is nested too deeply".to_owned(),
    }
}

/// The first match.
fn regex(arguments: &Arguments<'_>) -> Called {
    let matcher = Matcher::of_argument(arguments, 0)?;
    let Some(text) = arguments.value(1).as_str() else {
        return Ok(Value::unknown_of(matcher.ty()));
    };
    arguments.count_all()?;
    match matcher.regex.captures(text) {
        Some(captures) => Ok(matcher.value(&captures)),
        None => Err(CallError::failed(
            "The pattern does not match any part of the text.",
        )),
    }
}

/// All matches that do not overlap.
fn regexall(arguments: &Arguments<'_>) -> Called {
    let matcher = Matcher::of_argument(arguments, 0)?;
    let Some(text) = arguments.value(1).as_str() else {
        return Ok(Value::unknown_of(Type::list(matcher.ty())));
    };
    let mut values = Vec::new();
    for captures in matcher.regex.captures_iter(text) {
        count_match(arguments, text, &captures)?;
        values.push(matcher.value(&captures));
        arguments.budget().expect_items(values.len() as u64)?;
    }
    arguments.count_all()?;
    Ok(Value::list_from(matcher.ty(), values))
}

/// Each search may look at all that is left of the text, however short the match is.
fn count_match(
    arguments: &Arguments<'_>,
    text: &str,
    captures: &Captures<'_>,
) -> Result<(), CallError> {
    let end = captures.get(0).map_or(0, |found| found.end());
    let left = (text.len() - end) as u64;
    Ok(arguments.budget().take_steps(1 + left / BYTES_A_STEP)?)
}

/// A part between slashes is a pattern, and its replacement may speak of groups.
fn replace(arguments: &Arguments<'_>) -> Called {
    arguments.count_all()?;
    let [text, part, replacement] = [0, 1, 2].map(|index| arguments.text(index));
    if let Some(pattern) = part
        .strip_prefix('/')
        .and_then(|part| part.strip_suffix('/'))
    {
        return replace_pattern(arguments, pattern);
    }
    let count = if part.is_empty() {
        text.chars().count() + 1
    } else {
        text.matches(part).count()
    };
    let added = (count as u64).saturating_mul(replacement.len() as u64);
    let bytes = (text.len() as u64).saturating_add(added);
    arguments.budget().expect_bytes(bytes)?;
    arguments.budget().take_steps(bytes / 64)?;
    Ok(Value::string(text.replace(part, replacement)))
}

fn replace_pattern(arguments: &Arguments<'_>, pattern: &str) -> Called {
    let (regex, names) = compile(arguments, pattern, 1)?;
    let (text, replacement) = (arguments.text(0), arguments.text(2));
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        count_match(arguments, text, &captures)?;
        let whole = captures.get(0).expect("the whole match is always there");
        result.push_str(&text[end..whole.start()]);
        expand(replacement, &captures, &names, &mut result);
        arguments.budget().expect_bytes(result.len() as u64)?;
        end = whole.end();
    }
    result.push_str(&text[end..]);
    arguments.budget().take_steps(result.len() as u64 / 64)?;
    Ok(Value::string(result))
}

/// Writes a replacement: `$1`, `$name` and `${name}` stand for groups, `$$` for a dollar. A group
/// that is not there stands for nothing; of several with one name it is the first that matched.
fn expand(replacement: &str, captures: &Captures<'_>, names: &[Option<String>], out: &mut String) {
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            out.push('$');
            rest = behind;
            continue;
        }
        let Some((name, behind)) = group_name(rest) else {
            out.push('$');
            continue;
        };
        rest = behind;
        let found = match group_number(name) {
            Some(number) => captures.get(number),
            None => names.iter().enumerate().find_map(|(index, other)| {
                let is_it = other.as_deref() == Some(name);
                captures.get(index + 1).filter(|_| is_it)
            }),
        };
        out.push_str(found.map_or("", |found| found.as_str()));
    }
    out.push_str(rest);
}

/// The name behind a dollar, in braces or not, and what follows.
fn group_name(text: &str) -> Option<(&str, &str)> {
    let (is_braced, inner) = match text.strip_prefix('{') {
        Some(inner) => (true, inner),
        None => (false, text),
    };
    let end = inner
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    if name.is_empty() {
        return None;
    }
    if is_braced {
        return rest.strip_prefix('}').map(|rest| (name, rest));
    }
    Some((name, rest))
}

fn group_number(name: &str) -> Option<usize> {
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    let has_leading_zero = name.len() > 1 && name.starts_with('0');
    if !is_number || has_leading_zero {
        return None;
    }
    name.parse().ok()
}
