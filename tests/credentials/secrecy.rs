//! No secret where it does not belong, and many children at once.

use std::fs;
use std::time::Instant;

use crate::bench::{Bench, Started};

#[tokio::test]
async fn no_key_is_in_a_file_an_argument_or_a_childs_environment() {
    let bench = Bench::new();
    let grant = bench.grant().await;
    let engine = bench.program("terraform");
    let said = bench
        .start(&grant, &engine, &["/bin/sh", "backend", "terrane-state"])
        .said();
    assert!(
        said.contains("ASIA0state"),
        "the canaries are really handed out"
    );
    let mut looked_at = 0;
    for folder in fs::read_dir(bench.place.path()).expect("the place") {
        let folder = folder.expect("an entry").path();
        for file in fs::read_dir(&folder).into_iter().flatten() {
            let text = fs::read(file.expect("an entry").path()).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            assert!(!text.contains("canary") && !text.contains("ASIA"), "{text}");
            // The helper's arguments are those in this file; the token is not among them.
            looked_at += usize::from(text.contains("credential_process"));
        }
    }
    assert_eq!(looked_at, 1);
    for (name, value) in bench.environment_of(grant.variables()) {
        let value = value.to_string_lossy();
        assert!(
            !value.contains("canary") && !value.contains("ASIA"),
            "{}",
            name.display()
        );
    }
    let shown = format!("{:?} {grant:?} {:?}", bench.broker, bench.events);
    assert!(
        !shown.contains("canary") && !shown.contains("ASIA"),
        "{shown}"
    );
}

#[tokio::test]
async fn two_hundred_children_are_answered_at_once() {
    let mut bench = Bench::new();
    let engine = bench.program("terraform");
    let mut grants = Vec::new();
    for _ in 0..200 {
        grants.push(bench.grant().await);
    }
    let began = Instant::now();
    let children: Vec<Started> = grants
        .iter()
        .map(|grant| bench.start(grant, &engine, &["/bin/sh", "backend", "terrane-state"]))
        .collect();
    for child in children {
        assert_eq!(child.said(), "backend terrane-state: ASIA0state\n");
    }
    let took = began.elapsed();
    assert_eq!(bench.refusals(), "");
    assert_eq!(bench.assumed(), 3, "hub, doer, state-management");
    assert!(took.as_secs() < 30, "{took:?}");
}
