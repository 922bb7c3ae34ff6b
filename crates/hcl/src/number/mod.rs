//! Numbers as terraform has them: binary floats of up to 512 bits that print as short decimals.
//!
//! What fits a machine integer stays one; the rest goes through exact integer arithmetic and one
//! rounding per operation, half to even. Each number remembers how many bits it was made with, since
//! that decides what a division of two of them prints: literals and decoded numbers have 512,
//! counts such as a length 64, results of floating-point functions 53.

mod decimal;
mod float;
mod parts;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use float::Float;

pub(crate) use decimal::Digits;
pub(crate) use parts::Precision;

/// The bits of a literal.
pub(crate) const LITERAL_PRECISION: u32 = 512;
/// The bits of a count.
pub(crate) const COUNT_PRECISION: u32 = 64;
/// The bits of a machine's float.
pub(crate) const MACHINE_PRECISION: u32 = 53;

/// A number, cheap to clone.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    /// A value that needs no more bits than the precision has.
    Small {
        value: i64,
        precision: u32,
    },
    Big(Arc<Float>),
    NegativeZero {
        precision: u32,
    },
    Infinity {
        negative: bool,
        precision: u32,
    },
}

/// Why an operation has no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArithmeticError {
    /// Such as zero by zero, or infinity minus itself.
    Undefined,
    /// Larger or finer than the range of [`Number`].
    OutOfRange,
}

impl fmt::Display for ArithmeticError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undefined => "the result is not defined",
            Self::OutOfRange => "the result is too large or too small to be kept",
        })
    }
}

impl Number {
    /// Reads a decimal number, with or without sign, fraction and exponent; `None` if it is not one
    /// or out of range.
    pub fn parse(text: &str) -> Option<Self> {
        decimal::parse(text)
    }

    /// A whole number as if it were written down.
    pub fn literal(value: i64) -> Self {
        Self(Repr::Small {
            value,
            precision: LITERAL_PRECISION,
        })
    }

