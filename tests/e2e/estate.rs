//! A copy of the example's tree, a lab for its AWS, and terrane as one would start it there: as
//! the operator, with a home of its own, and with nothing else in its environment.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use terrane_lab::{Call, Calls, Lab, World};

pub(crate) const BUCKET: &str = "terraform-state-123456789011";

/// Every unit of the example's environments, with what it needs, as paths from `1-dev`.
const NEEDS: [(&str, &[&str]); 3] = [
    ("eks", &["vpc"]),
    (
        "eks_controllers",
        &["eks", "../0-shared/opensearch", "../0-shared/prometheus"],
    ),
    (
        "transit_gateway_attachments",
        &["vpc", "../0-shared/transit_gateway"],
    ),
];

pub(crate) struct Estate {
    pub(crate) lab: Lab,
    top: PathBuf,
    _folder: TempDir,
}

/// How a command ended.
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    /// All that it said, for whoever looks for the reason of a failure.
    pub(crate) told: String,
}

impl Estate {
    /// The example's tree; nothing where there is no terraform to run it.
    pub(crate) fn of_the_example() -> Option<Self> {
        if Command::new("terraform").arg("version").output().is_err() {
            return skip("there is no terraform on the PATH");
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let estate = Self {
            lab: Lab::start(World::landing_zone()).expect("a lab"),
            top: folder.path().canonicalize().expect("it exists"),
            _folder: folder,
        };
        fs::create_dir(estate.home()).expect("a new folder");
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/landing-zone");
        copy(&example, &estate.root());
        Some(estate)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.top.join("estate")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.top.join("home")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.root().join(path);
        fs::create_dir_all(file.parent().expect("a file lies in a folder")).expect("folders");
        fs::write(file, text).expect("a new file");
    }

    /// Adds to a file that the tree has.
    pub(crate) fn append(&self, path: &str, text: &str) {
        let before = fs::read_to_string(self.root().join(path)).expect("the tree has it");
        self.write(path, &(before + text));
    }

    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) {
        let before = fs::read_to_string(self.root().join(path)).expect("the tree has it");
        assert!(before.contains(old), "{path} has no {old}");
        self.write(path, &before.replace(old, new));
    }

    pub(crate) fn remove(&self, folder: &str) {
        fs::remove_dir_all(self.root().join(folder)).expect("the tree has it");
    }

    /// All that terrane finds in its environment.
    pub(crate) fn variables(&self) -> Vec<(String, OsString)> {
        let lab = self.lab.environment().into_iter();
        let mut variables: Vec<(String, OsString)> = lab
            .chain(self.lab.operator().environment())
            .map(|(name, value)| (name, value.into()))
            .collect();
        let path = std::env::var_os("PATH").unwrap_or_default();
        for (name, value) in [
            ("PATH", path),
            ("HOME", self.home().into()),
            ("TZ", "UTC".into()),
            ("CHECKPOINT_DISABLE", "1".into()),
            ("TF_CLI_CONFIG_FILE", "/dev/null".into()),
        ] {
            variables.push((name.to_owned(), value));
        }
        variables
    }

    /// Runs terrane in the tree's top folder to its end.
    pub(crate) fn terrane(&self, line: &str) -> Done {
        self.terrane_with(line, &[])
    }

    /// The same with more variables.
    pub(crate) fn terrane_with(&self, line: &str, more: &[(&str, &str)]) -> Done {
        let done = Command::new(env!("CARGO_BIN_EXE_terrane"))
            .args(line.split_whitespace())
            .current_dir(self.root())
            .env_clear()
            .envs(self.variables())
            .envs(more.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("terrane is built");
        let stdout = String::from_utf8(done.stdout).expect("text");
        let stderr = String::from_utf8_lossy(&done.stderr);
        Done {
            code: done.status.code(),
            told: format!("{}\n{stdout}\n{stderr}", done.status),
            stdout,
        }
    }

    /// Runs terrane on a fresh record, and it ends well.
    pub(crate) fn succeeds(&self, line: &str) -> String {
        self.lab.clear_record();
        let done = self.terrane(line);
        assert_eq!(done.code, Some(0), "terrane {line}: {}", done.told);
        done.stdout
    }

    /// The outputs in the state that the unit's own key names.
    pub(crate) fn outputs_in_state(&self, unit: &str) -> Value {
        let key = format!("{unit}/terraform.tfstate");
        let bytes = self.lab.object(BUCKET, &key);
        let bytes = bytes.unwrap_or_else(|| panic!("{unit} has a state"));
        let mut state: Value = serde_json::from_slice(&bytes).expect("a state is JSON");
        state["outputs"].take()
    }

    /// The roles that were assumed since the record was cleared, `role@account` each, sorted.
    pub(crate) fn assumed(&self) -> String {
        let calls = self.lab.calls().of("sts:AssumeRole");
        let mut roles: Vec<String> = calls.iter().filter_map(role_opened).collect();
        roles.sort();
        roles.join("\n")
    }

    /// State by state-management and nobody else, and no call that was refused.
    pub(crate) fn nobody_strayed(&self) {
        let calls = self.lab.calls();
        let refused = calls.clone().refused();
        assert!(refused.is_empty(), "{}", refused.tally());
        for state in ["s3:*", "dynamodb:*"] {
            let others = calls.clone().of(state).not_by("state-mgmt-role");
            assert!(others.is_empty(), "{}", others.tally());
        }
        let own = calls.by("state-mgmt-role");
        let strange = own.that(|call| !["s3", "dynamodb", "sts"].contains(&call.service.as_str()));
        assert!(strange.is_empty(), "{}", strange.tally());
        assert!(
            self.lab.locks().is_empty(),
            "no lock is left: {:?}",
            self.lab.locks()
        );
    }

    /// `(downstream, upstream)` for every edge of the tree.
    pub(crate) fn edges() -> Vec<(String, String)> {
        let mut edges = Vec::new();
        for environment in ["1-dev", "2-stage", "3-prod"] {
            for (unit, upstreams) in NEEDS {
                for upstream in upstreams {
                    let there = upstream.strip_prefix("../").map(str::to_owned);
                    let upstream = there.unwrap_or_else(|| format!("{environment}/{upstream}"));
                    edges.push((format!("{environment}/{unit}"), upstream));
                }
            }
        }
        edges
    }

    /// That none of these calls touched the first unit's state before the second's was saved for
    /// the last time.
    pub(crate) fn begins_after(calls: &Calls, later: &str, sooner: &str) {
        let about = |unit: &str| calls.clone().on(&format!("*/{unit}/terraform.tfstate"));
        let began = about(later).first().map(|call| call.seq);
        let saves = about(sooner).of("s3:PutObject");
        let saved = saves.last().map(|call| call.seq);
        assert!(saved.is_some(), "{sooner} saved its state");
        assert!(began > saved, "{later} began before {sooner} was done");
    }
}

/// `doer-role@234567890123` of a call that opened a session.
fn role_opened(call: &Call) -> Option<String> {
    let arn = &call.issued.as_ref()?.role_arn;
    let (account, role) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    Some(format!("{role}@{account}"))
}

/// Says why nothing is tested here.
#[expect(
    clippy::print_stderr,
    reason = "a skipped test has to say that it was skipped"
)]
pub(crate) fn skip<T>(reason: &str) -> Option<T> {
    eprintln!("skipped: {reason}");
    None
}

/// The files of a folder and of those below it, without what runs leave there.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry of it");
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).expect("a copy");
        }
    }
}
