//! Faults on request: which calls go wrong, and how.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::pattern;

/// A rule that makes calls go wrong. Of several rules that cover a call the first one acts.
///
/// ```
/// # use terrane_lab::Fault;
/// let throttled_twice =
///     Fault::on("s3:PutObject").by("*state-mgmt*").answering(503, "SlowDown").times(2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Service and operation, with wildcards.
    #[serde(default = "anything")]
    pub action: String,
    /// The caller's ARN, with wildcards. A caller who proved nothing has an empty one.
    #[serde(default = "anything")]
    pub principal: String,
    /// The resource's ARN, with wildcards.
    #[serde(default = "anything")]
    pub resource: String,
    /// So many calls pass before the first one goes wrong.
    #[serde(default)]
    pub skip: u32,
    /// How many calls go wrong; without a number, all.
    #[serde(default)]
    pub times: Option<u32>,
    pub effect: FaultEffect,
}

/// In which way a call goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultEffect {
    /// The call is not handled; this is the answer.
    Answer {
        status: u16,
        code: String,
        #[serde(default)]
        message: String,
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// The call is not handled; this is the whole answer, and it looks like a good one.
    Say { body: String },
    /// The call is handled after a while.
    Delay { ms: u64 },
    /// The connection ends, and nothing was done.
    DropBefore,
    /// The connection ends, and everything was done.
    DropAfter,
    /// The connection ends after so many bytes of the answer's body.
    Truncate { bytes: usize },
    /// The answer's body trickles.
    Slow { bytes_per_second: u32 },
    /// The call is handled, and the answer says 200 and means nothing.
    Garbage,
    /// The caller's session ends here and now.
    Expire,
    /// The answer's `Date` is so far ahead (behind, if negative).
    SkewDate { seconds: i64 },
}

impl Fault {
    /// Begins a rule for these actions; what it does follows. Until then it answers 500.
    pub fn on(action: &str) -> Self {
        Self {
            action: action.to_owned(),
            principal: anything(),
            resource: anything(),
            skip: 0,
            times: None,
            effect: FaultEffect::Answer {
                status: 500,
                code: "InternalError".to_owned(),
                message: String::new(),
                headers: BTreeMap::new(),
            },
        }
    }

    #[must_use]
    pub fn by(self, principal: &str) -> Self {
        Self {
            principal: principal.to_owned(),
            ..self
        }
    }

    #[must_use]
    pub fn to(self, resource: &str) -> Self {
        Self {
            resource: resource.to_owned(),
            ..self
        }
    }

    #[must_use]
    pub fn skip(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    #[must_use]
    pub fn answering(self, status: u16, code: &str) -> Self {
        self.answering_with(status, code, "injected fault")
    }

    #[must_use]
    pub fn answering_with(self, status: u16, code: &str, message: &str) -> Self {
        let (code, message) = (code.to_owned(), message.to_owned());
        self.having(FaultEffect::Answer {
            status,
            code,
            message,
            headers: BTreeMap::new(),
        })
    }

    #[must_use]
    pub fn saying(self, body: &str) -> Self {
        let body = body.to_owned();
        self.having(FaultEffect::Say { body })
    }

    #[must_use]
    pub fn redirecting_to(self, location: &str) -> Self {
        let headers = BTreeMap::from([("location".to_owned(), location.to_owned())]);
        let (code, message) = ("TemporaryRedirect".to_owned(), "injected fault".to_owned());
        self.having(FaultEffect::Answer {
            status: 307,
            code,
            message,
            headers,
        })
    }

    #[must_use]
    pub fn delaying(self, delay: Duration) -> Self {
        let ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.having(FaultEffect::Delay { ms })
    }

    #[must_use]
    pub fn dropping_before(self) -> Self {
        self.having(FaultEffect::DropBefore)
    }

    #[must_use]
    pub fn dropping_after(self) -> Self {
        self.having(FaultEffect::DropAfter)
    }

    #[must_use]
    pub fn truncating_to(self, bytes: usize) -> Self {
        self.having(FaultEffect::Truncate { bytes })
    }

    #[must_use]
    pub fn slowing_to(self, bytes_per_second: u32) -> Self {
        self.having(FaultEffect::Slow { bytes_per_second })
    }

    #[must_use]
    pub fn garbling(self) -> Self {
        self.having(FaultEffect::Garbage)
    }

    #[must_use]
    pub fn expiring(self) -> Self {
        self.having(FaultEffect::Expire)
    }

    #[must_use]
    pub fn skewing_date_by(self, seconds: i64) -> Self {
        self.having(FaultEffect::SkewDate { seconds })
    }

    fn having(self, effect: FaultEffect) -> Self {
        Self { effect, ..self }
    }

    fn covers(&self, action: &str, principal: &str, resource: &str) -> bool {
        pattern::matches_ignoring_case(&self.action, action)
            && pattern::matches(&self.principal, principal)
            && pattern::matches(&self.resource, resource)
    }
}

impl FaultEffect {
    /// What the record calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "answer",
            Self::Say { .. } => "say",
            Self::Delay { .. } => "delay",
            Self::DropBefore => "drop_before",
            Self::DropAfter => "drop_after",
            Self::Truncate { .. } => "truncate",
            Self::Slow { .. } => "slow",
            Self::Garbage => "garbage",
            Self::Expire => "expire",
            Self::SkewDate { .. } => "skew_date",
        }
    }
}

fn anything() -> String {
    "*".to_owned()
}

/// The rules in force, each with what is left of its counts.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.rules.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn rules(&self) -> &[Fault] {
        &self.rules
    }

    /// What is to go wrong with this call, counted against the rule that says so.
    pub(crate) fn strike(
        &mut self,
        action: &str,
        principal: &str,
        resource: &str,
    ) -> Option<FaultEffect> {
        for rule in &mut self.rules {
            if rule.times == Some(0) || !rule.covers(action, principal, resource) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.times = rule.times.map(|times| times - 1);
            return Some(rule.effect.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_skips_first_and_then_strikes_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults.add(
            Fault::on("s3:Put*")
                .by("*state-mgmt*")
                .dropping_after()
                .skip(1)
                .times(2),
        );
        let mut strikes = |action| {
            faults
                .strike(action, "a/state-mgmt-role/x", "key")
                .is_some()
        };
        assert!(!strikes("s3:GetObject"));
        assert_eq!(
            [(); 5].map(|()| strikes("s3:PutObject")),
            [false, true, true, false, false]
        );
    }

    #[test]
    fn a_rule_is_written_in_json_as_it_is_in_code() {
        let json =
            r#"{"action": "s3:GetObject", "times": 1, "effect": {"truncate": {"bytes": 50}}}"#;
        let read: Fault = serde_json::from_str(json).expect("a fault");
        assert_eq!(read, Fault::on("s3:GetObject").truncating_to(50).once());
        let json = r#"{"effect": "drop_before"}"#;
        let read: Fault = serde_json::from_str(json).expect("a fault");
        assert_eq!(read, Fault::on("*").dropping_before());
    }
}