    /// A count, such as the length of a collection.
    pub fn count(value: usize) -> Self {
        match i64::try_from(value) {
            Ok(value) => Self::from(value),
            Err(_) => Self::literal(i64::MAX),
        }
    }

    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Repr::Infinity { .. })
    }

    pub fn is_zero(&self) -> bool {
        matches!(
            self.0,
            Repr::Small { value: 0, .. } | Repr::NegativeZero { .. }
        )
    }

    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small { value, .. } => *value < 0,
            Repr::Big(float) => float.negative,
            Repr::NegativeZero { .. } => true,
            Repr::Infinity { negative, .. } => *negative,
        }
    }

    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Repr::Small { .. } | Repr::NegativeZero { .. } => true,
            Repr::Big(float) => float.is_whole(),
            Repr::Infinity { .. } => false,
        }
    }

    /// The value if it is whole and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small { value, .. } => Some(*value),
            Repr::NegativeZero { .. } => Some(0),
            Repr::Big(_) | Repr::Infinity { .. } => None,
        }
    }

    /// The nearest machine float.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::NegativeZero { .. } => -0.0,
            Repr::Infinity { negative: true, .. } => f64::NEG_INFINITY,
            Repr::Infinity { .. } => f64::INFINITY,
            Repr::Small { .. } | Repr::Big(_) => {
                let text = self.to_string();
                text.parse().expect("a printed number is a decimal number")
            }
        }
    }

    /// `None` for what is not a number.
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        let (negative, precision) = (value.is_sign_negative(), MACHINE_PRECISION);
        if value.is_infinite() {
            return Some(Self(Repr::Infinity {
                negative,
                precision,
            }));
        }
        Some(Self::from_float(Float::from_f64(value), precision))
    }

    #[must_use]
    pub fn negate(&self) -> Self {
        Self(match &self.0 {
            Repr::Small {
                value: 0,
                precision,
            } => Repr::NegativeZero {
                precision: *precision,
            },
            Repr::NegativeZero { precision } => Repr::Small {
                value: 0,
                precision: *precision,
            },
            Repr::Small { value, precision } => match value.checked_neg() {
                Some(value) => Repr::Small {
                    value,
                    precision: *precision,
                },
                None => return Self::from_float(self.float().negated(), *precision),
            },
            Repr::Big(float) => return Self::from_float(float.negated(), float.precision),
            Repr::Infinity {
                negative,
                precision,
            } => Repr::Infinity {
                negative: !negative,
                precision: *precision,
            },
        })
    }

    pub fn add(&self, other: &Self) -> Result<Self, ArithmeticError> {
        self.add_with(other, self.common_precision(other))
    }

    fn add_with(&self, other: &Self, precision: u32) -> Result<Self, ArithmeticError> {
        if let Some(sum) = self.small(other, precision, i64::checked_add) {
            return Ok(sum);
        }
        match (&self.0, &other.0) {
            (Repr::Infinity { negative: a, .. }, Repr::Infinity { negative: b, .. }) if a != b => {
                Err(ArithmeticError::Undefined)
            }
            (Repr::Infinity { negative, .. }, _) | (_, Repr::Infinity { negative, .. }) => {
                Ok(Self::infinity(*negative, precision))
            }
            (Repr::NegativeZero { .. }, Repr::NegativeZero { .. }) => Ok(self.clone()),
            _ => self.float().plus(&other.float()).rounded(precision),
        }
    }

    pub fn subtract(&self, other: &Self) -> Result<Self, ArithmeticError> {
        let precision = self.common_precision(other);
        match self.small(other, precision, i64::checked_sub) {
            Some(difference) => Ok(difference),
            None => self.add(&other.negate()),
        }
    }

    /// A product is exact as far as 512 bits go, and has as many bits as it needs for that.
    pub fn multiply(&self, other: &Self) -> Result<Self, ArithmeticError> {
        let precision = self.common_precision(other);
        if !self.is_zero()
            && !other.is_zero()
            && let Some(product) = self.small(other, precision, i64::checked_mul)
        {
            return Ok(product);
        }
        let product = self.multiply_with(other, precision.max(LITERAL_PRECISION))?;
        Ok(product.with_precision(precision))
    }

    fn multiply_with(&self, other: &Self, precision: u32) -> Result<Self, ArithmeticError> {
        let negative = self.is_negative() != other.is_negative();
        if self.is_infinite() || other.is_infinite() {
            if self.is_zero() || other.is_zero() {
                return Err(ArithmeticError::Undefined);
            }
            return Ok(Self::infinity(negative, precision));
        }
        if self.is_zero() || other.is_zero() {
            return Ok(Self::zero(negative, precision));
        }
        self.float().times(&other.float()).rounded(precision)
    }

    /// The same value with this precision, or with the least that holds it.
    fn with_precision(&self, precision: u32) -> Self {
        let mut float = self.float();
        match self.0 {
            Repr::NegativeZero { .. } => Self::zero(true, precision),
            Repr::Infinity { negative, .. } => Self::infinity(negative, precision),
            Repr::Small { .. } | Repr::Big(_) => {
                float.precision = precision.max(float.bits());
                let precision = float.precision;
                Self::from_float(float, precision)
            }
        }
    }

    /// Division by zero gives infinity.
    pub fn divide(&self, other: &Self) -> Result<Self, ArithmeticError> {
        let precision = self.common_precision(other);
        let exactly = |a: i64, b: i64| a.checked_rem(b).filter(|rest| *rest == 0).map(|_| a / b);
        if !self.is_zero()
            && let Some(quotient) = self.small(other, precision, exactly)
        {
            return Ok(quotient);
        }
        let negative = self.is_negative() != other.is_negative();
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) => return Err(ArithmeticError::Undefined),
            (true, false) => return Ok(Self::infinity(negative, precision)),
            (false, true) => return Ok(Self::zero(negative, precision)),
            (false, false) => {}
        }
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Err(ArithmeticError::Undefined),
            (false, true) => Ok(Self::infinity(negative, precision)),
            (true, false) => Ok(Self::zero(negative, precision)),
            (false, false) => self.float().over(&other.float(), precision),
        }
    }

    /// What is left after taking the other away as often as it fits, with the sign of `self`. With
    /// zero nothing can be taken away, so `self` is left. How often, and how much that is, is rounded
    /// to the bits of `self` alone, which shows where those are few.
    pub fn remainder(&self, other: &Self) -> Result<Self, ArithmeticError> {
        if other.is_zero() {
            return Ok(self.clone());
        }
        if self.is_infinite() || other.is_infinite() {
            return Err(ArithmeticError::Undefined);
        }
        let precision = self.precision();
        let times = self.divide(other)?.truncated().float().rounded(precision)?;
        let taken = other.multiply_with(&times, precision)?;
        self.add_with(&taken.negate(), precision)
    }

    /// How the number stands in the key by which sets order what has no order of its own.
    pub(crate) fn sort_key(&self) -> String {
        match &self.0 {
            Repr::NegativeZero { .. } | Repr::Infinity { .. } => self.to_string(),
            Repr::Small { .. } | Repr::Big(_) if self.is_zero() => String::from("0"),
            Repr::Small { .. } | Repr::Big(_) => decimal::print_ten_digits(&self.float()),
        }
    }

    /// The whole part, towards zero.
    #[must_use]
    pub fn truncated(&self) -> Self {
        match &self.0 {
            Repr::Big(float) => Self::from_float(float.truncated(), float.precision),
            Repr::Small { .. } | Repr::NegativeZero { .. } | Repr::Infinity { .. } => self.clone(),
        }
    }

    /// The same as its display, which has widths to look at where this has none.
    pub(crate) fn write_to(&self, out: &mut impl fmt::Write) -> fmt::Result {
        match &self.0 {
            Repr::Small { value, precision } if fits(*value, *precision) => {
                out.write_str(itoa::Buffer::new().format(*value))
            }
            Repr::Small { .. }
            | Repr::NegativeZero { .. }
            | Repr::Infinity { .. }
            | Repr::Big(_) => write!(out, "{self}"),
        }
    }

    fn small(
        &self,
        other: &Self,
        precision: u32,
        operation: impl Fn(i64, i64) -> Option<i64>,
    ) -> Option<Self> {
        let (Repr::Small { value: a, .. }, Repr::Small { value: b, .. }) = (&self.0, &other.0)
        else {
            return None;
        };
        let value = operation(*a, *b)?;
        fits(value, precision).then_some(Self(Repr::Small { value, precision }))
    }

    fn precision(&self) -> u32 {
        match &self.0 {
            Repr::Small { precision, .. }
            | Repr::NegativeZero { precision }
            | Repr::Infinity { precision, .. } => *precision,
            Repr::Big(float) => float.precision,
        }
    }

    fn common_precision(&self, other: &Self) -> u32 {
        self.precision().max(other.precision())
    }

    fn infinity(negative: bool, precision: u32) -> Self {
        Self(Repr::Infinity {
            negative,
            precision,
        })
    }

    fn zero(negative: bool, precision: u32) -> Self {
        Self(if negative {
            Repr::NegativeZero { precision }
        } else {
            Repr::Small {
                value: 0,
                precision,
            }
        })
    }

    /// A finite number as a float.
    fn float(&self) -> Float {
        match &self.0 {
            Repr::Small { value, precision } => Float::from_i64(*value, *precision),
            Repr::Big(float) => Float::clone(float),
            Repr::NegativeZero { precision } | Repr::Infinity { precision, .. } => {
                Float::from_i64(0, *precision)
            }
        }
    }

    /// Takes a float whose mantissa already fits the precision.
    fn from_float(float: Float, precision: u32) -> Self {
        match float.as_i64() {
            Some(0) if float.negative => Self(Repr::NegativeZero { precision }),
            Some(value) => Self(Repr::Small { value, precision }),
            None => Self(Repr::Big(Arc::new(float))),
        }
    }
}

