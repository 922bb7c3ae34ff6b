//! Plays terraform in tests of runs: a real program that does what the unit's `engine.txt` says,
//! and writes down how it was called.
//!
//! A line of `engine.txt` is `COMMAND DOES TEXT`, or `COMMAND#N DOES TEXT` for the Nth call of that
//! command alone:
//!
//! * `plan says TEXT` and `plan complains TEXT` print to stdout and stderr.
//! * `plan exits CODE` ends it with that code.
//! * `apply makes FILE TEXT` writes a file into the working folder.
//!
//! `plan -out=FILE` writes the inputs there. `output -json` prints `outputs.json`, which an apply may make. Calls are written down in the file
//! that `FAKE_RECORD` names, one line each: the unit, the words, and the inputs.

#![expect(
    clippy::disallowed_methods,
    reason = "a stand-in is a program of its own"
)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its answers are its output"
)]

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let command = words.first().map(String::as_str).unwrap_or_default();
    if command == "-version" {
        println!("Terraform v1.11.4");
        return ExitCode::SUCCESS;
    }
    write_down(&words);
    let script = fs::read_to_string("engine.txt").unwrap_or_default();
    let call = count(command);
    let code = play(&script, command, call);
    match command {
        "init" if code == 0 => {
            fs::create_dir_all(".terraform/providers").expect("a folder");
            fs::write(".terraform.lock.hcl", "# locked\n").expect("a file");
        }
        "output" if words.iter().any(|word| word == "-json") => {
            let outputs = fs::read_to_string("outputs.json");
            println!("{}", outputs.unwrap_or_else(|_| "{}".to_owned()));
        }
        "plan" if code == 0 => {
            let out = words.iter().find_map(|word| word.strip_prefix("-out="));
            if let Some(file) = out {
                fs::write(file, inputs().join("\n")).expect("a plan");
            }
        }
        _ => {}
    }
    ExitCode::from(code)
}

/// Follows the lines that are meant for this call; gives the code to end with.
fn play(script: &str, command: &str, call: usize) -> u8 {
    let mut code = 0;
    for line in script.lines() {
        let mut parts = line.splitn(3, ' ');
        let (Some(when), Some(does)) = (parts.next(), parts.next()) else {
            continue;
        };
        let text = parts.next().unwrap_or_default();
        if when != command && when != format!("{command}#{call}") {
            continue;
        }
        match does {
            "says" => println!("{text}"),
            "complains" => eprintln!("{text}"),
            "exits" => code = text.parse().expect("a code"),
            "makes" => {
                let (file, text) = text.split_once(' ').expect("a file and its text");
                fs::write(file, text).expect("a new file");
            }
            other => panic!("nobody can {other}"),
        }
    }
    code
}

/// How often this command was called here, this time among them.
fn count(command: &str) -> usize {
    let file = format!(".called-{command}");
    let before = fs::read_to_string(&file).unwrap_or_default();
    fs::write(&file, format!("{before}x")).expect("a file in the working folder");
    before.len() + 1
}

fn inputs() -> Vec<String> {
    let mut inputs: Vec<String> = std::env::vars()
        .filter_map(|(name, value)| Some(format!("{}={value}", name.strip_prefix("TF_VAR_")?)))
        .collect();
    inputs.sort();
    inputs
}

fn write_down(words: &[String]) {
    let Some(record) = std::env::var_os("FAKE_RECORD") else {
        return;
    };
    let folder = std::env::current_dir().expect("a working folder");
    let parts: Vec<String> = folder
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let cache = parts.iter().position(|part| part == ".terragrunt-cache");
    let unit = cache.map_or("?", |at| parts[at - 1].as_str());
    let line = format!("{unit}: {} {}", words.join(" "), inputs().join(" "));
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(record)
        .expect("the record can be written");
    writeln!(file, "{}", line.trim_end()).expect("the record can be written");
}
