//! A small tree, a lab for its AWS, and terrane as one would start it there: as the operator, with
//! a home of its own, and with nothing else in its environment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use terrane_lab::{Fault, Lab, PolicyOf, World};

pub(crate) const BUCKET: &str = "terraform-state-123456789011";
pub(crate) const ASSUMER: &str = "arn:aws:iam::123456789011:role/infrastructure-assumer-role";
pub(crate) const STATE: &str = "arn:aws:iam::123456789011:role/state-mgmt-role";
pub(crate) const DEV_DOER: &str = "arn:aws:iam::234567890123:role/doer-role";

const ROOT_FILE: &str = r#"
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals
}

iam_role = "arn:aws:iam::${local.account.account_id}:role/doer-role"

remote_state {
  backend  = "s3"
  generate = { path = "backend.tf", if_exists = "overwrite_terragrunt" }
  config = {
    bucket   = "terraform-state-123456789011"
    key      = "${path_relative_to_include()}/terraform.tfstate"
    region   = "us-east-1"
    encrypt  = true
    role_arn = "arn:aws:iam::123456789011:role/state-mgmt-role"
  }
}

inputs = {
  unit = path_relative_to_include()
}
"#;

const UNIT_FILE: &str = r#"
include "root" {
  path = find_in_parent_folders("root.hcl")
}
"#;

pub(crate) struct Estate {
    pub(crate) lab: Lab,
    top: PathBuf,
    _folder: TempDir,
}

/// How a command ended.
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// One call of the stand-in engine.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct EngineCall {
    pub(crate) unit: String,
    pub(crate) command: String,
    /// `doer` and `state`, with the last characters of the key that it was given.
    pub(crate) given: BTreeMap<String, String>,
}

impl Estate {
    /// Two accounts: `1-dev` with `vpc` and `eks`, which needs it; `3-prod` with `vpc`.
    pub(crate) fn new() -> Self {
        let estate = Self::of(World::landing_zone());
        estate.account("1-dev", "234567890123");
        estate.account("3-prod", "456789012345");
        estate.unit("1-dev/vpc", "");
        estate.unit(
            "1-dev/eks",
            "dependency \"vpc\" {\n  config_path  = \"../vpc\"\n  mock_outputs = { id = \"mock\" }\n}\n",
        );
        estate.unit("3-prod/vpc", "");
        estate
    }

