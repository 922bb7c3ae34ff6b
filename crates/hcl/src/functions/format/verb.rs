//! What a format is made of.

use unicode_segmentation::UnicodeSegmentation;

use crate::host::CallError;
use crate::value::Value;

/// Wider or finer than this nothing is printed.
const MOST: usize = 1_000_000;

pub(super) enum Piece<'a> {
    Text(&'a str),
    Verb(Verb<'a>),
}

/// How to print one value.
pub(super) struct Verb<'a> {
    /// All of it, as it stands in the format.
    pub(super) written: &'a str,
    pub(super) mode: char,
    /// Which of the values, counted from 0.
    pub(super) index: usize,
    pub(super) flags: Flags,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

/// The characters before the width.
#[derive(Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own, in the format as well"
)]
pub(super) struct Flags {
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
}

impl Verb<'_> {
    /// Fills a text up to the width.
    pub(super) fn padded(&self, text: String) -> String {
        let Some(width) = self.width else {
            return text;
        };
        let missing = width.saturating_sub(text.graphemes(true).count());
        let padding = if self.flags.zero { "0" } else { " " }.repeat(missing);
        if self.flags.minus {
            text + &padding
        } else {
            padding + &text
        }
    }

    /// The text that is printed as it is; `None` if there is more to do.
    pub(super) fn text_as_is<'v>(&self, value: &'v Value) -> Option<&'v str> {
        let is_plain = self.width.is_none() && self.precision.is_none() && !self.flags.sharp;
        let text = value.as_str()?;
        (is_plain && matches!(self.mode, 's' | 'v')).then_some(text)
    }

    /// As long as this at least its text will be.
    pub(super) fn least_bytes(&self) -> u64 {
        self.width.max(self.precision).unwrap_or(0) as u64
    }
}

/// What a format is made of, one after the other. It ends with the first error.
pub(super) struct Pieces<'a> {
    rest: &'a str,
    next_index: usize,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(format: &'a str) -> Self {
        Self {
            rest: format,
            next_index: 0,
        }
    }

    /// Whether nothing can be wrong with a format: each of its verbs is a letter and nothing else.
    pub(super) fn are_plain(format: &str) -> bool {
        let mut bytes = format.bytes();
        let is_verb = |byte| matches!(byte, Some(b's' | b'd' | b'v' | b'%'));
        while let Some(byte) = bytes.next() {
            if byte == b'%' && !is_verb(bytes.next()) {
                return false;
            }
        }
        true
    }

    fn verb(&mut self) -> Result<Piece<'a>, CallError> {
        let text = std::mem::take(&mut self.rest);
        if let Some(behind) = text.strip_prefix("%%") {
            self.rest = behind;
            return Ok(Piece::Text("%"));
        }
        let verb = read_verb(text, self.next_index)?;
        self.rest = &text[verb.written.len()..];
        self.next_index = verb.index + 1;
        Ok(Piece::Verb(verb))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Piece<'a>, CallError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let length = self.rest.bytes().position(|byte| byte == b'%');
        let length = length.unwrap_or(self.rest.len());
        if length == 0 {
            return Some(self.verb());
        }
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(Ok(Piece::Text(text)))
    }
}

/// Flags, width, precision, index and letter, in this order; only the letter must be there.
fn read_verb(text: &str, next_index: usize) -> Result<Verb<'_>, CallError> {
    let mut rest = &text[1..];
    if let Some(mode @ ('s' | 'd' | 'v')) = rest.chars().next() {
        return Ok(Verb {
            written: &text[..2],
            mode,
            index: next_index,
            flags: Flags::default(),
            width: None,
            precision: None,
        });
    }
    let mut flags = Flags::default();
    while let Some(flag) = rest.chars().next() {
        match flag {
            '+' => flags.plus = true,
            '-' => flags.minus = true,
            '#' => flags.sharp = true,
            ' ' => flags.space = true,
            '0' => flags.zero = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    let width = take_number(&mut rest)?;
    let precision = match rest.strip_prefix('.') {
        Some(behind) => {
            rest = behind;
            Some(take_number(&mut rest)?.unwrap_or(0))
        }
        None => None,
    };
    let mut index = next_index;
    if let Some(behind) = rest.strip_prefix('[') {
        rest = behind;
        let number = take_number(&mut rest)?;
        let (Some(number @ 1..), Some(behind)) = (number, rest.strip_prefix(']')) else {
            return Err(wrong(
                text,
                rest,
                "the number of a value is expected in brackets",
            ));
        };
        rest = behind;
        index = number - 1;
    }
    let Some(mode) = rest.chars().next().filter(char::is_ascii_alphabetic) else {
        return Err(wrong(text, rest, "the letter of a verb is expected"));
    };
    let length = text.len() - rest.len() + 1;
    Ok(Verb {
        written: &text[..length],
        mode,
        index,
        flags,
        width,
        precision,
    })
}

fn take_number(text: &mut &str) -> Result<Option<usize>, CallError> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    *text = rest;
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse() {
        Ok(number) if number <= MOST => Ok(Some(number)),
        _ => Err(CallError::argument(
            0,
            format!("has {digits} in a verb, and {MOST} is the most"),
        )),
    }
}

fn wrong(verb: &str, rest: &str, expected: &str) -> CallError {
    let found = match rest.chars().next() {
        Some(found) => format!("and not \"{found}\""),
        None => "and the format ends".to_owned(),
    };
    let begin = &verb[..verb.len() - rest.len()];
    CallError::argument(
        0,
        format!(
            "is not valid: behind \"{begin}\" {expected}, {found}; a percent sign is written %%"
        ),
    )
}
