//! Patterns of names and paths: `*` is anything within a part of a path, `**` anything at all, `?`
//! one letter.

use camino::Utf8Path;
use regex::Regex;

use crate::model::paths::clean;

#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// Every letter but `*` and `?` means itself; `**/` is nothing more than `**` and a slash.
    pub(super) fn new(text: &str) -> Self {
        let mut expression = String::from("(?s)^");
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let (taken, meaning) = match letter {
                '*' if rest.starts_with("**") => (2, ".*".to_owned()),
                '*' => (1, "[^/]*".to_owned()),
                '?' => (1, "[^/]".to_owned()),
                other => (other.len_utf8(), regex::escape(&rest[..other.len_utf8()])),
            };
            expression.push_str(&meaning);
            rest = &rest[taken..];
        }
        expression.push('$');
        Self {
            regex: Regex::new(&expression).expect("it is made of escaped letters and wildcards"),
        }
    }

    /// The pattern of a path, without `.` and inner `..`.
    pub(super) fn of_path(text: &str) -> Self {
        Self::new(clean(Utf8Path::new(text)).as_str())
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}
