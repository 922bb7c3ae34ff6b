//! A child for tests: does what its script says and tells which signals it got.
//!
//! The script is its only argument, statements separated by `;`:
//!
//! ```text
//! say WORDS            a line on stdout            complain WORDS   a line on stderr
//! say-pid              its process number          write FILE WORDS a line into a new file
//! until FILE           wait until the file is there
//! until-signal         wait for a SIGINT
//! flood COUNT          that many numbered lines on stdout
//! grandchild SCRIPT    start another one in the same group; its statements are separated by `,`
//! exit CODE
//! ```
//!
//! Every signal that arrives is told as a line `got SIGINT`, and changes nothing else.

#![expect(
    clippy::disallowed_methods,
    reason = "this is a program of its own, not terrane"
)]

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Longer than any test waits; a test that fails must not leave its children behind for ever.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<ExitCode> {
    let script = std::env::args().nth(1).unwrap_or_default();
    let separator = if script.contains(';') { ';' } else { ',' };
    let mut signals = Signals::listen()?;
    for statement in script.split(separator) {
        let (word, rest) = statement
            .trim()
            .split_once(' ')
            .unwrap_or((statement.trim(), ""));
        match word {
            "say" => say(rest)?,
            "complain" => writeln!(io::stderr(), "{rest}")?,
            "say-pid" => say(&format!("pid {}", std::process::id()))?,
            "write" => {
                let (file, words) = rest.split_once(' ').unwrap_or((rest, ""));
                std::fs::write(file, format!("{words}\n"))?;
            }
            "until" => signals.until(|_| Path::new(rest).exists()).await?,
            "until-signal" => signals.until(|interrupts| interrupts > 0).await?,
            "flood" => flood(rest)?,
            "grandchild" => {
                let itself = std::env::current_exe()?;
                drop(std::process::Command::new(itself).arg(rest).spawn()?);
            }
            "exit" => return Ok(ExitCode::from(rest.parse::<u8>().unwrap_or(99))),
            "" => {}
            unknown => {
                return Err(io::Error::other(format!(
                    "no statement is called {unknown}"
                )));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn say(words: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{words}")?;
    out.flush()
}

fn flood(count: &str) -> io::Result<()> {
    let count: u64 = count.parse().map_err(io::Error::other)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for number in 0..count {
        writeln!(out, "line {number}")?;
    }
    out.flush()
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    interrupts: u32,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupts: 0,
        })
    }

    async fn until(&mut self, mut reached: impl FnMut(u32) -> bool) -> io::Result<()> {
        let patience = tokio::time::Instant::now() + PATIENCE;
        while !reached(self.interrupts) {
            if tokio::time::Instant::now() > patience {
                return Err(io::Error::other("what it waits for does not come"));
            }
            tokio::select! {
                _ = self.interrupt.recv() => {
                    self.interrupts += 1;
                    say("got SIGINT")?;
                }
                _ = self.terminate.recv() => say("got SIGTERM")?,
                _ = self.hang_up.recv() => say("got SIGHUP")?,
                () = tokio::time::sleep(Duration::from_millis(5)) => {}
            }
        }
        Ok(())
    }
}
