//! Expressions out of random bytes: evaluating ends, tells nothing secret, keeps to what it said
//! while something was unknown, and its values survive being written.

#![no_main]

use std::sync::Arc;

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use terrane_hcl::{
    Budget, Context, Diagnostics, Expression, Host, Kind, Limits, Marks, Source, Type, Value,
    convert, evaluate, parse_expression,
};
use terrane_hcl_fuzz::generate::{self, Wanted};
use terrane_hcl_fuzz::host::Variables;

const SECRET: &str = "hunter2hunter2";
/// Of the same length, as an error may tell the length.
const OTHER_SECRET: &str = "swordfishswordfish";

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some(text) = text(bytes) else {
        return Corpus::Reject;
    };
    let source = Source::new("fuzz", text);
    let Ok(expression) = parse_expression(&source, &limits()) else {
        return Corpus::Keep;
    };
    let run = |host: &dyn Host| run(&source, &expression, host);

    let unsure = run(&Variables::with_unknown(SECRET));
    match &unsure {
        Ok(value) => check_value(value),
        Err(diagnostics) => check_diagnostics(&source, diagnostics),
    }
    assert_eq!(
        describe(&unsure),
        describe(&run(&Variables::with_unknown(SECRET)))
    );

    let known = Variables {
        unknown: Value::from("b"),
        secret: SECRET,
    };
    // Types alone may answer a comparison, whatever its sides come to; then `try` and `can` learn
    // only from known values that a side fails.
    if !looks_at_failure(&source)
        && let (Ok(before), Ok(after)) = (&unsure, run(&known))
    {
        assert!(
            may_become(before, &after),
            "{before:?}\nbecame\n{after:?}\n{}",
            source.text()
        );
    }
    check_secret(
        &source,
        &unsure,
        &run(&Variables::with_unknown(OTHER_SECRET)),
    );
    Corpus::Keep
});

/// The bytes as they are, or what can be made of them.
fn text(bytes: &[u8]) -> Option<String> {
    let (first, rest) = bytes.split_first()?;
    if first % 4 == 0 {
        return Some(String::from_utf8_lossy(rest).into_owned());
    }
    generate::expression(&mut Unstructured::new(rest), Wanted::Everything).ok()
}

/// Small, so that what is slow is found by its steps and not by the clock.
fn limits() -> Limits {
    Limits {
        steps: 100_000,
        value_bytes: 1 << 20,
        total_bytes: 8 << 20,
        collection_items: 10_000,
        ..Limits::default()
    }
}

fn run(
    source: &Arc<Source>,
    expression: &Expression,
    host: &dyn Host,
) -> Result<Value, Diagnostics> {
    let budget = Budget::new(limits());
    evaluate(
        expression,
        &Context {
            source,
            host,
            budget: &budget,
        },
    )
}

fn describe(result: &Result<Value, Diagnostics>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(diagnostics) => format!("{diagnostics:?}"),
    }
}

/// A value that is written as JSON or HCL and read again is the same, but for its types.
fn check_value(value: &Value) {
    let Ok(json) = value.to_json() else { return };
    let read = Value::from_json(&json).expect("it was written as JSON");
    assert_eq!(read.to_json().as_deref(), Ok(&*json));
    let Ok(hcl) = value.to_hcl() else { return };
    let source = Source::new("written", hcl + "\n");
    let expression = match parse_expression(&source, &Limits::default()) {
        Ok(expression) => expression,
        Err(diagnostics) => {
            // Values may be nested deeper than texts.
            assert!(
                diagnostics.to_string().contains("Limit"),
                "{diagnostics}\n{}",
                source.text()
            );
            return;
        }
    };
    let read = run(&source, &expression, &Variables::with_unknown(SECRET));
    let read = read.map(|value| value.to_json());
    assert_eq!(read.expect("it has a value").as_deref(), Ok(&*json));
}

fn check_diagnostics(source: &Source, diagnostics: &Diagnostics) {
    assert!(diagnostics.has_errors());
    for diagnostic in diagnostics {
        let subject = diagnostic.subject.as_ref().expect("all have a place");
        assert!(
            subject
                .source
                .text()
                .get(subject.span.start as usize..)
                .is_some()
        );
        assert!(!diagnostic.detail.is_empty() || !diagnostic.label.is_empty());
    }
    let is_told = format!("{diagnostics:?}").contains(SECRET);
    assert!(
        !is_told || unveils(source),
        "{diagnostics:?}\n{}",
        source.text()
    );
}

/// Whether what was known of a value while something was unknown still holds. Its type need not:
/// the branch of a conditional that is not taken has a say in it, unless it fails.
fn may_become(before: &Value, after: &Value) -> bool {
    if let (Some(before), Some(after)) = (before.entries(), after.entries()) {
        let mut pairs = before.iter().zip(after);
        return before.len() == after.len()
            && pairs.all(|(before, after)| before.0 == after.0 && may_become(&before.1, &after.1));
    }
    match (before.kind(), after.kind()) {
        (Kind::Unknown, _) | (Kind::Null, Kind::Null) => true,
        // Which order the elements of a set have depends on their type.
        (Kind::Set(_), _) | (_, Kind::Set(_)) => true,
        (Kind::List(before) | Kind::Tuple(before), Kind::List(after) | Kind::Tuple(after)) => {
            let mut pairs = before.iter().zip(after);
            before.len() == after.len() && pairs.all(|(before, after)| may_become(before, after))
        }
        _ => {
            let text = |value: &Value| convert(&value.unmark_deep().0, &Type::String);
            matches!((text(before), text(after)), (Ok(before), Ok(after)) if before == after)
        }
    }
}

/// Whether the text may make known what is secret.
fn unveils(source: &Source) -> bool {
    source.text().contains("nonsensitive")
}

/// Whether the result may depend on something failing.
fn looks_at_failure(source: &Source) -> bool {
    ["try", "can"]
        .iter()
        .any(|name| source.text().contains(name))
}

/// What depends on a secret is marked. `try` and `can` tell whether something failed.
fn check_secret(
    source: &Source,
    one: &Result<Value, Diagnostics>,
    other: &Result<Value, Diagnostics>,
) {
    if unveils(source) || looks_at_failure(source) {
        return;
    }
    let (Ok(one), Ok(other)) = (one, other) else {
        return;
    };
    let (bare, marks) = one.unmark_deep();
    if bare != other.unmark_deep().0 {
        assert!(
            marks.contains(Marks::SENSITIVE),
            "{one:?}\nbeside\n{other:?}\n{}",
            source.text()
        );
    }
}
