//! A stand-in for terraform in tests of credentials: a real program that asks as terraform asks,
//! and runs what terraform would run.
//!
//! `stand_in_engine SHELL STEP ARGUMENT [STEP ARGUMENT]…`, one line of output per answer:
//!
//! * `backend PROFILE` runs the profile's `credential_process` by the shell, as the SDK does.
//! * `plugin PROFILE` starts the plugin beside it, which asks in its turn.
//! * `provisioner PROFILE` runs the same command by a shell of its own, as a `local-exec` would.
//! * `engine PROGRAM` starts another program with all steps that follow, as wrappers do.

#![expect(
    clippy::disallowed_methods,
    reason = "a stand-in is a program of its own"
)]
#![expect(clippy::print_stdout, reason = "its answers are its output")]

use std::process::{Command, Output};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (shell, steps) = arguments.split_first().expect("a shell");
    let mut steps = steps.chunks_exact(2);
    while let Some([step, argument]) = steps.next() {
        match step.as_str() {
            "backend" | "provisioner" => {
                let asked = Command::new(shell)
                    .arg("-c")
                    .arg(command_of(argument))
                    .output();
                println!(
                    "{step} {argument}: {}",
                    answer(&asked.expect("the shell runs"))
                );
            }
            "plugin" => {
                let myself = std::env::current_exe().expect("our own path");
                let plugin = myself.with_file_name("terraform-provider-aws_v5.100.0_x5");
                let asked = Command::new(plugin)
                    .args([shell, "backend", argument])
                    .output();
                let said = asked.expect("the plugin runs").stdout;
                print!("plugin's {}", String::from_utf8_lossy(&said));
            }
            "engine" => {
                let rest: Vec<&String> = steps.by_ref().flatten().collect();
                let ended = Command::new(argument).arg(shell).args(rest).status();
                assert!(ended.expect("the engine runs").success());
            }
            step => panic!("no such step: {step}"),
        }
    }
}

/// The profile's command, out of the configuration that the environment names.
fn command_of(profile: &str) -> String {
    let path = std::env::var("AWS_CONFIG_FILE").expect("a configuration");
    let text = std::fs::read_to_string(path).expect("it can be read");
    let section = text
        .split(&format!("[profile {profile}]\n"))
        .nth(1)
        .expect("the profile");
    let line = section.lines().next().expect("a line");
    line.strip_prefix("credential_process = ")
        .expect("a command")
        .to_owned()
}

/// The key that was handed out, or what the user reads instead.
fn answer(asked: &Output) -> String {
    if asked.status.success() {
        let document = String::from_utf8_lossy(&asked.stdout);
        let key = document.split("\"AccessKeyId\":\"").nth(1).expect("a key");
        key.split('"').next().expect("its end").to_owned()
    } else {
        String::from_utf8_lossy(&asked.stderr).trim_end().to_owned()
    }
}
