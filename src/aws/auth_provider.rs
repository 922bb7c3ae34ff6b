//! What an auth provider command prints: Terragrunt's JSON, which names keys, or a role, and
//! variables.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde::Deserialize;

use crate::model::{
    Assumption, BaseIdentity, CredentialSource, GivenKeys, RoleChain, Secret, Session,
    SessionDuration, SessionLimits, SessionName, WebIdentityToken,
};

/// What a unit is given. Its values may be secrets.
#[derive(Clone, Debug, Default)]
pub struct Provided {
    keys: Option<Session>,
    role: Option<Assumption>,
    variables: BTreeMap<String, Secret<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    aws_credentials: Option<PrintedKeys>,
    aws_role: Option<PrintedRole>,
    #[serde(default)]
    envs: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct PrintedKeys {
    access_key_id: String,
    secret_access_key: String,
    #[serde(default)]
    session_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PrintedRole {
    #[serde(rename = "roleARN")]
    role: String,
    #[serde(default, alias = "sessionName")]
    role_session_name: String,
    #[serde(default)]
    duration: u64,
    #[serde(default)]
    web_identity_token: String,
}

impl Provided {
    /// Reads what the program printed. Nothing of it is in the error: it may be a secret.
    pub fn parse(printed: &[u8], session_name: &SessionName) -> Result<Self, String> {
        let printed: Printed = serde_json::from_slice(printed).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!(
                "what it printed is not the JSON that is expected (line {line}, column {column})"
            )
        })?;
        let keys = printed
            .aws_credentials
            .filter(|keys| !keys.access_key_id.is_empty());
        let role = printed.aws_role.filter(|role| !role.role.is_empty());
        Ok(Self {
            // Keys win, and then nothing is assumed.
            role: match (&keys, role) {
                (None, Some(role)) => Some(role.assumption(session_name)?),
                (Some(_), _) | (None, None) => None,
            },
            keys: keys.map(PrintedKeys::session),
            variables: printed
                .envs
                .into_iter()
                .map(|(name, value)| (name, Secret::new(value)))
                .collect(),
        })
    }

    /// Whom roles are assumed from.
    pub fn chain(&self) -> RoleChain {
        let base = match &self.keys {
            Some(keys) => BaseIdentity::Source {
                source: Box::new(CredentialSource::Given(GivenKeys::new(keys.clone()))),
                mfa: None,
            },
            None => BaseIdentity::Ambient,
        };
        let chain = RoleChain::from_base(base);
        match &self.role {
            Some(role) => chain.then(role.clone()),
            None => chain,
        }
    }

    /// A variable that the unit is given.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?;
        Some(value.expose().as_str())
    }

    /// Adds the variables to an environment, and the keys where nothing else gives an identity.
    pub fn add_to(&self, environment: &mut BTreeMap<OsString, OsString>, has_identity: bool) {
        for (name, value) in &self.variables {
            environment.insert(name.into(), value.expose().into());
        }
        let Some(keys) = self.keys.as_ref().filter(|_| !has_identity) else {
            return;
        };
        let token = keys.session_token.as_ref();
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", Some(&keys.access_key_id)),
            ("AWS_SECRET_ACCESS_KEY", Some(&keys.secret_access_key)),
            ("AWS_SESSION_TOKEN", token),
            ("AWS_SECURITY_TOKEN", token),
        ] {
            match value {
                Some(value) => environment.insert(name.into(), value.expose().into()),
                // The token of other keys would spoil these.
                None => environment.remove(std::ffi::OsStr::new(name)),
            };
        }
    }
}

impl PrintedKeys {
    fn session(self) -> Session {
        let token = self.session_token;
        Session {
            access_key_id: Secret::new(self.access_key_id),
            secret_access_key: Secret::new(self.secret_access_key),
            session_token: (!token.is_empty()).then(|| Secret::new(token)),
            expires_at: None,
        }
    }
}

impl PrintedRole {
    fn assumption(self, session_name: &SessionName) -> Result<Assumption, String> {
        let wrong =
            |field: &str, error: &dyn std::fmt::Display| format!("awsRole.{field}: {error}");
        let token = self.web_identity_token;
        Ok(Assumption {
            role: self
                .role
                .parse()
                .map_err(|error| wrong("roleARN", &error))?,
            session_name: match self.role_session_name.as_str() {
                "" => session_name.clone(),
                name => SessionName::clean(name),
            },
            duration: match self.duration {
                0 => SessionDuration::ONE_HOUR,
                seconds => SessionDuration::from_seconds(seconds)
                    .map_err(|error| wrong("duration", &error))?,
            },
            external_id: None,
            web_identity_token: (!token.is_empty()).then(|| WebIdentityToken::from_value(&token)),
            limits: SessionLimits::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(printed: &str) -> Result<Provided, String> {
        Provided::parse(printed.as_bytes(), &SessionName::clean("terrane-jane"))
    }

    fn environment(provided: &Provided, has_identity: bool) -> Vec<String> {
        let mut environment = BTreeMap::from([("AWS_SESSION_TOKEN".into(), "stale".into())]);
        provided.add_to(&mut environment, has_identity);
        let shown = environment
            .iter()
            .map(|(name, value)| format!("{}={}", name.display(), value.display()));
        shown.collect()
    }

    #[test]
    fn keys_win_over_a_role_and_go_to_children_that_get_nothing_else() {
        let provided = parse(
            r#"{"awsCredentials": {"ACCESS_KEY_ID": "AKIA1", "SECRET_ACCESS_KEY": "s"},
                "awsRole": {"roleARN": "nonsense"}, "envs": {"TEAM": "web"}}"#,
        )
        .expect("what is expected");
        assert_eq!(
            provided.chain().to_string(),
            "keys of the auth provider command"
        );
        assert_eq!(
            environment(&provided, false),
            [
                "AWS_ACCESS_KEY_ID=AKIA1",
                "AWS_SECRET_ACCESS_KEY=s",
                "TEAM=web"
            ]
        );
        assert_eq!(
            environment(&provided, true),
            ["AWS_SESSION_TOKEN=stale", "TEAM=web"]
        );
    }

    #[test]
    fn a_role_is_assumed_with_all_that_is_said_about_it() {
        let provided = parse(
            r#"{"awsRole": {"roleARN": "arn:aws:iam::111111111111:role/ci", "duration": 7200,
                "roleSessionName": "job", "webIdentityToken": "/run/token"}}"#,
        )
        .expect("what is expected");
        let chain = provided.chain();
        let role = chain.last().expect("a role");
        assert_eq!(chain.to_string(), "base → ci");
        assert_eq!(role.session_name.as_str(), "job");
        assert_eq!(role.duration.as_seconds(), 7200);
        assert!(role.web_identity_token.is_some());
    }

    #[test]
    fn what_is_wrong_is_told_without_what_was_printed() {
        let wrong = |text: &str| parse(text).expect_err("wrong");
        let told = wrong("canary");
        assert!(
            told.contains("line 1") && !told.contains("canary"),
            "{told}"
        );
        let told = wrong(r#"{"awsRole": {"roleARN": "nobody"}}"#);
        assert!(told.starts_with("awsRole.roleARN: \"nobody\""), "{told}");
    }
}
