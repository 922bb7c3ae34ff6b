//! A run as JSON lines: for programs that follow it, and for telling it again.
//!
//! `docs/json-events.md` describes the format. Nothing is left out but ticks; recorded, the lines
//! make the same events again.

mod journal;
mod wire;
mod wire_outcome;
mod wrap;

use std::io::{self, BufRead, Write};

use super::reporter::Reporter;
use crate::run::event::{Event, EventKind};
pub use journal::Journal;
use wire::{Record, VERSION};

/// Writes one line for each event, at once.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
}

impl<W: Write> JsonLines<W> {
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Reporter for JsonLines<W> {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        if event.kind == EventKind::Tick {
            return Ok(());
        }
        self.out.write_all(&line(event)?)?;
        self.out.flush()
    }
}

fn line(event: &Event) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Record::of(event))?;
    line.push(b'\n');
    Ok(line)
}

/// Why a line of a recording is not an event.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("line {line} cannot be read: {source}")]
    Io { line: usize, source: io::Error },
    #[error("line {line} is not an event: {source}")]
    NotAnEvent {
        line: usize,
        source: serde_json::Error,
    },
    #[error("line {line} is of version {found}; this terrane reads version {VERSION}")]
    Version { line: usize, found: u64 },
}

/// Reads a recording event by event. A line that cannot be read does not keep the others from
/// being read: the last one of a run that was killed is often torn.
pub fn read_events(lines: impl BufRead) -> impl Iterator<Item = Result<Event, ReadError>> {
    let numbered = lines.split(b'\n').zip(1..);
    numbered.map(|(text, line)| {
        let text = text.map_err(|source| ReadError::Io { line, source })?;
        read_event(&text, line)
    })
}

/// The version is looked at first: another one may have other fields.
fn read_event(text: &[u8], line: usize) -> Result<Event, ReadError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u64,
    }
    let not_an_event = |source| ReadError::NotAnEvent { line, source };
    let Versioned { version } = serde_json::from_slice(text).map_err(not_an_event)?;
    if version != u64::from(VERSION) {
        return Err(ReadError::Version {
            line,
            found: version,
        });
    }
    let record: Record = serde_json::from_slice(text).map_err(not_an_event)?;
    Ok(record.into_event())
}

#[cfg(test)]
mod tests;
