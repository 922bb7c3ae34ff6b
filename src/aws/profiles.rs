//! The AWS configuration that a child sees: terrane's own profiles, and the user's named ones.
//!
//! `[default]` is always empty, since one that holds credentials wins over what the child is
//! given, without a word. Of the user's other profiles everything is copied but keys: those are
//! handed out by the helper, so that no file of terrane's ever holds one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::{Secret, Session};

/// The user's own AWS files, as text.
#[derive(Clone, Debug, Default)]
pub struct UserProfiles {
    /// `~/.aws/config`
    pub config: Option<String>,
    /// `~/.aws/credentials`
    pub credentials: Option<Secret<String>>,
}

/// What becomes of them.
#[derive(Clone, Debug, Default)]
pub(super) struct CopiedProfiles {
    pub(super) text: String,
    /// Keys by the profile that holds them.
    pub(super) keys: BTreeMap<String, Session>,
}

/// The user's `[default]`, for profiles that name it as their source.
const USERS_DEFAULT: &str = "terrane-users-default";
/// Our own names, which no profile of the user's may take.
const OURS: [&str; 2] = ["terrane-state", "terrane-hub"];

pub(super) struct Section {
    pub(super) kind: Kind,
    pub(super) lines: Vec<String>,
}

#[derive(PartialEq, Eq)]
pub(super) enum Kind {
    Profile(String),
    /// `[sso-session x]`, `[services x]`: copied as it is written.
    Other(String),
}

/// Copies the user's profiles. `helper` gives the `credential_process` of a profile with keys.
pub(super) fn copy(user: &UserProfiles, helper: impl Fn(&str) -> String) -> CopiedProfiles {
    let sections = sections_of(user);
    let names_default = sections.iter().any(|section| {
        section
            .lines
            .iter()
            .any(|line| value_of(line, "source_profile") == Some("default"))
    });

    let mut copied = CopiedProfiles::default();
    for section in sections {
        let (header, profile) = match section.kind {
            Kind::Other(header) => (header, None),
            Kind::Profile(name) if name == "default" && !names_default => continue,
            Kind::Profile(name) if OURS.contains(&name.as_str()) => continue,
            Kind::Profile(name) => {
                let name = if name == "default" {
                    USERS_DEFAULT.to_owned()
                } else {
                    name
                };
                (format!("[profile {}]", quoted(&name)), Some(name))
            }
        };
        writeln!(copied.text, "\n{header}").expect("a String takes all");
        for line in section.lines.iter().filter(|line| !is_key(line)) {
            let line = match value_of(line, "source_profile") {
                Some("default") => format!("source_profile = {USERS_DEFAULT}"),
                _ => line.clone(),
            };
            writeln!(copied.text, "{line}").expect("a String takes all");
        }
        if let (Some(name), Some(keys)) = (profile, keys(&section.lines)) {
            writeln!(copied.text, "credential_process = {}", helper(&name))
                .expect("a String takes all");
            copied.keys.insert(name, keys);
        }
    }
    copied
}

/// The sections of both files, one of each name.
pub(super) fn sections_of(user: &UserProfiles) -> Vec<Section> {
    let config = user.config.as_deref().unwrap_or_default();
    let credentials = user.credentials.as_ref().map_or("", |text| text.expose());
    merge(sections(config, true).chain(sections(credentials, false)))
}

/// The sections of an INI file. In `config` a profile's header says so, in `credentials` it does
/// not.
fn sections(text: &str, is_config: bool) -> impl Iterator<Item = Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if let Some(header) = trimmed
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
        {
            sections.push(Section {
                kind: kind(header.trim(), is_config),
                lines: Vec::new(),
            });
        } else if let Some(section) = sections.last_mut()
            && !trimmed.is_empty()
            && !trimmed.starts_with(['#', ';'])
        {
            section.lines.push(line.trim_end().to_owned());
        }
    }
    sections.into_iter()
}

fn kind(header: &str, is_config: bool) -> Kind {
    let name = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    match header.strip_prefix("profile ") {
        Some(profile) if is_config => Kind::Profile(name(profile)),
        _ if !is_config || header == "default" => Kind::Profile(name(header)),
        _ => Kind::Other(format!("[{header}]")),
    }
}

