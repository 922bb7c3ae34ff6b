//! Which variables a module declares, and which ones a file of values gives.
//!
//! Code that cannot be parsed is left to the engine, whose complaint is the one that counts.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use serde_json::Value as Json;
use terrane_hcl::{Body, Limits, Source, parse};

/// A `variable` block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclaredVariable {
    pub has_default: bool,
    pub file: String,
    /// Counted from 1; the first of a file in JSON syntax.
    pub line: u32,
}

/// The variables of a module by its files' names and texts, those that override others last.
pub fn declared_variables<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<String, DeclaredVariable> {
    let mut variables = BTreeMap::new();
    for (file, text) in files {
        if is_json(file) {
            for (name, body) in variables_in_json(text) {
                add(
                    &mut variables,
                    &name,
                    body.get("default").is_some(),
                    file,
                    1,
                );
            }
            continue;
        }
        let source = Source::new(file, text);
        let body = parse(&source, &Limits::default()).body;
        for block in body.blocks.iter().filter(|block| block.kind == "variable") {
            if let [name] = &*block.labels {
                let has_default = block.body.attribute("default").is_some();
                let line = source.position(block.span.start).line;
                add(&mut variables, &name.text, has_default, file, line);
            }
        }
    }
    variables
}

/// A file that overrides may add a default, and takes none away.
fn add(
    variables: &mut BTreeMap<String, DeclaredVariable>,
    name: &str,
    has_default: bool,
    file: &str,
    line: u32,
) {
    let known = variables.entry(name.to_owned());
    let variable = known.or_insert_with(|| DeclaredVariable {
        has_default,
        file: file.to_owned(),
        line,
    });
    variable.has_default |= has_default;
}

fn variables_in_json(text: &str) -> Vec<(String, Json)> {
    let json: Json = serde_json::from_str(text).unwrap_or_default();
    let objects = match json.get("variable") {
        Some(Json::Array(items)) => items.iter().collect(),
        Some(other) => vec![other],
        None => Vec::new(),
    };
    let entries = objects.into_iter().filter_map(Json::as_object).flatten();
    entries
        .map(|(name, body)| (name.clone(), body.clone()))
        .collect()
}

/// Whether an engine reads this file of values by itself.
pub fn is_read_by_itself(file: &str) -> bool {
    let stem = file.strip_suffix(".json").unwrap_or(file);
    stem == "terraform.tfvars" || stem.ends_with(".auto.tfvars")
}

/// The names that a file of values gives.
pub fn names_given(file: &str, text: &str) -> BTreeSet<String> {
    if is_json(file) {
        let json: Json = serde_json::from_str(text).unwrap_or_default();
        let entries = json.as_object().into_iter().flatten();
        return entries.map(|(name, _)| name.clone()).collect();
    }
    let body: Body = parse(&Source::new(file, text), &Limits::default()).body;
    let attributes = body.attributes.iter();
    attributes.map(|one| one.name.to_string()).collect()
}

fn is_json(file: &str) -> bool {
    Utf8Path::new(file).extension() == Some("json")
}

#[cfg(test)]
mod tests {
    use super::{declared_variables, is_read_by_itself, names_given};

    #[test]
    fn a_default_may_come_from_a_file_that_overrides() {
        let files = [
            (
                "main.tf",
                "variable \"a\" {}\nvariable \"b\" {\n  default = 1\n}\nvariable \"c\" {}\n",
            ),
            (
                "more.tf.json",
                r#"{"variable": [{"d": {}, "e": {"default": null}}]}"#,
            ),
            ("x_override.tf", "variable \"c\" {\n  default = null\n}\n"),
        ];
        let declared = declared_variables(files);
        let shown = declared.iter().map(|(name, one)| {
            let needed = if one.has_default { "" } else { " needed" };
            format!("{name} {}:{}{needed}", one.file, one.line)
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "a main.tf:1 needed",
                "b main.tf:2",
                "c main.tf:5",
                "d more.tf.json:1 needed",
                "e more.tf.json:1"
            ]
        );
    }

    #[test]
    fn values_have_names_in_both_syntaxes() {
        assert!(
            names_given("x.tfvars", "a = 1\nb = {}\n")
                .into_iter()
                .eq(["a", "b"])
        );
        assert!(
            names_given("x.tfvars.json", r#"{"c": 1}"#)
                .into_iter()
                .eq(["c"])
        );
        assert!(is_read_by_itself("terraform.tfvars.json") && is_read_by_itself("x.auto.tfvars"));
        assert!(!is_read_by_itself("prod.tfvars"));
    }
}
