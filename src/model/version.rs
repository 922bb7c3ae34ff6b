//! Versions and what a file may demand of them, as `required_version` and its kin write them.
//!
//! A version has any number of segments (`1.2`, `v1`, `1.2.3.4`), missing ones count as 0, and a
//! pre-release only satisfies a constraint that itself names one of the same version.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use semver::Prerelease;
use thiserror::Error;

/// A version such as `1.11.4` or `1.12.0-beta1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// At least three; the text may have had fewer.
    segments: Vec<u64>,
    /// How many segments the text had.
    written: usize,
    prerelease: Prerelease,
}

/// Conditions that a version has to meet, all of them: `>= 1.5, < 2.0`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionConstraint(Vec<(Operator, Version)>);

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum VersionError {
    #[error("\"{0}\" is not a version")]
    Version(String),
    #[error("\"{0}\" is not a version constraint")]
    Constraint(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    /// `~>`: at least this, and only the last written segment may grow.
    Pessimistic,
}

/// Longer spellings first, so that `>=` is not read as `>`.
const OPERATORS: [(&str, Operator); 7] = [
    ("~>", Operator::Pessimistic),
    (">=", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("!=", Operator::NotEqual),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("=", Operator::Equal),
];

impl Version {
    pub fn major(&self) -> u64 {
        self.segments[0]
    }

    pub fn minor(&self) -> u64 {
        self.segments[1]
    }

    /// Whether it is at least this release. A pre-release of it counts: it has its features.
    pub fn is_at_least(&self, major: u64, minor: u64) -> bool {
        (self.major(), self.minor()) >= (major, minor)
    }

    /// The release that a pre-release leads to.
    #[must_use]
    pub fn without_prerelease(&self) -> Self {
        Self {
            prerelease: Prerelease::EMPTY,
            ..self.clone()
        }
    }

    fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    fn compare(&self, other: &Self) -> Ordering {
        let length = self.segments.len().max(other.segments.len());
        let padded = |version: &Self| {
            let mut segments = version.segments.clone();
            segments.resize(length, 0);
            segments
        };
        padded(self)
            .cmp(&padded(other))
            .then_with(|| self.prerelease.cmp(&other.prerelease))
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let malformed = || VersionError::Version(text.to_owned());
        let trimmed = text.trim();
        let bare = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let (bare, _build) = bare.split_once('+').unwrap_or((bare, ""));
        let (numbers, prerelease) = bare.split_once('-').unwrap_or((bare, ""));
        let mut segments = numbers
            .split('.')
            .map(|segment| {
                let digits = !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| segment.parse().ok()).flatten()
            })
            .collect::<Option<Vec<u64>>>()
            .ok_or_else(malformed)?;
        if prerelease.is_empty() && bare.contains('-') {
            return Err(malformed());
        }
        let written = segments.len();
        segments.resize(written.max(3), 0);
        Ok(Self {
            segments,
            written,
            prerelease: Prerelease::new(prerelease).map_err(|_| malformed())?,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments: Vec<String> = self.segments.iter().map(u64::to_string).collect();
        f.write_str(&segments.join("."))?;
        if self.is_prerelease() {
            write!(f, "-{}", self.prerelease)?;
        }
        Ok(())
    }
}

impl VersionConstraint {
    pub fn allows(&self, version: &Version) -> bool {
        self.0
            .iter()
            .all(|(operator, bound)| operator.holds(version, bound))
    }
}

impl FromStr for VersionConstraint {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        text.split(',')
            .map(|condition| {
                let condition = condition.trim();
                let (operator, version) = OPERATORS
                    .iter()
                    .find_map(|(sign, operator)| {
                        condition.strip_prefix(sign).map(|rest| (*operator, rest))
                    })
                    .unwrap_or((Operator::Equal, condition));
                version.parse().map(|version| (operator, version))
            })
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(|_| VersionError::Constraint(text.to_owned()))
    }
}

impl Operator {
    fn holds(self, version: &Version, bound: &Version) -> bool {
        let order = version.compare(bound);
        let comparable = may_be_compared(version, bound);
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Greater => comparable && order.is_gt(),
            Self::GreaterOrEqual => comparable && order.is_ge(),
            Self::Less => comparable && order.is_lt(),
            Self::LessOrEqual => comparable && order.is_le(),
            Self::Pessimistic => {
                let kept = bound.written - 1;
                comparable
                    && version.is_prerelease() == bound.is_prerelease()
                    && order.is_ge()
                    && version.segments.len() >= bound.segments.len()
                    && version.segments[..kept] == bound.segments[..kept]
            }
        }
    }
}

/// A pre-release is neither above nor below what does not speak of pre-releases of its version.
fn may_be_compared(version: &Version, bound: &Version) -> bool {
    match (version.is_prerelease(), bound.is_prerelease()) {
        (true, true) => version.segments == bound.segments,
        (true, false) => false,
        (false, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(constraint: &str, version: &str) -> bool {
        let constraint: VersionConstraint = constraint.parse().unwrap();
        constraint.allows(&version.parse().unwrap())
    }

    #[test]
    fn all_conditions_must_hold() {
        assert!(allowed(">= 1.5, < 2.0", "1.11.4"));
        assert!(!allowed(">= 1.5, < 2.0", "2.0.0"));
        assert!(!allowed("< 1.0", "1.11.4"));
        assert!(allowed(">1.0,!=1.2.0", "1.2.1"));
        assert!(!allowed(">1.0,!=1.2.0", "1.2.0"));
    }

    #[test]
    fn a_bare_version_means_equal() {
        assert!(allowed("1.2", "1.2.0"));
        assert!(allowed("= v1.2.0", "1.2"));
        assert!(!allowed("1.2.0", "1.2.1"));
    }

    #[test]
    fn the_pessimistic_operator_lets_the_last_written_segment_grow() {
        assert!(allowed("~> 1.1", "1.2.3"));
        assert!(!allowed("~> 1.1", "2.0.0"));
        assert!(allowed("~> 1.1.0", "1.1.9"));
        assert!(!allowed("~> 1.1.0", "1.2.0"));
        assert!(!allowed("~> 1.1.3", "1.1.2"));
        assert!(allowed("~> 1", "7.0.0"));
    }

    #[test]
    fn a_prerelease_needs_a_constraint_that_names_one() {
        assert!(!allowed(">= 1.2.0", "1.2.0-rc1"));
        assert!(!allowed(">= 1.2.0", "1.3.0-rc1"));
        assert!(allowed(">= 1.3.0-beta1", "1.3.0-rc1"));
        assert!(!allowed(">= 1.3.0-rc2", "1.3.0-rc1"));
        assert!(allowed(">= 1.3.0-beta1", "1.3.0"));
        assert!(!allowed("~> 1.3.0-beta1", "1.3.0"));
        assert!(allowed("= 1.3.0-rc1", "1.3.0-rc1"));
    }

    #[test]
    fn any_number_of_segments_will_do() {
        assert!(allowed("= 1.2.3.4", "1.2.3.4"));
        assert!(allowed("> 1.2.3", "1.2.3.4"));
        assert_eq!("v1.2".parse::<Version>().unwrap().to_string(), "1.2.0");
    }

    #[test]
    fn nonsense_is_refused_with_its_text() {
        for text in ["", "bad", "1.", "1.2.x", "-1", "1.2.3-", "1..2"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        let refused = ">= nonsense".parse::<VersionConstraint>().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "\">= nonsense\" is not a version constraint"
        );
    }
}
