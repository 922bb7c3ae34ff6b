//! Exact binary floats: a sign, a whole mantissa of any size, a power of two, and one rounding.

use std::cmp::Ordering;
use std::sync::Arc;

use dashu_base::{BitTest, DivRem};
use dashu_int::UBig;

use super::{ArithmeticError, Number, Repr};

/// No number is as large as two to this power, or as small as two to its negative: reading and
/// printing one then takes microseconds, and at most some 2,500 digits.
pub(super) const EXPONENT_LIMIT: i64 = 1 << 13;

/// `mantissa × 2^exponent`; the mantissa is odd, or zero with exponent zero.
#[derive(Clone)]
pub(super) struct Float {
    pub(super) negative: bool,
    pub(super) mantissa: UBig,
    pub(super) exponent: i64,
    pub(super) precision: u32,
}

/// The exact result of an operation, before its one rounding.
pub(super) struct Exact {
    negative: bool,
    mantissa: UBig,
    exponent: i64,
    /// Whether something below the last bit of the mantissa is not zero.
    more: bool,
}

impl Float {
    pub(super) fn from_i64(value: i64, precision: u32) -> Self {
        Self::normal(value < 0, UBig::from(value.unsigned_abs()), 0, precision)
    }

    /// A finite machine float, exactly.
    pub(super) fn from_f64(value: f64) -> Self {
        const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
        let bits = value.to_bits();
        let fraction = bits & ((1 << FRACTION_BITS) - 1);
        let biased = i64::try_from((bits >> FRACTION_BITS) & 0x7ff).expect("eleven bits fit");
        let (mantissa, exponent) = if biased == 0 {
            (fraction, -1074)
        } else {
            (fraction | (1 << FRACTION_BITS), biased - 1075)
        };
        Self::normal(
            value.is_sign_negative(),
            UBig::from(mantissa),
            exponent,
            super::MACHINE_PRECISION,
        )
    }

    fn normal(negative: bool, mantissa: UBig, exponent: i64, precision: u32) -> Self {
        match mantissa.trailing_zeros() {
            None => Self {
                negative,
                mantissa,
                exponent: 0,
                precision,
            },
            Some(zeros) => Self {
                negative,
                mantissa: mantissa >> zeros,
                exponent: exponent + signed(zeros),
                precision,
            },
        }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    pub(super) fn as_i64(&self) -> Option<i64> {
        let bits = signed(self.mantissa.bit_len()) + self.exponent;
        if self.exponent < 0 || bits > 64 {
            return None;
        }
        let magnitude = i128::try_from(&self.mantissa << shift(self.exponent)).ok()?;
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    /// How many bits the value needs.
    pub(super) fn bits(&self) -> u32 {
        u32::try_from(self.mantissa.bit_len()).expect("a mantissa has been rounded to a precision")
    }

    pub(super) fn rounded(self, precision: u32) -> Result<Number, ArithmeticError> {
        Exact::new(self.negative, self.mantissa, self.exponent).rounded(precision)
    }

    pub(super) fn negated(&self) -> Self {
        Self {
            negative: !self.negative,
            ..self.clone()
        }
    }

    pub(super) fn truncated(&self) -> Self {
        if self.is_whole() {
            return self.clone();
        }
        let mantissa = &self.mantissa >> shift(-self.exponent);
        Self::normal(self.negative, mantissa, 0, self.precision)
    }

    pub(super) fn plus(&self, other: &Self) -> Exact {
        let exponent = self.exponent.min(other.exponent);
        let aligned = |float: &Self| &float.mantissa << shift(float.exponent - exponent);
        let (a, b) = (aligned(self), aligned(other));
        let (negative, mantissa) = match (self.negative == other.negative, a.cmp(&b)) {
            (true, _) => (self.negative, a + b),
            (false, Ordering::Greater) => (self.negative, a - b),
            (false, Ordering::Less) => (other.negative, b - a),
            (false, Ordering::Equal) => (false, UBig::ZERO),
        };
        Exact::new(negative, mantissa, exponent)
    }

    pub(super) fn times(&self, other: &Self) -> Exact {
        Exact::new(
            self.negative != other.negative,
            &self.mantissa * &other.mantissa,
            self.exponent + other.exponent,
        )
    }

    /// Divides by what is not zero.
    pub(super) fn over(&self, other: &Self, precision: u32) -> Result<Number, ArithmeticError> {
        Exact::quotient(
            self.negative != other.negative,
            &self.mantissa,
            &other.mantissa,
            self.exponent - other.exponent,
            precision,
        )
        .rounded(precision)
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let difference = self.plus(&other.negated());
        match (difference.mantissa.is_zero(), difference.negative) {
            (true, _) => Ordering::Equal,
            (false, true) => Ordering::Less,
            (false, false) => Ordering::Greater,
        }
    }
}

impl Exact {
    pub(super) fn new(negative: bool, mantissa: UBig, exponent: i64) -> Self {
        Self {
            negative,
            mantissa,
            exponent,
            more: false,
        }
    }

    /// A quotient with at least two bits more than the precision, so that it rounds right.
    pub(super) fn quotient(
        negative: bool,
        dividend: &UBig,
        divisor: &UBig,
        exponent: i64,
        precision: u32,
    ) -> Self {
        let wanted = precision as usize + 2 + divisor.bit_len();
        let extra = wanted.saturating_sub(dividend.bit_len());
        let (mantissa, rest) = (dividend << extra).div_rem(divisor);
        Self {
            negative,
            mantissa,
            exponent: exponent - signed(extra),
            more: !rest.is_zero(),
        }
    }

    /// To the nearest number of this precision, ties to the even one.
    pub(super) fn rounded(self, precision: u32) -> Result<Number, ArithmeticError> {
        let bits = self.mantissa.bit_len();
        let surplus = bits.saturating_sub(precision as usize);
        let (mut mantissa, mut exponent) = (self.mantissa, self.exponent);
        if surplus > 0 {
            let half = mantissa.bit(surplus - 1);
            let above_half = self.more
                || mantissa
                    .trailing_zeros()
                    .is_some_and(|zeros| zeros < surplus - 1);
            mantissa >>= surplus;
            exponent += signed(surplus);
            if half && (above_half || mantissa.bit(0)) {
                mantissa += 1u8;
            }
        }
        let magnitude = exponent + signed(mantissa.bit_len());
        if !mantissa.is_zero() && !(-EXPONENT_LIMIT..=EXPONENT_LIMIT).contains(&magnitude) {
            return Err(ArithmeticError::OutOfRange);
        }
        let float = Float::normal(self.negative, mantissa, exponent, precision);
        Ok(match float.as_i64() {
            Some(value) => Number(Repr::Small { value, precision }),
            None => Number(Repr::Big(Arc::new(float))),
        })
    }
}

/// A bit count as an exponent. Counts of bits in memory are far below the range of `i64`.
pub(super) fn signed(bits: usize) -> i64 {
    i64::try_from(bits).expect("a number has fewer than 2^63 bits")
}

/// An exponent that is not negative as a shift.
pub(super) fn shift(exponent: i64) -> usize {
    usize::try_from(exponent).expect("a shift is not negative and below the exponent limit")
}