/// Whether a whole number needs no more bits than the precision has.
fn fits(value: i64, precision: u32) -> bool {
    precision >= COUNT_PRECISION || u64::BITS - value.unsigned_abs().leading_zeros() <= precision
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Small {
            value,
            precision: COUNT_PRECISION,
        })
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self::from(i64::from(value))
    }
}

/// By value: `1` and `1.0` are equal, and so are the two zeros.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |number: &Self| match number.0 {
            Repr::Infinity { negative: true, .. } => -1,
            Repr::Infinity { .. } => 1,
            Repr::Small { .. } | Repr::Big(_) | Repr::NegativeZero { .. } => 0,
        };
        match (&self.0, &other.0) {
            (Repr::Small { value: a, .. }, Repr::Small { value: b, .. }) => a.cmp(b),
            _ => rank(self)
                .cmp(&rank(other))
                .then_with(|| self.float().compare(&other.float())),
        }
    }
}

/// The shortest decimal that is read back as the same number, never with an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small { value, precision } if fits(*value, *precision) => {
                fmt::Display::fmt(value, f)
            }
            Repr::NegativeZero { .. } => f.write_str("-0"),
            Repr::Infinity { negative, .. } => f.write_str(if *negative { "-Inf" } else { "+Inf" }),
            Repr::Small { .. } | Repr::Big(_) => f.write_str(&decimal::print(&self.float())),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
