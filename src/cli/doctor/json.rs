//! Checks for programs.

use std::time::Duration;

use serde::Serialize;

use super::check::{Addition, Check, Status};
use super::text::Asked;

/// A change of meaning raises it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'d> {
    version: u32,
    checks: Vec<Line<'d>>,
    failed: usize,
    warnings: usize,
    calls: Calls,
    seconds: f64,
}

#[derive(Serialize)]
struct Line<'d> {
    id: &'d str,
    status: Status,
    subject: &'d str,
    detail: &'d str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<Fact<'d>>,
    #[serde(skip_serializing_if = "<[Addition]>::is_empty")]
    add: &'d [Addition],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    fix: &'d [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    blocks: &'d [String],
}

#[derive(Serialize)]
struct Fact<'d> {
    about: &'d str,
    text: &'d str,
}

#[derive(Serialize)]
struct Calls {
    sts: usize,
    s3: usize,
    dynamodb: usize,
}

pub(super) fn document(checks: &[Check], asked: Option<Asked>, took: Duration) -> String {
    let number = |status: Status| checks.iter().filter(|check| check.status == status).count();
    let asked = asked.unwrap_or_default();
    let document = Document {
        version: VERSION,
        checks: checks.iter().map(Line::of).collect(),
        failed: number(Status::Failed),
        warnings: number(Status::Warn),
        calls: Calls {
            sts: asked.sts,
            s3: asked.look.s3,
            dynamodb: asked.look.dynamodb,
        },
        seconds: took.as_secs_f64(),
    };
    let text = serde_json::to_string_pretty(&document);
    text.expect("texts and numbers always have a JSON form") + "\n"
}

impl<'d> Line<'d> {
    fn of(check: &'d Check) -> Self {
        let facts = check.facts.iter();
        Self {
            id: check.id,
            status: check.status,
            subject: &check.subject,
            detail: &check.detail,
            facts: facts.map(|(about, text)| Fact { about, text }).collect(),
            add: &check.statements,
            fix: &check.fix,
            blocks: &check.blocks,
        }
    }
}
