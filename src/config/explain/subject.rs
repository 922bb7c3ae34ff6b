//! The names by which a thing is asked about: `inputs.tags["a.b"]`, `inputs.zones[0]`, and the
//! attributes of old by what has taken their place.

use terrane_hcl::{Body, Value};

use super::Spot;
use crate::config::schema::REMOVED_ATTRIBUTES;

/// The names that lead to a thing. What is not well formed is one name that nothing has.
pub(super) fn names_of(what: &str) -> Vec<String> {
    let names = split(what).unwrap_or_else(|| vec![what.to_owned()]);
    let old = REMOVED_ATTRIBUTES.iter().find(|name| what == **name);
    if let Some(old) = old {
        let now = now_said_by(old).iter();
        return now.map(|name| (*name).to_owned()).collect();
    }
    names
}

fn split(what: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = what;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return None;
        }
        names.push(name.to_owned());
        rest = after;
        while let Some(index) = rest.strip_prefix('[') {
            let (name, after) = match index.strip_prefix('"') {
                Some(quoted) => quoted.split_once("\"]")?,
                None => index.split_once(']')?,
            };
            names.push(name.to_owned());
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Some(names),
            None => return None,
        }
    }
}

/// Where the removed attributes are found today.
fn now_said_by(old: &str) -> &'static [&'static str] {
    match old {
        "skip" => &["exclude", "if"],
        "retryable_errors" => &["errors", "retry", "default", "retryable_errors"],
        "retry_max_attempts" => &["errors", "retry", "default", "max_attempts"],
        _ => &["errors", "retry", "default", "sleep_interval_sec"],
    }
}

/// The removed attribute of a file that says what a path of today asks for.
pub(super) fn said_of_old<'f, 'p>(body: &'f Body, path: &'p [&'p str]) -> Option<Spot<'f, 'p>> {
    let says = |old: &str| {
        let now = now_said_by(old);
        let covers = now.len().min(path.len());
        now[..covers] == path[..covers] || (old == "skip" && path[0] == "exclude")
    };
    let mut said = REMOVED_ATTRIBUTES.iter().filter(|old| says(old));
    let attribute = said.find_map(|old| body.attribute(old))?;
    Some(Spot {
        span: attribute.name_span,
        expression: Some(&attribute.expression),
        rest: &[],
    })
}

/// What a value has under these names, and how many of them were names: a place in a list is none,
/// and what a list is merged of has places of its own.
pub(super) fn part_of(value: &Value, path: &[&str]) -> Option<(Value, usize)> {
    let mut part = value.clone();
    let mut named = None;
    for (at, name) in path.iter().enumerate() {
        if part.is_unknown() {
            return Some((part, named.unwrap_or(path.len())));
        }
        let marks = part.marks();
        let inner = match part.items() {
            None => part.entry(name)?,
            Some(items) => match name.parse::<usize>() {
                Ok(index) => {
                    named = named.or(Some(at));
                    items.get(index)?
                }
                // Rules about errors are a list of objects that know their labels.
                Err(_) => items.iter().find(|item| {
                    let label = item.entry("name").and_then(Value::as_str);
                    label == Some(name)
                })?,
            },
        };
        part = inner.clone().with_marks(marks);
    }
    Some((part, named.unwrap_or(path.len())))
}

#[cfg(test)]
mod tests {
    use super::names_of;

    #[test]
    fn keys_may_be_quoted_and_places_in_lists_counted() {
        let names = |what: &str| names_of(what).join(" | ");
        assert_eq!(names("inputs.tags.Owner"), "inputs | tags | Owner");
        assert_eq!(
            names(r#"inputs.tags["a.b/c"].d"#),
            "inputs | tags | a.b/c | d"
        );
        assert_eq!(names("inputs.zones[0]"), "inputs | zones | 0");
        assert_eq!(names("inputs.zones.0"), "inputs | zones | 0");
        assert_eq!(names("inputs..zones"), "inputs..zones");
        assert_eq!(names("inputs[\"x"), "inputs[\"x");
        assert_eq!(names("skip"), "exclude | if");
    }
}
