//! What to do about a failure: give up, try again, or let it pass, as the unit's `errors` block
//! says.
//!
//! Making one regular expression takes longer than reading a unit's files, so each is made once in
//! a run. Those that hold where a unit has no rules are made when the first unit fails; those that
//! somebody wrote at once, since a bad one must be known before anything starts.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use regex::Regex;
use thiserror::Error;

use crate::model::engine_facts::{
    DEFAULT_RETRY_ATTEMPTS, DEFAULT_RETRY_SLEEP, DEFAULT_RETRYABLE_ERRORS,
};
use crate::model::prepared::{ErrorRules, Ignore};
use crate::model::without_colours;

/// The patterns of a run: most units of a repository share theirs.
#[derive(Debug, Default)]
pub struct ErrorPatterns(RefCell<HashMap<String, Regex>>);

/// The rules of a unit, ready to be asked.
#[derive(Clone, Debug)]
pub struct Reactions<'a> {
    patterns: &'a ErrorPatterns,
    ignore: Vec<(&'a Ignore, Patterns)>,
    retry: Retries<'a>,
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
enum Retries<'a> {
    Own(Vec<RetryRule<'a>>),
    /// There are no rules at all.
    Default,
}

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
    pub fn new(
        rules: &'a ErrorRules,
        patterns: &'a ErrorPatterns,
    ) -> Result<Self, BadErrorPattern> {
        let ignore = rules.ignore.iter().map(|rule| {
            let ignorable = Patterns::new(patterns, &rule.label, &rule.ignorable_errors)?;
            Ok((rule, ignorable))
        });
        let retry = rules.retry.iter().map(|rule| {
            Ok(RetryRule {
                label: &rule.label,
                patterns: Patterns::new(patterns, &rule.label, &rule.retryable_errors)?,
                attempts: rule.max_attempts,
                sleep: rule.sleep,
            })
        });
        Ok(Self {
            patterns,
            ignore: ignore.collect::<Result<_, _>>()?,
            retry: if rules.ignore.is_empty() && rules.retry.is_empty() {
                Retries::Default
            } else {
                Retries::Own(retry.collect::<Result<_, _>>()?)
            },
        })
    }

    /// What to do about an error after so many attempts, the failed one among them.
    pub fn to(&self, error: &ErrorText, attempts: u32) -> Reaction<'a> {
        let ignored = self.ignore.iter().find(|(_, rule)| rule.match_text(error));
        if let Some((rule, _)) = ignored {
            return Reaction::Ignore(rule);
        }
        let by_default;
        let rules = match &self.retry {
            Retries::Own(rules) => rules,
            Retries::Default => {
                by_default = [RetryRule::by_default(self.patterns)];
                by_default.as_slice()
            }
        };
        match rules.iter().find(|rule| rule.patterns.match_text(error)) {
            Some(rule) if attempts < rule.attempts => Reaction::TryAgain {
                rule: rule.label,
                after: rule.sleep,
            },
            Some(_) | None => Reaction::GiveUp,
        }
    }
}

impl RetryRule<'_> {
    fn by_default(patterns: &ErrorPatterns) -> Self {
        let retryable = Patterns::new(patterns, DEFAULT_RULE, &DEFAULT_RETRYABLE_ERRORS);
        Self {
            label: DEFAULT_RULE,
            patterns: retryable.expect("our own patterns are well-formed"),
            attempts: DEFAULT_RETRY_ATTEMPTS,
            sleep: DEFAULT_RETRY_SLEEP,
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
    pub fn matches_any(
        &self,
        label: &str,
        on_errors: &[String],
        patterns: &ErrorPatterns,
    ) -> Result<bool, BadErrorPattern> {
        for pattern in on_errors {
            if matches(&patterns.get(label, pattern)?, self) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl ErrorPatterns {
    /// A clone of a `Regex` shares what it was made into.
    fn get(&self, label: &str, pattern: &str) -> Result<Regex, BadErrorPattern> {
        if let Some(known) = self.0.borrow().get(pattern) {
            return Ok(known.clone());
        }
        let made = Regex::new(pattern).map_err(|error| BadErrorPattern {
            label: label.to_owned(),
            pattern: pattern.to_owned(),
            reason: error.to_string().replace('\n', " "),
        })?;
        let mut known = self.0.borrow_mut();
        known.insert(pattern.to_owned(), made.clone());
        Ok(made)
    }
}

impl Patterns {
    fn new<P: AsRef<str>>(
        known: &ErrorPatterns,
        label: &str,
        patterns: &[P],
    ) -> Result<Self, BadErrorPattern> {
        let patterns = patterns.iter().map(|pattern| {
            let pattern = pattern.as_ref();
            match pattern.strip_prefix('!') {
                Some(against) => Ok((false, known.get(label, against)?)),
                None => Ok((true, known.get(label, pattern)?)),
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
        let patterns = ErrorPatterns::default();
        let reactions = Reactions::new(rules, &patterns).unwrap();
        match reactions.to(&error, attempts) {
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
        let matches = |patterns| {
            let known = ErrorPatterns::default();
            error.matches_any("hook", &owned(patterns), &known).unwrap()
        };
        assert!(matches(&[".*network.*", ".*disk is full.*"]));
        assert!(!matches(&[".*network.*"]));
        assert!(!matches(&[]));
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let bad = rules(vec![retry("r", &["(unclosed"], 2)], vec![]);
        let bad = Reactions::new(&bad, &ErrorPatterns::default()).map(drop);
        let bad = bad.unwrap_err();
        assert_eq!((&*bad.label, &*bad.pattern), ("r", "(unclosed"));
    }

    #[test]
    fn a_pattern_that_units_share_is_made_once() {
        let rules = rules(vec![retry("r", &["one", "!two"], 2)], vec![]);
        let patterns = ErrorPatterns::default();
        for _ in 0..2 {
            Reactions::new(&rules, &patterns).unwrap();
        }
        let error = ErrorText::new("one", "exit status 1");
        let hook = owned(&["two", "one"]);
        assert!(error.matches_any("hook", &hook, &patterns).unwrap());
        assert_eq!(patterns.0.borrow().len(), 2);
    }

    #[test]
    fn where_no_rules_are_written_nothing_is_made_before_an_error() {
        let patterns = ErrorPatterns::default();
        let none = ErrorRules::default();
        let reactions = Reactions::new(&none, &patterns).unwrap();
        assert_eq!(patterns.0.borrow().len(), 0);
        reactions.to(&ErrorText::new("oops", "exit status 1"), 1);
        assert_eq!(patterns.0.borrow().len(), DEFAULT_RETRYABLE_ERRORS.len());
    }
}
