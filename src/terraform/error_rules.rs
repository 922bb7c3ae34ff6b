//! What to do about a failure: give up, try again, or let it pass, as the unit's `errors` block
//! says.

use std::time::Duration;

use regex::Regex;
use thiserror::Error;

use crate::model::engine_facts::{
    DEFAULT_RETRY_ATTEMPTS, DEFAULT_RETRY_SLEEP, DEFAULT_RETRYABLE_ERRORS,
};
use crate::model::prepared::{ErrorRules, Ignore};
use crate::model::without_colours;

/// The rules of a unit, ready to be asked.
#[derive(Clone, Debug)]
pub struct Reactions<'a> {
    ignore: Vec<(&'a Ignore, Patterns)>,
    retry: Vec<RetryRule<'a>>,
}

/// What to do.
#[derive(Clone, Copy, Debug)]
pub enum Reaction<'a> {
    GiveUp,
    /// The unit counts as succeeded, and the rule's signals are to be written.
    Ignore(&'a Ignore),
    TryAgain {
        rule: &'a str,
        after: Duration,
    },
}

/// What a failed command said, as patterns are held against it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ErrorText {
    raw: String,
    simplified: String,
}

/// A pattern that is no regular expression.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("\"{pattern}\" in {label} is not a regular expression: {reason}")]
pub struct BadErrorPattern {
    pub label: String,
    pub pattern: String,
    pub reason: String,
}

/// The name of the rule that holds where a unit has none.
pub const DEFAULT_RULE: &str = "default";

#[derive(Clone, Debug)]
struct RetryRule<'a> {
    label: &'a str,
    patterns: Patterns,
    attempts: u32,
    sleep: Duration,
}

/// The first that matches decides; one that begins with `!` decides against.
#[derive(Clone, Debug)]
struct Patterns(Vec<(bool, Regex)>);

impl<'a> Reactions<'a> {
    pub fn new(rules: &'a ErrorRules) -> Result<Self, BadErrorPattern> {
        let mut reactions = Self {
            ignore: Vec::new(),
            retry: Vec::new(),
        };
        for rule in &rules.ignore {
            let patterns = Patterns::new(&rule.label, &rule.ignorable_errors)?;
            reactions.ignore.push((rule, patterns));
        }
        for rule in &rules.retry {
            reactions.retry.push(RetryRule {
                label: &rule.label,
                patterns: Patterns::new(&rule.label, &rule.retryable_errors)?,
                attempts: rule.max_attempts,
                sleep: rule.sleep,
            });
        }
        if rules.ignore.is_empty() && rules.retry.is_empty() {
            reactions.retry.push(RetryRule {
                label: DEFAULT_RULE,
                patterns: Patterns::new(DEFAULT_RULE, &DEFAULT_RETRYABLE_ERRORS)?,
                attempts: DEFAULT_RETRY_ATTEMPTS,
                sleep: DEFAULT_RETRY_SLEEP,
            });
        }
        Ok(reactions)
    }

    /// What to do about an error after so many attempts, the failed one among them.
    pub fn to(&self, error: &ErrorText, attempts: u32) -> Reaction<'a> {
        let ignored = self.ignore.iter().find(|(_, rule)| rule.match_text(error));
        if let Some((rule, _)) = ignored {
            return Reaction::Ignore(rule);
        }
        let mut rules = self.retry.iter();
        match rules.find(|rule| rule.patterns.match_text(error)) {
            Some(rule) if attempts < rule.attempts => Reaction::TryAgain {
                rule: rule.label,
                after: rule.sleep,
            },
            Some(_) | None => Reaction::GiveUp,
        }
    }
}

impl ErrorText {
    /// Of what was said on stderr and how the command ended, such as `exit status 1`.
    pub fn new(stderr: &str, end: &str) -> Self {
        let raw = format!("{}\n{end}", without_colours(stderr));
        let simplified = simplified(&raw);
        Self { raw, simplified }
    }

