//! Shows a recorded run again, on any of the screens that a run has.
//!
//! ```text
//! cargo run --example replay -- examples/recorded.jsonl              bars, ten times as fast
//! cargo run --example replay -- examples/recorded.jsonl plain        the log of a CI system
//! cargo run --example replay -- examples/recorded.jsonl json         the same lines again
//! cargo run --example replay -- examples/recorded.jsonl progress 1   bars, in the run's own time
//! ```
//!
//! Recordings are what `--json` writes.

use std::error::Error;
use std::io::{self, BufReader, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use jiff::tz::TimeZone;
use terrane::report::{
    Again, Failures, JsonLines, Look, Plain, Progress, Reporter, Reporters, Terminal, TerminalEnd,
    Words, read_events, stderr_size,
};
use terrane::run::event::{Event, EventKind};

const TICK: Duration = Duration::from_millis(100);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("which recording?")?;
    let screen = args.next().unwrap_or_else(|| "progress".to_owned());
    let speed: u32 = args.next().map_or(Ok(10), |speed| speed.parse())?;

    let mut look = look();
    let mut terminal_end = None;
    let (reporter, failures): (Box<dyn Reporter>, Failures) = match screen.as_str() {
        "progress" => {
            let (terminal, end) = Terminal::open(io::stderr(), stderr_size)?;
            terminal_end = Some(end);
            let progress = Progress::new(terminal, stderr_size, look.clone());
            (Box::new(progress), Failures::InFull)
        }
        "plain" => {
            look.width = None;
            let plain = Plain::new(io::stderr(), look.clone(), Words::OfFailed);
            (Box::new(plain), Failures::InOneLine)
        }
        "json" => (Box::new(JsonLines::new(io::stdout())), Failures::InOneLine),
        unknown => return Err(format!("no screen is called {unknown}").into()),
    };
    let mut reporters = Reporters::new(vec![reporter]);
    let pace = if screen == "progress" { speed } else { 0 };
    play(&file, pace, &mut reporters).await?;

    let (summary, _) = reporters.finish();
    terminal_end
        .as_ref()
        .map(|end: &TerminalEnd| end.wait(Duration::from_secs(5)));
    write!(
        io::stderr(),
        "\n{}",
        summary.closing_words(&look, failures, &Again::Unknown)
    )?;
    Ok(summary.exit_status().into())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program of its own, which reads its own variables"
)]
fn look() -> Look {
    let width = io::stderr().is_terminal().then(|| stderr_size().0.into());
    Look::choose(|name| std::env::var(name).ok(), width, TimeZone::system())
}

/// Hands on every event when its time has come, with ticks in between, as the loop makes them.
/// A speed of 0 means at once and without ticks.
#[expect(
    clippy::disallowed_methods,
    reason = "a recording is not configuration"
)]
async fn play(file: &str, speed: u32, reporters: &mut Reporters) -> Result<(), Box<dyn Error>> {
    let mut now = Duration::ZERO;
    for event in read_events(BufReader::new(std::fs::File::open(file)?)) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                writeln!(io::stderr(), "{error}")?;
                continue;
            }
        };
        while speed > 0 && now + TICK < event.at {
            tokio::time::sleep(TICK / speed).await;
            now += TICK;
            reporters.observe(&Event {
                at: now,
                kind: EventKind::Tick,
                ..event
            });
        }
        now = now.max(event.at);
        reporters.observe(&event);
    }
    Ok(())
}
