//! The customs of CI systems: groups, annotations, and words that a runner must not obey.
//!
//! A runner reads its own commands out of the log. What a child says, or what stands in a file or
//! an answer, could be such a command; everything that is not ours goes through [`inert`].

use std::borrow::Cow;

use jiff::Timestamp;

use super::look::Ci;
use crate::model::Place;

/// What runners look for anywhere in a line. (Commands that must begin a line cannot be forged:
/// no line of ours begins with somebody else's words.)
const COMMANDS_WITHIN_LINES: [(&str, &str); 3] = [
    ("##[", "## ["),
    ("##vso[", "## vso["),
    ("##teamcity[", "## teamcity["),
];

/// Breaks up what a runner would take for a command.
pub(super) fn inert(ci: Option<Ci>, text: &str) -> Cow<'_, str> {
    if ci.is_none() || !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let broken = |text: String, (command, harmless): (&str, &str)| text.replace(command, harmless);
    COMMANDS_WITHIN_LINES
        .into_iter()
        .fold(text.to_owned(), broken)
        .into()
}

/// The line that opens a group, if there are groups. `name` tells groups of one log apart.
pub(super) fn group_start(
    ci: Option<Ci>,
    name: &str,
    title: &str,
    now: Timestamp,
) -> Option<String> {
    match ci? {
        Ci::GitHub => Some(format!("::group::{}", escaped(title))),
        Ci::GitLab => {
            let (second, section) = (now.as_second(), section(name));
            Some(format!(
                "\u{1b}[0Ksection_start:{second}:{section}\r\u{1b}[0K{title}"
            ))
        }
        Ci::Other => None,
    }
}

pub(super) fn group_end(ci: Option<Ci>, name: &str, now: Timestamp) -> Option<String> {
    match ci? {
        Ci::GitHub => Some("::endgroup::".to_owned()),
        Ci::GitLab => {
            let (second, section) = (now.as_second(), section(name));
            Some(format!(
                "\u{1b}[0Ksection_end:{second}:{section}\r\u{1b}[0K"
            ))
        }
        Ci::Other => None,
    }
}

/// An error shown beside the log, and at its file and line where it has one.
pub(super) fn error_annotation(
    ci: Option<Ci>,
    title: &str,
    message: &str,
    place: Option<&Place>,
) -> Option<String> {
    match ci? {
        Ci::GitHub => {
            let place = place.map(|Place { file, line }| {
                format!("file={},line={line},", escaped_property(file.as_str()))
            });
            let place = place.unwrap_or_default();
            Some(format!(
                "::error {place}title={}::{}",
                escaped_property(title),
                escaped(message)
            ))
        }
        Ci::GitLab | Ci::Other => None,
    }
}

fn section(name: &str) -> String {
    let plain = |next: char| {
        if next.is_ascii_alphanumeric() {
            next
        } else {
            '_'
        }
    };
    name.chars().map(plain).collect()
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: Option<Ci> = Some(Ci::GitHub);

    /// How GitHub's runner finds a command in a line: at its beginning, blanks apart, or in the
    /// older form anywhere.
    fn github_obeys(line: &str) -> bool {
        let at_start = line.trim_start().strip_prefix("::");
        let new_form = at_start.is_some_and(|rest| rest.contains("::"));
        let old_form = line
            .find("##[")
            .is_some_and(|start| line[start..].contains(']'));
        new_form || old_form
    }

    #[test]
    fn a_childs_words_are_not_obeyed() {
        for words in [
            "::set-output name=x::1",
            "##[add-path]/evil",
            "x ##[error]no",
            "::stop-commands::x",
        ] {
            assert!(github_obeys(words), "{words} is a command to begin with");
            let line = format!("  │ {}", inert(GITHUB, words));
            assert!(!github_obeys(&line), "{line}");
        }
        assert_eq!(
            inert(Some(Ci::Other), "##vso[task.setvariable]x"),
            "## vso[task.setvariable]x"
        );
    }

    #[test]
    fn nothing_is_changed_where_nobody_obeys() {
        assert_eq!(inert(None, "##[x]"), "##[x]");
        assert_eq!(inert(GITHUB, "## A title"), "## A title");
    }

    #[test]
    fn an_annotation_cannot_be_broken_out_of() {
        let place = Place {
            file: "a,b/c:d.hcl".into(),
            line: 3,
        };
        assert_eq!(
            error_annotation(GITHUB, "x::y", "50%\n::set-output::", Some(&place)),
            Some(
                "::error file=a%2Cb/c%3Ad.hcl,line=3,title=x%3A%3Ay::50%25%0A::set-output::".into()
            )
        );
        assert_eq!(error_annotation(Some(Ci::GitLab), "t", "m", None), None);
    }

    #[test]
    fn gitlab_sections_have_a_name_and_a_time() {
        let now = Timestamp::from_second(1_000).expect("a time");
        let start = group_start(Some(Ci::GitLab), "1-dev/eks", "eks failed", now);
        assert_eq!(
            start.expect("GitLab has groups"),
            "\u{1b}[0Ksection_start:1000:1_dev_eks\r\u{1b}[0Keks failed"
        );
    }
}
