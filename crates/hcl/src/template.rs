//! Whitespace in templates: trimming beside sequences, and the indentation of heredocs.
//!
//! Knows nothing of what a sequence is.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// A piece of a template: text, at most one line of a heredoc at a time, or a sequence.
pub(crate) enum Piece<'s, S> {
    Text(Cow<'s, str>),
    Sequence(S),
}

pub(crate) fn trim_start(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start()),
        Cow::Owned(text) => Cow::Owned(text.trim_start().to_owned()),
    }
}

pub(crate) fn trim_end(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_end()),
        Cow::Owned(text) => Cow::Owned(text.trim_end().to_owned()),
    }
}

/// Takes from the start of each line the whitespace that all lines have in common.
///
/// A line begins with the first piece and behind each text that ends in a newline; a text whose
/// newline was trimmed away begins none. Lines of nothing but whitespace do not count, and a line
/// that begins with a sequence has no whitespace at its start.
pub(crate) fn dedent<S>(pieces: &mut [Piece<'_, S>]) {
    let mut common = usize::MAX;
    let mut line_starts = Vec::new();
    let mut at_line_start = true;
    for (index, piece) in pieces.iter().enumerate() {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Sequence(_) => {
                if at_line_start {
                    common = 0;
                }
                at_line_start = false;
                continue;
            }
        };
        if at_line_start {
            let rest = text.trim_start();
            let is_blank_line = rest.is_empty() && text.ends_with('\n');
            if !is_blank_line {
                let indent = &text[..text.len() - rest.len()];
                common = common.min(indent.graphemes(true).count());
                line_starts.push(index);
            }
        }
        at_line_start = text.ends_with('\n');
    }
    if common == 0 {
        return;
    }
    for index in line_starts {
        if let Piece::Text(text) = &mut pieces[index] {
            *text = without_indent(std::mem::take(text), common);
        }
    }
}

fn without_indent(text: Cow<'_, str>, graphemes: usize) -> Cow<'_, str> {
    let length = text.graphemes(true).take(graphemes).map(str::len).sum();
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[length..]),
        Cow::Owned(text) => Cow::Owned(text[length..].to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dedented(pieces: &[&str]) -> Vec<String> {
        let piece = |text: &&'static str| match *text {
            "•" => Piece::Sequence(()),
            text => Piece::Text(Cow::Borrowed(text)),
        };
        let leaked: Vec<&'static str> = pieces
            .iter()
            .map(|p| &*Box::leak((*p).to_owned().into_boxed_str()))
            .collect();
        let mut pieces: Vec<_> = leaked.iter().map(piece).collect();
        dedent(&mut pieces);
        let text = |piece: &Piece<'_, ()>| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Sequence(()) => "•".to_owned(),
        };
        pieces.iter().map(text).collect()
    }

    #[test]
    fn lines_lose_the_indentation_they_share() {
        assert_eq!(
            dedented(&["    a\n", "  b\n", "\tc\n"]),
            ["   a\n", " b\n", "c\n"]
        );
    }

    #[test]
    fn blank_lines_neither_count_nor_change() {
        assert_eq!(dedented(&["\n", "   a\n", " \n"]), ["\n", "a\n", " \n"]);
    }

    #[test]
    fn a_line_that_begins_with_a_sequence_keeps_all_as_it_is() {
        assert_eq!(dedented(&["•", "\n", "  a\n"]), ["•", "\n", "  a\n"]);
    }

    #[test]
    fn behind_a_trimmed_newline_no_line_begins() {
        assert_eq!(
            dedented(&["  ", "•", "", "    a\n", "  b\n"]),
            ["", "•", "", "    a\n", "b\n"]
        );
    }
}
