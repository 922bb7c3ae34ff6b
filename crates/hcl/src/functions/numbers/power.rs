//! Powers of machine floats.
//!
//! The last bit of a power is not the same in all mathematical libraries. Here a whole exponent is
//! taken apart into powers of two, by squaring, with the binary exponent kept beside the mantissa;
//! only what is left of a broken exponent goes through the logarithm. These are the steps of the
//! original, so its results come out to the last bit where the exponent is whole; with a broken one
//! its own last bit depends on the processor it runs on.

/// No binary exponent of a machine float comes near this.
const FAR_OUT: i64 = 1 << 12;

/// `base` to the power of `exponent`.
#[expect(
    clippy::float_cmp,
    reason = "these are the exact values that need no steps"
)]
pub(super) fn power(base: f64, exponent: f64) -> f64 {
    let is_special = exponent == 0.0 || base == 0.0 || base == 1.0;
    // A larger exponent is whole and even, and leads to zero, one or infinity.
    let is_huge = exponent.abs() >= f64::from(1u32 << 31) * f64::from(1u32 << 31);
    if is_special || is_huge || !base.is_finite() || !exponent.is_finite() {
        return base.powf(exponent);
    }
    if exponent.abs() == 0.5 {
        let root = base.sqrt();
        return if exponent > 0.0 { root } else { 1.0 / root };
    }
    let (mut whole, mut broken) = (exponent.abs().trunc(), exponent.abs().fract());
    if broken != 0.0 && base < 0.0 {
        return f64::NAN;
    }
    if broken > 0.5 {
        broken -= 1.0;
        whole += 1.0;
    }
    let start = if broken == 0.0 {
        1.0
    } else {
        libm::exp(broken * libm::log(base))
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between 0 and 2^62"
    )]
    let (mantissa, twos) = whole_power(base, whole as u64, start);
    if exponent < 0.0 {
        scaled(1.0 / mantissa, -twos)
    } else {
        scaled(mantissa, twos)
    }
}

/// `start × base^exponent` as a float and a power of two.
fn whole_power(base: f64, mut exponent: u64, start: f64) -> (f64, i64) {
    let (mut square, twos) = libm::frexp(base);
    let mut square_twos = i64::from(twos);
    let (mut result, mut result_twos) = (start, 0i64);
    while exponent != 0 {
        if square_twos.abs() > FAR_OUT {
            return (result, result_twos + square_twos);
        }
        if exponent & 1 == 1 {
            result *= square;
            result_twos += square_twos;
        }
        square *= square;
        square_twos *= 2;
        if square < 0.5 {
            square += square;
            square_twos -= 1;
        }
        exponent >>= 1;
    }
    (result, result_twos)
}

fn scaled(mantissa: f64, twos: i64) -> f64 {
    let twos = twos.clamp(-4 * FAR_OUT, 4 * FAR_OUT);
    libm::ldexp(mantissa, i32::try_from(twos).expect("it was clamped"))
}

#[cfg(test)]
mod tests {
    use super::power;

    #[test]
    fn whole_powers_are_those_of_the_original_to_the_last_bit() {
        for (base, exponent, expected) in [
            (7.0, 33.0, "7730993719707445000000000000"),
            (
                31.0,
                33.0,
                "16403476339625028000000000000000000000000000000000",
            ),
            (2.0, -1.0, "0.5"),
            (-2.0, 3.0, "-8"),
            (0.1, 7.0, "0.00000010000000000000007"),
            (7.3, 23.0, "71849836263527130000"),
            (13.0, -21.0, "0.000000000000000000000004047525574594755"),
            (
                0.669_808_946_979_671_6,
                180.0,
                "0.000000000000000000000000000000046899690894091983",
            ),
        ] {
            assert_eq!(power(base, exponent).to_string(), expected);
        }
    }

    #[test]
    fn ends_of_the_range_are_zero_and_infinity() {
        assert_eq!(power(10.0, 400.0).to_string(), "inf");
        assert_eq!(power(10.0, -400.0).to_string(), "0");
        assert_eq!(power(-10.0, 401.0).to_string(), "-inf");
        assert_eq!(power(0.999, 1e19).to_string(), "0");
        assert!(power(-8.0, 0.25).is_nan());
    }
}
