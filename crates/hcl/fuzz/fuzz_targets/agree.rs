//! Texts that hcl-edit is meant to read as we do: both accept them and have the same tree.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};
use terrane_hcl::{Limits, Source, parse};
use terrane_hcl_fuzz::generate::{self, Wanted};
use terrane_hcl_fuzz::{theirs, tree};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Ok(text) = generate::body(&mut Unstructured::new(bytes), Wanted::Common) else {
        return Corpus::Reject;
    };
    let source = Source::new("fuzz", text);
    let ours = parse(&source, &Limits::default()).into_result();
    let theirs = hcl_edit::parser::parse_body(source.text());
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            let (mut one, mut other) = (String::new(), String::new());
            tree::body(&ours, &mut one);
            theirs::body(&theirs, &mut other);
            assert_eq!(one, other, "{}", source.text());
            Corpus::Keep
        }
        (Err(_), Err(_)) => Corpus::Keep,
        (Ok(_), Err(error)) => {
            // It refuses what is nested deeply.
            assert!(
                error.to_string().contains("recursion"),
                "{error}\n{}",
                source.text()
            );
            Corpus::Reject
        }
        (Err(ours), Ok(_)) => panic!("{ours}\n{}", source.text()),
    }
});
