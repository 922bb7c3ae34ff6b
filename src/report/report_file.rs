//! The report file: one row for each unit, in the columns and words that Terragrunt uses, so that
//! what reads those files reads ours.

use std::io;
use std::time::Duration;

use camino::Utf8Path;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::board::{Standing, Unit};
use super::failure::explain;
use super::summary::Summary;
use crate::model::UnitPath;
use crate::run::event::RunStarted;
use crate::run::outcome::{Outcome, Remark};

/// How a report file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportFormat {
    Json,
    Csv,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    name: String,
    started: Timestamp,
    ended: Timestamp,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    cmd: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    args: Vec<String>,
}

/// The columns of a CSV file. `Ref` is the commit that a unit was compared with; no run of ours
/// compares commits yet, so it is empty there and absent in JSON.
const COLUMNS: [&str; 9] = [
    "Name", "Started", "Ended", "Result", "Reason", "Cause", "Ref", "Cmd", "Args",
];

impl ReportFormat {
    /// What a file's name asks for: CSV where it says so, else JSON.
    pub fn of_file(path: &Utf8Path) -> Self {
        match path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("csv") => Self::Csv,
            Some(_) | None => Self::Json,
        }
    }
}

impl Summary {
    /// Writes the report file.
    #[expect(
        clippy::disallowed_methods,
        reason = "the report file is ours to write"
    )]
    pub fn write_report(&self, path: &Utf8Path, format: ReportFormat) -> io::Result<()> {
        std::fs::write(path, self.report(format)?)
    }

    /// The text of the report file.
    pub fn report(&self, format: ReportFormat) -> io::Result<String> {
        let rows = self.rows();
        match format {
            ReportFormat::Json => Ok(serde_json::to_string_pretty(&rows)? + "\n"),
            ReportFormat::Csv => csv_text(&rows),
        }
    }

    /// A row for each unit that has ended, by path.
    fn rows(&self) -> Vec<Row> {
        let Some(run) = &self.board.run else {
            return Vec::new();
        };
        let units = self.board.units().iter();
        units.filter_map(|unit| row(run, unit)).collect()
    }
}

fn row(run: &RunStarted, unit: &Unit) -> Option<Row> {
    let Standing::Ended {
        started,
        ended,
        outcome,
    } = &unit.standing
    else {
        return None;
    };
    let (result, reason, cause) = match outcome {
        Outcome::Succeeded(success) => match &success.remark {
            None => ("succeeded", None, None),
            Some(Remark::Retried { rule, .. }) => {
                ("succeeded", Some("retry succeeded"), Some(rule.clone()))
            }
            Some(Remark::ErrorIgnored { rule }) => {
                ("succeeded", Some("error ignored"), Some(rule.clone()))
            }
        },
        Outcome::Failed(failure) => ("failed", Some("run error"), Some(explain(failure).headline)),
        Outcome::Blocked { cause } => (
            "early exit",
            Some("ancestor error"),
            Some(name_from(&run.scope, cause)),
        ),
        Outcome::Cancelled => ("early exit", None, None),
        Outcome::Excluded { .. } => ("excluded", Some("exclude block"), None),
    };
    Some(Row {
        name: name_from(&run.scope, &unit.path),
        started: clock(run, started.unwrap_or(*ended)),
        ended: clock(run, *ended),
        result,
        reason,
        cause,
        cmd: run.command.name().to_owned(),
        args: run.args.clone(),
    })
}

/// A unit as seen from the folder that the run started in.
fn name_from(scope: &Utf8Path, path: &UnitPath) -> String {
    match path.as_path().strip_prefix(scope) {
        Ok(rest) if rest.as_str().is_empty() => ".".to_owned(),
        Ok(rest) => rest.to_string(),
        Err(_) => path.to_string(),
    }
}

fn clock(run: &RunStarted, at: Duration) -> Timestamp {
    let since = SignedDuration::try_from(at).unwrap_or_default();
    run.started_at.checked_add(since).unwrap_or(run.started_at)
}

