//! terrane's main job on an organisation of four accounts: no AWS account, no network, no download.
//!
//! ```text
//! cargo run --release --example landing_zone              shows it and leaves nothing behind
//! cargo run --release --example landing_zone -- --keep    then waits, so that you can go on by hand
//! ```
//!
//! AWS is `crates/lab`, in this process: it refuses who may not, and records who did what. The
//! tree is a copy of `examples/landing-zone`. terrane is this program itself under another name,
//! since building an example does not build the binary. terraform or tofu is the real one.
#![expect(
    clippy::disallowed_methods,
    reason = "a demonstration is a program of its own, with files and children of its own"
)]

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};

use console::style;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use terrane::aws::{HELPER_SUBCOMMAND, IDENTITY_VARIABLES};
use terrane_lab::{Calls, Lab, World};
use tokio::process::Command;
use tokio::signal::unix::{self, SignalKind};

/// What is shown: what to say before it, and the words after `terrane`.
const SCENES: [(&str, &str); 5] = [
    (
        "Nothing is there yet, so upstreams stand in with their mocks.",
        "run-all plan",
    ),
    (
        "Each unit as its account's doer, its state through state-mgmt-role.",
        "run-all apply --non-interactive",
    ),
    ("Who waits for whom, across accounts.", "graph"),
    (
        "Outputs come from the state, without terraform.",
        "outputs shared/transit_gateway",
    ),
    (
        "Once more: real outputs everywhere, and nothing to change.",
        "run-all plan",
    ),
];

/// Variables that a child keeps: how to find programs and how to write on this terminal. All else
/// is left out, so that nobody's real AWS, terraform or Terragrunt takes part.
const KEPT: [&str; 12] = [
    "PATH",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "USER",
];

const USAGE: &str = "usage: cargo run --release --example landing_zone [-- --keep]\n";

