//! A value for programs, and as people see it: what is secret or not known yet is named in its
//! place.

use serde_json::Value as Json;
use terrane_hcl::{Marks, Value};

/// The value for programs, where all of it may be told; and for people, who see of a block only the
/// attributes that it has.
pub(super) fn shown(subject: &str, value: Option<&Value>) -> (Option<Json>, String) {
    let Some(value) = value else {
        return (None, "nothing".to_owned());
    };
    let is_told = !value.deep_marks().contains(Marks::SENSITIVE) && !value.contains_unknown();
    let json = is_told.then(|| value.to_json_value().ok()).flatten();
    let is_written = ["inputs", "local", "locals", "values"]
        .iter()
        .any(|root| subject.split('.').next() == Some(root));
    let said = if is_written {
        None
    } else {
        without_nulls(value)
    };
    let mut text = String::new();
    write(said.as_ref().unwrap_or(value), &mut text);
    (json, text)
}

fn without_nulls(block: &Value) -> Option<Value> {
    let said = block
        .entries()?
        .iter()
        .filter(|(_, value)| !value.is_null());
    let said = Value::object(said.map(|(name, value)| (name.clone(), value.clone())));
    Some(said.with_marks(block.marks()))
}

fn write(value: &Value, text: &mut String) {
    if value.marks().contains(Marks::SENSITIVE) {
        text.push_str("(sensitive)");
    } else if value.is_unknown() {
        text.push_str("(known after upstreams have run)");
    } else if let Some(entries) = value.entries() {
        let separated = |text: &mut String, (name, value): &(_, Value)| {
            text.push_str(&Json::String(ToString::to_string(name)).to_string());
            text.push(':');
            write(value, text);
        };
        list(('{', '}'), entries, separated, text);
    } else if let Some(items) = value.items() {
        list(('[', ']'), items, |text, item| write(item, text), text);
    } else {
        let plain = value.to_json();
        text.push_str(plain.as_deref().unwrap_or("(without a JSON form)"));
    }
}

fn list<T>(
    (open, close): (char, char),
    parts: &[T],
    each: impl Fn(&mut String, &T),
    text: &mut String,
) {
    text.push(open);
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        each(text, part);
    }
    text.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_told_is_named_in_its_place() {
        let secret = Value::from("hush").with_marks(Marks::SENSITIVE);
        let list = Value::tuple([Value::from(1_i64), Value::unknown()]);
        let value = Value::object([("a", secret), ("b", list), ("c", Value::from("x\"y"))]);
        let (json, text) = shown("inputs", Some(&value));
        assert_eq!(json, None);
        assert_eq!(
            text,
            r#"{"a":(sensitive),"b":[1,(known after upstreams have run)],"c":"x\"y"}"#
        );
    }

    #[test]
    fn people_see_of_a_block_what_it_says() {
        let block = Value::object([("path", Value::from("a.tf")), ("disable", Value::null())]);
        assert_eq!(shown("generate.a", Some(&block)).1, r#"{"path":"a.tf"}"#);
        assert_eq!(
            shown("inputs.a", Some(&block)).1,
            r#"{"disable":null,"path":"a.tf"}"#
        );
    }

    #[test]
    fn what_may_be_told_is_json() {
        let value = Value::object([("a", Value::tuple([Value::from(true), Value::null()]))]);
        let (json, text) = shown("inputs", Some(&value));
        assert_eq!(json.map(|json| json.to_string()), Some(text.clone()));
        assert_eq!(text, r#"{"a":[true,null]}"#);
    }
}
