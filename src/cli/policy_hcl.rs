//! Policy documents as terraform code.

use std::fmt::Write as _;

use terrane_hcl::{Value, format};

use crate::identity::policy::{Actor, PolicyDocument, Principal, Statement};
use crate::model::RoleArn;

/// What a document belongs to.
pub(super) enum Attached {
    /// The trust policy of a role.
    Trust(RoleArn),
    /// An identity policy of whoever acts.
    Rights(Actor),
    /// What one unit needs, for whoever has a use for it.
    Unit(String),
}

/// A data source, and the resource that takes it.
pub(super) fn of(document: &PolicyDocument, attached: &Attached) -> String {
    let label = attached.label();
    let mut text = format!("# {}\n", attached.about());
    push(
        &mut text,
        &format!("data \"aws_iam_policy_document\" {} {{\n", quoted(&label)),
    );
    for (index, statement) in document.statements.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        push_statement(&mut text, statement);
    }
    text.push_str("}\n");
    if let Some(resource) = attached.resource(&label) {
        push(&mut text, &format!("\n{resource}"));
    }
    format(&text)
}

impl Attached {
    fn about(&self) -> String {
        match self {
            Self::Trust(role) | Self::Rights(Actor::Role(role)) => role.to_string(),
            Self::Rights(Actor::Base(base)) => base.shown("the base identity"),
            Self::Rights(Actor::Token) => "the base identity".to_owned(),
            Self::Unit(path) => format!("unit {path}"),
        }
    }

    /// Unique over accounts.
    fn label(&self) -> String {
        match self {
            Self::Trust(role) => format!("{}_trust", label_of(role)),
            Self::Rights(Actor::Role(role)) => label_of(role),
            Self::Rights(Actor::Base(base)) => match base.profile() {
                Some(name) => identifier(&format!("profile_{name}")),
                None => "base_identity".to_owned(),
            },
            Self::Rights(Actor::Token) => "base_identity".to_owned(),
            Self::Unit(path) => identifier(&format!("unit_{path}")),
        }
    }

    fn resource(&self, label: &str) -> Option<String> {
        let json = format!("data.aws_iam_policy_document.{label}.json");
        match self {
            Self::Trust(role) => {
                let path = match role.path() {
                    "/" => String::new(),
                    path => format!("path = {}\n", quoted(path)),
                };
                Some(format!(
                    "resource \"aws_iam_role\" {} {{\nname = {}\n{path}assume_role_policy = {json}\n}}\n",
                    quoted(&label_of(role)),
                    quoted(role.name())
                ))
            }
            Self::Rights(Actor::Role(role)) => Some(format!(
                "resource \"aws_iam_role_policy\" {} {{\nname = \"terrane\"\nrole = {}\npolicy = {json}\n}}\n",
                quoted(label),
                quoted(role.name())
            )),
            Self::Rights(Actor::Base(_) | Actor::Token) | Self::Unit(_) => None,
        }
    }
}

fn push_statement(text: &mut String, statement: &Statement) {
    push(text, "statement {\n");
    push(text, &format!("sid = {}\n", quoted(&statement.sid)));
    push(text, &format!("actions = {}\n", list(&statement.actions)));
    if !statement.resources.is_empty() {
        push(
            text,
            &format!("resources = {}\n", list(&statement.resources)),
        );
    }
    let principal = statement
        .principal
        .as_ref()
        .map(|principal| match principal {
            Principal::Aws(arns) => ("AWS", list(arns)),
            Principal::Federated(arn) => ("Federated", list(std::slice::from_ref(arn))),
        });
    if let Some((kind, identifiers)) = principal {
        let kind = quoted(kind);
        push(
            text,
            &format!("\nprincipals {{\ntype = {kind}\nidentifiers = {identifiers}\n}}\n"),
        );
    }
    for condition in &statement.conditions {
        let (test, key) = (quoted(condition.test), quoted(&condition.key));
        let values = list(&condition.values);
        push(
            text,
            &format!("\ncondition {{\ntest = {test}\nvariable = {key}\nvalues = {values}\n}}\n"),
        );
    }
    push(text, "}\n");
}

fn push(text: &mut String, more: &str) {
    write!(text, "{more}").expect("a string takes everything");
}

/// Several items stand below each other, so that a changed one is a changed line.
fn list(items: &[String]) -> String {
    let mut quoted = items.iter().map(|item| quoted(item));
    match items.len() {
        0 | 1 => format!("[{}]", quoted.next().unwrap_or_default()),
        _ => {
            let lines: Vec<String> = quoted.collect();
            format!("[\n{},\n]", lines.join(",\n"))
        }
    }
}

fn quoted(text: &str) -> String {
    let literal = Value::string(text).to_hcl();
    literal.expect("a text is known").trim_end().to_owned()
}

fn label_of(role: &RoleArn) -> String {
    identifier(&format!("{}_{}", role.name(), role.account()))
}

fn identifier(text: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = text.chars().map(letter).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}
