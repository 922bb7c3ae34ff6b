//! Short ways to look at diagnostics in tests.

use std::fmt::Write;

use crate::Diagnostics;

/// All that diagnostics say, in the order in which people read it.
pub(crate) fn told(diagnostics: &Diagnostics) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let place = diagnostic
            .subject
            .as_ref()
            .map(|place| place.start().to_string());
        let _ = writeln!(out, "{} {}", place.unwrap_or_default(), diagnostic.summary);
        let mut line = |intro: &str, text: &str| {
            if !text.is_empty() {
                let _ = writeln!(out, "  {intro}{text}");
            }
        };
        line("", &diagnostic.detail);
        line("here: ", &diagnostic.label);
        for (place, text) in &diagnostic.related {
            line(&format!("{}: ", place.start()), text);
        }
        for (name, value) in &diagnostic.values {
            line(&format!("{name} = "), value);
        }
        for help in &diagnostic.help {
            line("help: ", help);
        }
        if let Some(suggestion) = &diagnostic.suggestion {
            let change = format!(
                "{} -> {}",
                suggestion.location.text(),
                suggestion.replacement
            );
            line("change: ", &change);
        }
    }
    out
}

/// So many texts, one behind the other.
pub(crate) fn repeated(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().concat()
}
