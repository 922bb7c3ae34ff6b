//! Policy documents as people write them, and whether a statement covers a request.

use serde_json::{Map, Value};
use thiserror::Error;

use super::condition::{Condition, Context};
use crate::identity::Caller;
use crate::identity::arn::{PrincipalArn, PrincipalKind, is_account_id};
use crate::pattern;

#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) statements: Vec<Statement>,
}

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    principals: Option<Principals>,
    actions: Names,
    resources: Option<Names>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// How closely a statement's `Principal` names the caller; the later, the closer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Closeness {
    /// The caller's account: it is left to that account who of its people may.
    Account,
    /// The caller's role or user, or everybody.
    Principal,
    /// This very session.
    Session,
}

#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct PolicyError(String);

#[derive(Clone, Debug)]
enum Principals {
    Anyone,
    Listed {
        aws: Vec<String>,
        federated: Vec<String>,
    },
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug)]
struct Names {
    patterns: Vec<String>,
    all_but: bool,
}

/// What a policy hangs on, which decides what its statements must and must not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyKind {
    /// Of a user, a role or a session: says on what, and is about whoever has it.
    Identity,
    /// Of a role: says who may assume it, and is about that role.
    Trust,
    /// Of a bucket: says both.
    Bucket,
}

impl Policy {
    pub(crate) fn parse(document: &Value, kind: PolicyKind) -> Result<Self, PolicyError> {
        let fields = document
            .as_object()
            .ok_or_else(|| wrong("a policy is a JSON object"))?;
        only_fields(fields, &["Version", "Id", "Statement"])?;
        let parse = |statement| Statement::parse(statement, kind);
        let statements = match fields.get("Statement") {
            Some(Value::Array(list)) => list.iter().map(parse).collect(),
            Some(single) => parse(single).map(|statement| vec![statement]),
            None => Err(wrong("a policy needs a `Statement`")),
        };
        Ok(Self {
            statements: statements?,
        })
    }

    pub(crate) fn parse_text(text: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        let document = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        Self::parse(&document, kind)
    }
}

impl Statement {
    fn parse(document: &Value, kind: PolicyKind) -> Result<Self, PolicyError> {
        let fields = document
            .as_object()
            .ok_or_else(|| wrong("a statement is a JSON object"))?;
        let known = [
            "Sid",
            "Effect",
            "Principal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        only_fields(fields, &known)?;
        let effect = match fields.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            Some(_) | None => return Err(wrong("`Effect` is either \"Allow\" or \"Deny\"")),
        };
        let principals = fields.get("Principal").map(Principals::parse).transpose()?;
        let resources = Names::parse(fields, "Resource", "NotResource")?;
        check_presence(
            "Principal",
            principals.is_some(),
            kind != PolicyKind::Identity,
        )?;
        check_presence("Resource", resources.is_some(), kind != PolicyKind::Trust)?;
        let actions = Names::parse(fields, "Action", "NotAction")?;
        Ok(Self {
            sid: fields.get("Sid").and_then(Value::as_str).map(str::to_owned),
            effect,
            principals,
            actions: actions.ok_or_else(|| wrong("a statement needs `Action` or `NotAction`"))?,
            resources,
            conditions: fields
                .get("Condition")
                .map_or(Ok(Vec::new()), Condition::parse_block)?,
        })
    }

    /// Whether this statement speaks about the action on the resource under these circumstances.
    /// Its `Principal`, if it has one, is a separate question.
    pub(crate) fn covers(&self, action: &str, resource: &str, context: &Context) -> bool {
        self.actions
            .cover(|name| pattern::matches_ignoring_case(name, action))
            && self.resources.as_ref().is_none_or(|resources| {
                resources.cover(|name| {
                    context
                        .fill_in(name)
                        .is_some_and(|name| pattern::matches_resource(&name, resource))
                })
            })
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(context))
    }

    /// How closely the statement's `Principal` names this caller, if at all.
    pub(crate) fn names(&self, caller: &Caller) -> Option<Closeness> {
        match self.principals.as_ref()? {
            Principals::Anyone => Some(Closeness::Principal),
            Principals::Listed { aws, .. } => aws
                .iter()
                .filter_map(|listed| closeness(listed, caller))
                .max(),
        }
    }

    /// Whether the statement trusts this identity provider.
    pub(crate) fn names_provider(&self, provider_arn: &str) -> bool {
        match &self.principals {
            Some(Principals::Anyone) => true,
            Some(Principals::Listed { federated, .. }) => {
                federated.iter().any(|listed| listed == provider_arn)
            }
            None => false,
        }
    }
}

