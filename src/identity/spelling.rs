//! How people spell their wishes: flags and variables of terrane and of Terragrunt, old and new.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use thiserror::Error;

use crate::model::{ClaimSource, ClaimedRole, RoleClaim, SessionName, WebIdentityToken};

/// One thing that a claim can say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClaimField {
    Role,
    SessionName,
    Duration,
    WebIdentityToken,
    ExternalId,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{source_name}: {problem}")]
pub struct ClaimError {
    /// The flag, variable or attribute.
    pub source_name: String,
    pub problem: String,
}

/// Flags by field. Within a field the first one that is given wins.
const FLAGS: [(ClaimField, [&str; 3]); 4] = [
    (
        ClaimField::Role,
        ["--role", "--iam-assume-role", "--terragrunt-iam-role"],
    ),
    (
        ClaimField::SessionName,
        [
            "--role-session-name",
            "--iam-assume-role-session-name",
            "--terragrunt-iam-assume-role-session-name",
        ],
    ),
    (
        ClaimField::Duration,
        [
            "--role-duration",
            "--iam-assume-role-duration",
            "--terragrunt-iam-assume-role-duration",
        ],
    ),
    (
        ClaimField::WebIdentityToken,
        [
            "--role-web-identity-token",
            "--iam-assume-role-web-identity-token",
            "--terragrunt-iam-web-identity-token",
        ],
    ),
];

/// Variables by field, in their order of precedence.
const VARIABLES: [(ClaimField, [&str; 3]); 4] = [
    (
        ClaimField::Role,
        ["TERRANE_ROLE", "TG_IAM_ASSUME_ROLE", "TERRAGRUNT_IAM_ROLE"],
    ),
    (
        ClaimField::SessionName,
        [
            "TERRANE_ROLE_SESSION_NAME",
            "TG_IAM_ASSUME_ROLE_SESSION_NAME",
            "TERRAGRUNT_IAM_ASSUME_ROLE_SESSION_NAME",
        ],
    ),
    (
        ClaimField::Duration,
        [
            "TERRANE_ROLE_DURATION",
            "TG_IAM_ASSUME_ROLE_DURATION",
            "TERRAGRUNT_IAM_ASSUME_ROLE_DURATION",
        ],
    ),
    (
        ClaimField::WebIdentityToken,
        [
            "TERRANE_ROLE_WEB_IDENTITY_TOKEN",
            "TG_IAM_ASSUME_ROLE_WEB_IDENTITY_TOKEN",
            "TERRAGRUNT_IAM_WEB_IDENTITY_TOKEN",
        ],
    ),
];

const ASSUMER_FLAG: &str = "--assumer-role";
const ASSUMER_VARIABLE: &str = "TERRANE_ASSUMER_ROLE";

/// The claims of the flags that were given. A flag that is not about roles is passed over.
pub fn claims_from_flags(given: &BTreeMap<String, String>) -> Result<Vec<RoleClaim>, ClaimError> {
    claims_by_spelling(&FLAGS, ClaimSource::Flag, |name| given.get(name).cloned())
}

/// The claims of the captured environment. An empty variable says nothing.
pub fn claims_from_environment(
    captured: &BTreeMap<OsString, OsString>,
) -> Result<Vec<RoleClaim>, ClaimError> {
    claims_by_spelling(&VARIABLES, ClaimSource::Variable, |name| {
        variable(captured, name)
    })
}

/// What `--assumer-role` says.
pub fn assumer_from_flag(role: &str) -> Result<RoleClaim, ClaimError> {
    single_role(ClaimSource::Flag(ASSUMER_FLAG.into()), role)
}

/// What `TERRANE_ASSUMER_ROLE` says.
pub fn assumer_from_environment(
    captured: &BTreeMap<OsString, OsString>,
) -> Result<Option<RoleClaim>, ClaimError> {
    variable(captured, ASSUMER_VARIABLE)
        .map(|role| single_role(ClaimSource::Variable(ASSUMER_VARIABLE.into()), &role))
        .transpose()
}

/// Writes one field of a claim from its text, as flags, variables and tables of roles give it. An
/// empty text says nothing, as in `TG_IAM_ASSUME_ROLE=`.
pub fn claim_field(claim: &mut RoleClaim, field: ClaimField, text: &str) -> Result<(), ClaimError> {
    if text.is_empty() {
        return Ok(());
    }
    let refuse = |problem: &dyn fmt::Display| ClaimError {
        source_name: claim.source.to_string(),
        problem: problem.to_string(),
    };
    match field {
        ClaimField::Role => {
            let role = text.parse().map_err(|error| refuse(&error))?;
            claim.role = Some(ClaimedRole::Known(role));
        }
        ClaimField::SessionName => claim.session_name = Some(SessionName::clean(text)),
        ClaimField::Duration => {
            claim.duration = Some(text.parse().map_err(|error| refuse(&error))?);
        }
        ClaimField::WebIdentityToken => {
            claim.web_identity_token = Some(WebIdentityToken::from_value(text));
        }
        ClaimField::ExternalId => {
            claim.external_id = Some(text.parse().map_err(|error| refuse(&error))?);
        }
    }
    Ok(())
}

