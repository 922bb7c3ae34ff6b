//! The terminal, reached through a queue that never makes the run wait.
//!
//! A terminal can stop taking characters for as long as somebody holds it with Ctrl-S. A run that
//! waited for it would hear no interrupt and start nothing. So a thread writes what is queued, and
//! what does not fit into the queue is lost: the report file and the words of all units have it.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use indicatif::TermLike;

/// How many pieces wait at most. A screen is drawn in some fifty.
const QUEUE: usize = 1024;

/// Columns and rows of a terminal, asked for again whenever it is drawn.
pub type Size = fn() -> (u16, u16);

/// The size of the terminal that stderr is.
pub fn stderr_size() -> (u16, u16) {
    let (rows, columns) = console::Term::stderr().size();
    (columns, rows)
}

/// The writing end of the queue, as the drawing of bars wants it.
#[derive(Debug)]
pub struct Terminal {
    pieces: SyncSender<String>,
    lost: AtomicU64,
    size: Size,
}

/// Knows when everything that was queued has been written.
#[derive(Debug)]
pub struct TerminalEnd(Receiver<()>);

impl Terminal {
    /// Starts the thread that writes to `out`. It ends when the terminal was dropped and all is
    /// written, or when `out` takes no more.
    pub fn open(
        mut out: impl Write + Send + 'static,
        size: Size,
    ) -> io::Result<(Self, TerminalEnd)> {
        let (pieces, queued) = sync_channel::<String>(QUEUE);
        let (end, ended) = sync_channel(1);
        let write = move || {
            for piece in queued {
                if out
                    .write_all(piece.as_bytes())
                    .and_then(|()| out.flush())
                    .is_err()
                {
                    break;
                }
            }
            drop(end);
        };
        std::thread::Builder::new()
            .name("terminal".to_owned())
            .spawn(write)?;
        Ok((
            Self {
                pieces,
                lost: AtomicU64::new(0),
                size,
            },
            TerminalEnd(ended),
        ))
    }

    fn write(&self, piece: String) -> io::Result<()> {
        let lost = self.lost.load(Ordering::Relaxed);
        let piece = match lost {
            0 => piece,
            _ => format!(
                "\n(the terminal did not take {lost} pieces of what was to be shown)\n{piece}"
            ),
        };
        match self.pieces.try_send(piece) {
            Ok(()) => {
                self.lost.fetch_sub(lost, Ordering::Relaxed);
                Ok(())
            }
            Err(TrySendError::Full(_)) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(TrySendError::Disconnected(_)) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Clone for Terminal {
    /// Writes to the same terminal, and counts for itself what got lost.
    fn clone(&self) -> Self {
        Self {
            pieces: self.pieces.clone(),
            lost: AtomicU64::new(0),
            size: self.size,
        }
    }
}

impl TerminalEnd {
    /// Waits until all is written, but no longer than this; says whether it is.
    pub fn wait(&self, patience: Duration) -> bool {
        match self.0.recv_timeout(patience) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => true,
            Err(RecvTimeoutError::Timeout) => false,
        }
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        (self.size)().0
    }

    fn height(&self) -> u16 {
        (self.size)().1
    }

    fn move_cursor_up(&self, rows: usize) -> io::Result<()> {
        self.moved(rows, 'A')
    }

    fn move_cursor_down(&self, rows: usize) -> io::Result<()> {
        self.moved(rows, 'B')
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.moved(columns, 'C')
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.moved(columns, 'D')
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.write(format!("{line}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.write(text.to_owned())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write("\r\u{1b}[2K".to_owned())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Terminal {
    fn moved(&self, by: usize, way: char) -> io::Result<()> {
        match by {
            0 => Ok(()),
            _ => self.write(format!("\u{1b}[{by}{way}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// A terminal that takes a piece whenever the test lets it, and tells what it took.
    struct Held {
        let_go: Receiver<()>,
        taken: Sender<String>,
    }

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.let_go
                .recv()
                .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
            self.taken
                .send(String::from_utf8_lossy(bytes).into_owned())
                .expect("the test listens");
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_held_terminal_loses_pieces_and_says_so_but_never_makes_us_wait() {
        let (go, let_go) = channel();
        let (taken, seen) = channel();
        let (terminal, end) =
            Terminal::open(Held { let_go, taken }, || (80, 24)).expect("a thread can be started");
        for number in 0..3 * QUEUE {
            terminal
                .write_line(&number.to_string())
                .expect("it takes everything");
        }
        let lost = terminal.lost.load(Ordering::Relaxed);
        assert!(lost > 0, "nothing was written yet");
        assert!(!end.wait(Duration::ZERO));
        for _ in 0..2 * QUEUE {
            go.send(()).expect("it waits for us");
        }
        assert_eq!(seen.recv().expect("the first piece"), "0\n");
        let after = terminal.write_line("after");
        after.expect("it takes everything");
        drop(terminal);
        let last = seen.iter().last().expect("the last piece");
        assert!(
            last.starts_with("\n(the terminal did not take ") && last.ends_with("after\n"),
            "{last}"
        );
        assert!(end.wait(Duration::from_mins(1)));
    }

    #[test]
    fn a_terminal_that_went_away_is_a_broken_pipe() {
        let (go, let_go) = channel();
        let (taken, _seen) = channel();
        let (terminal, end) =
            Terminal::open(Held { let_go, taken }, || (80, 24)).expect("a thread can be started");
        drop(go);
        terminal.write_str("x").expect("it is not known yet");
        assert!(end.wait(Duration::from_mins(1)));
        let error = terminal.write_str("y").expect_err("it has gone");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
