//! Reads the files that a child writes its words to, while it writes them.
//!
//! Whoever follows asks from time to time; nothing here waits. Memory is bounded however much the
//! child says: a line longer than [`LONGEST_LINE`] is cut for the screen, the file keeps all of it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Take};

use camino::Utf8Path;

use super::child::WordFiles;
use crate::model::{Line, Stream};

const LONGEST_LINE: usize = 64 * 1024;

/// How much is read of one file before others get their turn.
const ONE_READ: usize = 16 * 1024;

/// Follows both files of one child.
#[derive(Debug)]
pub struct Follower {
    stdout: Tail,
    stderr: Tail,
    read_buffer: Vec<u8>,
}

/// Whether there was more than one reading takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// All that is there was read.
    CaughtUp,
    /// Ask again soon.
    Behind,
}

/// One file as far as it was read.
#[derive(Debug)]
struct Tail {
    file: Take<File>,
    stream: Stream,
    /// The beginning of a line whose end is not there yet.
    unfinished: Vec<u8>,
    /// How much of this line did not fit.
    cut_bytes: u64,
    after_carriage_return: bool,
}

impl Follower {
    pub fn open(words: &WordFiles) -> io::Result<Self> {
        Ok(Self {
            stdout: Tail::open(&words.stdout, Stream::Stdout)?,
            stderr: Tail::open(&words.stderr, Stream::Stderr)?,
            read_buffer: vec![0; ONE_READ],
        })
    }

    /// Hands on each line that was finished since the last time, up to a fixed amount.
    pub fn read(&mut self, mut on_line: impl FnMut(Line)) -> io::Result<Progress> {
        let stdout = self.stdout.read(&mut self.read_buffer, &mut on_line)?;
        let stderr = self.stderr.read(&mut self.read_buffer, &mut on_line)?;
        Ok(match (stdout, stderr) {
            (Progress::CaughtUp, Progress::CaughtUp) => Progress::CaughtUp,
            (Progress::Behind, _) | (_, Progress::Behind) => Progress::Behind,
        })
    }

    /// Reads no further than to what is there now, so that something the child left behind, and
    /// that goes on writing, does not keep us here.
    pub fn end_here(&mut self) -> io::Result<()> {
        self.stdout.end_here()?;
        self.stderr.end_here()
    }

    /// Hands on what has no end of line, when no more will come.
    pub fn finish(mut self, mut on_line: impl FnMut(Line)) {
        self.stdout.end_of_file(&mut on_line);
        self.stderr.end_of_file(&mut on_line);
    }
}

impl Tail {
    fn open(path: &Utf8Path, stream: Stream) -> io::Result<Self> {
        Ok(Self {
            file: OpenOptions::new().read(true).open(path)?.take(u64::MAX),
            stream,
            unfinished: Vec::new(),
            cut_bytes: 0,
            after_carriage_return: false,
        })
    }

    fn read(&mut self, buffer: &mut [u8], on_line: &mut impl FnMut(Line)) -> io::Result<Progress> {
        let length = self.file.read(buffer)?;
        self.take(&buffer[..length], on_line);
        Ok(if length == buffer.len() {
            Progress::Behind
        } else {
            Progress::CaughtUp
        })
    }

    fn end_here(&mut self) -> io::Result<()> {
        let length = self.file.get_ref().metadata()?.len();
        let position = self.file.get_mut().stream_position()?;
        self.file.set_limit(length.saturating_sub(position));
        Ok(())
    }

    /// A lone carriage return ends a line too: what follows is shown on its own line instead of
    /// over what was there.
    fn take(&mut self, mut bytes: &[u8], on_line: &mut impl FnMut(Line)) {
        if self.after_carriage_return && !bytes.is_empty() {
            self.after_carriage_return = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.append(&bytes[..end]);
            self.end_line(on_line);
            let pair = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
            self.after_carriage_return = bytes[end] == b'\r' && end + 1 == bytes.len();
            bytes = &bytes[end + 1 + usize::from(pair)..];
        }
        self.append(bytes);
    }