/// Keys in the environment win over a profile without a word. Names the variable that does it,
/// where a profile is named too.
pub fn shadowed_profile(captured: &BTreeMap<OsString, OsString>) -> Option<(&'static str, String)> {
    let profile = variable(captured, "AWS_PROFILE")?;
    ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"]
        .into_iter()
        .find(|name| variable(captured, name).is_some())
        .map(|name| (name, profile))
}

fn claims_by_spelling(
    table: &[(ClaimField, [&str; 3])],
    source: impl Fn(String) -> ClaimSource,
    given: impl Fn(&str) -> Option<String>,
) -> Result<Vec<RoleClaim>, ClaimError> {
    let mut claims = Vec::new();
    for spelling in 0..3 {
        for (field, names) in table {
            let name = names[spelling];
            let Some(text) = given(name).filter(|text| !text.is_empty()) else {
                continue;
            };
            let mut claim = RoleClaim::new(source(name.to_owned()));
            claim_field(&mut claim, *field, &text)?;
            claims.push(claim);
        }
    }
    Ok(claims)
}

fn single_role(source: ClaimSource, role: &str) -> Result<RoleClaim, ClaimError> {
    let mut claim = RoleClaim::new(source);
    claim_field(&mut claim, ClaimField::Role, role)?;
    Ok(claim)
}

fn variable(captured: &BTreeMap<OsString, OsString>, name: &str) -> Option<String> {
    let value = captured.get(&OsString::from(name))?.to_str()?;
    (!value.is_empty()).then(|| value.to_owned())
}

impl fmt::Display for ClaimField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Role => "role",
            Self::SessionName => "session name",
            Self::Duration => "duration",
            Self::WebIdentityToken => "web identity token",
            Self::ExternalId => "external id",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111111111111:role/doer-role";

    fn environment(variables: &[(&str, &str)]) -> BTreeMap<OsString, OsString> {
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    #[test]
    fn every_spelling_of_the_flag_claims_the_role() {
        for flag in ["--role", "--iam-assume-role", "--terragrunt-iam-role"] {
            let given = BTreeMap::from([(flag.to_owned(), ROLE.to_owned())]);
            let claims = claims_from_flags(&given).expect("claims");
            assert_eq!(claims[0].source, ClaimSource::Flag(flag.into()));
            assert_eq!(claims[0].role, ROLE.parse().ok().map(ClaimedRole::Known));
        }
    }

    #[test]
    fn variables_come_in_their_order_of_precedence() {
        let claims = claims_from_environment(&environment(&[
            ("TERRAGRUNT_IAM_ROLE", ROLE),
            ("TG_IAM_ASSUME_ROLE", ROLE),
            ("TERRANE_ROLE", ROLE),
            ("TG_IAM_ASSUME_ROLE_DURATION", "7200"),
            ("TERRANE_ROLE_SESSION_NAME", ""),
        ]));
        let sources: Vec<String> = claims
            .expect("claims")
            .iter()
            .map(|claim| claim.source.to_string())
            .collect();
        assert_eq!(
            sources,
            [
                "TERRANE_ROLE",
                "TG_IAM_ASSUME_ROLE",
                "TG_IAM_ASSUME_ROLE_DURATION",
                "TERRAGRUNT_IAM_ROLE"
            ]
        );
    }

    #[test]
    fn a_wrong_value_names_the_variable() {
        let error = claims_from_environment(&environment(&[("TG_IAM_ASSUME_ROLE_DURATION", "60")]));
        assert_eq!(
            error.expect_err("too short").to_string(),
            "TG_IAM_ASSUME_ROLE_DURATION: a session lasts 900 to 43200 seconds, not 60"
        );
        let error = assumer_from_environment(&environment(&[("TERRANE_ASSUMER_ROLE", "hub")]));
        assert!(
            error
                .expect_err("no ARN")
                .to_string()
                .starts_with("TERRANE_ASSUMER_ROLE: \"hub\"")
        );
    }

    #[test]
    fn an_empty_assumer_is_none() {
        let empty = environment(&[("TERRANE_ASSUMER_ROLE", "")]);
        assert_eq!(assumer_from_environment(&empty), Ok(None));
        assert!(assumer_from_flag(ROLE).is_ok());
    }

    #[test]
    fn keys_in_the_environment_shadow_a_profile() {
        let both = environment(&[("AWS_PROFILE", "assumer"), ("AWS_ACCESS_KEY_ID", "AKIA")]);
        assert_eq!(
            shadowed_profile(&both),
            Some(("AWS_ACCESS_KEY_ID", "assumer".into()))
        );
        assert_eq!(
            shadowed_profile(&environment(&[("AWS_PROFILE", "assumer")])),
            None
        );
        assert_eq!(
            shadowed_profile(&environment(&[("AWS_ACCESS_KEY_ID", "AKIA")])),
            None
        );
    }
}
