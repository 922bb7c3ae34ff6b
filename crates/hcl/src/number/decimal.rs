//! Reading decimals, and printing the shortest decimal that means the same.

use dashu_base::BitTest;
use dashu_int::UBig;

use super::float::{Exact, Float, shift, signed};
use super::{LITERAL_PRECISION, Number};

/// Longer texts and larger exponents are out of range.
const DIGIT_LIMIT: usize = 2_500;

/// The parts of a decimal number.
struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
    /// Whether the exponent is one of two, which the original allows when it converts strings.
    binary: bool,
}

pub(super) fn parse(text: &str) -> Option<Number> {
    if text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        return text.parse().ok().map(Number::literal);
    }
    let decimal = split(text)?;
    let mut digits = String::with_capacity(decimal.whole.len() + decimal.fraction.len());
    digits.push_str(decimal.whole);
    digits.push_str(decimal.fraction);
    if digits.len() > DIGIT_LIMIT {
        return None;
    }
    let mantissa = UBig::from_str_radix(&digits, 10).ok()?;
    if mantissa.is_zero() {
        return Some(Number::zero(decimal.negative, LITERAL_PRECISION));
    }
    scale(&decimal, mantissa)
}

/// Multiplies with the powers of ten and two, rounding once.
fn scale(decimal: &Decimal<'_>, mantissa: UBig) -> Option<Number> {
    let (tens, twos) = if decimal.binary {
        (0, decimal.exponent)
    } else {
        (decimal.exponent, 0)
    };
    let tens = tens.checked_sub(signed(decimal.fraction.len()))?;
    let limit = DIGIT_LIMIT as u64;
    if tens.unsigned_abs() > 2 * limit || twos.unsigned_abs() > 4 * limit {
        return None;
    }
    let power = UBig::from(10u8).pow(shift(tens.abs()));
    let exact = if tens >= 0 {
        Exact::new(decimal.negative, mantissa * power, twos)
    } else {
        Exact::quotient(decimal.negative, &mantissa, &power, twos, LITERAL_PRECISION)
    };
    exact.rounded(LITERAL_PRECISION).ok()
}

fn split(text: &str) -> Option<Decimal<'_>> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = rest.split_at(digits(rest));
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (exponent, binary) = match rest.as_bytes().first() {
        None => (0, false),
        Some(b'e' | b'E') => (exponent(&rest[1..])?, false),
        Some(b'p' | b'P') => (exponent(&rest[1..])?, true),
        Some(_) => return None,
    };
    Some(Decimal {
        negative,
        whole,
        fraction,
        exponent,
        binary,
    })
}

fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Digits without zeros at their end, and where the point stands: `0.d1d2… × 10^point`.
pub(crate) struct Digits {
    /// ASCII; none for zero.
    pub(crate) digits: Vec<u8>,
    pub(crate) point: i64,
}

impl Digits {
    /// `mantissa × 2^exponent`, exactly.
    pub(super) fn exact(mantissa: &UBig, exponent: i64) -> Self {
        let whole = if exponent >= 0 {
            mantissa << shift(exponent)
        } else {
            mantissa * UBig::from(5u8).pow(shift(-exponent))
        };
        let mut digits = whole.to_string().into_bytes();
        let point = signed(digits.len()) + exponent.min(0);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        Self { digits, point }
    }

    /// A digit; behind the last one there are zeros.
    pub(crate) fn at(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(b'0')
    }

    /// So many digits, rounded half to even; none are left of a value below half of the first.
    pub(super) fn rounded(self, length: i64) -> Self {
        let length = match usize::try_from(length) {
            Ok(length) if length >= self.digits.len() => return self,
            Ok(length) => length,
            Err(_) => return self.cut(0, false),
        };
        let up = rounds_up(&self, length);
        self.cut(length, up)
    }

    /// Cuts after so many digits, and makes the last one larger by one if asked.
    fn cut(mut self, length: usize, up: bool) -> Self {
        self.digits.truncate(length);
        if up {
            while self.digits.last() == Some(&b'9') {
                self.digits.pop();
            }
            if let Some(last) = self.digits.last_mut() {
                *last += 1;
            } else {
                self.digits.push(b'1');
                self.point += 1;
            }
        }
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        self
    }

    fn print(&self, negative: bool) -> String {
        let mut text = String::with_capacity(self.digits.len() + 8);
        if negative {
            text.push('-');
        }
        let whole = usize::try_from(self.point).unwrap_or(0);
        if whole == 0 {
            text.push('0');
        }
        text.extend((0..whole).map(|index| char::from(self.at(index))));
        if whole < self.digits.len() {
            text.push('.');
            let zeros = usize::try_from(-self.point).unwrap_or(0);
            text.extend(std::iter::repeat_n('0', zeros));
            text.extend(self.digits[whole..].iter().copied().map(char::from));
        }
        text
    }
}

/// Prints a float that is not zero.
pub(super) fn print(float: &Float) -> String {
    shortest(float).print(float.negative)
}

/// The fewest digits that lie within half a unit of the float's last bit.
pub(super) fn shortest(float: &Float) -> Digits {
    let value = Digits::exact(&float.mantissa, float.exponent);
    let bits = float.mantissa.bit_len();
    if float.exponent >= 0 && bits + shift(float.exponent) <= float.precision as usize {
        return value;
    }
    let missing = (float.precision as usize + 1).saturating_sub(float.mantissa.bit_len());
    let scaled = &float.mantissa << missing;
    let exponent = float.exponent - signed(missing);
    let lower = Digits::exact(&(&scaled - UBig::ONE), exponent);
    let upper = Digits::exact(&(&scaled + UBig::ONE), exponent);
    // The last bit of the full mantissa decides whether the ends of the interval belong to it:
    // they are ties, and ties go to the even side.
    let inclusive = !scaled.bit(1);
    for index in 0..value.digits.len() {
        let (low, digit, high) = (lower.at(index), value.at(index), upper.at(index));
        let down = low != digit || inclusive && index + 1 == lower.digits.len();
        let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.digits.len());
        if down && up {
            let round_up = rounds_up(&value, index + 1);
            return value.cut(index + 1, round_up);
        }
        if down || up {
            return value.cut(index + 1, up);
        }
    }
    value
}

/// Whether cutting after so many digits is nearer when the last one grows; half goes to even.
fn rounds_up(value: &Digits, length: usize) -> bool {
    match value.at(length) {
        b'5' if length + 1 >= value.digits.len() => length > 0 && value.at(length - 1) % 2 == 1,
        next => next >= b'5',
    }
}

/// How the original prints a number where it needs a sort key: ten digits, an exponent if large.
pub(super) fn print_ten_digits(float: &Float) -> String {
    let exact = Digits::exact(&float.mantissa, float.exponent);
    let up = exact.digits.len() > 10 && rounds_up(&exact, 10);
    let digits = exact.cut(10, up);
    let exponent = digits.point - 1;
    let count = signed(digits.digits.len());
    let precision = if count >= digits.point {
        count.min(10)
    } else {
        10
    };
    if (-4..precision).contains(&exponent) {
        return digits.print(float.negative);
    }
    let mantissa = Digits { point: 1, ..digits };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!(
        "{}e{sign}{:02}",
        mantissa.print(float.negative),
        exponent.unsigned_abs()
    )
}
