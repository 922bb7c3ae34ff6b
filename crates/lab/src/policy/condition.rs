//! The circumstances of a request, and what a statement's `Condition` makes of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{PolicyError, texts, wrong};
use crate::pattern;

/// Condition keys and their values. Keys are compared without regard to case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    values: BTreeMap<String, Vec<String>>,
}

/// One key of one operator of a `Condition` block; all of them must hold.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    comparison: Comparison,
    negated: bool,
    over: Over,
    if_exists: bool,
    key: String,
    wanted: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equals,
    EqualsIgnoringCase,
    Like,
    Arn,
    IsAbsent,
}

/// Which of a key's several values have to compare well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Any,
    All,
}

impl Context {
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.set_all(key, vec![value.to_owned()]);
    }

    pub(crate) fn set_all(&mut self, key: &str, values: Vec<String>) {
        self.values.insert(key.to_ascii_lowercase(), values);
    }

    /// Puts values in the place of `${aws:username}` and the like. A variable without a value
    /// gives nothing: a pattern that holds one then matches nothing, as on AWS.
    pub(crate) fn fill_in<'a>(&self, pattern: &'a str) -> Option<Cow<'a, str>> {
        if !pattern.contains("${") {
            return Some(Cow::Borrowed(pattern));
        }
        let mut filled = String::new();
        let mut rest = pattern;
        while let Some((before, variable)) = rest.split_once("${") {
            let (key, after) = variable.split_once('}')?;
            filled.push_str(before);
            filled.push_str(self.values(key).first()?);
            rest = after;
        }
        filled.push_str(rest);
        Some(Cow::Owned(filled))
    }

    fn values(&self, key: &str) -> &[String] {
        self.values
            .get(&key.to_ascii_lowercase())
            .map_or(&[], Vec::as_slice)
    }
}

impl Condition {
    /// Reads a whole `Condition` object: operators, each with keys, each with wanted values.
    pub(super) fn parse_block(block: &Value) -> Result<Vec<Self>, PolicyError> {
        let operators = block
            .as_object()
            .ok_or_else(|| wrong("`Condition` is an object"))?;
        let mut conditions = Vec::new();
        for (operator, keys) in operators {
            let keys = keys
                .as_object()
                .ok_or_else(|| wrong(format!("`{operator}` takes an object of condition keys")))?;
            for (key, wanted) in keys {
                conditions.push(Self::parse(operator, key, texts(key, wanted)?)?);
            }
        }
        Ok(conditions)
    }