impl Principals {
    fn parse(value: &Value) -> Result<Self, PolicyError> {
        let fields = match value {
            Value::String(all) if all == "*" => return Ok(Self::Anyone),
            Value::Object(fields) => fields,
            _ => return Err(wrong("`Principal` is \"*\" or an object")),
        };
        only_fields(fields, &["AWS", "Federated", "Service"])?;
        let aws = fields
            .get("AWS")
            .map_or(Ok(Vec::new()), |names| texts("Principal", names))?;
        if aws.iter().any(|name| name == "*") {
            return Ok(Self::Anyone);
        }
        for name in &aws {
            check_principal(name)?;
        }
        let federated = fields
            .get("Federated")
            .map_or(Ok(Vec::new()), |names| texts("Principal", names))?;
        Ok(Self::Listed { aws, federated })
    }
}

impl Names {
    fn parse(
        fields: &Map<String, Value>,
        field: &str,
        inverse: &str,
    ) -> Result<Option<Self>, PolicyError> {
        match (fields.get(field), fields.get(inverse)) {
            (Some(_), Some(_)) => Err(wrong(format!(
                "`{field}` and `{inverse}` exclude each other"
            ))),
            (Some(names), None) => Ok(Some(Self {
                patterns: texts(field, names)?,
                all_but: false,
            })),
            (None, Some(names)) => Ok(Some(Self {
                patterns: texts(inverse, names)?,
                all_but: true,
            })),
            (None, None) => Ok(None),
        }
    }

    fn cover(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.patterns.iter().any(|name| matches(name)) != self.all_but
    }
}

fn closeness(listed: &str, caller: &Caller) -> Option<Closeness> {
    if listed == caller.arn && caller.session_name.is_some() {
        return Some(Closeness::Session);
    }
    if listed == caller.principal.as_str() {
        return Some(Closeness::Principal);
    }
    let account = listed.parse::<PrincipalArn>().map_or_else(
        |_| listed.to_owned(),
        |arn| {
            if arn.kind == PrincipalKind::Root {
                arn.account
            } else {
                String::new()
            }
        },
    );
    (account == caller.account()).then_some(Closeness::Account)
}

/// AWS accepts no wildcard inside a principal and refuses such a policy when it is saved.
fn check_principal(name: &str) -> Result<(), PolicyError> {
    let is_session = name.starts_with("arn:aws:sts::") && name.contains(":assumed-role/");
    let is_known = is_account_id(name) || is_session || name.parse::<PrincipalArn>().is_ok();
    if is_known && !name.contains('*') {
        return Ok(());
    }
    Err(wrong(format!(
        "`{name}` cannot be a principal: AWS takes whole ARNs or \"*\" there"
    )))
}

/// One text or a list of texts.
pub(super) fn texts(field: &str, value: &Value) -> Result<Vec<String>, PolicyError> {
    let single = std::slice::from_ref(value);
    let list = value.as_array().map_or(single, Vec::as_slice);
    list.iter()
        .map(|item| match item {
            Value::String(text) => Ok(text.clone()),
            Value::Bool(flag) => Ok(flag.to_string()),
            _ => Err(wrong(format!("`{field}` holds something that is not text"))),
        })
        .collect()
}

pub(super) fn wrong(what: impl Into<String>) -> PolicyError {
    PolicyError(what.into())
}

fn check_presence(field: &str, is_there: bool, belongs: bool) -> Result<(), PolicyError> {
    match (is_there, belongs) {
        (false, true) => Err(wrong(format!(
            "a statement of this kind of policy needs `{field}`"
        ))),
        (true, false) => Err(wrong(format!(
            "`{field}` has no place in this kind of policy"
        ))),
        (true, true) | (false, false) => Ok(()),
    }
}

fn only_fields(fields: &Map<String, Value>, known: &[&str]) -> Result<(), PolicyError> {
    match fields.keys().find(|field| !known.contains(&field.as_str())) {
        Some(field) => Err(wrong(format!("the lab does not know the field `{field}`"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_that_aws_would_not_save_is_refused_here_too() {
        use PolicyKind::{Bucket, Identity, Trust};
        let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        let trust = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"});
        let some_of_a_kind = json!({"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::123456789011:role/sso-*"}});
        for (kind, statement, complaint) in [
            (Identity, json!("Allow"), "a statement is a JSON object"),
            (
                Identity,
                json!({"Effect": "Alow", "Action": "*"}),
                "`Effect` is either",
            ),
            (
                Identity,
                json!({"Effect": "Allow", "Resource": "*"}),
                "`Action` or `NotAction`",
            ),
            (
                Identity,
                json!({"Effect": "Allow", "Resources": "*"}),
                "the field `Resources`",
            ),
            (
                Identity,
                json!({"Effect": "Allow", "Action": "*"}),
                "needs `Resource`",
            ),
            (Identity, trust, "`Principal` has no place"),
            (Trust, everything.clone(), "needs `Principal`"),
            (Trust, some_of_a_kind, "cannot be a principal"),
            (Bucket, everything, "needs `Principal`"),
        ] {
            let error = Policy::parse(&json!({ "Statement": statement }), kind)
                .expect_err("the policy is malformed");
            assert!(error.to_string().contains(complaint), "{error}");
        }
    }
}
