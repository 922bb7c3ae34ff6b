//! Deep merge of values: maps key by key at every depth, lists one behind the other.
//!
//! The corners are those of Terragrunt: an empty list or map of the child changes nothing, null
//! and empty scalars do, and a list cannot come to lie over a value of another kind.

use terrane_hcl::{Diagnostic, Kind, Location, Value};

/// Where in the values the kinds do not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CannotMerge {
    /// Keys from the outside in.
    path: Vec<String>,
    below: String,
}

impl CannotMerge {
    fn within(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }

    /// The problem at the place of the child's value.
    pub(crate) fn diagnostic(&self, what: &str, above: &Location, below: &Location) -> Diagnostic {
        let path = std::iter::once(what)
            .chain(self.path.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(".");
        Diagnostic::error("Values cannot be merged")
            .detail(format!(
                "{path} is a list here and a {} in the file it is merged over.",
                self.below
            ))
            .at(&above.source, above.span)
            .related(&below.source, below.span, "merged over this")
    }
}

/// The child's value over the parent's.
pub(crate) fn deep_merge(parent: &Value, child: &Value) -> Result<Value, CannotMerge> {
    let marks = parent.marks() | child.marks();
    if child.is_unknown() || parent.is_unknown() {
        return Ok(child.clone().with_marks(marks));
    }
    let merged = match (parent.kind(), child.kind()) {
        (Kind::Map(below) | Kind::Object(below), Kind::Map(above) | Kind::Object(above)) => {
            let mut entries = below.to_vec();
            for (key, value) in above {
                match parent.entry(key) {
                    Some(inherited) => {
                        let value = deep_merge(inherited, value).map_err(|e| e.within(key))?;
                        entries.push((key.clone(), value));
                    }
                    None => entries.push((key.clone(), value.clone())),
                }
            }
            Value::object(entries)
        }
        (
            Kind::List(_) | Kind::Set(_) | Kind::Tuple(_),
            Kind::List(_) | Kind::Set(_) | Kind::Tuple(_),
        ) => append_lists(parent, child),
        (Kind::Null, _) => child.clone(),
        (_, Kind::List(_) | Kind::Set(_) | Kind::Tuple(_)) => {
            return Err(CannotMerge {
                path: Vec::new(),
                below: parent.ty().to_string(),
            });
        }
        _ => child.clone(),
    };
    Ok(merged.with_marks(marks))
}

/// The elements of one list and then those of another.
pub(crate) fn append_lists(first: &Value, second: &Value) -> Value {
    let items = |value: &Value| value.items().unwrap_or_default().to_vec();
    let marks = first.marks() | second.marks();
    Value::tuple(items(first).into_iter().chain(items(second))).with_marks(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        Value::from_json(json).expect("the test's JSON is well-formed")
    }

    #[track_caller]
    fn check(parent: &str, child: &str, merged: &str) {
        let result = deep_merge(&value(parent), &value(child)).expect("they merge");
        assert_eq!(result.to_json().as_deref(), Ok(merged));
    }

    #[test]
    fn maps_merge_and_lists_are_joined() {
        check(
            r#"{"tags":{"a":1,"l":[1]},"x":1}"#,
            r#"{"tags":{"b":2,"l":[1,2]}}"#,
            r#"{"tags":{"a":1,"b":2,"l":[1,1,2]},"x":1}"#,
        );
    }

    #[test]
    fn empty_collections_change_nothing_and_empty_scalars_do() {
        check(
            r#"{"l":[1],"m":{"a":1},"s":"x"}"#,
            r#"{"l":[],"m":{},"s":""}"#,
            r#"{"l":[1],"m":{"a":1},"s":""}"#,
        );
        check(r#"{"m":{"a":1}}"#, r#"{"m":null}"#, r#"{"m":null}"#);
        check(r#"{"n":null}"#, r#"{"n":["x"]}"#, r#"{"n":["x"]}"#);
    }

    #[test]
    fn a_scalar_or_map_takes_the_place_of_anything() {
        check(
            r#"{"a":[1],"b":"x"}"#,
            r#"{"a":{"k":1},"b":{"k":1}}"#,
            r#"{"a":{"k":1},"b":{"k":1}}"#,
        );
        check(r#"{"a":{"k":1}}"#, r#"{"a":"s"}"#, r#"{"a":"s"}"#);
    }

    #[test]
    fn a_list_over_something_else_names_the_way_there() {
        let error = deep_merge(&value(r#"{"a":{"b":"x"}}"#), &value(r#"{"a":{"b":[]}}"#))
            .expect_err("a list over a string");
        assert_eq!(error.path, ["a", "b"]);
    }
}
