//! A folder of a test's own, and in it a run whose children follow scripts.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::time::timeout;

/// No test takes nearly as long; it only keeps a mistake from hanging for ever.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Scene {
    folder: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub(crate) fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).expect("a UTF-8 path")
    }

    /// A script with `{}` standing for the scene's folder.
    pub(crate) fn script(&self, text: &str) -> String {
        text.replace("{}", self.path().as_str())
    }

    /// Makes a file for which a script waits.
    pub(crate) fn make(&self, name: &str) {
        make(&self.path().join(name));
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).expect("the file is there")
    }

    /// Starts the example `run_scripts`.
    pub(crate) fn run(&self, command: &str, units: &[&str]) -> Running {
        let units = units.iter().map(|unit| self.script(unit));
        let mut process = tokio::process::Command::new(example("run_scripts"))
            .args([command, self.path().as_str()])
            .args(units)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example is built: cargo build --examples");
        let stdout = process.stdout.take().expect("its stdout is a pipe");
        Running {
            process,
            events: Some(BufReader::new(stdout).lines()),
            seen: Vec::new(),
        }
    }
}

/// Where cargo puts the examples that it builds together with the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let own_path = std::env::current_exe().expect("a running program has a path");
    let profile = own_path
        .parent()
        .and_then(Path::parent)
        .expect("tests lie in <profile>/deps");
    profile.join("examples").join(name)
}

/// A run under way.
pub(crate) struct Running {
    process: Child,
    events: Option<Lines<BufReader<ChildStdout>>>,
    pub(crate) seen: Vec<Value>,
}

/// A run that has ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) events: Vec<Value>,
    pub(crate) log: String,
}

impl Running {
    /// Waits until the unit has said this line.
    pub(crate) async fn until_said(&mut self, unit: &str, text: &str) {
        self.until(|event| event["unit"] == unit && event["text"] == text)
            .await;
    }

    pub(crate) async fn until_stage(&mut self, stage: &str) {
        self.until(|event| event["stage"] == stage).await;
    }

    async fn until(&mut self, reached: impl Fn(&Value) -> bool) {
        while !self.seen.iter().any(&reached) {
            let event = self.next_event().await;
            self.seen
                .push(event.expect("what is waited for comes before the end"));
        }
    }

    async fn next_event(&mut self) -> Option<Value> {
        let events = self.events.as_mut().expect("somebody still reads");
        let line = timeout(PATIENCE, events.next_line())
            .await
            .expect("it goes on");
        let line = line.expect("its stdout can be read")?;
        Some(serde_json::from_str(&line).expect("each line is JSON"))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.process.id().expect("it was not waited for");
        send(id, signal);
    }

    /// Stops reading its events, as `| head` does.
    pub(crate) fn close_its_stdout(&mut self) {
        self.events = None;
    }

    pub(crate) async fn ended(mut self) -> Ended {
        if self.events.is_some() {
            while let Some(event) = self.next_event().await {
                self.seen.push(event);
            }
        }
        let mut log = String::new();
        let mut stderr = self.process.stderr.take().expect("its stderr is a pipe");
        stderr
            .read_to_string(&mut log)
            .await
            .expect("the log is text");
        let status = timeout(PATIENCE, self.process.wait())
            .await
            .expect("it ends");
        let code = status.expect("it can be waited for").code();
        Ended {
            code,
            events: self.seen,
            log,
        }
    }

    pub(crate) async fn killed(mut self) {
        self.process.kill().await.expect("it can be killed");
    }

    /// The number of the process that said it.
    pub(crate) fn pid_of(&self, unit: &str) -> u32 {
        let said = |event: &Value| {
            let text = event["text"].as_str()?;
            (event["unit"] == unit).then(|| text.strip_prefix("pid ")?.parse().ok())?
        };
        self.seen
            .iter()
            .find_map(said)
            .expect("it has said its number")
    }
}

impl Ended {
    /// All that the unit's children said, in order.
    pub(crate) fn words_of(&self, unit: &str) -> Vec<&str> {
        let said = |event: &'_ Value| event["unit"] == unit && event["event"] == "unit_line";
        let events = self.events.iter().filter(|event| said(event));
        events.filter_map(|event| event["text"].as_str()).collect()
    }

    pub(crate) fn outcome_of(&self, unit: &str) -> &str {
        let end = |event: &&Value| event["unit"] == unit && event["event"] == "unit_ended";
        let event = self.events.iter().find(end).expect("every unit ends");
        event["outcome"].as_str().expect("an outcome has a name")
    }

    pub(crate) fn failure_of(&self, unit: &str) -> &Value {
        let end = |event: &&Value| event["unit"] == unit && event["event"] == "unit_ended";
        &self.events.iter().find(end).expect("every unit ends")["failure"]
    }
}

pub(crate) fn make(path: &Utf8Path) {
    std::fs::write(path, "").expect("the folder can be written");
}

pub(crate) fn send(id: u32, signal: Signal) {
    kill(pid(id), signal).expect("the process is there");
}

pub(crate) fn is_alive(id: u32) -> bool {
    kill(pid(id), None).is_ok()
}

/// Waits until a process that is not our child has gone.
pub(crate) async fn gone(id: u32) {
    let gone = async {
        while is_alive(id) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, gone).await.expect("it ends");
}

/// Waits until this file holds this line.
pub(crate) async fn until_file_has(path: &Utf8PathBuf, line: &str) {
    let holds = async {
        loop {
            let text = tokio::task::spawn_blocking({
                let path = path.clone();
                move || read(&path)
            });
            if text
                .await
                .expect("reading does not panic")
                .lines()
                .any(|known| known == line)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, holds).await.expect("the line comes");
}

fn read(path: &Utf8Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(id.cast_signed())
}