    /// Whether an error hook with these patterns is meant.
    pub fn matches_any(&self, label: &str, patterns: &[String]) -> Result<bool, BadErrorPattern> {
        for pattern in patterns {
            if matches(&compile(label, pattern)?, self) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Patterns {
    fn new<P: AsRef<str>>(label: &str, patterns: &[P]) -> Result<Self, BadErrorPattern> {
        let patterns = patterns.iter().map(|pattern| {
            let pattern = pattern.as_ref();
            match pattern.strip_prefix('!') {
                Some(against) => Ok((false, compile(label, against)?)),
                None => Ok((true, compile(label, pattern)?)),
            }
        });
        patterns.collect::<Result<_, _>>().map(Self)
    }

    fn match_text(&self, text: &ErrorText) -> bool {
        let first = self.0.iter().find(|(_, pattern)| matches(pattern, text));
        first.is_some_and(|(decides_for, _)| *decides_for)
    }
}

/// Terragrunt only looks at the simplified text, so patterns written for it match there; one with
/// a character that it takes away can only match the text as it is.
fn matches(pattern: &Regex, text: &ErrorText) -> bool {
    pattern.is_match(&text.simplified) || pattern.is_match(&text.raw)
}

fn compile(label: &str, pattern: &str) -> Result<Regex, BadErrorPattern> {
    Regex::new(pattern).map_err(|error| BadErrorPattern {
        label: label.to_owned(),
        pattern: pattern.to_owned(),
        reason: error.to_string().replace('\n', " "),
    })
}

/// On one line, with blanks in place of all but letters, digits and the commonest signs.
fn simplified(text: &str) -> String {
    let kept = |next: char| next.is_ascii_alphanumeric() || "./'\"():=-".contains(next);
    let blanked: String = text
        .chars()
        .map(|next| if kept(next) { next } else { ' ' })
        .collect();
    blanked.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::prepared::Retry;

    fn owned(patterns: &[&str]) -> Vec<String> {
        patterns.iter().map(|&pattern| pattern.to_owned()).collect()
    }

    fn retry(label: &str, patterns: &[&str], max_attempts: u32) -> Retry {
        Retry {
            label: label.to_owned(),
            retryable_errors: owned(patterns),
            max_attempts,
            sleep: Duration::from_secs(7),
        }
    }

    fn ignore(patterns: &[&str]) -> Ignore {
        Ignore {
            label: "known".to_owned(),
            ignorable_errors: owned(patterns),
            message: String::new(),
            signals: BTreeMap::new(),
        }
    }

    fn rules(retry: Vec<Retry>, ignore: Vec<Ignore>) -> ErrorRules {
        ErrorRules { retry, ignore }
    }

    /// What is done about `stderr` after so many attempts, in a few words.
    fn reaction(rules: &ErrorRules, stderr: &str, attempts: u32) -> String {
        let error = ErrorText::new(stderr, "exit status 1");
        match Reactions::new(rules).unwrap().to(&error, attempts) {
            Reaction::GiveUp => "give up".to_owned(),
            Reaction::Ignore(rule) => format!("ignore by {}", rule.label),
            Reaction::TryAgain { rule, after } => format!("again by {rule} after {after:?}"),
        }
    }

    #[test]
    fn an_error_that_matches_is_tried_again_until_attempts_end() {
        let rules = rules(vec![retry("flaky", &[".*flaky network.*"], 3)], vec![]);
        let said = "Error: flaky network (code 17)\n";
        assert_eq!(reaction(&rules, said, 1), "again by flaky after 7s");
        assert_eq!(reaction(&rules, said, 2), "again by flaky after 7s");
        assert_eq!(reaction(&rules, said, 3), "give up");
        assert_eq!(reaction(&rules, "Error: something else", 1), "give up");
    }

    #[test]
    fn the_first_pattern_that_matches_decides() {
        let rules = rules(
            vec![retry("flaky", &["!.*fatal.*", ".*flaky.*"], 3)],
            vec![],
        );
        assert_eq!(reaction(&rules, "Error: flaky but fatal", 1), "give up");
        assert_eq!(
            reaction(&rules, "Error: flaky", 1),
            "again by flaky after 7s"
        );
    }

    #[test]
    fn what_may_be_ignored_is_not_tried_again() {
        let rules = rules(
            vec![retry("all", &[".*"], 3)],
            vec![ignore(&["!.*fatal.*", ".*known issue.*"])],
        );
        assert_eq!(
            reaction(&rules, "Warning: known issue 42", 1),
            "ignore by known"
        );
        assert_eq!(
            reaction(&rules, "a fatal known issue", 1),
            "again by all after 7s"
        );
    }

    #[test]
    fn words_match_across_lines_boxes_and_colours() {
        let rules = rules(vec![retry("r", &["rate limit of_exactly 5"], 2)], vec![]);
        let said = "\u{1b}[31m│\u{1b}[0m rate\n│ limit   of_exactly 5";
        assert_eq!(
            reaction(&rules, said, 1),
            "give up",
            "an underscore is taken away"
        );
        let said = "the rate limit of_exactly 5";
        assert_eq!(reaction(&rules, said, 1), "again by r after 7s");
        let by_blank = ErrorRules {
            retry: vec![retry("r", &["rate limit of exactly 5"], 2)],
            ignore: vec![],
        };
        let said = "\u{1b}[31m│\u{1b}[0m rate\n│ limit   of_exactly 5";
        assert_eq!(reaction(&by_blank, said, 1), "again by r after 7s");
    }

    #[test]
    fn the_exit_status_can_be_matched() {
        let rules = rules(vec![retry("r", &["exit status 1$"], 2)], vec![]);
        assert_eq!(reaction(&rules, "whatever", 1), "again by r after 7s");
    }

    #[test]
    fn without_rules_passing_errors_of_networks_are_tried_again() {
        let none = ErrorRules::default();
        let again = format!("again by default after {DEFAULT_RETRY_SLEEP:?}");
        for said in [
            "Failed to load state: dial tcp 10.0.0.1:443: i/o timeout",
            "Error: Error loading state: RequestError: read tcp 1.2.3.4: connection reset by peer",
            "Error refreshing state: net/http: TLS handshake timeout",
            "Error: Failed to install provider\n\nError while installing hashicorp/aws v5.1.0: unexpected EOF",
            "Error: Failed to query available provider packages\n\nregistry: 503 Service Unavailable",
            "Error: Failed to download module\n\nThe requested URL returned error: 429",
            "https://app.terraform.io/api: 429 Too Many Requests",
            "could not connect to registry.terraform.io: failed to request discovery document: Get \"https://x\": net/http: TLS handshake timeout",
            "kex_exchange_identification: Connection closed by remote host",
            "ThrottlingException: Rate exceeded",
            "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        ] {
            assert_eq!(reaction(&none, said, 1), again, "{said}");
            assert_eq!(reaction(&none, said, DEFAULT_RETRY_ATTEMPTS), "give up");
        }
    }

    #[test]
    fn without_rules_errors_that_stay_are_not_tried_again() {
        let none = ErrorRules::default();
        for said in [
            "Error: Unsupported argument",
            "Error: Error acquiring the state lock",
            "Error: Failed to save state\n\nError saving state: AccessDenied",
            "api error AccessDenied: not authorized to perform: sts:AssumeRole",
            "Error: Invalid provider configuration: 429 is not a port",
            "could not connect to registry.terraform.io: failed to request discovery document: no such host",
            "the disk is full",
        ] {
            assert_eq!(reaction(&none, said, 1), "give up", "{said}");
        }
    }

    #[test]
    fn own_rules_replace_the_default() {
        let own = rules(vec![retry("own", &["never"], 3)], vec![]);
        let said = "Failed to load state: dial tcp 10.0.0.1:443: i/o timeout";
        assert_eq!(reaction(&own, said, 1), "give up");
    }

    #[test]
    fn error_hooks_are_found_by_their_patterns() {
        let error = ErrorText::new("Error: the disk is full\n", "exit status 3");
        let matches = |patterns| error.matches_any("hook", &owned(patterns)).unwrap();
        assert!(matches(&[".*network.*", ".*disk is full.*"]));
        assert!(!matches(&[".*network.*"]));
        assert!(!matches(&[]));
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let bad = rules(vec![retry("r", &["(unclosed"], 2)], vec![]);
        let bad = Reactions::new(&bad).unwrap_err();
        assert_eq!((&*bad.label, &*bad.pattern), ("r", "(unclosed"));
    }
}
