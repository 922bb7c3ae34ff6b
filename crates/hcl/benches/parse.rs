//! Parsing, beside hcl-edit: typical units, and an object with very many keys.

mod units;

use std::fmt::Write;

use divan::Bencher;
use divan::counter::BytesCount;
use terrane_hcl::{Limits, Source, parse};

fn main() {
    divan::main();
}

fn units_text() -> String {
    units::unit(17)
}

/// hcl-edit takes seconds for more keys than these.
const KEYS: [usize; 3] = [1_000, 5_000, 20_000];

fn wide_object(keys: usize) -> String {
    let mut text = "inputs = {\n".to_owned();
    for key in 0..keys {
        let _ = writeln!(text, "  key_{key} = \"value {key}\"");
    }
    text + "}\n"
}

fn ours(bencher: Bencher<'_, '_>, text: String) {
    let source = Source::new("terragrunt.hcl", text);
    let limits = Limits::default();
    bencher
        .counter(BytesCount::of_str(source.text()))
        .bench(|| {
            let parsed = parse(&source, &limits);
            assert!(parsed.diagnostics.is_empty());
            parsed
        });
}

fn theirs(bencher: Bencher<'_, '_>, text: &str) {
    bencher
        .counter(BytesCount::of_str(text))
        .bench(|| hcl_edit::parser::parse_body(text).expect("the text is valid"));
}

#[divan::bench]
fn unit(bencher: Bencher<'_, '_>) {
    ours(bencher, units_text());
}

#[divan::bench]
fn unit_by_hcl_edit(bencher: Bencher<'_, '_>) {
    theirs(bencher, &units_text());
}

#[divan::bench(args = KEYS)]
fn object(bencher: Bencher<'_, '_>, keys: usize) {
    ours(bencher, wide_object(keys));
}

#[divan::bench(args = KEYS, sample_count = 3)]
fn object_by_hcl_edit(bencher: Bencher<'_, '_>, keys: usize) {
    theirs(bencher, &wide_object(keys));
}