fn main() -> ExitCode {
    if is_terrane() {
        return terrane::cli::main();
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let keep = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--keep"] => true,
        ["--help" | "-h"] => return say(USAGE).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
        _ => {
            // Whoever does not read this knows it by the exit code.
            let _ = io::stderr().write_all(USAGE.as_bytes());
            return ExitCode::from(64);
        }
    };
    match show_all(keep) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "landing_zone: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether this process was started to be terrane: under its name, or by an engine that asks for
/// credentials, which knows only this file.
fn is_terrane() -> bool {
    let mut words = std::env::args_os();
    let name = words.next().map(PathBuf::from);
    let by_name = name.is_some_and(|name| name.file_name() == Some(OsStr::new("terrane")));
    by_name || words.next().is_some_and(|word| word == HELPER_SUBCOMMAND)
}

#[tokio::main(flavor = "current_thread")]
async fn show_all(keep: bool) -> Result<ExitCode, Box<dyn Error>> {
    if !is_on_path("terraform") && !is_on_path("tofu") {
        return Err("this needs terraform or tofu, and neither is on the PATH\n\
             https://opentofu.org/docs/intro/install or \
             https://developer.hashicorp.com/terraform/install"
            .into());
    }
    let mut presses = Presses::listen()?;
    let stage = Stage::set()?;
    say(&format!(
        "An organisation of four accounts: 0-shared, 1-dev, 2-stage, 3-prod.\n\
         The tree is a copy in {}, AWS is a lab at {}.\n",
        stage.tree().display(),
        stage.lab.endpoint()
    ))?;
    for (why, line) in SCENES {
        say(&format!(
            "\n{}\n{}\n",
            style(format!("# {why}")).dim(),
            style(format!("$ terrane {line}")).bold()
        ))?;
        stage.lab.clear_record();
        let shown = stage.show(line, &mut presses).await?;
        if let Some(pressed) = shown.pressed {
            return Ok(code_of(pressed));
        }
        say(&format!("{}\n", style(recorded(&stage.lab.calls())).dim()))?;
        if !shown.status.success() {
            say(&format!("terrane ended with {}.\n", shown.status))?;
            if !keep {
                return Ok(ExitCode::FAILURE);
            }
            break;
        }
    }
    if keep {
        stage.explain()?;
        return Ok(code_of(presses.next().await));
    }
    say("\nThe tree, the states and the lab are gone. With `-- --keep` they stay until Ctrl-C.\n")?;
    Ok(ExitCode::SUCCESS)
}

/// All that the demonstration makes. Dropped, nothing of it is left.
struct Stage {
    folder: TempDir,
    lab: Lab,
}

/// How a command ended.
struct Shown {
    status: ExitStatus,
    /// The signal that came meanwhile.
    pressed: Option<Signal>,
}

impl Stage {
    fn set() -> io::Result<Self> {
        let stage = Self {
            folder: tempfile::Builder::new()
                .prefix("terrane-landing-zone-")
                .tempdir()?,
            lab: Lab::start(World::landing_zone())?,
        };
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/landing-zone");
        copy(&original, &stage.tree())?;
        fs::create_dir(stage.folder.path().join("home"))?;
        fs::create_dir(stage.folder.path().join("bin"))?;
        std::os::unix::fs::symlink(std::env::current_exe()?, stage.terrane())?;
        Ok(stage)
    }

    fn tree(&self) -> PathBuf {
        self.folder.path().join("landing-zone")
    }

    /// This program, under the name by which it is terrane.
    fn terrane(&self) -> PathBuf {
        self.folder.path().join("bin").join("terrane")
    }

    /// Who sits at the keyboard, where AWS is, and a home that nobody else uses.
    fn variables(&self) -> Vec<(String, OsString)> {
        let mut variables: Vec<(String, OsString)> = self
            .lab
            .environment()
            .into_iter()
            .chain(self.lab.operator().environment())
            .map(|(name, value)| (name, value.into()))
            .collect();
        let home = self.folder.path().join("home");
        variables.push(("HOME".to_owned(), home.into()));
        variables.push(("TF_CLI_CONFIG_FILE".to_owned(), "/dev/null".into()));
        variables.push(("CHECKPOINT_DISABLE".to_owned(), "1".into()));
        variables
    }

    /// Runs terrane as it is: its output is the user's. A signal that reaches us is told to it,
    /// and what is under way ends as terrane thinks right.
    async fn show(&self, line: &str, presses: &mut Presses) -> io::Result<Shown> {
        let kept = KEPT
            .into_iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        let mut terrane = Command::new(self.terrane())
            .args(line.split(' '))
            .current_dir(self.tree())
            .env_clear()
            .envs(kept)
            .envs(self.variables())
            .stdin(Stdio::null())
            .spawn()?;
        let mut pressed = None;
        loop {
            tokio::select! {
                status = terrane.wait() => {
                    let status = status?;
                    return Ok(Shown { status, pressed });
                }
                signal = presses.next() => {
                    pressed = Some(signal);
                    if let Some(id) = terrane.id() {
                        // It may have ended by itself just now.
                        let _ = kill(Pid::from_raw(id.cast_signed()), signal);
                    }
                }
            }
        }
    }

    /// How to go on by hand.
    fn explain(&self) -> io::Result<()> {
        let file = self.folder.path().join("environment");
        let mut text = String::new();
        for name in IDENTITY_VARIABLES {
            writeln!(text, "unset {name}").expect("a string takes everything");
        }
        for (name, value) in self.variables() {
            let value = value.to_string_lossy();
            writeln!(text, "export {name}='{value}'").expect("a string takes everything");
        }
        let bin = self.folder.path().join("bin");
        writeln!(text, "export PATH='{}':\"$PATH\"", bin.display())
            .expect("a string takes everything");
        fs::write(&file, text)?;
        say(&format!(
            "\nGo on by hand, in another terminal:\n\n  \
             . {}\n  cd {}\n  terrane run-all plan\n  terrane graph --format mermaid\n  \
             cd 1-dev/eks && terrane plan\n  terrane run-all destroy\n\n\
             Who did what: curl {}/_lab/record\n\
             Ctrl-C ends the lab and removes the folder.\n",
            file.display(),
            self.tree().display(),
            self.lab.endpoint()
        ))
    }
}

/// Signals to this program. A terminal sends Ctrl-C to terrane, too, which takes two signals
/// within a moment for one.
struct Presses {
    interrupt: unix::Signal,
    terminate: unix::Signal,
    hang_up: unix::Signal,
}

impl Presses {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
            hang_up: unix::signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::SIGINT,
            _ = self.terminate.recv() => Signal::SIGTERM,
            _ = self.hang_up.recv() => Signal::SIGHUP,
        }
    }
}

/// What AWS wrote down of a command, in one line.
fn recorded(calls: &Calls) -> String {
    let assumed = calls.clone().of("sts:AssumeRole").len();
    let state =
        |calls: Calls| calls.that(|call| call.service == "s3" || call.service == "dynamodb");
    let for_state = state(calls.clone()).len();
    if calls.is_empty() {
        return "  AWS was not asked.".to_owned();
    }
    let by_whom = match state(calls.clone()).not_by("state-mgmt-role").len() {
        0 => "all by state-mgmt-role".to_owned(),
        others => format!("{others} of them NOT by state-mgmt-role"),
    };
    let refused = match calls.clone().refused().len() {
        0 => "nothing refused".to_owned(),
        refused => format!("{refused} REFUSED"),
    };
    format!("  AWS recorded: AssumeRole {assumed}, state {for_state} ({by_whom}), {refused}.")
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The files of a folder and those below it, without what earlier runs left there.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn say(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// As shells tell it of a program that a signal ended.
fn code_of(signal: Signal) -> ExitCode {
    ExitCode::from(u8::try_from(128 + signal as i32).expect("the signals that are listened for"))
}
