//! Blanks before each token: indentation, spaces, columns.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::scan::Piece;
use super::spacing::{Kind, is_apart};
use crate::lex::TokenKind;
use crate::source::offset;

/// Blanks for each level.
const INDENT: usize = 2;

/// Deeper levels are not indented any further: no text that can be read has them, and blanks beyond
/// all measure would be made of others.
const MOST_LEVELS: usize = 200;

/// Lines that would need more blanks than this to stand in one column stay as they are.
const MOST_PADDING: usize = 1 << 20;

pub(super) fn lay_out(pieces: &mut [Piece<'_>]) {
    let lines = lines(pieces);
    for line in &lines {
        space(&mut pieces[line.pieces()]);
    }
    indent(pieces, &lines);
    align(pieces, &lines, |line| line.equals);
    align(pieces, &lines, |line| line.comment);
}

/// The pieces of a line, without the newline or the end of the text behind it.
struct Line {
    start: usize,
    end: usize,
    /// Brackets that the line leaves open; less than none if it closes more than it opens. Those of
    /// a heredoc that begins here do not count.
    opens: i32,
    /// The equals sign of an attribute whose value ends on this line.
    equals: Option<usize>,
    /// A comment behind something else.
    comment: Option<usize>,
}

impl Line {
    fn pieces(&self) -> Range<usize> {
        self.start..self.end
    }
}

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (end, piece) in pieces.iter().enumerate() {
        if let Kind::Token(TokenKind::Newline | TokenKind::End) = piece.kind {
            lines.push(line(pieces, start..end));
            start = end + 1;
        }
    }
    lines
}

fn line(pieces: &[Piece<'_>], range: Range<usize>) -> Line {
    let Range { start, end } = range;
    let opens = |pieces: &[Piece<'_>]| pieces.iter().map(|piece| piece.kind.opens()).sum();
    let line = &pieces[start..end];
    let equals = line
        .iter()
        .skip(1)
        .position(|piece| piece.kind == Kind::Token(TokenKind::Equal))
        .map(|at| at + 1)
        .filter(|at| opens(&line[*at..]) == 0)
        .map(|at| start + at);
    let heredoc = line
        .iter()
        .position(|piece| piece.kind == Kind::Token(TokenKind::Heredoc))
        .unwrap_or(line.len());
    let comment = (end > start + 1 && pieces[end - 1].kind == Kind::LineComment).then(|| end - 1);
    Line {
        start,
        end,
        opens: opens(&line[..heredoc]),
        equals,
        comment,
    }
}

fn space(line: &mut [Piece<'_>]) {
    for right in 1..line.len() {
        let before = right.checked_sub(2).map(|before| line[before].kind);
        let is_apart = is_apart(before, &line[right - 1], &line[right]);
        line[right].blanks = u32::from(is_apart);
    }
}

/// Brackets that are opened on one line are one level together.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let mut levels: Vec<i32> = Vec::new();
    for line in lines {
        let mut closes = -line.opens;
        while closes > 0
            && let Some(level) = levels.last_mut()
        {
            let closed = closes.min(*level);
            closes -= closed;
            *level -= closed;
            if *level == 0 {
                levels.pop();
            }
        }
        if line.start < line.end {
            pieces[line.start].blanks = offset(INDENT * levels.len().min(MOST_LEVELS));
        }
        if line.opens > 0 {
            levels.push(line.opens);
        }
    }
}

/// Puts the chosen pieces of lines that follow one another into one column.
fn align(pieces: &mut [Piece<'_>], lines: &[Line], chosen: fn(&Line) -> Option<usize>) {
    for lines in lines.chunk_by(|a, b| chosen(a).is_some() && chosen(b).is_some()) {
        let cells: Vec<(usize, usize)> = lines
            .iter()
            .filter_map(|line| {
                let at = chosen(line)?;
                Some((at, width(&pieces[line.start..at])))
            })
            .collect();
        let Some(widest) = cells.iter().map(|(_, width)| *width).max() else {
            continue;
        };
        let padding: usize = cells.iter().map(|(_, width)| widest - width).sum();
        if padding > MOST_PADDING {
            continue;
        }
        for (at, width) in cells {
            pieces[at].blanks = offset(widest - width + 1);
        }
    }
}

fn width(pieces: &[Piece<'_>]) -> usize {
    let text = |piece: &Piece<'_>| {
        if piece.text.is_ascii() {
            piece.text.len()
        } else {
            piece.text.graphemes(true).count()
        }
    };
    pieces
        .iter()
        .map(|piece| piece.blanks as usize + text(piece))
        .sum()
}
