//! Numbers as the original has them, to the last digit.

use super::*;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
}

#[test]
fn decimals_print_as_they_were_meant() {
    for (text, printed) in [
        ("0", "0"),
        ("-0", "-0"),
        ("007", "7"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.50", "1.5"),
        ("1.e5", "100000"),
        ("0.1", "0.1"),
        ("1.5e-3", "0.0015"),
        ("1e21", "1000000000000000000000"),
        ("9007199254740993", "9007199254740993"),
        ("-9223372036854775808", "-9223372036854775808"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        ("1.500000000000000000001", "1.500000000000000000001"),
        ("1p3", "8"),
    ] {
        assert_eq!(number(text).to_string(), printed, "{text}");
    }
}

#[test]
fn other_texts_are_no_numbers() {
    for text in [
        "",
        " 1",
        "1 ",
        "0x10",
        "1_0",
        "Inf",
        "NaN",
        "1e",
        "1e+",
        ".",
        "-",
        "--1",
        "1e99999999999",
    ] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn fractions_carry_512_bits() {
    let third = number("1").divide(&number("3")).unwrap();
    assert_eq!(third.to_string(), format!("0.{}5", "3".repeat(154)));
    assert_eq!(third.multiply(&number("3")).unwrap().to_string(), "1");
    let sum = number("0.1").add(&number("0.2")).unwrap();
    assert_eq!(sum.to_string(), "0.3");
}

#[test]
fn numbers_that_were_counted_divide_with_64_bits() {
    let third = Number::count(1).divide(&Number::count(3)).unwrap();
    assert_eq!(third.to_string(), "0.33333333333333333334");
    let with_literal = Number::count(1).divide(&number("3")).unwrap();
    assert_eq!(with_literal.to_string().len(), 157);
}

#[test]
fn machine_floats_print_with_their_own_53_bits() {
    let power = Number::from_f64(2f64.powi(64)).unwrap();
    assert_eq!(power.to_string(), "18446744073709550000");
    assert_eq!(
        power.add(&number("1")).unwrap().to_string(),
        "18446744073709551617"
    );
    assert_eq!(
        Number::from_f64(2f64.powi(62)).unwrap().to_string(),
        "4611686018427388000"
    );
    assert_eq!(Number::from_f64(0.1).unwrap().to_string(), "0.1");
    assert!(Number::from_f64(f64::NAN).is_none());
}

#[test]
fn machine_integers_overflow_into_big_ones() {
    let max = number("9223372036854775807");
    assert_eq!(
        max.multiply(&number("10")).unwrap().to_string(),
        "92233720368547758070"
    );
    assert_eq!(max.add(&max).unwrap().to_string(), "18446744073709551614");
    assert_eq!(
        number("-9223372036854775808").negate().to_string(),
        "9223372036854775808"
    );
    assert_eq!(
        number("9223372036854775808").negate().as_i64(),
        Some(i64::MIN)
    );
}

#[test]
fn zeros_have_signs() {
    let (zero, one) = (number("0"), number("1"));
    for (result, printed) in [
        (zero.multiply(&one.negate()), "-0"),
        (zero.divide(&one.negate()), "-0"),
        (zero.negate().add(&zero), "0"),
        (zero.negate().add(&zero.negate()), "-0"),
        (one.subtract(&one), "0"),
    ] {
        assert_eq!(result.unwrap().to_string(), printed);
    }
    assert_eq!(zero, zero.negate());
}

#[test]
fn dividing_by_zero_gives_infinity_and_zero_by_zero_nothing() {
    let (zero, one) = (number("0"), number("1"));
    let infinity = one.divide(&zero).unwrap();
    assert_eq!(infinity.to_string(), "+Inf");
    assert_eq!(one.divide(&zero.negate()).unwrap().to_string(), "-Inf");
    assert_eq!(zero.divide(&zero).unwrap_err(), ArithmeticError::Undefined);
    assert_eq!(
        infinity.subtract(&infinity).unwrap_err(),
        ArithmeticError::Undefined
    );
    assert_eq!(
        infinity.multiply(&zero).unwrap_err(),
        ArithmeticError::Undefined
    );
    assert_eq!(one.divide(&infinity).unwrap(), zero);
    assert_eq!(
        one.remainder(&infinity).unwrap_err(),
        ArithmeticError::Undefined
    );
    assert_eq!(
        infinity.remainder(&one).unwrap_err(),
        ArithmeticError::Undefined
    );
    assert!(infinity > number("1e1000") && infinity.negate() < number("-1e1000"));
}

#[test]
fn remainders_take_the_sign_of_the_dividend() {
    for (a, b, rest) in [
        ("10", "3", "1"),
        ("-10", "3", "-1"),
        ("10", "-3", "1"),
        ("5.5", "2", "1.5"),
        ("5", "0", "5"),
        ("0.3", "0.1", "0"),
    ] {
        let result = number(a).remainder(&number(b)).unwrap();
        assert_eq!(result.to_string(), rest, "{a} % {b}");
    }
}

#[test]
fn a_product_has_the_bits_that_it_needs() {
    let ratio = Number::count(7).divide(&Number::count(3)).unwrap();
    let product = ratio.multiply(&Number::count(35)).unwrap();
    assert_eq!(product.to_string(), "81.6666666666666666641");
    let exact = Number::from_f64(0.1)
        .unwrap()
        .multiply(&Number::from_f64(0.1).unwrap())
        .unwrap();
    assert_eq!(exact.to_string(), "0.0100000000000000011102230246251566");
}

#[test]
fn a_remainder_has_the_bits_of_the_dividend() {
    let machine = |value: f64| Number::from_f64(value).unwrap();
    let rest = machine(125.0).remainder(&number("0.7")).unwrap();
    assert_eq!(rest.to_string(), "0.4000000000000057");
    let rest = number("125").remainder(&machine(0.75)).unwrap();
    assert_eq!(rest.to_string(), "0.5");
}

#[test]
fn numbers_beyond_the_range_are_an_error() {
    let mut large = number("1e999");
    assert!(Number::parse("1e2500").is_none());
    large = large.multiply(&number("1e900")).unwrap();
    assert_eq!(
        large.multiply(&large).unwrap_err(),
        ArithmeticError::OutOfRange
    );
    let small = number("1").divide(&large).unwrap();
    assert_eq!(
        small.multiply(&small).unwrap_err(),
        ArithmeticError::OutOfRange
    );
}

#[test]
fn order_is_by_value() {
    let mut all = ["1.5", "-2", "10", "1e30", "9", "0.1", "-1e-30"].map(number);
    all.sort();
    let printed: Vec<String> = all.iter().map(Number::to_string).collect();
    assert_eq!(
        printed.join(" "),
        format!("-2 -0.{}1 0.1 1.5 9 10 1{}", "0".repeat(29), "0".repeat(30))
    );
}

#[test]
fn machine_floats_come_back_exactly() {
    for value in [0.1, 1.0 / 3.0, 5e-324, f64::MAX, -2.5, 1e22] {
        assert_eq!(
            Number::from_f64(value).unwrap().to_f64().to_bits(),
            value.to_bits()
        );
    }
    assert_eq!(
        number("0.30000000000000000001").to_f64().to_bits(),
        0.3f64.to_bits()
    );
}

#[test]
fn sort_keys_have_ten_digits() {
    for (text, key) in [
        ("1", "1"),
        ("100", "100"),
        ("123.456", "123.456"),
        ("1e20", "1e+20"),
        ("12345678901", "1.23456789e+10"),
        ("0.00001", "1e-05"),
        ("-2.5", "-2.5"),
    ] {
        assert_eq!(number(text).sort_key(), key);
    }
}
