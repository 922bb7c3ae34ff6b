//! The role that a backend names for itself, in each of the forms in which people write it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::model::{
    ExternalId, Place, RoleArn, SessionDuration, SessionLimits, SessionName, SessionPolicy,
};

/// A backend's own role: `role_arn = …`, or `assume_role = { role_arn = … }` as object or block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackendRole {
    pub form: BackendRoleForm,
    pub role: RoleArn,
    pub session_name: Option<SessionName>,
    pub duration: Option<SessionDuration>,
    pub external_id: Option<ExternalId>,
    pub limits: SessionLimits,
    pub place: Option<Place>,
}

/// Terraform from 1.10 on refuses the flat form; before 1.6 nobody knows the nested one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BackendRoleForm {
    Flat,
    Nested,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("the backend's {argument}: {problem}")]
pub struct BackendRoleError {
    pub argument: String,
    pub problem: String,
}

/// The arguments that make a backend assume a role: what goes when a profile takes its place.
pub const ROLE_ARGUMENTS: [&str; 9] = [
    "assume_role",
    "assume_role_duration_seconds",
    "assume_role_policy",
    "assume_role_policy_arns",
    "assume_role_tags",
    "assume_role_transitive_tag_keys",
    "external_id",
    "role_arn",
    "session_name",
];

impl BackendRole {
    /// Reads a backend's arguments, as evaluated. The nested form wins where both are written.
    pub fn from_backend(
        arguments: &Map<String, Value>,
        place: Option<Place>,
    ) -> Result<Option<Self>, BackendRoleError> {
        let nested = match arguments.get("assume_role") {
            Some(Value::Object(object)) => Some(object),
            // A block in JSON syntax is a list of one object.
            Some(Value::Array(blocks)) => blocks.first().and_then(Value::as_object),
            _ => None,
        };
        let role = match nested {
            Some(object) => Self::read(object, &NESTED)?,
            None => Self::read(arguments, &FLAT)?,
        };
        Ok(role.map(|role| Self { place, ..role }))
    }

    fn read(
        arguments: &Map<String, Value>,
        names: &Names,
    ) -> Result<Option<Self>, BackendRoleError> {
        let read = Reader {
            arguments,
            prefix: names.prefix,
        };
        let Some(role) = read.parsed("role_arn")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            form: names.form,
            role,
            session_name: read
                .text("session_name")?
                .map(|name| SessionName::clean(&name)),
            duration: read.parsed(names.duration)?,
            external_id: read.text("external_id")?.map(ExternalId::as_written),
            limits: SessionLimits {
                policy: read.text(names.policy)?.map(SessionPolicy),
                policy_arns: read.list(names.policy_arns)?,
                tags: read.table(names.tags)?,
                transitive_tag_keys: read.list(names.transitive_tag_keys)?,
                source_identity: read.text("source_identity")?,
            },
            place: None,
        }))
    }
}

/// What the same argument is called in each form.
struct Names {
    form: BackendRoleForm,
    prefix: &'static str,
    duration: &'static str,
    policy: &'static str,
    policy_arns: &'static str,
    tags: &'static str,
    transitive_tag_keys: &'static str,
}

const FLAT: Names = Names {
    form: BackendRoleForm::Flat,
    prefix: "",
    duration: "assume_role_duration_seconds",
    policy: "assume_role_policy",
    policy_arns: "assume_role_policy_arns",
    tags: "assume_role_tags",
    transitive_tag_keys: "assume_role_transitive_tag_keys",
};

const NESTED: Names = Names {
    form: BackendRoleForm::Nested,
    prefix: "assume_role.",
    duration: "duration",
    policy: "policy",
    policy_arns: "policy_arns",
    tags: "tags",
    transitive_tag_keys: "transitive_tag_keys",
};

