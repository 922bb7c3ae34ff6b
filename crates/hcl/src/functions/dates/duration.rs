//! Durations as Go writes them: `1h30m`, `-1.5h`.

/// In nanoseconds; `None` if it is no duration, or one that is too long.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0i128;
    while !rest.is_empty() {
        total = total.checked_add(part(&mut rest)?)?;
    }
    i64::try_from(if is_negative { -total } else { total }).ok()
}

/// A number and its unit.
fn part(rest: &mut &str) -> Option<i128> {
    let whole = digits(rest);
    let fraction = match rest.strip_prefix('.') {
        Some(behind) => {
            *rest = behind;
            digits(rest)
        }
        None => "",
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let unit = unit(rest)?;
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    // What is finer than twenty digits makes no nanosecond even of hours.
    let fraction = &fraction[..fraction.len().min(20)];
    let tenths: i128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let scale = (0..fraction.len()).fold(1, |scale: i128, _| scale * 10);
    whole.checked_mul(unit)?.checked_add(tenths * unit / scale)
}

fn digits<'a>(rest: &mut &'a str) -> &'a str {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, behind) = rest.split_at(length);
    *rest = behind;
    digits
}

/// The nanoseconds of a unit. Both characters for micro are taken.
fn unit(rest: &mut &str) -> Option<i128> {
    for (name, nanoseconds) in [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60 * 1_000_000_000),
        ("h", 3_600 * 1_000_000_000),
    ] {
        if let Some(behind) = rest.strip_prefix(name) {
            *rest = behind;
            return Some(nanoseconds);
        }
    }
    None
}