    fn parse(operator: &str, key: &str, wanted: Vec<String>) -> Result<Self, PolicyError> {
        let (over, name) = match operator.split_once(':') {
            Some(("ForAllValues", name)) => (Over::All, name),
            Some(("ForAnyValue", name)) => (Over::Any, name),
            Some(_) | None => (Over::Any, operator),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (comparison, negated) = match name {
            "StringEquals" | "Bool" => (Comparison::Equals, false),
            "StringNotEquals" => (Comparison::Equals, true),
            "StringEqualsIgnoreCase" => (Comparison::EqualsIgnoringCase, false),
            "StringNotEqualsIgnoreCase" => (Comparison::EqualsIgnoringCase, true),
            "StringLike" => (Comparison::Like, false),
            "StringNotLike" => (Comparison::Like, true),
            "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
            "Null" => (Comparison::IsAbsent, false),
            _ => {
                return Err(wrong(format!(
                    "the lab cannot evaluate the operator `{operator}`"
                )));
            }
        };
        Ok(Self {
            comparison,
            negated,
            over,
            if_exists,
            key: key.to_owned(),
            wanted,
        })
    }

    pub(crate) fn holds(&self, context: &Context) -> bool {
        let actual = context.values(&self.key);
        if self.comparison == Comparison::IsAbsent {
            return self
                .wanted
                .iter()
                .any(|wanted| wanted == &actual.is_empty().to_string());
        }
        if actual.is_empty() {
            return self.if_exists || self.negated || self.over == Over::All;
        }
        let satisfies = |value: &String| {
            self.wanted
                .iter()
                .any(|wanted| self.compares(wanted, value, context))
                != self.negated
        };
        match self.over {
            Over::Any => actual.iter().any(satisfies),
            Over::All => actual.iter().all(satisfies),
        }
    }

    fn compares(&self, wanted: &str, actual: &str, context: &Context) -> bool {
        let Some(wanted) = context.fill_in(wanted) else {
            return false;
        };
        match self.comparison {
            Comparison::Equals => wanted == actual,
            Comparison::EqualsIgnoringCase => wanted.eq_ignore_ascii_case(actual),
            Comparison::Like => pattern::matches(&wanted, actual),
            Comparison::Arn => pattern::matches_arn(&wanted, actual),
            Comparison::IsAbsent => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(block: &Value, context: &[(&str, &[&str])]) -> bool {
        let mut circumstances = Context::default();
        for (key, values) in context {
            circumstances.set_all(key, values.iter().map(ToString::to_string).collect());
        }
        let conditions = Condition::parse_block(block).expect("the block is well formed");
        conditions
            .iter()
            .all(|condition| condition.holds(&circumstances))
    }

    #[test]
    fn one_of_several_wanted_values_is_enough() {
        let block = json!({"StringEquals": {"sts:ExternalId": ["a", "b"]}});
        assert!(holds(&block, &[("sts:ExternalId", &["b"])]));
        assert!(!holds(&block, &[("sts:ExternalId", &["c"])]));
    }

    #[test]
    fn a_missing_key_fails_a_positive_operator_and_passes_a_negated_one() {
        assert!(!holds(&json!({"StringLike": {"sts:ExternalId": "*"}}), &[]));
        assert!(holds(
            &json!({"StringNotLike": {"sts:ExternalId": "a"}}),
            &[]
        ));
        assert!(holds(
            &json!({"StringLikeIfExists": {"sts:ExternalId": "a"}}),
            &[]
        ));
    }

    #[test]
    fn keys_are_found_whatever_their_case() {
        let block = json!({"StringEquals": {"AWS:principalaccount": "123456789011"}});
        assert!(holds(
            &block,
            &[("aws:PrincipalAccount", &["123456789011"])]
        ));
    }

    #[test]
    fn null_asks_whether_a_key_is_absent() {
        assert!(holds(&json!({"Null": {"sts:ExternalId": true}}), &[]));
        assert!(!holds(
            &json!({"Null": {"sts:ExternalId": "true"}}),
            &[("sts:ExternalId", &["x"])]
        ));
    }

    #[test]
    fn for_all_values_holds_only_if_every_value_does() {
        let block = json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "state/dev/*"}});
        assert!(holds(
            &block,
            &[("dynamodb:LeadingKeys", &["state/dev/a", "state/dev/b"])]
        ));
        assert!(!holds(
            &block,
            &[("dynamodb:LeadingKeys", &["state/dev/a", "state/prod/b"])]
        ));
        assert!(holds(&block, &[]));
    }

    #[test]
    fn a_variable_takes_the_value_of_its_key_and_without_one_matches_nothing() {
        let block = json!({"StringLike": {"s3:prefix": "${aws:PrincipalTag/unit}/*"}});
        let tagged: &[(&str, &[&str])] = &[
            ("s3:prefix", &["dev/vpc/x"]),
            ("aws:PrincipalTag/unit", &["dev/vpc"]),
        ];
        assert!(holds(&block, tagged));
        assert!(!holds(&block, &tagged[..1]));
    }

    #[test]
    fn an_operator_that_cannot_be_evaluated_is_refused_at_once() {
        let block = json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}});
        let error = Condition::parse_block(&block).expect_err("the operator is unknown");
        assert_eq!(
            error.to_string(),
            "the lab cannot evaluate the operator `IpAddress`"
        );
    }
}
