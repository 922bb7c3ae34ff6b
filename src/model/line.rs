//! A line of what a child says, made harmless for every screen and log.

use std::borrow::Cow;

/// One line without its end. Nothing in it can move the cursor, rename the window, hide or reorder
/// text: colours are all that is left of control sequences.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub stream: Stream,
    text: String,
}

/// Where a child said it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    Stdout,
    Stderr,
}

impl Line {
    /// Takes the bytes of one line as they came. What is not UTF-8 becomes replacement characters.
    pub fn new(stream: Stream, raw: &[u8]) -> Self {
        let text = match std::str::from_utf8(raw) {
            Ok(text) if text.bytes().all(is_plain) => text.to_owned(),
            Ok(text) => harmless(text),
            Err(_) => harmless(&String::from_utf8_lossy(raw)),
        };
        Self { stream, text }
    }

    /// The line with its colours.
    pub fn coloured(&self) -> &str {
        &self.text
    }

    /// The line without its colours.
    pub fn plain(&self) -> Cow<'_, str> {
        without_colours(&self.text)
    }
}

/// Makes any text harmless as [`Line::new`] does; for what comes from files and answers.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if next == '\u{1b}' {
            match Sequence::at_start_of(rest) {
                Some(sequence) => {
                    if sequence.is_colour {
                        out.push_str(&rest[..sequence.length]);
                    }
                    rest = &rest[sequence.length..];
                    continue;
                }
                None => out.push('␛'),
            }
        } else {
            push_harmless(&mut out, next);
        }
        rest = &rest[next.len_utf8()..];
    }
    out
}

/// Takes the colours out of a text that is otherwise harmless.
pub fn without_colours(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(escape) = rest.find('\u{1b}') {
        out.push_str(&rest[..escape]);
        let length = Sequence::at_start_of(&rest[escape..]).map_or(1, |sequence| sequence.length);
        rest = &rest[escape + length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~')
}

fn push_harmless(out: &mut String, next: char) {
    match next {
        '\t' => out.push('\t'),
        '\0'..='\u{1f}' => {
            let picture = char::from_u32(0x2400 + u32::from(next));
            out.push(picture.expect("each control character has its picture"));
        }
        '\u{7f}' => out.push('␡'),
        _ if hides_or_reorders(next) => {
            let name = format!("<U+{:04X}>", u32::from(next));
            out.push_str(&name);
        }
        _ => out.push(next),
    }
}

/// The eight-bit controls, and what Unicode has to hide text or to turn its direction. The two
/// joiners that scripts and emoji need are left alone.
fn hides_or_reorders(next: char) -> bool {
    matches!(
        next,
        '\u{80}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A whole control sequence that begins with an escape character.
struct Sequence {
    length: usize,
    is_colour: bool,
}

impl Sequence {
    /// `None` where the text ends before the sequence does: then it is shown, for a terminal might
    /// take what follows on the next line for its end.
    fn at_start_of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        match bytes.get(1)? {
            b'[' => Self::control(bytes),
            b']' | b'P' | b'X' | b'^' | b'_' => Self::string(bytes),
            _ => Self::short(bytes),
        }
    }

    /// `ESC [ 1 ; 31 m`
    fn control(bytes: &[u8]) -> Option<Self> {
        let parameters = bytes[2..]
            .iter()
            .take_while(|byte| matches!(byte, b' '..=b'?'))
            .count();
        let last = bytes.get(2 + parameters)?;
        let only_numbers = bytes[2..2 + parameters]
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b';' | b':'));
        matches!(last, b'@'..=b'~').then_some(Self {
            length: 2 + parameters + 1,
            is_colour: *last == b'm' && only_numbers,
        })
    }

    /// `ESC ] 0 ; title BEL`, or with `ESC \` at its end.
    fn string(bytes: &[u8]) -> Option<Self> {
        let bell = bytes.iter().position(|byte| *byte == 0x07).map(|at| at + 1);
        let terminator = bytes
            .windows(2)
            .position(|pair| pair == b"\x1b\\")
            .map(|at| at + 2);
        let length = match (bell, terminator) {
            (Some(bell), Some(terminator)) => bell.min(terminator),
            (Some(end), None) | (None, Some(end)) => end,
            (None, None) => return None,
        };
        Some(Self {
            length,
            is_colour: false,
        })
    }

    /// `ESC c`, `ESC ( B`
    fn short(bytes: &[u8]) -> Option<Self> {
        let between = bytes[1..]
            .iter()
            .take_while(|byte| matches!(byte, b' '..=b'/'))
            .count();
        let last = bytes.get(1 + between)?;
        matches!(last, b'0'..=b'~').then_some(Self {
            length: 2 + between,
            is_colour: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(raw: &str) -> String {
        Line::new(Stream::Stdout, raw.as_bytes())
            .coloured()
            .to_owned()
    }

    #[test]
    fn colours_stay_and_can_be_taken_out() {
        let line = Line::new(Stream::Stdout, b"\x1b[1;31mError:\x1b[0m no");
        assert_eq!(line.coloured(), "\x1b[1;31mError:\x1b[0m no");
        assert_eq!(line.plain(), "Error: no");
    }

    #[test]
    fn what_moves_the_cursor_or_names_the_window_goes() {
        assert_eq!(shown("a\x1b[2Kb\x1b[10;1Hc\x1b(Bd\x1bce"), "abcde");
        assert_eq!(shown("\x1b]0;title\x07text"), "text");
        assert_eq!(shown("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"), "link");
        assert_eq!(shown("\x1b[>4;1mx"), "x", "it ends in m but is no colour");
    }

    #[test]
    fn what_does_not_end_is_shown() {
        assert_eq!(shown("\x1b]0;open"), "␛]0;open");
        assert_eq!(shown("x\x1b[3"), "x␛[3");
        assert_eq!(shown("x\x1b"), "x␛");
    }

    #[test]
    fn control_characters_become_pictures() {
        assert_eq!(shown("a\rb\0c\x08\x7f\td"), "a␍b␀c␈␡\td");
        assert_eq!(shown("\u{9b}31mx"), "<U+009B>31mx");
    }

    #[test]
    fn text_cannot_be_turned_round_or_hidden() {
        assert_eq!(shown("a\u{202e}b\u{200b}c"), "a<U+202E>b<U+200B>c");
        assert_eq!(shown("größe 👩\u{200d}💻"), "größe 👩\u{200d}💻");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_replaced() {
        assert_eq!(
            Line::new(Stream::Stderr, b"a\xffb").coloured(),
            "a\u{fffd}b"
        );
    }

    proptest! {
        #[test]
        fn nothing_but_colours_is_left_of_any_bytes(raw in prop::collection::vec(
            prop_oneof![Just(0x1b), Just(b'['), Just(b']'), Just(b'm'), Just(b';'), any::<u8>()], 0..40
        )) {
            let line = Line::new(Stream::Stdout, &raw);
            let plain = line.plain();
            prop_assert!(!plain.chars().any(|next| next != '\t' && next.is_control()));
            prop_assert_eq!(Line::new(Stream::Stdout, line.coloured().as_bytes()), line.clone());
        }
    }
}
