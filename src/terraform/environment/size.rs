//! How much a process can be given. A system that is given more starts nothing, and says little.

use std::collections::BTreeMap;
use std::ffi::OsString;

use thiserror::Error;

/// The limits of a system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SizeLimits {
    /// Of one variable with its name, or one argument.
    pub one: usize,
    /// Of all variables and arguments together.
    pub all: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TooLarge {
    #[error(
        "{name} has {bytes} bytes, and no program can be started with a variable of more than \
         {limit}"
    )]
    Variable {
        name: String,
        bytes: usize,
        limit: usize,
    },
    #[error(
        "the variables and arguments have {bytes} bytes together, and no program can be started \
         with more than {limit}; the largest are {}", largest_listed(.largest)
    )]
    All {
        bytes: usize,
        limit: usize,
        /// Names and sizes.
        largest: Vec<(String, usize)>,
    },
}

impl SizeLimits {
    /// Of the system that this program was built for.
    pub const HERE: Self = if cfg!(target_os = "macos") {
        Self {
            one: 1 << 20,
            all: 1 << 20,
        }
    } else {
        // A quarter of the usual stack of 8 MiB, with room for what the system adds.
        Self {
            one: 128 << 10,
            all: (2 << 20) - (16 << 10),
        }
    };
}

/// Whether a program can be started with these arguments and variables.
pub fn check_size(
    arguments: &[String],
    variables: &BTreeMap<OsString, OsString>,
    limits: SizeLimits,
) -> Result<(), TooLarge> {
    // Each is followed by a null, variables have a `=` within, and each costs a pointer.
    let pointer = size_of::<usize>();
    let sizes = || {
        variables
            .iter()
            .map(|(name, value)| (name, name.len() + value.len() + 2))
    };
    if let Some((name, bytes)) = sizes().find(|(_, bytes)| *bytes > limits.one) {
        return Err(TooLarge::Variable {
            name: name.to_string_lossy().into_owned(),
            bytes,
            limit: limits.one,
        });
    }
    let of_arguments: usize = arguments.iter().map(|word| word.len() + 1 + pointer).sum();
    let of_variables: usize = sizes().map(|(_, bytes)| bytes + pointer).sum();
    let bytes = of_arguments + of_variables;
    if bytes <= limits.all {
        return Ok(());
    }
    let mut largest: Vec<(String, usize)> = sizes()
        .map(|(name, bytes)| (name.to_string_lossy().into_owned(), bytes))
        .collect();
    largest.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    largest.truncate(3);
    Err(TooLarge::All {
        bytes,
        limit: limits.all,
        largest,
    })
}

fn largest_listed(largest: &[(String, usize)]) -> String {
    let each = largest
        .iter()
        .map(|(name, bytes)| format!("{name} ({bytes})"));
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, usize)]) -> Result<(), TooLarge> {
        let variables = variables
            .iter()
            .map(|(name, bytes)| (name.into(), "x".repeat(*bytes).into()))
            .collect();
        let limits = SizeLimits { one: 100, all: 300 };
        check_size(&["plan".to_owned()], &variables, limits)
    }

    #[test]
    fn what_fits_fits() {
        assert_eq!(check(&[("A", 97), ("B", 97)]), Ok(()));
    }

    #[test]
    fn a_variable_that_is_too_large_is_named() {
        let refused = check(&[("A", 98), ("B", 1)]).unwrap_err().to_string();
        assert_eq!(
            refused,
            "A has 101 bytes, and no program can be started with a variable of more than 100"
        );
    }

    #[test]
    fn of_too_many_the_largest_are_named() {
        let refused = check(&[("A", 80), ("B", 90), ("C", 10), ("D", 85)]).unwrap_err();
        let TooLarge::All { largest, .. } = &refused else {
            panic!("{refused}");
        };
        let names: Vec<&str> = largest.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["B", "D", "A"]);
        assert!(
            refused
                .to_string()
                .contains("the largest are B (93), D (88), A (83)")
        );
    }

    #[cfg(target_os = "linux")]
    #[expect(clippy::disallowed_methods, reason = "the system itself is asked")]
    #[test]
    fn the_limit_of_one_variable_is_the_systems() {
        let starts = |bytes: usize| {
            let mut program = std::process::Command::new("/bin/true");
            program
                .env_clear()
                .env("A", "x".repeat(bytes))
                .status()
                .is_ok()
        };
        let most = SizeLimits::HERE.one - "A=\0".len();
        assert!(starts(most) && !starts(most + 1));
    }
}
