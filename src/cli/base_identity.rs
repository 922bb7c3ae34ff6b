//! What flags do to the base identity, and what a person is told and asked about it before AWS is.

use std::ffi::OsStr;
use std::io::{self, BufRead as _};

use super::options::{Asking, RoleFlags, Variables};
use super::screen;
use crate::aws::{BaseSurroundings, EnvironmentCredentials};
use crate::identity::shadowed_profile;
use crate::model::Secret;

/// Variables that are an identity, or half of one.
const CREDENTIALS: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
];

/// The environment of children that are given no other identity: what flags say about the base
/// identity holds for them too.
pub(super) fn variables_of_children(captured: &Variables, flags: &RoleFlags) -> Variables {
    let mut variables = captured.clone();
    if let Some(profile) = &flags.aws_profile {
        variables.insert("AWS_PROFILE".into(), profile.into());
    }
    let passed_over = flags.environment_credentials == EnvironmentCredentials::PassedOver;
    if passed_over || flags.aws_profile.is_some() {
        for name in CREDENTIALS {
            variables.remove(OsStr::new(name));
        }
    }
    variables
}

/// Says so where a variable wins over a profile that a variable names too.
pub(super) fn warn_of_shadows(base: &BaseSurroundings) {
    let by_flags = base.profile.is_some()
        || base.environment_credentials == EnvironmentCredentials::PassedOver;
    if let Some((name, profile)) = shadowed_profile(&base.variables).filter(|_| !by_flags) {
        screen::say(&format!(
            "warning: {name} is set, so the profile {profile} of AWS_PROFILE is not used; \
             --ignore-env-credentials makes it count\n"
        ));
    }
}

/// Asks for the code of the device that the base identity's profile names, where somebody is
/// there. It is good once, which is enough: from what it gives every role is assumed.
pub(super) fn mfa_code(base: &BaseSurroundings, asking: Asking) -> Option<Secret<String>> {
    let source = base.source().ok()?;
    let device = source
        .mfa
        .as_ref()
        .filter(|_| source.has_lasting_keys(base))?;
    if asking != Asking::OnTerminal {
        return None;
    }
    screen::say(&format!("{source}\nCode of the device {device}: "));
    let mut code = String::new();
    io::stdin().lock().read_line(&mut code).ok()?;
    let code = code.trim();
    (!code.is_empty()).then(|| Secret::new(code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(variables: &Variables) -> Vec<String> {
        variables
            .iter()
            .map(|(name, value)| format!("{}={}", name.display(), value.display()))
            .collect()
    }

    #[test]
    fn children_are_as_flags_say() {
        let mut captured: Variables = CREDENTIALS
            .iter()
            .map(|name| ((*name).into(), "x".into()))
            .collect();
        captured.insert("AWS_PROFILE".into(), "mine".into());
        let unchanged = variables_of_children(&captured, &RoleFlags::default());
        assert_eq!(unchanged, captured);
        let by_flag = RoleFlags {
            aws_profile: Some("org".into()),
            ..RoleFlags::default()
        };
        assert_eq!(
            names(&variables_of_children(&captured, &by_flag)),
            ["AWS_PROFILE=org"]
        );
        let passed_over = RoleFlags {
            environment_credentials: EnvironmentCredentials::PassedOver,
            ..RoleFlags::default()
        };
        let left = variables_of_children(&captured, &passed_over);
        assert_eq!(names(&left), ["AWS_PROFILE=mine"]);
    }
}
