//! The functions of the language.
//!
//! One file a family. A function is a row in its family's table: what its parameters want, and a
//! body that gets arguments already converted to that. Functions see no syntax and no variables;
//! `try` and `can`, which look at whether an argument fails, are not among them but in the
//! evaluator.

mod arguments;
mod choices;
mod conversions;
mod csv;
mod dates;
mod encoding;
mod files;
mod format;
mod hashes;
mod mappings;
mod network;
mod not_offered;
mod numbers;
mod paths;
mod questions;
mod regex;
mod sequences;
mod sets;
mod strings;
mod templates;
mod unique;
mod yaml;

use std::fmt;

use crate::host::CallError;
use crate::ty::Type;
use crate::value::{Kind, Marks, Value};

pub use arguments::Arguments;

/// What a call comes to.
pub(crate) type Called = Result<Value, CallError>;

/// A function of the language.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    parameters: &'static [Parameter],
    /// What all further arguments must be, if there may be any.
    rest: Option<Parameter>,
    returns: Returns,
    body: fn(&Arguments<'_>) -> Called,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({})", self.name)
    }
}

/// What one argument must be. By default neither null nor unknown in any part, and its marks go to
/// the result.
#[derive(Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    wanted: Wanted,
    takes_null: bool,
    takes_unknown: Unknowns,
    /// Whether the function sees the marks and passes them on itself.
    sees_marks: bool,
}

/// Which unknown arguments a function looks at; the others make its result unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unknowns {
    None,
    /// Those of which a part is unknown, but not the whole.
    InPart,
    All,
}

/// A type that can be written down in a table.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    Any,
    Bool,
    Number,
    String,
    List(&'static Wanted),
    Map(&'static Wanted),
    Set(&'static Wanted),
}

/// The type of the result, as far as it is the same for all arguments: it is what is known of a
/// result that is unknown.
#[derive(Clone, Copy)]
pub(crate) enum Returns {
    Always(Wanted),
    /// The type of this argument.
    TypeOf(usize),
}

const ANY: Returns = Returns::Always(Wanted::Any);
const BOOL: Returns = Returns::Always(Wanted::Bool);
const NUMBER: Returns = Returns::Always(Wanted::Number);
const STRING: Returns = Returns::Always(Wanted::String);
const STRINGS: Returns = Returns::Always(Wanted::List(&Wanted::String));

impl Wanted {
    fn ty(self) -> Type {
        match self {
            Self::Any => Type::Dynamic,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::List(element) => Type::list(element.ty()),
            Self::Map(element) => Type::map(element.ty()),
            Self::Set(element) => Type::set(element.ty()),
        }
    }

    /// Whether a value is plainly of this type, so that there is nothing to convert.
    fn is_kind_of(self, value: &Value) -> bool {
        matches!(
            (self, value.kind()),
            (Self::Bool, Kind::Bool(_))
                | (Self::Number, Kind::Number(_))
                | (Self::String, Kind::String(_))
        )
    }
}

impl Returns {
    fn ty(self, arguments: &Arguments<'_>) -> Type {
        match self {
            Self::Always(wanted) => wanted.ty(),
            Self::TypeOf(index) => arguments.value(index).ty(),
        }
    }
}

impl Parameter {
    const fn new(name: &'static str, wanted: Wanted) -> Self {
        Self {
            name,
            wanted,
            takes_null: false,
            takes_unknown: Unknowns::None,
            sees_marks: false,
        }
    }

    /// One of which the function also looks at what is only partly known, and at the marks.
    const fn any_part(name: &'static str) -> Self {
        Self::new(name, Wanted::Any)
            .with_unknown(Unknowns::InPart)
            .with_marks()
    }

    const fn string(name: &'static str) -> Self {
        Self::new(name, Wanted::String)
    }

    const fn number(name: &'static str) -> Self {
        Self::new(name, Wanted::Number)
    }

    const fn or_null(self) -> Self {
        Self {
            takes_null: true,
            ..self
        }
    }

    const fn with_unknown(self, takes_unknown: Unknowns) -> Self {
        Self {
            takes_unknown,
            ..self
        }
    }

    const fn with_marks(self) -> Self {
        Self {
            sees_marks: true,
            ..self
        }
    }
}

impl Function {
    const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        returns: Returns,
        body: fn(&Arguments<'_>) -> Called,
    ) -> Self {
        Self {
            name,
            parameters,
            rest: None,
            returns,
            body,
        }
    }

    /// A function that takes any number of further arguments.
    const fn and_more(self, rest: Parameter) -> Self {
        Self {
            rest: Some(rest),
            ..self
        }
    }

    pub(crate) fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.rest.as_ref())
    }

    /// Calls the function: looks at the arguments, then hands them to the body.
    pub(crate) fn call(&self, arguments: &mut Arguments<'_>) -> Called {
        self.check_count(arguments.len())?;
        let mut marks = Marks::NONE;
        let mut is_unknown = false;
        for index in 0..arguments.len() {
            let parameter = self.parameter(index).expect("the count was checked");
            let taken = take(parameter, arguments, index)?;
            marks |= taken.marks;
            is_unknown |= taken.is_unknown;
        }
        if is_unknown {
            return Ok(Value::unknown_of(self.returns.ty(arguments)).with_marks(marks));
        }
        (self.body)(arguments).map(|value| value.with_marks(marks))
    }

    fn check_count(&self, count: usize) -> Result<(), CallError> {
        let wanted = self.parameters.len();
        let arguments = |count: usize| match count {
            0 => "no arguments".to_owned(),
            1 => "1 argument".to_owned(),
            _ => format!("{count} arguments"),
        };
        if count < wanted {
            let least = if self.rest.is_some() { "at least " } else { "" };
            let missing = self.parameters[count].name;
            return Err(CallError::Count(format!(
                "It takes {least}{}, and the one called \"{missing}\" is missing.",
                arguments(wanted)
            )));
        }
        if count > wanted && self.rest.is_none() {
            return Err(CallError::Count(format!(
                "It takes {}, and got {count}.",
                arguments(wanted)
            )));
        }
        Ok(())
    }
}

