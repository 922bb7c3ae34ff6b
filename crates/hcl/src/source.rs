//! Text with a name, and places in it.
//!
//! A [`Span`] is two offsets and nothing else: syntax trees hold only those. A [`Location`] carries
//! the text it points at, so a diagnostic can be shown long after the file was closed.

use std::fmt;
use std::sync::{Arc, OnceLock};

use unicode_segmentation::UnicodeSegmentation;

/// One piece of configuration text and the name under which people know it.
pub struct Source {
    name: Box<str>,
    text: Box<str>,
    has_bom: bool,
    /// Where the bytes were not UTF-8 and U+FFFD stands now, ascending.
    undecodable: Box<[u32]>,
    line_starts: OnceLock<Box<[u32]>>,
}

impl Source {
    /// Takes text as it stands; a byte order mark at its start is set aside.
    pub fn new(name: impl Into<Box<str>>, text: impl Into<String>) -> Arc<Self> {
        let mut text = text.into();
        let has_bom = text.starts_with('\u{feff}');
        if has_bom {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            has_bom,
            undecodable: Box::default(),
            line_starts: OnceLock::new(),
        })
    }

    /// Takes the bytes of a file. Bytes that are not UTF-8 are fine within comments; elsewhere the
    /// parser complains about them.
    pub fn from_bytes(name: impl Into<Box<str>>, bytes: &[u8]) -> Arc<Self> {
        // Looking at whole words is faster than looking for what is wrong.
        if let Ok(text) = str::from_utf8(bytes) {
            return Self::new(name, text);
        }
        let bytes_without_bom = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut text = String::with_capacity(bytes_without_bom.len());
        let mut undecodable = Vec::new();
        for chunk in bytes_without_bom.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                undecodable.push(offset(text.len()));
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            has_bom: bytes_without_bom.len() < bytes.len(),
            undecodable: undecodable.into(),
            line_starts: OnceLock::new(),
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text without a byte order mark; all offsets count from its start.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn has_bom(&self) -> bool {
        self.has_bom
    }

    /// The text of a span, cut to what exists.
    pub fn slice(&self, span: Span) -> &str {
        let end = (span.end as usize).min(self.text.len());
        let start = (span.start as usize).min(end);
        self.text.get(start..end).unwrap_or_default()
    }

    /// Line and column of an offset, as editors and terraform count them.
    pub fn position(&self, offset: u32) -> Position {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset).max(1) - 1;
        let before = self.slice(Span::new(starts[line], offset));
        let graphemes = if before.is_ascii() {
            before.len()
        } else {
            before.graphemes(true).count()
        };
        Position {
            line: crate::source::offset(line + 1),
            column: crate::source::offset(graphemes + 1),
        }
    }

    /// The line of an offset, for whoever needs no column: makes no table of all lines.
    #[expect(
        clippy::naive_bytecount,
        reason = "the compiler counts many bytes at a time; the texts are too short for a crate"
    )]
    fn line_number(&self, at: u32) -> u32 {
        let before = self.text.as_bytes();
        let before = &before[..before.len().min(at as usize)];
        offset(before.iter().filter(|byte| **byte == b'\n').count() + 1)
    }

    /// The span of a line without its end; lines count from 1.
    pub fn line(&self, number: u32) -> Option<Span> {
        let starts = self.line_starts();
        let index = (number as usize).checked_sub(1)?;
        let start = *starts.get(index)?;
        let end = starts
            .get(index + 1)
            .copied()
            .unwrap_or(offset(self.text.len()));
        let text = self.slice(Span::new(start, end));
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Some(Span::new(start, start + offset(text.len())))
    }

    /// Whether a replacement character at this offset stands for bytes that were not UTF-8.
    pub(crate) fn is_undecodable(&self, offset: u32) -> bool {
        self.undecodable.binary_search(&offset).is_ok()
    }

    /// Whether the bytes began with the byte order mark of UTF-16, which is no UTF-8.
    pub(crate) fn is_utf16(&self) -> bool {
        let begins_with_bad_bytes = self.undecodable.starts_with(&[0, 3]);
        begins_with_bad_bytes && self.text.contains('\0')
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let newlines = self.text.match_indices('\n');
            let after = newlines.map(|(at, _)| offset(at + 1));
            std::iter::once(0).chain(after).collect()
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({}, {} bytes)", self.name, self.text.len())
    }
}

/// An offset into a source. Texts of 4 GiB and more are refused by the parser before any offset
/// in them is made, so what does not fit is cut.
pub(crate) fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// From one byte offset up to, not including, another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// From the start of this span to the end of the other.
    #[must_use]
    pub fn to(self, other: Span) -> Self {
        Self::new(self.start, other.end.max(self.start))
    }

    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    pub fn in_source(self, source: &Arc<Source>) -> Location {
        Location::new(source, self)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A span together with the text it lies in.
#[derive(Clone)]
pub struct Location {
    pub source: Arc<Source>,
    pub span: Span,
}

impl Location {
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self {
            source: Arc::clone(source),
            span,
        }
    }

    pub fn start(&self) -> Position {
        self.source.position(self.span.start)
    }

    pub fn end(&self) -> Position {
        self.source.position(self.span.end)
    }

    /// The number of the line that it begins in.
    pub fn line(&self) -> u32 {
        self.source.line_number(self.span.start)
    }

    pub fn text(&self) -> &str {
        self.source.slice(self.span)
    }

    fn order(&self) -> (&str, Span) {
        (self.source.name(), self.span)
    }
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Location {}

impl PartialOrd for Location {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Location {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

/// `name:line:column`, the form that terminals and editors turn into a link.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source.name(), self.start())
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A line and a column, both from 1. A column is one grapheme cluster: what a reader sees as one
/// character.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_what_a_reader_sees() {
        let source = Source::new("x", "größe = \"👨‍👩‍👧\" + 1\r\nb = 2\n");
        let at = |needle: &str| {
            source
                .position(offset(source.text().find(needle).unwrap()))
                .to_string()
        };
        assert_eq!(at("="), "1:7");
        assert_eq!(at("+"), "1:13");
        assert_eq!(at("b"), "2:1");
        assert_eq!(source.position(u32::MAX).to_string(), "3:1");
    }

    #[test]
    fn a_line_has_the_same_number_with_and_without_its_column() {
        let source = Source::new("x", "a = 1\r\n\nb = \"é\"\n");
        for at in 0..30 {
            let place = Span::new(at, at).in_source(&source);
            assert_eq!(place.line(), place.start().line, "{at}");
        }
    }

    #[test]
    fn lines_come_without_their_ends() {
        let source = Source::new("x", "a\r\nb\n\nc");
        let line = |number| source.line(number).map(|span| source.slice(span));
        assert_eq!(line(1), Some("a"));
        assert_eq!(line(2), Some("b"));
        assert_eq!(line(3), Some(""));
        assert_eq!(line(4), Some("c"));
        assert_eq!((line(0), line(5)), (None, None));
    }

    #[test]
    fn a_byte_order_mark_is_set_aside() {
        let from_text = Source::new("x", "\u{feff}a = 1");
        let from_bytes = Source::from_bytes("x", "\u{feff}a = 1".as_bytes());
        for source in [from_text, from_bytes] {
            assert!(source.has_bom());
            assert_eq!(source.text(), "a = 1");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_remembered() {
        let source = Source::from_bytes("x", b"# caf\xe9\na = 1 # \xef\xbf\xbd");
        assert!(source.is_undecodable(5));
        assert!(!source.is_undecodable(17));
    }
}
