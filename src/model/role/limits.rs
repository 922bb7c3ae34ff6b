//! The small texts and numbers that AWS bounds: session names, external ids, durations.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::arn::is_name_char;

/// A session's name within AWS's alphabet and between 2 and 64 characters: what the audit trail shows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SessionName(Box<str>);

/// The word that a role's trust policy may demand from whoever assumes it. It is not a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExternalId(Box<str>);

/// How long a session is asked for: 15 minutes to 12 hours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SessionDuration(u32);

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ExternalIdError {
    #[error("an external id has 2 to 1224 characters, this one has {0}")]
    Length(usize),
    #[error("{0:?} cannot stand in an external id")]
    Character(char),
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SessionDurationError {
    #[error("a session lasts 900 to 43200 seconds, not {0}")]
    Range(u64),
    #[error("{0:?} is not a duration; write seconds (3600), or hours and minutes (1h30m)")]
    Text(String),
}

impl SessionName {
    const LONGEST: usize = 64;

    /// Makes a name out of any text: what AWS does not allow becomes `-`, and what is too long is
    /// cut and ends in a hash of the whole, so that two long branch names stay two names.
    pub fn clean(text: &str) -> Self {
        let mut name = String::new();
        for character in text.chars() {
            if is_name_char(character) {
                name.push(character);
            } else if !name.ends_with('-') {
                name.push('-');
            }
        }
        if name.len() > Self::LONGEST {
            name.truncate(Self::LONGEST - 9);
            name.push('-');
            name.push_str(&short_hash(text));
        }
        if name.len() < 2 {
            name = format!("terrane-{name}");
        }
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Eight hexadecimal digits of the text's SHA-256.
fn short_hash(text: &str) -> String {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(text.as_bytes()));
    format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
}

impl ExternalId {
    /// A text that was written for terraform and not for terrane. Whether it is an external id is
    /// for AWS to say: terraform passes it on as it stands, and so does terrane.
    pub fn as_written(text: String) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalId {
    type Err = ExternalIdError;

    fn from_str(text: &str) -> Result<Self, ExternalIdError> {
        let allowed = |c: char| is_name_char(c) || c == ':' || c == '/';
        if let Some(character) = text.chars().find(|c| !allowed(*c)) {
            return Err(ExternalIdError::Character(character));
        }
        match text.len() {
            2..=1224 => Ok(Self(text.into())),
            length => Err(ExternalIdError::Length(length)),
        }
    }
}

impl SessionDuration {
    /// What AWS gives when nothing is asked for, and the most it gives a chained session.
    pub const ONE_HOUR: Self = Self(3600);
    /// The least that AWS gives.
    pub const SHORTEST: Self = Self(900);

    pub fn from_seconds(seconds: u64) -> Result<Self, SessionDurationError> {
        match u32::try_from(seconds) {
            Ok(seconds @ 900..=43_200) => Ok(Self(seconds)),
            _ => Err(SessionDurationError::Range(seconds)),
        }
    }

    pub fn as_seconds(self) -> u32 {
        self.0
    }

    pub fn as_duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

impl FromStr for SessionDuration {
    type Err = SessionDurationError;

    /// Bare seconds, or Go's form (`1h30m`), which backends use.
    fn from_str(text: &str) -> Result<Self, SessionDurationError> {
        let not_one = || SessionDurationError::Text(text.to_owned());
        if let Ok(seconds) = text.parse() {
            return Self::from_seconds(seconds);
        }
        let mut seconds: u64 = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let unit_at = rest
                .find(|c: char| !c.is_ascii_digit())
                .ok_or_else(not_one)?;
            let count: u64 = rest[..unit_at].parse().map_err(|_| not_one())?;
            let unit_seconds = match rest.as_bytes()[unit_at] {
                b'h' => 3600,
                b'm' => 60,
                b's' => 1,
                _ => return Err(not_one()),
            };
            seconds = count.saturating_mul(unit_seconds).saturating_add(seconds);
            rest = &rest[unit_at + 1..];
        }
        Self::from_seconds(seconds)
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_name_keeps_what_aws_allows() {
        for (text, name) in [
            ("doer-session-111111111111", "doer-session-111111111111"),
            ("jane@example.com", "jane@example.com"),
            ("feature/ü x", "feature-x"),
            ("", "terrane-"),
            ("ü", "terrane--"),
            ("a", "terrane-a"),
        ] {
            assert_eq!(SessionName::clean(text).as_str(), name, "{text:?}");
        }
    }

    #[test]
    fn a_session_name_that_is_too_long_is_cut_and_ends_in_a_hash_of_the_whole() {
        let long = "feature/".repeat(20);
        let name = SessionName::clean(&long);
        assert_eq!(name.as_str().len(), 64);
        assert_eq!(name, SessionName::clean(&long));
        assert_ne!(name, SessionName::clean(&format!("{long}x")));
        assert_eq!(SessionName::clean(&"x".repeat(64)).as_str(), "x".repeat(64));
    }

    #[test]
    fn an_external_id_is_refused_when_aws_would_refuse_it() {
        assert_eq!(
            "acme:landing/zone"
                .parse::<ExternalId>()
                .map(|id| id.to_string())
                .as_deref(),
            Ok("acme:landing/zone")
        );
        assert_eq!("x".parse::<ExternalId>(), Err(ExternalIdError::Length(1)));
        assert_eq!(
            "a b".parse::<ExternalId>(),
            Err(ExternalIdError::Character(' '))
        );
        assert_eq!(
            "x".repeat(1225).parse::<ExternalId>(),
            Err(ExternalIdError::Length(1225))
        );
    }

    #[test]
    fn a_duration_is_seconds_or_hours_and_minutes() {
        for (text, seconds) in [("3600", 3600), ("1h", 3600), ("1h30m", 5400), ("900s", 900)] {
            assert_eq!(
                text.parse::<SessionDuration>()
                    .map(SessionDuration::as_seconds),
                Ok(seconds)
            );
        }
        for text in [
            "899",
            "43201",
            "13h",
            "soon",
            "1h30",
            "1d",
            "",
            "99999999999999999999h",
        ] {
            assert!(text.parse::<SessionDuration>().is_err(), "{text:?}");
        }
    }
}
