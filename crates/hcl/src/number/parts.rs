//! Numbers taken apart, for functions that round them or print them in their own way.

use dashu_int::UBig;

use super::decimal::{self, Digits};
use super::float::{Exact, signed};
use super::{ArithmeticError, COUNT_PRECISION, Number, Repr};

/// What digits are wanted of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Precision {
    /// As many as the number needs to be told from its neighbours.
    Shortest,
    /// So many behind the point.
    Places(usize),
    /// So many in all.
    Digits(usize),
}

impl Number {
    /// The digits of a finite number without its sign, rounded half to even.
    pub(crate) fn digits(&self, precision: Precision) -> Digits {
        let float = self.float();
        let exact = || Digits::exact(&float.mantissa, float.exponent);
        match precision {
            _ if self.is_zero() => Digits {
                digits: Vec::new(),
                point: 0,
            },
            Precision::Shortest => decimal::shortest(&float),
            Precision::Places(places) => {
                let exact = exact();
                let length = exact.point.saturating_add(signed(places));
                exact.rounded(length)
            }
            Precision::Digits(count) => exact().rounded(signed(count)),
        }
    }

    /// The magnitude of a whole number.
    pub(crate) fn magnitude(&self) -> Option<UBig> {
        let is_whole = self.is_whole();
        is_whole.then(|| {
            let float = self.float();
            float.mantissa << super::float::shift(float.exponent)
        })
    }

    /// A whole number with as many bits as it needs, and no fewer than a count.
    pub(crate) fn integer(is_negative: bool, magnitude: UBig) -> Result<Self, ArithmeticError> {
        use dashu_base::BitTest;
        let bits = u32::try_from(magnitude.bit_len()).map_err(|_| ArithmeticError::OutOfRange)?;
        Exact::new(is_negative, magnitude, 0).rounded(bits.max(COUNT_PRECISION))
    }

    /// The largest whole number that is not above this one. There is but one zero.
    pub(crate) fn floor(&self) -> Result<Self, ArithmeticError> {
        self.rounded_away(self.is_negative(), -1)
    }

    /// The smallest whole number that is not below this one. There is but one zero.
    pub(crate) fn ceil(&self) -> Result<Self, ArithmeticError> {
        self.rounded_away(!self.is_negative(), 1)
    }

    /// The whole part, plus a step if there is a fraction and the step is wanted.
    fn rounded_away(&self, is_wanted: bool, step: i64) -> Result<Self, ArithmeticError> {
        let whole = match self.truncated() {
            whole if whole.is_zero() => Number::zero(false, self.precision()),
            whole => whole,
        };
        match &self.0 {
            Repr::Big(float) if !float.is_whole() && is_wanted => {
                whole.add_with(&Number::literal(step), float.precision)
            }
            Repr::Big(_)
            | Repr::Small { .. }
            | Repr::NegativeZero { .. }
            | Repr::Infinity { .. } => Ok(whole),
        }
    }
}
