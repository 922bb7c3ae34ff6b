//! How verbs print numbers.

use super::verb::Verb;
use crate::number::{Digits, Number, Precision};

/// Places behind the point if the format does not say how many.
const USUAL_PLACES: usize = 6;
/// The shortest form gets an exponent from here on.
const SHORTEST_EXPONENT: i64 = 6;

/// A whole number to the base of the verb; `None` if it is not whole.
pub(super) fn whole(verb: &Verb<'_>, number: &Number) -> Option<String> {
    let (radix, prefix) = match verb.mode {
        'b' => (2, "0b"),
        'o' => (8, "0"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = number.magnitude()?.in_radix(radix).to_string();
    if verb.mode == 'X' {
        digits.make_ascii_uppercase();
    }
    if digits == "0" && verb.precision == Some(0) {
        return Some(String::new());
    }
    let is_negative = number.is_negative() && !number.is_zero();
    let mut lead = sign(verb, is_negative).to_owned();
    if verb.flags.sharp {
        lead.push_str(prefix);
    }
    let least_digits = match (verb.precision, verb.width) {
        (Some(precision), _) => precision,
        (None, Some(width)) if verb.flags.zero && !verb.flags.minus => {
            width.saturating_sub(lead.len())
        }
        (None, _) => 0,
    };
    let zeros = least_digits.saturating_sub(digits.len());
    Some(aligned(
        verb,
        &format!("{lead}{}{digits}", "0".repeat(zeros)),
    ))
}

pub(super) fn float(verb: &Verb<'_>, number: &Number) -> String {
    if number.is_infinite() {
        let lead = match sign(verb, number.is_negative()) {
            "" => "+",
            lead => lead,
        };
        return aligned(verb, &format!("{lead}Inf"));
    }
    let lead = sign(verb, number.is_negative());
    let digits = match (verb.mode, verb.precision) {
        ('g' | 'G', None) => shortest(number),
        ('g' | 'G', Some(precision)) => general(number, precision.max(1)),
        ('f', precision) => fixed(number, precision.unwrap_or(USUAL_PLACES)),
        (_, precision) => {
            let places = precision.unwrap_or(USUAL_PLACES);
            scientific(&number.digits(Precision::Digits(places + 1)), places)
        }
    };
    let digits = if verb.mode.is_ascii_uppercase() {
        digits.to_ascii_uppercase()
    } else {
        digits
    };
    let length = lead.len() + digits.len();
    let missing = verb.width.unwrap_or(0).saturating_sub(length);
    if verb.flags.zero {
        return format!("{lead}{}{digits}", "0".repeat(missing));
    }
    aligned(verb, &format!("{lead}{digits}"))
}

/// The fewest digits that mean the number, with an exponent if it is large or small.
pub(super) fn shortest(number: &Number) -> String {
    let digits = number.digits(Precision::Shortest);
    let count = digits.digits.len();
    general_form(&digits, SHORTEST_EXPONENT, count)
}

/// So many digits in all, less the zeros at their end.
fn general(number: &Number, precision: usize) -> String {
    let digits = number.digits(Precision::Digits(precision));
    let count = digits.digits.len();
    let has_all_before_point = signed(count) >= digits.point;
    let limit = if precision > count && has_all_before_point {
        signed(count)
    } else {
        signed(precision)
    };
    general_form(&digits, limit, count)
}

fn general_form(digits: &Digits, limit: i64, count: usize) -> String {
    let exponent = digits.point - 1;
    if exponent < -4 || exponent >= limit {
        return scientific(digits, count.saturating_sub(1));
    }
    let places = usize::try_from(signed(count) - digits.point).unwrap_or(0);
    fixed_form(digits, places)
}

fn fixed(number: &Number, places: usize) -> String {
    fixed_form(&number.digits(Precision::Places(places)), places)
}

fn fixed_form(digits: &Digits, places: usize) -> String {
    let before = usize::try_from(digits.point).unwrap_or(0);
    let mut text = String::with_capacity(before + places + 2);
    if before == 0 {
        text.push('0');
    }
    text.extend((0..before).map(|index| char::from(digits.at(index))));
    if places > 0 {
        text.push('.');
        for place in 0..signed(places) {
            let digit = match usize::try_from(digits.point + place) {
                Ok(index) => digits.at(index),
                Err(_) => b'0',
            };
            text.push(char::from(digit));
        }
    }
    text
}

fn scientific(digits: &Digits, places: usize) -> String {
    let mut text = String::from(char::from(digits.at(0)));
    if places > 0 {
        text.push('.');
        text.extend((1..=places).map(|index| char::from(digits.at(index))));
    }
    let exponent = if digits.digits.is_empty() {
        0
    } else {
        digits.point - 1
    };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{text}e{sign}{:02}", exponent.unsigned_abs())
}

fn sign(verb: &Verb<'_>, is_negative: bool) -> &'static str {
    match (is_negative, verb.flags.plus, verb.flags.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    }
}

/// Spaces up to the width, on the left unless the verb says otherwise.
fn aligned(verb: &Verb<'_>, text: &str) -> String {
    let missing = verb.width.unwrap_or(0).saturating_sub(text.len());
    let spaces = " ".repeat(missing);
    if verb.flags.minus {
        format!("{text}{spaces}")
    } else {
        format!("{spaces}{text}")
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).expect("a number has few digits")
}
