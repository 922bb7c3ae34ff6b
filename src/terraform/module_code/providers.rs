//! AWS provider blocks: who each of them acts as, as far as that is written out.
//!
//! People write `assume_role` as a block, as several in a row, as an object or as a list of
//! objects, in HCL and in JSON. A role that a variable or another resource names is known to the
//! engine alone.

use serde_json::Value as Json;
use terrane_hcl::ast::{Body, Expression};

use super::objects;

/// A `provider "aws"` block that chooses by itself who it acts as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AssumingProvider {
    /// `None` for the default one.
    pub alias: Option<String>,
    pub starts_as: StartsAs,
    /// The roles that it assumes, each from the one before. `None` where only the engine can tell
    /// which.
    pub roles: Vec<Option<String>>,
    pub file: String,
    /// Counted from 1; the first of a file in JSON syntax.
    pub line: u32,
}

/// Who a provider is before it assumes anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StartsAs {
    Environment,
    Profile(String),
    /// A token buys the first role.
    WebIdentity,
}

const ASSUME: &str = "assume_role";
const BY_TOKEN: &str = "assume_role_with_web_identity";

pub(super) fn in_block(provider: &Body, file: &str, line: u32) -> Option<AssumingProvider> {
    let written = |name: &str| {
        let attribute = provider.attribute(name)?;
        attribute.expression.as_string().map(str::to_owned)
    };
    Written {
        alias: written("alias"),
        profile: written("profile"),
        by_token: roles_in(provider, BY_TOKEN),
        assumed: roles_in(provider, ASSUME),
    }
    .provider(file, line)
}

pub(super) fn in_json(provider: &Json, file: &str) -> Option<AssumingProvider> {
    let roles = |name: &str| -> Vec<Option<String>> {
        let assumed = objects(provider.get(name)).into_iter();
        assumed
            .map(|object| plain(object.get("role_arn")))
            .collect()
    };
    Written {
        alias: plain(provider.get("alias")),
        profile: plain(provider.get("profile")),
        by_token: roles(BY_TOKEN),
        assumed: roles(ASSUME),
    }
    .provider(file, 1)
}

struct Written {
    alias: Option<String>,
    profile: Option<String>,
    by_token: Vec<Option<String>>,
    assumed: Vec<Option<String>>,
}

impl Written {
    fn provider(self, file: &str, line: u32) -> Option<AssumingProvider> {
        let starts_as = match (self.profile, self.by_token.is_empty()) {
            (_, false) => StartsAs::WebIdentity,
            (Some(profile), true) => StartsAs::Profile(profile),
            (None, true) => StartsAs::Environment,
        };
        let roles: Vec<Option<String>> = self.by_token.into_iter().chain(self.assumed).collect();
        if roles.is_empty() && starts_as == StartsAs::Environment {
            return None;
        }
        Some(AssumingProvider {
            alias: self.alias,
            starts_as,
            roles,
            file: file.to_owned(),
            line,
        })
    }
}

/// The roles of the blocks of that name, or of the object or the objects in the attribute.
fn roles_in(provider: &Body, name: &str) -> Vec<Option<String>> {
    let blocks = provider.blocks_of(name).map(|block| {
        let role = block.body.attribute("role_arn");
        role.and_then(|role| literal(&role.expression))
    });
    let value = provider.attribute(name).map(|value| &value.expression);
    let values: Vec<&Expression> = match value.map(|value| (value, value.as_tuple())) {
        None => Vec::new(),
        Some((_, Some(items))) => items.iter().collect(),
        Some((value, None)) => vec![value],
    };
    let values = values.into_iter().filter(|value| !is_null(value));
    blocks.chain(values.map(role_in_object)).collect()
}

/// An expression that is no object may still come to one.
fn role_in_object(value: &Expression) -> Option<String> {
    let mut items = value.as_object()?.iter();
    let item = items.rfind(|item| item.key.name() == Some("role_arn"))?;
    literal(&item.value)
}