struct Reader<'a> {
    arguments: &'a Map<String, Value>,
    prefix: &'static str,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> Result<Option<String>, BackendRoleError> {
        match self.arguments.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(value) => self.plain(name, value).map(Some),
        }
    }

    fn parsed<T: std::str::FromStr<Err: ToString>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, BackendRoleError> {
        self.text(name)?
            .map(|text| {
                text.parse()
                    .map_err(|error: T::Err| self.error(name, error.to_string()))
            })
            .transpose()
    }

    fn list(&self, name: &str) -> Result<Vec<String>, BackendRoleError> {
        match self.arguments.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(|item| self.plain(name, item)).collect(),
            Some(_) => Err(self.error(name, "it must be a list of strings".into())),
        }
    }

    fn table(&self, name: &str) -> Result<BTreeMap<String, String>, BackendRoleError> {
        match self.arguments.get(name) {
            None | Some(Value::Null) => Ok(BTreeMap::new()),
            Some(Value::Object(pairs)) => pairs
                .iter()
                .map(|(key, value)| Ok((key.clone(), self.plain(name, value)?)))
                .collect(),
            Some(_) => Err(self.error(name, "it must be a map of strings".into())),
        }
    }

    fn plain(&self, name: &str, value: &Value) -> Result<String, BackendRoleError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => {
                Err(self.error(name, "it must be a string".into()))
            }
        }
    }

    fn error(&self, name: &str, problem: String) -> BackendRoleError {
        BackendRoleError {
            argument: format!("{}{name}", self.prefix),
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROLE: &str = "arn:aws:iam::000000000000:role/state-mgmt-role";

    fn read(arguments: &Value) -> Result<Option<BackendRole>, BackendRoleError> {
        BackendRole::from_backend(arguments.as_object().expect("an object"), None)
    }

    #[test]
    fn flat_object_and_block_name_the_same_role() {
        let flat = json!({"role_arn": ROLE, "session_name": "s", "external_id": "acme",
            "assume_role_duration_seconds": 900, "assume_role_tags": {"a": "b"}});
        let nested = json!({"role_arn": ROLE, "session_name": "s", "external_id": "acme",
            "duration": "15m", "tags": {"a": "b"}});
        let object = json!({"bucket": "b", "assume_role": nested});
        let block = json!({"bucket": "b", "assume_role": [nested]});
        let of = |arguments| read(&arguments).expect("readable").expect("a role");
        let flat = of(flat);
        assert_eq!(flat.form, BackendRoleForm::Flat);
        assert_eq!(of(object.clone()), of(block));
        assert_eq!(
            BackendRole {
                form: BackendRoleForm::Nested,
                ..flat
            },
            of(object)
        );
    }

    #[test]
    fn a_backend_without_a_role_has_none() {
        assert_eq!(read(&json!({"bucket": "b"})), Ok(None));
        assert_eq!(read(&json!({"role_arn": ""})), Ok(None));
        assert_eq!(
            read(&json!({"assume_role": {"session_name": "x"}})),
            Ok(None)
        );
    }

    #[test]
    fn an_external_id_is_taken_as_it_was_written_for_terraform() {
        let role = read(&json!({"role_arn": ROLE, "external_id": "e"}));
        let external_id = role.expect("readable").expect("a role").external_id;
        assert_eq!(external_id, Some(ExternalId::as_written("e".into())));
    }

    #[test]
    fn a_wrong_argument_is_named_with_its_place_in_the_backend() {
        let said = |arguments: Value| read(&arguments).expect_err("wrong").to_string();
        assert_eq!(
            said(json!({"assume_role": {"role_arn": ROLE, "duration": "soon"}})),
            "the backend's assume_role.duration: \"soon\" is not a duration; write seconds (3600), \
             or hours and minutes (1h30m)"
        );
        assert_eq!(
            said(json!({"role_arn": ROLE, "assume_role_tags": "x"})),
            "the backend's assume_role_tags: it must be a map of strings"
        );
    }
}
