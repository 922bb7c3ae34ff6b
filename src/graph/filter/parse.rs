//! The text of one filter as operands.

use thiserror::Error;

use super::GitRange;
use super::pattern::Pattern;

/// What stands between two `|`.
#[derive(Debug)]
pub(super) struct Operand {
    pub(super) negated: bool,
    /// `^x`: what lies along the edges, and not x itself.
    pub(super) without_target: bool,
    /// `x...`
    pub(super) upstreams: Option<Reach>,
    /// `...x`
    pub(super) downstreams: Option<Reach>,
    pub(super) atom: Atom,
}

/// How far along the edges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    All,
    AtMost(usize),
}

#[derive(Debug)]
pub(super) enum Atom {
    Name(Pattern),
    Path(Pattern),
    Units,
    Stacks,
    External(bool),
    Reading(Pattern),
    Source(Pattern),
    Changed(GitRange),
    /// A key or a value that nothing has.
    Nothing(String),
}

/// A filter that cannot be understood.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("the filter {filter:?} cannot be understood: {problem}")]
pub struct FilterError {
    pub filter: String,
    /// Where in the filter, in bytes.
    pub at: usize,
    pub problem: Problem,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Problem {
    #[error("there is nothing in it")]
    Empty,
    #[error("there is nothing on one side of |")]
    NothingBeside,
    #[error("there is nothing to look for")]
    NoTarget,
    #[error("a {open} is never closed by {close}")]
    Unclosed { open: char, close: char },
    #[error("{0} has no meaning here; alternatives are filters of their own")]
    Letter(char),
    #[error("what is looked for may have ... before and behind it, and nothing else")]
    DotsWithin,
    #[error("a key and a value are written KEY=VALUE, with one =")]
    KeyAndValue,
    #[error("two states of the repository are written [FROM...TO] or [FROM]")]
    Range,
}

impl Reach {
    pub(super) fn steps(self) -> usize {
        match self {
            Self::All => usize::MAX,
            Self::AtMost(steps) => steps,
        }
    }
}

impl Operand {
    pub(super) fn of(atom: Atom) -> Self {
        Self {
            negated: false,
            without_target: false,
            upstreams: None,
            downstreams: None,
            atom,
        }
    }
}

const DOTS: &str = "...";

/// The operands of a filter.
pub(super) fn filter(text: &str) -> Result<Vec<Operand>, FilterError> {
    let wrong = |at, problem| FilterError {
        filter: text.to_owned(),
        at,
        problem,
    };
    if text.trim().is_empty() {
        return Err(wrong(0, Problem::Empty));
    }
    let parts = parts(text);
    let is_alone = parts.len() == 1;
    let operands = parts.into_iter().map(|(at, part)| {
        if part.trim().is_empty() && !is_alone {
            return Err(wrong(at, Problem::NothingBeside));
        }
        operand(part.trim()).map_err(|problem| wrong(at, problem))
    });
    operands.collect()
}

/// What stands between the `|`, with the places where it begins; a `|` within brackets is a letter.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut begin, mut depth) = (0, 0_usize);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push((begin, &text[begin..at]));
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push((begin, &text[begin..]));
    parts
}

fn operand(text: &str) -> Result<Operand, Problem> {
    let mut rest = text;
    let mut negated = false;
    while let Some(behind) = rest.strip_prefix('!') {
        negated = !negated;
        rest = behind.trim_start();
    }
    let (downstreams, behind) = dots_before(rest);
    rest = behind;
    let without_target = rest.starts_with('^');
    rest = rest.strip_prefix('^').unwrap_or(rest);
    let (atom, behind) = atom(rest)?;
    let upstreams = dots_behind(behind)?;
    Ok(Operand {
        negated,
        without_target,
        upstreams,
        downstreams,
        atom,
    })
}

/// `...` or `2...` before what is looked for.
fn dots_before(text: &str) -> (Option<Reach>, &str) {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match text[digits..].strip_prefix(DOTS) {
        Some(behind) => (Some(reach(&text[..digits])), behind),
        None => (None, text),
    }
}

/// `...` or `...2` behind it, and nothing more.
fn dots_behind(text: &str) -> Result<Option<Reach>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let steps = text.strip_prefix(DOTS).ok_or(Problem::DotsWithin)?;
    if steps.chars().all(|c| c.is_ascii_digit()) {
        Ok(Some(reach(steps)))
    } else {
        Err(Problem::DotsWithin)
    }
}

fn reach(digits: &str) -> Reach {
    if digits.is_empty() {
        Reach::All
    } else {
        Reach::AtMost(digits.parse().unwrap_or(usize::MAX))
    }
}

/// What is looked for, and what stands behind it.
fn atom(text: &str) -> Result<(Atom, &str), Problem> {
    if let Some(inner) = text.strip_prefix('{') {
        let (path, behind) = inner.split_once('}').ok_or(Problem::Unclosed {
            open: '{',
            close: '}',
        })?;
        plain(path)?;
        return Ok((Atom::Path(Pattern::of_path(path)), behind));
    }
    if let Some(inner) = text.strip_prefix('[') {
        let (range, behind) = inner.split_once(']').ok_or(Problem::Unclosed {
            open: '[',
            close: ']',
        })?;
        return Ok((Atom::Changed(range_of(range)?), behind));
    }
    let word = match text.find(DOTS) {
        Some(at) => &text[..at],
        None => text,
    };
    Ok((word_atom(word)?, &text[word.len()..]))
}

fn range_of(text: &str) -> Result<GitRange, Problem> {
    let (from, to) = text.split_once(DOTS).unwrap_or((text, "HEAD"));
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() || to.is_empty() {
        return Err(Problem::Range);
    }
    Ok(GitRange {
        from: from.to_owned(),
        to: to.to_owned(),
    })
}

fn word_atom(word: &str) -> Result<Atom, Problem> {
    let word = word.trim();
    if word.is_empty() {
        return Err(Problem::NoTarget);
    }
    plain(word)?;
    if let Some((key, value)) = word.split_once('=') {
        return key_atom(key.trim(), value.trim());
    }
    if word.contains('/') || word == "." || word == ".." {
        return Ok(Atom::Path(Pattern::of_path(word)));
    }
    Ok(Atom::Name(Pattern::new(word)))
}

fn key_atom(key: &str, value: &str) -> Result<Atom, Problem> {
    if key.is_empty() || value.is_empty() || value.contains('=') {
        return Err(Problem::KeyAndValue);
    }
    Ok(match (key, value) {
        ("name", _) => Atom::Name(Pattern::new(value)),
        ("type", "unit") => Atom::Units,
        ("type", "stack") => Atom::Stacks,
        ("external", "true") => Atom::External(true),
        ("external", "false") => Atom::External(false),
        ("reading", _) => Atom::Reading(Pattern::of_path(value)),
        ("source", _) => Atom::Source(Pattern::new(value)),
        _ => Atom::Nothing(format!("{key}={value}")),
    })
}

/// Brackets stand for paths and for git; as alternatives they have no meaning.
fn plain(word: &str) -> Result<(), Problem> {
    match word.chars().find(|c| matches!(c, '{' | '}' | '[' | ']')) {
        Some(letter) => Err(Problem::Letter(letter)),
        None => Ok(()),
    }
}
