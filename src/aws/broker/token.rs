//! Unguessable words: tokens that open a grant, and the names that grants are found by.

use std::fmt::Write as _;

use subtle::ConstantTimeEq;

use crate::model::Secret;

/// 256 random bits as hexadecimal digits. Comparing takes the same time wherever two differ.
#[derive(Clone, Debug)]
pub(super) struct Token(Secret<String>);

impl Token {
    pub(super) fn new() -> Self {
        Self(Secret::new(random_hex::<32>()))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(super) fn is(&self, given: &str) -> bool {
        self.expose().as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// That many random bytes as hexadecimal digits.
pub(super) fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
        .iter()
        .fold(String::with_capacity(BYTES * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes all");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_never_the_same() {
        let (one, other) = (Token::new(), Token::new());
        assert_eq!(one.expose().len(), 64);
        assert!(one.is(one.expose()) && !one.is(other.expose()) && !one.is(""));
        assert!(!format!("{one:?}").contains(one.expose()));
    }
}