fn is_null(value: &Expression) -> bool {
    value.as_keyword() == Some("null")
}

fn literal(expression: &Expression) -> Option<String> {
    expression.as_string().map(str::to_owned)
}

fn plain(json: Option<&Json>) -> Option<String> {
    let text = json.and_then(Json::as_str)?;
    (!text.contains("${")).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::ModuleCode;

    /// A provider a line: where, its alias, who it starts as, the roles.
    fn shown(name: &str, text: &str) -> String {
        let code = ModuleCode::read([(name, text)]);
        let mut lines = String::new();
        for provider in &code.assuming_providers {
            let alias = provider.alias.as_deref().unwrap_or("-");
            let starts = &provider.starts_as;
            write!(
                lines,
                "{}:{} {alias} {starts:?}",
                provider.file, provider.line
            )
            .expect("a string takes everything");
            for role in &provider.roles {
                write!(lines, " → {}", role.as_deref().unwrap_or("?"))
                    .expect("a string takes everything");
            }
            lines.push('\n');
        }
        lines
    }

    #[test]
    fn providers_tell_whom_they_assume_in_every_form() {
        let text = r#"
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias = "block"
  assume_role {
    role_arn = "arn:aws:iam::1:role/x"
  }
}
provider "aws" {
  assume_role = { role_arn = var.role }
}
provider "aws" {
  alias       = "several"
  assume_role = [{ role_arn = "arn:aws:iam::2:role/y" }, { role_arn = "arn:aws:iam::3:role/z" }]
}
provider "aws" {
  alias = "in_a_row"
  assume_role {
    role_arn = "arn:aws:iam::1:role/first"
  }
  assume_role {
    role_arn = "arn:aws:iam::1:role/second"
  }
}
provider "aws" {
  alias   = "source"
  profile = "source"
  assume_role {
    role_arn = "arn:aws:iam::1:role/x"
  }
}
provider "aws" {
  alias   = "destination"
  profile = "destination"
}
provider "aws" {
  alias = "token"
  assume_role_with_web_identity {
    role_arn                = "arn:aws:iam::1:role/by-token"
    web_identity_token_file = "/run/token"
  }
  assume_role {
    role_arn = "arn:aws:iam::1:role/then"
  }
}
provider "aws" {
  alias       = "computed"
  assume_role = local.role
}
provider "aws" {
  alias       = "none"
  assume_role = null
}
provider "google" {
  assume_role {}
}
"#;
        insta::assert_snapshot!(shown("main.tf", text), @r#"
        main.tf:5 block Environment → arn:aws:iam::1:role/x
        main.tf:11 - Environment → ?
        main.tf:14 several Environment → arn:aws:iam::2:role/y → arn:aws:iam::3:role/z
        main.tf:18 in_a_row Environment → arn:aws:iam::1:role/first → arn:aws:iam::1:role/second
        main.tf:27 source Profile("source") → arn:aws:iam::1:role/x
        main.tf:34 destination Profile("destination")
        main.tf:38 token WebIdentity → arn:aws:iam::1:role/by-token → arn:aws:iam::1:role/then
        main.tf:48 computed Environment → ?
        "#);
    }

    #[test]
    fn json_tells_the_same() {
        let text = r#"{"provider": {"aws": [
            {"region": "eu-west-1"},
            {"alias": "a", "assume_role": {"role_arn": "arn:aws:iam::1:role/x"}},
            {"alias": "b", "assume_role": [{"role_arn": "${var.role}"}, {"role_arn": "r"}]},
            {"alias": "c", "profile": "source"}
        ]}}"#;
        insta::assert_snapshot!(shown("main.tf.json", text), @r#"
        main.tf.json:1 a Environment → arn:aws:iam::1:role/x
        main.tf.json:1 b Environment → ? → r
        main.tf.json:1 c Profile("source")
        "#);
    }
}
