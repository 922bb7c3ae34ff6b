//! `AssumeRoleWithWebIdentity`: a token of an issuer that the role's account trusts, instead of
//! a signature.

use jiff::Timestamp;
use serde_json::Value;

use super::assume::issued;
use super::parameters::{SessionRequest, required};
use super::{Operation, WEB_IDENTITY, response, session_elements};
use crate::cloud::Cloud;
use crate::identity::Caller;
use crate::identity::arn::{PrincipalArn, PrincipalKind};
use crate::identity::jwt::{Token, TokenError};
use crate::policy::Effect;
use crate::policy::condition::Context;
use crate::service::Served;
use crate::service::refusal::Refusal;
use crate::world::{Principal, Provider};
use crate::xml::element;

pub(super) fn assume_role(
    cloud: &mut Cloud,
    operation: &Operation,
    now: Timestamp,
) -> Result<Served, Refusal> {
    let request = SessionRequest::read(operation)?;
    let token = required(operation, "WebIdentityToken", "webIdentityToken")?;
    let token = Token::parse(token).map_err(invalid)?;
    let Ok(arn) = request.role_arn.parse::<PrincipalArn>() else {
        return Err(Refusal::new(
            400,
            "ValidationError",
            "Request ARN is invalid",
        ));
    };
    let provider = trusted_provider(cloud, &token, &arn.account)?;
    let claims = token.verified_by(&provider.1.keys).map_err(invalid)?;
    let audience = check_claims(claims, provider.1, now)?;
    let subject = claims["sub"].as_str().unwrap_or_default().to_owned();
    let role = trusting_role(cloud, &request, provider, claims)?;
    if request.lasts.as_secs() > role.max_session_seconds {
        let message =
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(Refusal::new(400, "ValidationError", message));
    }

    let elements = element("SubjectFromWebIdentityToken", &subject)
        + &element("Audience", &audience)
        + &element("Provider", provider.0);
    let mut session = Caller::lasting(arn, Some(request.session_name));
    session.session_policy = request.policy;
    let credential = cloud.open_session(session, request.lasts, now);
    let issued = issued(&credential, now);
    let answer = response(WEB_IDENTITY, &(session_elements(&credential) + &elements));
    Ok((answer, Some(issued)))
}

fn trusted_provider<'a>(
    cloud: &'a Cloud,
    token: &Token,
    account: &str,
) -> Result<(&'a str, &'a Provider), Refusal> {
    let mut providers = cloud.providers.iter();
    let found = providers
        .find(|(_, provider)| provider.issuer == token.issuer() && provider.account == account);
    found
        .map(|(arn, provider)| (arn.as_str(), provider))
        .ok_or_else(|| {
            let message = format!(
                "No OpenIDConnect provider found in your account for {}",
                token.issuer()
            );
            Refusal::new(400, "InvalidIdentityToken", message)
        })
}

/// Checks for whom and until when the token is good. Gives the audience that it names.
fn check_claims(claims: &Value, provider: &Provider, now: Timestamp) -> Result<String, Refusal> {
    let expires = claims["exp"].as_i64().ok_or_else(|| {
        Refusal::new(400, "InvalidIdentityToken", "Missing a required claim: exp")
    })?;
    if claims["sub"].as_str().is_none_or(str::is_empty) {
        let message = "Missing a required claim: sub";
        return Err(Refusal::new(400, "InvalidIdentityToken", message));
    }
    if expires <= now.as_second() {
        let message = format!(
            "Token expired: current date/time {} must be before the expiration date/time{expires}",
            now.as_second()
        );
        return Err(Refusal::new(400, "ExpiredTokenException", message));
    }
    let known = |audience: &&str| provider.audiences.iter().any(|known| known == audience);
    audiences(claims)
        .into_iter()
        .find(known)
        .map(str::to_owned)
        .ok_or_else(|| {
            Refusal::new(400, "InvalidIdentityToken", "Incorrect token audience")
                .because(format!("the provider knows {:?}", provider.audiences))
        })
}

/// The `aud` of a token is a text or a list of texts.
fn audiences(claims: &Value) -> Vec<&str> {
    match &claims["aud"] {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        single => single.as_str().into_iter().collect(),
    }
}

fn trusting_role<'a>(
    cloud: &'a Cloud,
    request: &SessionRequest,
    provider: (&str, &Provider),
    claims: &Value,
) -> Result<&'a Principal, Refusal> {
    let (provider_arn, provider) = provider;
    let host = provider.issuer.trim_start_matches("https://");
    let mut context = Context::default();
    context.set("sts:RoleSessionName", &request.session_name);
    context.set("aws:FederatedProvider", provider_arn);
    context.set_all(
        &format!("{host}:aud"),
        audiences(claims).into_iter().map(str::to_owned).collect(),
    );
    for name in ["sub", "azp", "amr"] {
        if let Some(value) = claims[name].as_str() {
            context.set(&format!("{host}:{name}"), value);
        }
    }
    let refused = |reason: &str| {
        let message = format!("Not authorized to perform sts:{WEB_IDENTITY}");
        Refusal::new(403, "AccessDenied", message).because(reason)
    };
    let role = cloud.principals.get(&request.role_arn);
    let role = role.filter(|role| role.arn.kind == PrincipalKind::Role);
    let role = role.ok_or_else(|| refused("the role does not exist"))?;
    let covering = |effect: Effect| {
        role.trust
            .iter()
            .flat_map(|policy| &policy.statements)
            .any(|statement| {
                statement.effect == effect
                    && statement.names_provider(provider_arn)
                    && statement.covers(
                        "sts:AssumeRoleWithWebIdentity",
                        &request.role_arn,
                        &context,
                    )
            })
    };
    match (covering(Effect::Deny), covering(Effect::Allow)) {
        (false, true) => Ok(role),
        (true, _) => Err(refused("the role's trust policy denies it")),
        (false, false) => Err(refused("the role's trust policy does not let the token in")),
    }
}

fn invalid(error: TokenError) -> Refusal {
    let message = match error {
        TokenError::Malformed => {
            "The ID Token provided is not a valid JWT. (You may see this \
                                  error if you sent an Access Token)"
        }
        TokenError::UnknownKey => {
            "Couldn't retrieve verification key from your identity provider, \
                                   please reference AssumeRoleWithWebIdentity documentation for \
                                   requirements"
        }
        TokenError::WrongSignature => "Provided Token is not valid: its signature does not verify",
    };
    Refusal::new(400, "InvalidIdentityToken", message).because(error.to_string())
}