fn csv_text(rows: &[Row]) -> io::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for row in rows {
        table.write_record([
            row.name.as_str(),
            &row.started.to_string(),
            &row.ended.to_string(),
            row.result,
            row.reason.unwrap_or_default(),
            row.cause.as_deref().unwrap_or_default(),
            "",
            &row.cmd,
            &row.args.join("|"),
        ])?;
    }
    let bytes = table
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::report::script::{Script, plan_failed, run_started};
    use crate::run::event::RunCommand;
    use crate::run::outcome::{Exclusion, Success};

    fn report(format: ReportFormat) -> String {
        let mut run = run_started(
            RunCommand::Apply,
            &[
                "live/a",
                "live/b",
                "live/c",
                "live/d",
                "live/e",
                "live/kept",
                "live/late",
            ],
        );
        run.scope = "live".into();
        let mut script = Script::of(run);
        let remark = |remark| {
            Outcome::Succeeded(Success {
                remark: Some(remark),
                ..Success::default()
            })
        };
        script.ends(
            "live/kept",
            Outcome::Excluded {
                reason: Exclusion::PreventDestroy,
            },
        );
        script
            .starts("live/a")
            .starts("live/b")
            .after_millis(1_500)
            .changes("live/a", 1, 0, 0);
        script.fails("live/b", plan_failed());
        script
            .blocked("live/c", "live/b")
            .blocked("live/d", "live/c");
        script.starts("live/e").after(1);
        script.ends(
            "live/e",
            remark(Remark::Retried {
                rule: "again".into(),
                attempts: 2,
            }),
        );
        script.ends("live/late", Outcome::Cancelled).run_ends();
        let mut summary = Summary::default();
        script
            .events()
            .iter()
            .for_each(|event| summary.observe(event));
        summary.report(format).expect("a string takes everything")
    }

    #[test]
    fn json_has_a_row_for_each_unit_in_terragrunts_words() {
        assert_snapshot!(report(ReportFormat::Json), @r#"
        [
          {
            "Name": "a",
            "Started": "2026-03-04T14:02:11Z",
            "Ended": "2026-03-04T14:02:12.5Z",
            "Result": "succeeded",
            "Cmd": "apply",
            "Args": [
              "-no-color"
            ]
          },
          {
            "Name": "b",
            "Started": "2026-03-04T14:02:11Z",
            "Ended": "2026-03-04T14:02:12.5Z",
            "Result": "failed",
            "Reason": "run error",
            "Cause": "terraform plan ended with exit code 1",
            "Cmd": "apply",
            "Args": [
              "-no-color"
            ]
          },
          {
            "Name": "c",
            "Started": "2026-03-04T14:02:12.5Z",
            "Ended": "2026-03-04T14:02:12.5Z",
            "Result": "early exit",
            "Reason": "ancestor error",
            "Cause": "b",
            "Cmd": "apply",
            "Args": [
              "-no-color"
            ]
          },
          {
            "Name": "d",
            "Started": "2026-03-04T14:02:12.5Z",
            "Ended": "2026-03-04T14:02:12.5Z",
            "Result": "early exit",
            "Reason": "ancestor error",
            "Cause": "c",
            "Cmd": "apply",
            "Args": [
              "-no-color"
            ]
          },
          {
            "Name": "e",
            "Started": "2026-03-04T14:02:12.5Z",
            "Ended": "2026-03-04T14:02:13.5Z",
            "Result": "succeeded",
            "Reason": "retry succeeded",
            "Cause": "again",
            "Cmd": "apply",
            "Args": [
              "-no-color"
            ]
          },
          {
            "Name": "kept",
            "Started": "2026-03-04T14:02:11Z",
            "Ended": "2026-03-04T14:02:11Z",
            "Result": "excluded",
            "Reason": "exclude block",
            "Cmd": "apply",
            "Args": [
              "-no-color"
            ]
          },
          {
            "Name": "late",
            "Started": "2026-03-04T14:02:13.5Z",
            "Ended": "2026-03-04T14:02:13.5Z",
            "Result": "early exit",
            "Cmd": "apply",
            "Args": [
              "-no-color"
            ]
          }
        ]
        "#);
    }

    #[test]
    fn csv_has_nine_columns() {
        assert_snapshot!(report(ReportFormat::Csv), @"
        Name,Started,Ended,Result,Reason,Cause,Ref,Cmd,Args
        a,2026-03-04T14:02:11Z,2026-03-04T14:02:12.5Z,succeeded,,,,apply,-no-color
        b,2026-03-04T14:02:11Z,2026-03-04T14:02:12.5Z,failed,run error,terraform plan ended with exit code 1,,apply,-no-color
        c,2026-03-04T14:02:12.5Z,2026-03-04T14:02:12.5Z,early exit,ancestor error,b,,apply,-no-color
        d,2026-03-04T14:02:12.5Z,2026-03-04T14:02:12.5Z,early exit,ancestor error,c,,apply,-no-color
        e,2026-03-04T14:02:12.5Z,2026-03-04T14:02:13.5Z,succeeded,retry succeeded,again,,apply,-no-color
        kept,2026-03-04T14:02:11Z,2026-03-04T14:02:11Z,excluded,exclude block,,,apply,-no-color
        late,2026-03-04T14:02:13.5Z,2026-03-04T14:02:13.5Z,early exit,,,,apply,-no-color
        ");
    }

    #[test]
    fn a_unit_is_named_from_where_the_run_started() {
        let name = |scope: &str, path: &str| {
            name_from(Utf8Path::new(scope), &crate::report::script::path(path))
        };
        assert_eq!(name("", "1-dev/vpc"), "1-dev/vpc");
        assert_eq!(name("1-dev", "1-dev/vpc"), "vpc");
        assert_eq!(name("1-dev/vpc", "1-dev/vpc"), ".");
        assert_eq!(name("1-dev", "1-dev2/vpc"), "1-dev2/vpc");
    }

    #[test]
    fn the_name_of_the_file_chooses_the_format() {
        assert_eq!(
            ReportFormat::of_file(Utf8Path::new("out/report.CSV")),
            ReportFormat::Csv
        );
        assert_eq!(
            ReportFormat::of_file(Utf8Path::new("report")),
            ReportFormat::Json
        );
    }
}
