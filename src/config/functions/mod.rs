//! Terragrunt's own functions, one file a family. The language's functions are in the language.
//!
//! A function is a row in its family's table. It sees the file that calls it through a `View`: in
//! an included file, folders are those of the unit that includes it.

mod accounts;
mod commands;
mod environment;
mod folders;
mod reading;
mod versions;

use terrane_hcl::{Arguments, CallError, Value};

use super::options::LoadOptions;
use super::scope::View;

/// What a call comes to.
pub(crate) type Called = Result<Value, CallError>;

/// One function.
pub struct Function {
    pub name: &'static str,
    /// How it is called, for `--help` and messages.
    pub usage: &'static str,
    /// What it gives, in a sentence.
    pub about: &'static str,
    pub(crate) body: fn(&View<'_>, &Arguments<'_>) -> Called,
}

const FAMILIES: [&[Function]; 6] = [
    folders::FUNCTIONS,
    environment::FUNCTIONS,
    reading::FUNCTIONS,
    commands::FUNCTIONS,
    accounts::FUNCTIONS,
    versions::FUNCTIONS,
];

/// All functions that are there for everybody.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.into_iter().flatten()
}

/// The function of this name, if it is there and switched on.
pub(crate) fn find(name: &str, options: &LoadOptions) -> Option<&'static Function> {
    let experiment = options
        .experiments
        .deep_merge
        .then_some(&versions::DEEP_MERGE);
    all()
        .chain(experiment)
        .find(|function| function.name == name)
}

/// The names of the functions that can be called.
pub(crate) fn names(options: &LoadOptions) -> Vec<String> {
    let experiment = options
        .experiments
        .deep_merge
        .then_some(&versions::DEEP_MERGE);
    all()
        .chain(experiment)
        .map(|function| function.name.to_owned())
        .collect()
}

/// A list of words that never change.
fn words(words: &[&str]) -> Value {
    Value::tuple(words.iter().map(|word| Value::from(*word)))
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_says_what_it_is_for() {
        for function in all() {
            assert!(
                function.usage.starts_with(function.name),
                "{}",
                function.name
            );
            assert!(function.about.ends_with('.'), "{}", function.name);
        }
    }

    #[test]
    fn no_function_hides_one_of_the_language() {
        let own: Vec<&str> = all().map(|function| function.name).collect();
        let hidden: Vec<&str> = terrane_hcl::function_names()
            .filter(|name| own.contains(name))
            .collect();
        assert!(
            hidden.is_empty(),
            "the language answers first for {hidden:?}"
        );
    }
}