/// One section per name; what `credentials` says is added to what `config` says.
fn merge(sections: impl Iterator<Item = Section>) -> Vec<Section> {
    let mut merged: Vec<Section> = Vec::new();
    for section in sections {
        match merged.iter_mut().find(|other| other.kind == section.kind) {
            Some(same) => same.lines.extend(section.lines),
            None => merged.push(section),
        }
    }
    merged
}

fn value_of<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (name, value) = line.split_once('=')?;
    (name.trim() == key).then(|| value.trim())
}

fn is_key(line: &str) -> bool {
    [
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_security_token",
    ]
    .iter()
    .any(|key| value_of(line, key).is_some())
}

fn keys(lines: &[String]) -> Option<Session> {
    let find = |key: &str| lines.iter().rev().find_map(|line| value_of(line, key));
    let secret = |text: &str| Secret::new(text.to_owned());
    Some(Session {
        access_key_id: secret(find("aws_access_key_id")?),
        secret_access_key: secret(find("aws_secret_access_key")?),
        session_token: find("aws_session_token").map(secret),
        expires_at: None,
    })
}

/// A name with a space in it stands in quotes.
fn quoted(name: &str) -> String {
    if name.contains(char::is_whitespace) {
        format!("{name:?}")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(config: &str, credentials: &str) -> CopiedProfiles {
        let user = UserProfiles {
            config: Some(config.to_owned()),
            credentials: Some(Secret::new(credentials.to_owned())),
        };
        copy(&user, |name| format!("helper {name}"))
    }

    #[test]
    fn named_profiles_are_copied_and_the_default_is_not() {
        let copied = copied(
            "[default]\nregion = eu-west-1\n\n# mine\n[profile dns]\nrole_arn = arn:x\nsource_profile = shared\n\
             [profile shared]\nsso_session = sso\ns3 =\n  max_concurrent_requests = 2\n[sso-session sso]\nsso_region = x\n\
             [profile terrane-state]\nregion = mine\n",
            "",
        );
        insta::assert_snapshot!(copied.text, @r"

        [profile dns]
        role_arn = arn:x
        source_profile = shared

        [profile shared]
        sso_session = sso
        s3 =
          max_concurrent_requests = 2

        [sso-session sso]
        sso_region = x
        ");
        assert!(copied.keys.is_empty());
    }

    #[test]
    fn keys_are_never_copied_but_handed_out_by_the_helper() {
        let copied = copied(
            "[profile both]\nregion = eu-west-1\naws_access_key_id = AKIA1\naws_secret_access_key=canary1\n",
            "[default]\naws_access_key_id = AKIA0\naws_secret_access_key = canary0\n\
             [other one]\naws_access_key_id = AKIA2\naws_secret_access_key = canary2\naws_session_token = canary3\n",
        );
        insta::assert_snapshot!(copied.text, @r#"

        [profile both]
        region = eu-west-1
        credential_process = helper both

        [profile "other one"]
        credential_process = helper other one
        "#);
        assert!(!copied.text.contains("canary") && !copied.text.contains("AKIA"));
        assert_eq!(copied.keys["both"].secret_access_key.expose(), "canary1");
        assert_eq!(copied.keys["other one"].access_key_id.expose(), "AKIA2");
        assert_eq!(copied.keys.len(), 2);
    }

    #[test]
    fn a_default_that_others_build_on_is_kept_under_another_name() {
        let copied = copied(
            "[default]\nregion = eu-west-1\n[profile admin]\nrole_arn = arn:x\nsource_profile = default\n",
            "[default]\naws_access_key_id = AKIA0\naws_secret_access_key = canary0\n",
        );
        insta::assert_snapshot!(copied.text, @r"

        [profile terrane-users-default]
        region = eu-west-1
        credential_process = helper terrane-users-default

        [profile admin]
        role_arn = arn:x
        source_profile = terrane-users-default
        ");
        assert!(copied.keys.contains_key(USERS_DEFAULT));
    }
}