/// What a value is, for a sentence: `an object`, `null`.
fn a_type(value: &Value) -> String {
    match value.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Object(_) => "an object".to_owned(),
        Kind::Tuple(_) => "a tuple".to_owned(),
        _ => format!("a {}", value.ty()),
    }
}

struct Taken {
    marks: Marks,
    is_unknown: bool,
}

/// Makes one argument what its parameter wants.
fn take(
    parameter: &Parameter,
    arguments: &mut Arguments<'_>,
    index: usize,
) -> Result<Taken, CallError> {
    let mut marks = Marks::NONE;
    if !parameter.sees_marks {
        marks = arguments.value(index).deep_marks();
        if !marks.is_empty() {
            let (bare, _) = arguments.value(index).unmark_deep();
            arguments.replace(index, bare);
        }
    }
    let value = arguments.value(index);
    if value.is_null() && !parameter.takes_null {
        return Err(CallError::argument(index, "must not be null"));
    }
    if !matches!(parameter.wanted, Wanted::Any) {
        arguments.budget().take_steps(value.size().bytes / 32)?;
        if !parameter.wanted.is_kind_of(value) {
            let converted = crate::convert::convert(value, &parameter.wanted.ty())
                .map_err(|error| CallError::argument(index, format!("is not suitable: {error}")))?;
            arguments.replace(index, converted);
        }
    }
    let value = arguments.value(index);
    let unknowns = if value.is_unknown() {
        Unknowns::All
    } else if value.contains_unknown() {
        Unknowns::InPart
    } else {
        Unknowns::None
    };
    Ok(Taken {
        marks,
        is_unknown: unknowns > parameter.takes_unknown,
    })
}

/// All functions; each family is ordered by name.
const FAMILIES: [&[Function]; 20] = [
    choices::FUNCTIONS,
    conversions::FUNCTIONS,
    csv::FUNCTIONS,
    dates::FUNCTIONS,
    encoding::FUNCTIONS,
    files::FUNCTIONS,
    format::FUNCTIONS,
    hashes::FUNCTIONS,
    mappings::FUNCTIONS,
    network::FUNCTIONS,
    numbers::FUNCTIONS,
    paths::FUNCTIONS,
    questions::FUNCTIONS,
    regex::FUNCTIONS,
    sequences::FUNCTIONS,
    sets::FUNCTIONS,
    strings::FUNCTIONS,
    templates::FUNCTIONS,
    unique::FUNCTIONS,
    yaml::FUNCTIONS,
];

/// The function of this name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    let letter = usize::from(name.bytes().next()?.checked_sub(b'a')?);
    let (start, end) = (*STARTS.get(letter)?, *STARTS.get(letter + 1)?);
    let same_letter = &BY_NAME[start..end];
    let found = same_letter.iter().find(|function| function.name == name);
    found.copied()
}

/// The functions of all families, and those not offered, in one table ordered by name: every call
/// looks into it, and one search is much less than one a family.
const BY_NAME: &[&Function] = &merged();

/// Where in that table the names with each letter begin, and behind the last letter its end.
const STARTS: [usize; 27] = {
    let mut starts = [0; 27];
    let mut start = 0;
    let mut letter = b'a';
    let mut at = 0;
    while at < starts.len() {
        while start < COUNT && BY_NAME[start].name.as_bytes()[0] < letter {
            start += 1;
        }
        starts[at] = start;
        letter += 1;
        at += 1;
    }
    starts
};

const COUNT: usize = {
    let mut count = not_offered::FUNCTIONS.len();
    let mut family = 0;
    while family < FAMILIES.len() {
        count += FAMILIES[family].len();
        family += 1;
    }
    count
};

/// Takes the first name of all that are left, until none is.
const fn merged() -> [&'static Function; COUNT] {
    let mut merged = [&not_offered::FUNCTIONS[0]; COUNT];
    let mut taken = [0; FAMILIES.len() + 1];
    let mut count = 0;
    while count < COUNT {
        let mut first: Option<(usize, &'static Function)> = None;
        let mut family = 0;
        while family < taken.len() {
            let functions = if family < FAMILIES.len() {
                FAMILIES[family]
            } else {
                not_offered::FUNCTIONS
            };
            if taken[family] < functions.len() {
                let next = &functions[taken[family]];
                first = match first {
                    Some((_, before)) if !is_before(next.name, before.name) => first,
                    _ => Some((family, next)),
                };
            }
            family += 1;
        }
        let (family, next) = first.expect("there are as many as were counted");
        merged[count] = next;
        taken[family] += 1;
        count += 1;
    }
    merged
}

const fn is_before(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return a[at] < b[at];
        }
        at += 1;
    }
    a.len() < b.len()
}

/// The names of all functions of the language, those that the evaluator handles itself included.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    let names = FAMILIES.iter().copied().flatten();
    names.map(|function| function.name).chain(["can", "try"])
}

#[cfg(test)]
mod tests;
