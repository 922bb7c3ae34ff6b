//! What the profiles of `~/.aws` say, setting by setting.

use std::collections::BTreeMap;

use crate::aws::profiles::{Kind, UserProfiles, sections_of};
use crate::model::{Secret, Session};

/// All profiles, and the names of the `[sso-session]` sections.
#[derive(Debug, Default)]
pub(super) struct Settings {
    profiles: BTreeMap<String, Profile>,
    sso_sessions: Vec<String>,
}

/// One profile's settings. A value may be a secret.
#[derive(Debug)]
pub(super) struct Profile(BTreeMap<String, Secret<String>>);

impl Settings {
    pub(super) fn read(user: &UserProfiles) -> Self {
        let mut settings = Self::default();
        for section in sections_of(user) {
            match section.kind {
                Kind::Profile(name) => {
                    let lines = section.lines.iter();
                    let values = lines.filter_map(|line| setting(line)).collect();
                    settings.profiles.insert(name, Profile(values));
                }
                Kind::Other(header) => {
                    let session = header
                        .strip_prefix("[sso-session ")
                        .and_then(|rest| rest.strip_suffix(']'));
                    let name = session.map(|name| name.trim().trim_matches(['"', '\'']));
                    settings.sso_sessions.extend(name.map(ToOwned::to_owned));
                }
            }
        }
        settings
    }

    pub(super) fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    pub(super) fn has_sso_session(&self, name: &str) -> bool {
        self.sso_sessions.iter().any(|session| session == name)
    }
}

impl Profile {
    /// A setting that has a value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.expose();
        (!value.is_empty()).then_some(value)
    }

    pub(super) fn keys(&self) -> Option<Session> {
        let secret = |text: &str| Secret::new(text.to_owned());
        Some(Session {
            access_key_id: secret(self.get("aws_access_key_id")?),
            secret_access_key: secret(self.get("aws_secret_access_key")?),
            session_token: self.get("aws_session_token").map(secret),
            expires_at: None,
        })
    }
}

/// `name = value`. What is indented belongs to the setting above it, and a comment needs a space
/// before it.
fn setting(line: &str) -> Option<(String, Secret<String>)> {
    if line.starts_with(char::is_whitespace) {
        return None;
    }
    let (name, value) = line.split_once('=')?;
    let comment = [" #", " ;", "\t#", "\t;"]
        .iter()
        .filter_map(|marker| value.find(marker))
        .min();
    let value = value[..comment.unwrap_or(value.len())].trim();
    Some((
        name.trim().to_ascii_lowercase(),
        Secret::new(value.to_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_make_one_profile_and_credentials_win() {
        let settings = Settings::read(&UserProfiles {
            config: Some(
                "[profile dev]\nregion = eu-west-1 # mine\naws_access_key_id = old\n\
                 s3 =\n  region = nested\n[sso-session \"my sso\"]\nsso_region = x\n"
                    .into(),
            ),
            credentials: Some(Secret::new(
                "[dev]\naws_access_key_id = AKIA1\naws_secret_access_key = a#b\n".into(),
            )),
        });
        let dev = settings.profile("dev").expect("a profile");
        assert_eq!(dev.get("region"), Some("eu-west-1"));
        assert_eq!(dev.get("s3"), None);
        let keys = dev.keys().expect("keys");
        assert_eq!(keys.access_key_id.expose(), "AKIA1");
        assert_eq!(keys.secret_access_key.expose(), "a#b");
        assert!(settings.has_sso_session("my sso"));
    }
}