    /// No account and no unit yet.
    pub(crate) fn of(world: World) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let estate = Self {
            lab: Lab::start(world).expect("a lab"),
            top: folder.path().canonicalize().expect("it exists"),
            _folder: folder,
        };
        for name in ["estate", "home", "tmp", "witness"] {
            fs::create_dir(estate.top.join(name)).expect("a new folder");
        }
        estate.write("root.hcl", ROOT_FILE);
        estate.write("terrane.hcl", &format!("assumer_role = \"{ASSUMER}\"\n"));
        estate
    }

    pub(crate) fn account(&self, folder: &str, id: &str) {
        let file = format!("locals {{\n  account_id = \"{id}\"\n}}\n");
        self.write(&format!("{folder}/account.hcl"), &file);
    }

    pub(crate) fn unit(&self, path: &str, more: &str) {
        self.write(
            &format!("{path}/terragrunt.hcl"),
            &format!("{UNIT_FILE}\n{more}"),
        );
        self.write(&format!("{path}/main.tf"), "variable \"unit\" {}\n");
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.top.join("estate")
    }

    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.root().join(path);
        fs::create_dir_all(file.parent().expect("a file lies in a folder")).expect("folders");
        fs::write(file, text).expect("a new file");
    }

    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) {
        let before = fs::read_to_string(self.root().join(path)).expect("the tree has it");
        assert!(before.contains(old), "{path} has no {old}");
        self.write(path, &before.replace(old, new));
    }

    /// Runs terrane in the tree's top folder to its end.
    pub(crate) fn terrane(&self, line: &str) -> Done {
        self.terrane_with(line, &[])
    }

    /// The same with other variables; one that is empty is taken out.
    pub(crate) fn terrane_with(&self, line: &str, others: &[(&str, &str)]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_terrane"));
        command
            .args(line.split_whitespace())
            .current_dir(self.root())
            .env_clear()
            .envs(self.lab.environment())
            .envs(self.lab.operator().environment())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.top.join("home"))
            .env("TMPDIR", self.top.join("tmp"))
            .env("TZ", "UTC")
            .env("TERRANE_TF_PATH", example("witness_engine"))
            .env("WITNESS_FOLDER", self.top.join("witness"));
        for (name, value) in others {
            if value.is_empty() {
                command.env_remove(name);
            } else {
                command.env(
                    name,
                    value.replace("[TOP]", self.top.to_str().expect("UTF-8")),
                );
            }
        }
        let done = command.stdin(Stdio::null()).output();
        let done = done.expect("terrane is built");
        Done {
            code: done.status.code(),
            stdout: String::from_utf8(done.stdout).expect("text"),
            stderr: String::from_utf8(done.stderr).expect("text"),
        }
    }

    /// What a person reads of the failures, and the closing words, without what differs from one
    /// run to the next. All of it is short, and nothing of what must hold after any run is broken.
    pub(crate) fn told(&self, done: &Done) -> String {
        self.nothing_is_left(done);
        let lines = done.stderr.lines().count();
        assert!(
            lines <= 40,
            "{lines} lines are more than one reads:\n{}",
            done.stderr
        );
        let text = format!("{}exit {}", done.stderr, done.code.unwrap_or(-1));
        without_progress(&self.plain(&text))
    }

    /// Nobody panicked, no lock is held, no process of the run is left, no key is shown.
    pub(crate) fn nothing_is_left(&self, done: &Done) {
        let shown = format!("{}\n{}", done.stdout, done.stderr);
        assert!(!shown.contains("panicked"), "{shown}");
        assert!(self.lab.locks().is_empty(), "{:?}", self.lab.locks());
        let top = self.top.to_str().expect("UTF-8");
        let ours = processes_with(&format!("HOME={top}/home"));
        assert!(ours.is_empty(), "left behind: {ours:?}");
        for (arn, keys) in self.lab.all_keys() {
            let token = keys.session_token.iter();
            for secret in token.chain([&keys.access_key_id, &keys.secret_access_key]) {
                assert!(
                    !shown.contains(secret.as_str()),
                    "a key of {arn} is shown:\n{shown}"
                );
            }
        }
    }

    /// That nothing was done for the units below that folder, and by that role.
    pub(crate) fn nothing_was_started(&self, folder: &str, role: &str) {
        let started = self.calls_of(folder);
        assert!(started.is_empty(), "{started:?}");
        let calls = self.lab.calls().that(|call| {
            let by = call.principal.as_deref().unwrap_or_default();
            let (account, name) = (&role[13..25], role.rsplit('/').next().unwrap_or_default());
            by.contains(account) && by.contains(name) && call.action != "sts:GetCallerIdentity"
        });
        assert!(calls.is_empty(), "{}", calls.tally());
    }

    /// That the command was run in the unit, as the doer and as state-management.
    pub(crate) fn went_on(&self, unit: &str, command: &str) {
        let calls = self.calls_of(unit);
        let call = calls.iter().find(|call| call.command == command);
        let call = call.unwrap_or_else(|| panic!("{unit} was to {command}: {calls:?}"));
        let whose = |side: &str| {
            let last = call.given.get(side);
            let last = last.unwrap_or_else(|| panic!("{unit} was given no {side}"));
            let keys = self.lab.all_keys().into_iter();
            let mut those = keys.filter(|(_, keys)| keys.access_key_id.ends_with(last.as_str()));
            those.next().expect("a key of the lab's").0
        };
        let account = unit.split('/').next().unwrap_or_default();
        let account = fs::read_to_string(self.root().join(account).join("account.hcl"));
        let account = account
            .expect("the account's file")
            .split('"')
            .nth(1)
            .map(str::to_owned);
        let doer = format!(
            "arn:aws:sts::{}:assumed-role/doer-role/",
            account.expect("its number")
        );
        assert!(
            whose("doer").starts_with(&doer),
            "{unit}: {}",
            whose("doer")
        );
        assert!(
            whose("state").contains("/state-mgmt-role/"),
            "{unit}: {}",
            whose("state")
        );
    }

    /// What the stand-in engine was called for, below that folder, in the order of units.
    pub(crate) fn calls_of(&self, folder: &str) -> Vec<EngineCall> {
        let mut calls = Vec::new();
        for entry in fs::read_dir(self.top.join("witness")).expect("the witness's folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|kind| kind != "call") {
                continue;
            }
            let text = fs::read_to_string(path).expect("a call");
            let mut lines = text.lines().filter_map(|line| line.split_once(' '));
            let (unit, command) = lines.next().expect("unit and command");
            let given = lines.map(|(who, key)| (who.to_owned(), key.to_owned()));
            if Path::new(unit).starts_with(folder) {
                calls.push(EngineCall {
                    unit: unit.to_owned(),
                    command: command.to_owned(),
                    given: given.collect(),
                });
            }
        }
        calls.sort();
        calls
    }

    /// How often each role was assumed with success, `role@account` and a number.
    pub(crate) fn assumed(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in self.lab.calls().of("sts:AssumeRole") {
            if let Some(issued) = &call.issued {
                let arn = issued
                    .role_arn
                    .strip_prefix("arn:aws:iam::")
                    .expect("a role");
                let (account, role) = arn.split_once(":role/").expect("a role");
                *counts.entry(format!("{role}@{account}")).or_default() += 1;
            }
        }
        counts
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.lab.add_fault(fault);
    }

    /// Nobody may assume that role any more, since its trust policy says so.
    pub(crate) fn distrust(&self, role: &str) {
        let statement = json!({
            "Sid": "Nobody", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
        });
        self.add(PolicyOf::Trust(role), &statement);
    }

    pub(crate) fn add(&self, of: PolicyOf<'_>, statement: &Value) {
        let changed = self.lab.add_statement(of, statement);
        assert_eq!(changed.expect("a statement"), 1);
    }

    /// A state with the output `id` for a unit.
    pub(crate) fn seed(&self, unit: &str) {
        let state = json!({
            "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": unit,
            "resources": [],
            "outputs": { "id": { "value": format!("id of {unit}"), "type": "string" } },
        });
        let key = format!("{unit}/terraform.tfstate");
        let put = self.lab.put_object(BUCKET, &key, state.to_string());
        put.expect("the bucket is there");
    }

    /// Without what differs from one run to the next.
    pub(crate) fn plain(&self, text: &str) -> String {
        let top = self.top.to_str().expect("UTF-8");
        let endpoint = self.lab.endpoint();
        let text = text
            .replace(&format!("{top}/estate"), "[ROOT]")
            .replace(&format!("{top}/home"), "[HOME]")
            .replace(top, "[TOP]")
            .replace(&endpoint, "[LAB]")
            .replace(&endpoint["http://".len()..], "[LAB]");
        let lines: Vec<String> = text
            .lines()
            .map(|line| without_times(line.trim_end()))
            .collect();
        lines.join("\n")
    }
}

