//! Rules about the source that no other tool keeps: which layer may use which, what a module may be
//! called, that every module introduces itself, and that no test file is forgotten.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers from the bottom up. A module may use what stands in a lower row, and itself.
const LAYERS: [&[&str]; 6] = [
    &["model"],
    &["process"],
    &["config", "identity", "graph", "terraform", "source", "aws"],
    &["run"],
    &["report"],
    &["cli"],
];

/// Who may start processes through `process`; the other layers decide, and start nothing.
const STARTS_PROCESSES: [&str; 3] = ["source", "run", "cli"];

const NAMELESS: [&str; 9] = [
    "util", "utils", "common", "helpers", "misc", "imp", "core", "types", "manager",
];

#[test]
fn layers_only_point_down() {
    let mut upward = Vec::new();
    for file in rust_files("src") {
        let Some(from) = module_of(&file) else {
            continue;
        };
        for to in modules_used(&fs::read_to_string(&file).unwrap()) {
            if !may_use(&from, &to) {
                upward.push(format!("{}: {from} may not use {to}", file.display()));
            }
        }
    }
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}

#[test]
fn the_layer_rule_can_fail() {
    assert!(may_use("run", "config"));
    assert!(may_use("cli", "report"));
    assert!(!may_use("model", "run"));
    assert!(!may_use("config", "aws"));
    assert!(!may_use("config", "process"));
    assert_eq!(
        modules_used("use crate::run::queue;\n    crate::aws::read(x)"),
        ["run", "aws"]
    );
}

#[test]
fn the_aws_sdk_has_one_importer() {
    let importers: Vec<_> = rust_files("src")
        .into_iter()
        .filter(|file| !file.ends_with("aws/sdk.rs"))
        .filter(|file| {
            !file
                .parent()
                .is_some_and(|folder| folder.ends_with("aws/sdk"))
        })
        .filter(|file| {
            let text = fs::read_to_string(file).unwrap();
            let parts = ["aws_sdk_", "aws_config::", "aws_sigv4::", "aws_types::"];
            parts.iter().any(|part| text.contains(part))
        })
        .collect();
    assert!(
        importers.is_empty(),
        "only aws/sdk may import the SDK: {importers:?}"
    );
}

#[test]
fn every_module_introduces_itself() {
    let silent: Vec<_> = [
        "src",
        "crates/hcl/src",
        "crates/lab/src",
        "tests/it",
        "tests/e2e",
    ]
    .into_iter()
    .flat_map(rust_files)
    .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//!"))
    .filter(|file| !file.ends_with("src/main.rs"))
    .collect();
    assert!(silent.is_empty(), "a module starts with //!: {silent:?}");
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let nameless: Vec<_> = [
        "src",
        "crates/hcl/src",
        "crates/lab/src",
        "tests/it",
        "tests/e2e",
    ]
    .into_iter()
    .flat_map(rust_files)
    .filter(|file| {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap();
        NAMELESS.contains(&stem)
    })
    .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}

#[test]
fn no_test_file_is_forgotten() {
    for binary in ["tests/it", "tests/e2e"] {
        mentions_all_of(binary);
    }
}

fn mentions_all_of(binary: &str) {
    let main = fs::read_to_string(root().join(binary).join("main.rs")).unwrap();
    for file in rust_files(binary) {
        let relative = file.strip_prefix(root().join(binary)).unwrap();
        let module = relative
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs");
        assert!(
            module == "main" || main.contains(&format!("mod {module};")),
            "{binary}/main.rs does not mention {module}"
        );
    }
}

fn may_use(from: &str, to: &str) -> bool {
    let row = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    match (row(from), row(to)) {
        (Some(above), Some(below)) => {
            from == to || above > below && (to != "process" || STARTS_PROCESSES.contains(&from))
        }
        // lib.rs and main.rs hold no layer; crate-level names that are not layers are no arrows.
        _ => true,
    }
}

/// The layer names after each `crate::` of a file, in order, each once.
fn modules_used(text: &str) -> Vec<String> {
    let mut used: Vec<String> = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let name: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let grouped = rest.strip_prefix('{').map(|group| {
            let inner = &group[..group.find('}').unwrap_or(group.len())];
            inner
                .split(',')
                .map(|path| path.trim().split("::").next().unwrap().to_owned())
        });
        for name in grouped
            .into_iter()
            .flatten()
            .chain((!name.is_empty()).then_some(name))
        {
            if !used.contains(&name) {
                used.push(name);
            }
        }
    }
    used
}

/// `src/run/queue.rs` and `src/run.rs` are both of `run`.
fn module_of(file: &Path) -> Option<String> {
    let relative = file.strip_prefix(root().join("src")).ok()?;
    let first = relative.iter().next()?.to_str()?.trim_end_matches(".rs");
    LAYERS
        .iter()
        .any(|layer| layer.contains(&first))
        .then(|| first.to_owned())
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
