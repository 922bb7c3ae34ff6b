//! How text looks where it goes: colours, width, clock, and the customs of CI systems.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use jiff::tz::TimeZone;

use crate::model::Line;

/// Decided once, before the first line.
#[derive(Clone, Debug)]
pub struct Look {
    pub colour: bool,
    /// Columns of the terminal; `None` where lines may be as long as they like.
    pub width: Option<usize>,
    /// In which the clock of plain lines runs.
    pub zone: TimeZone,
    pub ci: Option<Ci>,
}

/// A CI system whose log we write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ci {
    GitHub,
    GitLab,
    Other,
}

impl Look {
    /// Reads off the environment and the terminal what people have agreed on: `NO_COLOR` wins,
    /// then `CLICOLOR_FORCE`, then whether there is a terminal that can do it.
    pub fn choose(
        variable: impl Fn(&str) -> Option<String>,
        terminal_width: Option<usize>,
        zone: TimeZone,
    ) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let forced =
            variable("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0");
        let dumb = variable("TERM").is_some_and(|value| value == "dumb");
        let ci = if is_set("GITHUB_ACTIONS") {
            Some(Ci::GitHub)
        } else if is_set("GITLAB_CI") {
            Some(Ci::GitLab)
        } else {
            is_set("CI").then_some(Ci::Other)
        };
        Self {
            colour: !is_set("NO_COLOR") && (forced || (terminal_width.is_some() && !dumb)),
            width: terminal_width,
            zone,
            ci,
        }
    }

    /// Plain text in UTC, as wide as it likes.
    pub fn plain() -> Self {
        Self {
            colour: false,
            width: None,
            zone: TimeZone::UTC,
            ci: None,
        }
    }

    pub fn good(&self, text: impl Display) -> String {
        self.painted(AnsiColor::Green.on_default(), text)
    }

    pub fn bad(&self, text: impl Display) -> String {
        self.painted(AnsiColor::Red.on_default().bold(), text)
    }

    pub fn notable(&self, text: impl Display) -> String {
        self.painted(AnsiColor::Yellow.on_default(), text)
    }

    pub fn strong(&self, text: impl Display) -> String {
        self.painted(Style::new().bold(), text)
    }

    pub fn faint(&self, text: impl Display) -> String {
        self.painted(Style::new().dimmed(), text)
    }

    /// A child's line, which must not colour what comes after it.
    pub(super) fn quoted(&self, line: &Line) -> String {
        if self.colour && line.coloured().contains('\u{1b}') {
            format!("{}\u{1b}[0m", line.coloured())
        } else {
            line.plain().into_owned()
        }
    }

    fn painted(&self, style: Style, text: impl Display) -> String {
        let text = text.to_string();
        if self.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(environment: &[(&str, &str)], width: Option<usize>) -> bool {
        look(environment, width).colour
    }

    fn look(environment: &[(&str, &str)], width: Option<usize>) -> Look {
        let variable = |name: &str| {
            let found = environment.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Look::choose(variable, width, TimeZone::UTC)
    }

    #[test]
    fn a_terminal_gets_colours_and_a_file_does_not() {
        assert!(colour(&[], Some(80)));
        assert!(!colour(&[], None));
        assert!(!colour(&[("TERM", "dumb")], Some(80)));
    }

    #[test]
    fn no_color_wins_over_clicolor_force() {
        assert!(colour(&[("CLICOLOR_FORCE", "1")], None));
        assert!(!colour(&[("CLICOLOR_FORCE", "0")], None));
        assert!(!colour(
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
            Some(80)
        ));
        assert!(
            colour(&[("NO_COLOR", "")], Some(80)),
            "an empty value means nothing"
        );
    }

    #[test]
    fn ci_systems_are_known_by_their_variables() {
        let ci = |name| look(&[(name, "true"), ("CI", "true")], None).ci;
        assert_eq!(ci("GITHUB_ACTIONS"), Some(Ci::GitHub));
        assert_eq!(ci("GITLAB_CI"), Some(Ci::GitLab));
        assert_eq!(ci("JENKINS_URL"), Some(Ci::Other));
        assert_eq!(look(&[], None).ci, None);
    }
}
