//! terrane under way, and everything that it started: each of them holds the pipe on which its
//! events come, so that the pipe's end is the end of the last process.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::estate::Estate;

/// No test takes nearly as long; it only keeps a mistake from hanging for ever.
const PATIENCE: Duration = Duration::from_mins(2);

/// Hands the pipes on under numbers of their own, which all processes below inherit: 3 to say
/// something to the test, 4 to hear from it.
const KEEPING_PIPES: &str = r#"exec "$0" "$@" 3>&1 4<&0 </dev/null"#;

/// A resource that says that it is being made, and is made when the test says so.
pub(crate) const GATE: &str = r#"
resource "terraform_data" "gate" {
  provisioner "local-exec" {
    command = "echo making >&3; read go <&4"
  }
}
"#;

pub(crate) struct Running {
    terrane: Child,
    gate: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<String>,
    stderr: PathBuf,
}

impl Running {
    /// Starts terrane in the tree with its events as JSON.
    pub(crate) fn start(estate: &Estate, line: &str) -> Self {
        let stderr = estate.home().join("stderr");
        let mut terrane = Command::new("/bin/sh")
            .args(["-c", KEEPING_PIPES, env!("CARGO_BIN_EXE_terrane")])
            .args(line.split_whitespace())
            .args(["--log-format", "json"])
            .current_dir(estate.root())
            .env_clear()
            .envs(estate.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&stderr).expect("a new file"))
            .spawn()
            .expect("a shell");
        let gate = terrane.stdin.take().expect("its stdin is a pipe");
        let stdout = terrane.stdout.take().expect("its stdout is a pipe");
        Self {
            terrane,
            gate,
            lines: BufReader::new(stdout).lines(),
            seen: Vec::new(),
            stderr,
        }
    }

    /// Waits until as many resources are being made, over the whole run.
    pub(crate) async fn until_making(&mut self, count: usize) {
        self.until(|seen| seen.iter().filter(|line| *line == "making").count() == count)
            .await;
    }

    pub(crate) async fn until_stage(&mut self, stage: &str) {
        self.until(|seen| events(seen).any(|event| event["stage"] == stage))
            .await;
    }

    async fn until(&mut self, reached: impl Fn(&[String]) -> bool) {
        while !reached(&self.seen) {
            let went_on = self.read_line().await;
            assert!(went_on, "it ended before:\n{}", self.told());
        }
    }

    async fn read_line(&mut self) -> bool {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("nothing goes on:\n{}", self.told()));
        let line = line.expect("events are text");
        let went_on = line.is_some();
        self.seen.extend(line);
        went_on
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.terrane.id().expect("it was not waited for");
        kill(Pid::from_raw(id.cast_signed()), signal).expect("it is there");
    }

    /// The same once more than another moment ago: two within one moment count as one.
    pub(crate) async fn signal_again(&self, signal: Signal) {
        tokio::time::sleep(Duration::from_millis(150)).await;
        self.signal(signal);
    }

    /// Lets one of the resources be made.
    pub(crate) async fn go(&mut self) {
        self.gate
            .write_all(b"go\n")
            .await
            .expect("it is waited for");
    }

    /// Waits until the last process that terrane started has gone, and gives terrane's exit code.
    pub(crate) async fn all_gone(&mut self) -> Option<i32> {
        while self.read_line().await {}
        let status = timeout(PATIENCE, self.terrane.wait()).await;
        let status = status.expect("its pipe has ended");
        status.expect("it can be waited for").code()
    }

    /// `succeeded`, `failed` and so on.
    pub(crate) fn outcome_of(&self, unit: &str) -> String {
        let end = |event: &Value| event["event"] == "unit_ended" && event["unit"] == unit;
        let event = events(&self.seen).find(end);
        let event = event.unwrap_or_else(|| panic!("{unit} ends:\n{}", self.told()));
        event["outcome"].as_str().expect("a name").to_owned()
    }

    fn told(&self) -> String {
        let stderr = fs::read_to_string(&self.stderr).expect("its stderr is a file");
        format!("{}\n{stderr}", self.seen.join("\n"))
    }
}

fn events(seen: &[String]) -> impl Iterator<Item = Value> {
    seen.iter()
        .filter_map(|line| serde_json::from_str(line).ok())
}
