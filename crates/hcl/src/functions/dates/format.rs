//! The formats of `formatdate`: runs of letters, quoted text, and everything else as it is.

use jiff::civil::Weekday;

use super::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Writes a timestamp. The error is a clause that says what is wrong with the format.
pub(super) fn format(format: &str, timestamp: &Timestamp) -> Result<String, String> {
    let mut text = String::with_capacity(format.len() + 16);
    let mut rest = format;
    while let Some(next) = rest.chars().next() {
        if next == '\'' {
            rest = quoted(rest, &mut text)?;
            continue;
        }
        let length = if next.is_ascii_alphabetic() {
            rest.bytes()
                .take_while(|byte| char::from(*byte) == next)
                .count()
        } else {
            next.len_utf8()
        };
        let (run, behind) = rest.split_at(length);
        if next.is_ascii_alphabetic() {
            text.push_str(&field(run, timestamp)?);
        } else {
            text.push_str(run);
        }
        rest = behind;
    }
    Ok(text)
}

/// Text in quotes, in which two quotes are one; two quotes by themselves are one as well.
fn quoted<'a>(rest: &'a str, text: &mut String) -> Result<&'a str, String> {
    if let Some(behind) = rest.strip_prefix("''") {
        text.push('\'');
        return Ok(behind);
    }
    let mut rest = &rest[1..];
    loop {
        let Some((before, behind)) = rest.split_once('\'') else {
            return Err("has a quote that is not closed".to_owned());
        };
        text.push_str(before);
        match behind.strip_prefix('\'') {
            Some(behind) => {
                text.push('\'');
                rest = behind;
            }
            None => return Ok(behind),
        }
    }
}

fn field(run: &str, timestamp: &Timestamp) -> Result<String, String> {
    let local = &timestamp.local;
    let half_day = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let month = MONTHS[usize::try_from(local.month() - 1).expect("months count from 1")];
    let is_utc = timestamp.offset == 0;
    Ok(match run {
        "YYYY" => format!("{:04}", local.year()),
        "YY" => format!("{:02}", local.year() % 100),
        "MMMM" => month.to_owned(),
        "MMM" => month[..3].to_owned(),
        "MM" => format!("{:02}", local.month()),
        "M" => local.month().to_string(),
        "DD" => format!("{:02}", local.day()),
        "D" => local.day().to_string(),
        "EEEE" => weekday(local.weekday()).to_owned(),
        "EEE" => weekday(local.weekday())[..3].to_owned(),
        "hh" => format!("{:02}", local.hour()),
        "h" => local.hour().to_string(),
        "HH" => format!("{half_day:02}"),
        "H" => half_day.to_string(),
        "AA" => if local.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        "aa" => if local.hour() < 12 { "am" } else { "pm" }.to_owned(),
        "mm" => format!("{:02}", local.minute()),
        "m" => local.minute().to_string(),
        "ss" => format!("{:02}", local.second()),
        "s" => local.second().to_string(),
        "Z" if is_utc => "Z".to_owned(),
        "ZZZ" if is_utc => "UTC".to_owned(),
        "Z" | "ZZZZZ" => timestamp.offset_text(":"),
        "ZZZ" | "ZZZZ" => timestamp.offset_text(""),
        _ => return Err(unknown_field(run)),
    })
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn unknown_field(run: &str) -> String {
    let known = match run.as_bytes()[0] {
        b'Y' => "the year is YYYY or YY",
        b'M' => "the month is M, MM, MMM or MMMM",
        b'D' => "the day is D or DD",
        b'E' => "the day of the week is EEE or EEEE",
        b'h' | b'H' => "the hour is h or hh, or H or HH with twelve of them",
        b'A' => "the half of the day is AA or aa",
        b'm' => "the minute is m or mm",
        b's' => "the second is s or ss",
        b'Z' => "the zone is Z, ZZZ, ZZZZ or ZZZZZ",
        _ => "letters that are not meant so stand in single quotes",
    };
    format!("has \"{run}\" in it, which is no field: {known}")
}
