//! Policy documents, as IAM reads them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// A list of statements, each of which allows something.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PolicyDocument {
    pub statements: Vec<Statement>,
}

/// Nothing is denied here: what is not allowed is refused anyway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// Letters and digits, unique in its document.
    pub sid: String,
    /// Of a trust policy.
    pub principal: Option<Principal>,
    pub actions: Vec<String>,
    /// Of an identity policy.
    pub resources: Vec<String>,
    pub conditions: Vec<Condition>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Principal {
    Aws(Vec<String>),
    /// An identity provider.
    Federated(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// Such as `StringEquals`.
    pub test: &'static str,
    pub key: String,
    /// One of them is enough.
    pub values: Vec<String>,
}

impl Statement {
    /// Allows whoever has the policy to do something to a resource.
    pub fn allow<A: Into<String>>(
        sid: &str,
        actions: impl IntoIterator<Item = A>,
        resource: String,
    ) -> Self {
        Self {
            sid: sid.to_owned(),
            principal: None,
            actions: actions.into_iter().map(Into::into).collect(),
            resources: vec![resource],
            conditions: Vec::new(),
        }
    }
}

/// By itself, for a document that is there already: its name might be taken there.
impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WireStatement::of(self, false).serialize(serializer)
    }
}

impl PolicyDocument {
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// As text for reading, with its parts in the usual order.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts always have a JSON form")
    }

    /// As short as it can be, for where size is bounded.
    pub fn to_compact_text(&self) -> String {
        serde_json::to_string(&self.wire(false)).expect("texts always have a JSON form")
    }

    /// How much of a managed policy it takes: IAM does not count blanks.
    pub fn size(&self) -> usize {
        let text = serde_json::to_string(self).expect("texts always have a JSON form");
        text.len()
    }

    fn wire(&self, with_sids: bool) -> WireDocument<'_> {
        let statements = self.statements.iter();
        WireDocument {
            version: "2012-10-17",
            statement: statements
                .map(|statement| WireStatement::of(statement, with_sids))
                .collect(),
        }
    }
}

impl Serialize for PolicyDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.wire(true).serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireDocument<'d> {
    version: &'static str,
    statement: Vec<WireStatement<'d>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireStatement<'d> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'d str>,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<BTreeMap<&'static str, OneOrMany<'d>>>,
    action: OneOrMany<'d>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<OneOrMany<'d>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<&'d str, OneOrMany<'d>>>,
}

/// A single text stands without brackets, as people write it.
struct OneOrMany<'d>(&'d [String]);

impl Serialize for OneOrMany<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [one] => one.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

impl<'d> WireStatement<'d> {
    fn of(statement: &'d Statement, with_sid: bool) -> Self {
        let mut condition: BTreeMap<&'static str, BTreeMap<&str, OneOrMany<'_>>> = BTreeMap::new();
        for wanted in &statement.conditions {
            let keys = condition.entry(wanted.test).or_default();
            keys.insert(&wanted.key, OneOrMany(&wanted.values));
        }
        let resources = &statement.resources;
        Self {
            sid: with_sid.then_some(statement.sid.as_str()),
            effect: "Allow",
            principal: statement.principal.as_ref().map(|principal| {
                BTreeMap::from([match principal {
                    Principal::Aws(arns) => ("AWS", OneOrMany(arns)),
                    Principal::Federated(arn) => {
                        ("Federated", OneOrMany(std::slice::from_ref(arn)))
                    }
                }])
            }),
            action: OneOrMany(&statement.actions),
            resource: (!resources.is_empty()).then_some(OneOrMany(resources)),
            condition,
        }
    }
}
