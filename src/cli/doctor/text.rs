//! Checks for people: a line for each, and below a failure what is wrong and what to add.

use std::fmt::Write as _;
use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

use super::check::{Check, Status, counted};
use crate::aws::LookCalls;
use crate::report::Look;

/// The column in which subjects begin.
const INDENT: usize = 6;
/// The column in which what is told of a subject begins.
const FACTS: usize = 17;
/// Subjects longer than this do not push the details of others aside.
const WIDEST: usize = 64;

/// The checks of one part, aligned with each other.
pub(super) fn section(checks: &[Check], look: &Look) -> String {
    let checks = folded(checks);
    let subjects = checks.iter().map(|check| check.subject.width());
    let width = subjects.filter(|width| *width <= WIDEST).max().unwrap_or(0);
    let mut text = String::new();
    for check in &checks {
        write_check(check, width, look, &mut text);
    }
    text
}

/// Many things that could not be looked at for one reason take one line.
fn folded(checks: &[Check]) -> Vec<Check> {
    let is_skipped = |check: &Check| check.status == Status::Skipped;
    let groups = checks
        .chunk_by(|one, next| is_skipped(one) && is_skipped(next) && one.detail == next.detail);
    let lines = groups.map(|group| match group {
        [first, _, ..] => Check {
            subject: format!("{} and {} more", first.subject, group.len() - 1),
            ..first.clone()
        },
        _ => group[0].clone(),
    });
    lines.collect()
}

fn write_check(check: &Check, width: usize, look: &Look, text: &mut String) {
    let missing = " ".repeat(width.saturating_sub(check.subject.width()));
    let line = format!(
        "{}{}{missing}  {}",
        status(check.status, look),
        check.subject,
        match check.status {
            Status::Ok | Status::Skipped => look.faint(&check.detail),
            Status::Warn | Status::Failed => check.detail.clone(),
        }
    );
    writeln!(text, "{}", line.trim_end()).expect("a string takes everything");
    let mut fact = |label: &str, value: &str| {
        let missing = " ".repeat(FACTS.saturating_sub(INDENT + label.len()));
        let label = look.faint(label);
        let value = wrapped(value, FACTS, look.width);
        writeln!(text, "{:INDENT$}{label}{missing}{value}", "").expect("a string takes everything");
    };
    let (notes, facts): (Vec<_>, Vec<_>) =
        check.facts.iter().partition(|(label, _)| *label == "note");
    for (label, value) in facts {
        fact(label, value);
    }
    for addition in &check.statements {
        let json = serde_json::to_string_pretty(&addition.statement);
        fact("add to", &addition.to);
        fact("", &json.expect("texts always have a JSON form"));
    }
    for (label, value) in notes {
        fact(label, value);
    }
    for fix in &check.fix {
        fact("do", fix);
    }
}

/// Lines no longer than the terminal, all of which begin in one column. What is too long for a
/// line by itself stays whole, so that it can be copied.
fn wrapped(value: &str, indent: usize, width: Option<usize>) -> String {
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent));
    let mut lines: Vec<String> = Vec::new();
    for line in value.lines() {
        let mut current = String::new();
        for word in line.split_inclusive(' ') {
            if !current.is_empty() && current.width() + word.trim_end().width() > room {
                lines.push(std::mem::take(&mut current));
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

fn status(status: Status, look: &Look) -> String {
    let (word, painted) = match status {
        Status::Ok => ("ok", look.good("ok")),
        Status::Warn => ("warn", look.notable("warn")),
        Status::Failed => ("FAIL", look.bad("FAIL")),
        Status::Skipped => ("skip", look.faint("skip")),
    };
    painted + &" ".repeat(INDENT - word.len())
}

/// How often AWS was asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    pub(super) sts: usize,
    pub(super) look: LookCalls,
}

/// `9 ok, 1 failed, 1 warning · 14 calls to STS, 3 to S3 · 0.4 s`
pub(super) fn closing(
    checks: &[Check],
    asked: Option<Asked>,
    took: Duration,
    look: &Look,
) -> String {
    let number = |status: Status| checks.iter().filter(|check| check.status == status).count();
    let (ok, failed) = (number(Status::Ok), number(Status::Failed));
    let (warnings, skipped) = (number(Status::Warn), number(Status::Skipped));
    let mut counts = vec![format!("{ok} ok")];
    if failed > 0 {
        counts.push(look.bad(format_args!("{failed} failed")));
    }
    if warnings > 0 {
        counts.push(look.notable(counted(warnings, "warning")));
    }
    if skipped > 0 {
        counts.push(format!("{skipped} skipped"));
    }
    let calls = asked.map_or_else(
        || "nobody was asked".to_owned(),
        |asked| {
            let others = [("S3", asked.look.s3), ("DynamoDB", asked.look.dynamodb)];
            let mut text = format!("{} to STS", counted(asked.sts, "call"));
            for (who, calls) in others.iter().filter(|(_, calls)| *calls > 0) {
                write!(text, ", {calls} to {who}").expect("a string takes everything");
            }
            text
        },
    );
    let seconds = took.as_secs_f64();
    format!("\n{} · {calls} · {seconds:.1} s", counts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_facts_are_wrapped_and_what_can_be_copied_stays_whole() {
        let said = "User: arn:aws:sts::1:assumed-role/hub is not allowed";
        assert_eq!(wrapped(said, 2, None), said);
        assert_eq!(
            wrapped(said, 2, Some(24)),
            "User:\n  arn:aws:sts::1:assumed-role/hub\n  is not allowed"
        );
        assert_eq!(
            wrapped("{\n  \"a\": 1\n}", 4, None),
            "{\n      \"a\": 1\n    }"
        );
    }
}
