//! Every access key that the lab knows, and the making of new ones.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Caller;
use crate::pattern;

/// Keys as a program is given them.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

/// One set of keys, whom it stands for, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) keys: Keys,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) caller: Arc<Caller>,
}

#[derive(Debug, Default)]
pub(crate) struct Keyring {
    credentials: HashMap<String, Credential>,
}

impl Keys {
    /// The variables by which AWS's tools are given keys.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut variables = vec![
            ("AWS_ACCESS_KEY_ID".to_owned(), self.access_key_id.clone()),
            (
                "AWS_SECRET_ACCESS_KEY".to_owned(),
                self.secret_access_key.clone(),
            ),
        ];
        if let Some(token) = &self.session_token {
            variables.push(("AWS_SESSION_TOKEN".to_owned(), token.clone()));
        }
        variables
    }

    /// Fresh keys of the shape that STS gives out.
    pub(crate) fn for_session() -> Self {
        Self {
            access_key_id: format!("ASIA{}", base32(&random::<10>())),
            secret_access_key: base64(&random::<30>()),
            session_token: Some(format!("FwoGZXIvYXdz{}", base64(&random::<180>()))),
        }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({}, …)", self.access_key_id)
    }
}

impl Keyring {
    pub(crate) fn add(&mut self, credential: Credential) {
        self.credentials
            .insert(credential.keys.access_key_id.clone(), credential);
    }

    pub(crate) fn find(&self, access_key_id: &str) -> Option<&Credential> {
        self.credentials.get(access_key_id)
    }

    /// The keys of every session that was ever given out, and those that the world came with.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Credential> {
        self.credentials.values()
    }

    /// Ends all sessions whose role or own ARN the pattern covers. Lasting keys of users stay.
    pub(crate) fn expire(&mut self, role: &str, now: Timestamp) -> usize {
        let mut ended = 0;
        for credential in self.credentials.values_mut() {
            let caller = &credential.caller;
            let covered = pattern::matches(role, caller.principal.as_str())
                || pattern::matches(role, &caller.arn);
            let running = credential.expires.is_none_or(|end| end > now);
            if covered && running && caller.session_name.is_some() {
                credential.expires = Some(now);
                ended += 1;
            }
        }
        ended
    }

    /// Ends the one session with this key. A key that is no session's goes on.
    pub(crate) fn end_session(&mut self, access_key_id: &str, now: Timestamp) {
        if let Some(credential) = self.credentials.get_mut(access_key_id)
            && credential.keys.session_token.is_some()
        {
            credential.expires = Some(now);
        }
    }
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random numbers");
    bytes
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes what is written to it");
            text
        })
}

/// The alphabet of access key ids; leftover bits at the end are dropped.
pub(crate) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut buffer, mut bits) = (String::new(), 0_u16, 0);
    for &byte in bytes {
        buffer = (buffer << 8) | u16::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[usize::from(buffer >> bits & 31)]));
        }
        buffer &= (1 << bits) - 1;
    }
    text
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
