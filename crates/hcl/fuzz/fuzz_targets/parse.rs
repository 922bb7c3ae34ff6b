//! Any bytes: nothing panics, spans are sound, and the layout changes no meaning.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use terrane_hcl::{
    BlockSchema, Diagnostics, Labels, Limits, Parsed, Source, Span, format, parse,
    parse_expression, parse_json, parse_template,
};
use terrane_hcl_fuzz::tree;

static BLOCKS: [BlockSchema<'_>; 3] = [
    BlockSchema {
        kind: "a",
        labels: Labels::Count(0),
        blocks: &BLOCKS,
    },
    BlockSchema {
        kind: "b",
        labels: Labels::Count(1),
        blocks: &BLOCKS,
    },
    BlockSchema {
        kind: "c",
        labels: Labels::Optional,
        blocks: &BLOCKS,
    },
];

fuzz_target!(|bytes: &[u8]| {
    let source = Source::from_bytes("fuzz", bytes);
    let limits = Limits::default();

    let parsed = parse(&source, &limits);
    check(&source, &parsed);
    if parsed.diagnostics.is_empty() {
        check_layout(&source, &parsed);
    } else {
        let without_blanks = |text: &str| text.replace([' ', '\t', '\u{feff}'], "");
        let formatted = format(source.text());
        assert_eq!(without_blanks(&formatted), without_blanks(source.text()));
    }

    let json = parse_json(&source, &BLOCKS, &limits);
    check_diagnostics(&json.diagnostics);
    if json.diagnostics.is_empty() {
        tree::check_spans(source.text(), &json.body);
    }

    let whole = Span::new(
        0,
        u32::try_from(source.text().len()).expect("inputs are small"),
    );
    for result in [
        parse_expression(&source, &limits),
        parse_template(&source, &limits),
    ] {
        match result {
            Ok(expression) => tree::check_expression(source.text(), &expression, whole),
            Err(diagnostics) => check_diagnostics(&diagnostics),
        }
    }
});

fn check(source: &Arc<Source>, parsed: &Parsed) {
    tree::check_spans(source.text(), &parsed.body);
    check_diagnostics(&parsed.diagnostics);
}

fn check_diagnostics(diagnostics: &Diagnostics) {
    assert!(diagnostics.len() <= 50);
    for diagnostic in diagnostics {
        let subject = diagnostic.subject.as_ref().expect("all have a place");
        let related = diagnostic.related.iter().map(|(location, _)| location);
        let changed = diagnostic.suggestion.iter().map(|change| &change.location);
        for location in related.chain(changed).chain([subject]) {
            let text = location.source.text();
            let (start, end) = (location.span.start as usize, location.span.end as usize);
            assert!(
                text.get(start..end).is_some(),
                "{start}..{end}: {diagnostic}"
            );
            assert!(location.start() <= location.end());
        }
        assert!(!diagnostic.summary.is_empty() && !diagnostic.detail.is_empty());
    }
}

/// The text in its layout has the same tree, and so has the layout of that.
fn check_layout(source: &Arc<Source>, parsed: &Parsed) {
    let written = |parsed: &Parsed| {
        let mut text = String::new();
        tree::body(&parsed.body, &mut text);
        text
    };
    let limits = Limits::default();
    let once = Source::new("once", format(source.text()));
    let twice = Source::new("twice", format(once.text()));
    let tree = written(parsed);
    for formatted in [&once, &twice] {
        let parsed = parse(formatted, &limits);
        assert!(parsed.diagnostics.is_empty(), "{}", parsed.diagnostics);
        assert_eq!(written(&parsed), tree, "{}", formatted.text());
    }
}