    fn append(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE - self.unfinished.len();
        let (fits, cut) = bytes.split_at(bytes.len().min(room));
        self.unfinished.extend_from_slice(fits);
        self.cut_bytes += cut.len() as u64;
    }

    fn end_line(&mut self, on_line: &mut impl FnMut(Line)) {
        if self.cut_bytes > 0 {
            let note = format!(" … ({} more bytes in the file)", self.cut_bytes);
            self.unfinished.extend_from_slice(note.as_bytes());
        }
        on_line(Line::new(self.stream, &self.unfinished));
        self.unfinished.clear();
        self.cut_bytes = 0;
    }

    fn end_of_file(&mut self, on_line: &mut impl FnMut(Line)) {
        if !self.unfinished.is_empty() {
            self.end_line(on_line);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write as _;

    use camino::Utf8PathBuf;

    use super::*;

    struct Growing {
        _folder: tempfile::TempDir,
        stdout: File,
        stderr: File,
        follower: Option<Follower>,
    }

    impl Growing {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let path = Utf8PathBuf::try_from(folder.path().to_owned()).expect("a UTF-8 path");
            let words = WordFiles::in_folder(&path, "plan");
            let create = |path: &Utf8Path| {
                OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path)
                    .expect("a new file")
            };
            Self {
                _folder: folder,
                stdout: create(&words.stdout),
                stderr: create(&words.stderr),
                follower: Some(Follower::open(&words).expect("both files are there")),
            }
        }

        fn says(&mut self, bytes: &[u8]) -> Vec<String> {
            self.stdout.write_all(bytes).expect("the file takes it");
            self.read()
        }

        fn read(&mut self) -> Vec<String> {
            let mut lines = Vec::new();
            let follower = self.follower.as_mut().expect("it is not finished");
            while follower
                .read(|line| lines.push(line.coloured().to_owned()))
                .expect("reads")
                == Progress::Behind
            {}
            lines
        }

        fn ends(&mut self) -> Vec<String> {
            let mut lines = Vec::new();
            let follower = self.follower.take().expect("it is not finished");
            follower.finish(|line| lines.push(line.coloured().to_owned()));
            lines
        }
    }

    #[test]
    fn a_line_is_told_when_its_end_is_there() {
        let mut child = Growing::new();
        assert_eq!(child.says(b"one\ntw"), ["one"]);
        assert!(child.read().is_empty());
        assert_eq!(child.says(b"o\nthree"), ["two"]);
        assert_eq!(child.ends(), ["three"]);
    }

    #[test]
    fn both_streams_are_followed() {
        let mut child = Growing::new();
        child
            .stderr
            .write_all(b"oops\n")
            .expect("the file takes it");
        assert_eq!(child.says(b"fine\n"), ["fine", "oops"]);
    }

    #[test]
    fn a_carriage_return_cannot_overwrite_what_stands_there() {
        let mut child = Growing::new();
        assert_eq!(
            child.says(b"destroy 12\rdestroy 0 \r\nnext\r"),
            ["destroy 12", "destroy 0 ", "next"]
        );
        assert_eq!(
            child.says(b"\nlast\n"),
            ["last"],
            "the pair was split over two writes"
        );
    }

    #[test]
    fn what_is_written_after_the_end_is_not_waited_for() {
        let mut child = Growing::new();
        child
            .stdout
            .write_all(b"before\n")
            .expect("the file takes it");
        child
            .follower
            .as_mut()
            .expect("it is not finished")
            .end_here()
            .expect("has a length");
        assert_eq!(child.says(b"after\n"), ["before"]);
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut child = Growing::new();
        assert!(child.says(&vec![b'x'; 3_000_000]).is_empty());
        let lines = child.says(b"\nnext\n");
        assert_eq!(
            lines[0].len(),
            LONGEST_LINE + " … (2934464 more bytes in the file)".len()
        );
        assert!(lines[0].ends_with("x … (2934464 more bytes in the file)"));
        assert_eq!(lines[1], "next");
        let follower = child.follower.as_ref().expect("it is not finished");
        assert!(follower.stdout.unfinished.capacity() <= 2 * LONGEST_LINE);
    }
}