/// Where cargo puts the examples that it builds together with the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("our own path");
    let target = test.parent().and_then(Path::parent);
    let program = target
        .expect("the target folder")
        .join("examples")
        .join(name);
    assert!(
        program.exists(),
        "{name} is missing: cargo build --examples"
    );
    program
}

/// The processes of this machine that have this line in their environment.
fn processes_with(line: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let with = processes.filter(|entry| {
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|known| known == line.as_bytes())
    });
    with.map(|entry| {
        let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).replace('\0', " ")
    })
    .filter(|words| !words.is_empty())
    .collect()
}

/// The blocks of failed units, sorted, and what stands around them; not what units did when.
fn without_progress(text: &str) -> String {
    let is_clock =
        |line: &str| line.as_bytes().get(2) == Some(&b':') && line.as_bytes().get(5) == Some(&b':');
    let lines = text.lines().filter(|line| {
        !(is_clock(line) || line.starts_with("  │") || line.starts_with("terrane 0"))
    });
    let (mut before, mut blocks, mut after) = (Vec::new(), Vec::<String>::new(), Vec::new());
    for line in lines {
        match blocks.last_mut() {
            _ if line.starts_with('✗') && line.contains(": ") && after.is_empty() => {
                blocks.push(line.to_owned());
            }
            Some(block) if line.starts_with("  ") && after.is_empty() => {
                *block += "\n";
                *block += line;
            }
            Some(_) => after.push(line.to_owned()),
            None => before.push(line.to_owned()),
        }
    }
    blocks.sort();
    [before, blocks, after].concat().join("\n")
}

/// `84 ms` and `1.2 s` become `[TIME]`, and so do times of day.
fn without_times(line: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in line.split(' ') {
        let is_unit =
            |word: &str| ["ms", "s"].contains(&word.trim_end_matches([')', ',', ';', ':']));
        let is_number = |word: &str| {
            let digits = word.trim_start_matches('(');
            digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse::<f64>().is_ok()
        };
        match words.last_mut() {
            Some(last) if is_unit(word) && is_number(last) => {
                let open = if last.starts_with('(') { "(" } else { "" };
                *last = format!(
                    "{open}[TIME]{}",
                    word.trim_start_matches(char::is_alphabetic)
                );
            }
            _ => words.push(word.to_owned()),
        }
    }
    words.join(" ")
}
