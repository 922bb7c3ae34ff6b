//! Plays terraform in about a millisecond, so that what a run costs is terrane's own.
//!
//! It reads no module and keeps no state. In the file that `QUICK_ENGINE_LOG` names, each call
//! leaves one line: unit, command, and when it began and ended in nanoseconds. The unit is the
//! input `estate_unit`.
#![expect(
    clippy::disallowed_methods,
    reason = "a stand-in for terraform is a program of its own"
)]

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> io::Result<()> {
    let began = nanoseconds();
    let command = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let command = command.unwrap_or_default();
    let mut stdout = io::stdout().lock();
    match command.as_str() {
        "version" => write!(stdout, r#"{{"terraform_version": "1.11.4"}}"#)?,
        "" => writeln!(stdout, "Terraform v1.11.4")?,
        "init" => {
            writeln!(stdout, "Terraform has been successfully initialized!")?;
            std::fs::create_dir_all(".terraform")?;
        }
        "output" => writeln!(stdout, "{{}}")?,
        "apply" => writeln!(
            stdout,
            "Apply complete! Resources: 1 added, 0 changed, 0 destroyed."
        )?,
        "destroy" => writeln!(stdout, "Destroy complete! Resources: 1 destroyed.")?,
        _ => writeln!(
            stdout,
            "No changes. Your infrastructure matches the configuration."
        )?,
    }
    let Some(log) = std::env::var_os("QUICK_ENGINE_LOG") else {
        return Ok(());
    };
    let unit = std::env::var("TF_VAR_estate_unit").unwrap_or_default();
    let line = format!("{unit}\t{command}\t{began}\t{}\n", nanoseconds());
    // One write, so that lines of calls at the same time stay whole.
    let mut log = OpenOptions::new().append(true).create(true).open(log)?;
    log.write_all(line.as_bytes())
}

fn nanoseconds() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos())
}
