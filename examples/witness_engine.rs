//! Plays terraform in tests of what goes wrong with identities: a real program that takes both of
//! its identities as terraform does, and writes down what it saw.
//!
//! Each call leaves files in the folder that `WITNESS_FOLDER` names, by the number of its process:
//!
//! * `N.call`: unit and command, then the last characters of the keys it was given, one a line.
//! * `N.processes`: arguments and environment of all processes that it may look at, where
//!   `WITNESS_LOOKS` is set; and the AWS configuration that it was given.
//!
//! The unit is the input `unit`. A file `fails` in the working folder ends it with an error; a file
//! `waits` holds the seconds that it takes.

#![expect(
    clippy::disallowed_methods,
    reason = "a stand-in is a program of its own"
)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its answers are its output"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let command = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let command = command.unwrap_or_default();
    if command.is_empty() || command == "version" {
        println!("Terraform v1.11.4");
        return ExitCode::SUCCESS;
    }
    let given = [state_management(), doer()];
    if let Some(folder) = std::env::var_os("WITNESS_FOLDER") {
        write_down(&PathBuf::from(folder), &command, &given);
    }
    if let Some(refused) = given.iter().find_map(|given| given.as_ref().err()) {
        eprintln!("Error: {refused}");
        return ExitCode::FAILURE;
    }
    if Path::new("fails").exists() && command != "init" {
        eprintln!("Error: it was told to fail");
        return ExitCode::FAILURE;
    }
    if let Ok(seconds) = fs::read_to_string("waits")
        && command != "init"
    {
        let seconds = seconds.trim().parse().expect("seconds");
        std::thread::sleep(std::time::Duration::from_secs(seconds));
    }
    match command.as_str() {
        "init" => fs::create_dir_all(".terraform").expect("a folder"),
        "output" => println!("{{}}"),
        "apply" => println!("Apply complete! Resources: 1 added, 0 changed, 0 destroyed."),
        "destroy" => println!("Destroy complete! Resources: 1 destroyed."),
        _ => println!("No changes. Your infrastructure matches the configuration."),
    }
    ExitCode::SUCCESS
}

/// What was got from one source: whose it is and the key, nothing where there is no such source,
/// or the words of a refusal.
type Given = Result<Option<(&'static str, String)>, String>;

/// As the backend does: runs the profile's command.
fn state_management() -> Given {
    let config = std::env::var("AWS_CONFIG_FILE").unwrap_or_default();
    let text = fs::read_to_string(config).unwrap_or_default();
    let Some(section) = text.split("[profile terrane-state]\n").nth(1) else {
        return Ok(None);
    };
    let line = section.lines().next().unwrap_or_default();
    let asks = line
        .strip_prefix("credential_process = ")
        .expect("a command");
    let asked = Command::new("/bin/sh").args(["-c", asks]).output();
    let asked = asked.expect("the shell runs");
    if !asked.status.success() {
        return Err(String::from_utf8_lossy(&asked.stderr).into_owned());
    }
    let document = String::from_utf8_lossy(&asked.stdout).into_owned();
    Ok(key_in(&document).map(|key| ("state", key)))
}

/// As the provider does: by variables, else by the address that the environment names.
fn doer() -> Given {
    if let Ok(key) = std::env::var("AWS_ACCESS_KEY_ID") {
        return Ok(Some(("doer", key)));
    }
    let variable = |name: &str| std::env::var(name).ok();
    let (Some(url), Some(token)) = (
        variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    ) else {
        return Ok(None);
    };
    let address = url.strip_prefix("http://").expect("plain HTTP on loopback");
    let (host, path) = address.split_once('/').expect("a path");
    let question =
        format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n");
    let mut answer = String::new();
    let spoken = TcpStream::connect(host).and_then(|mut stream| {
        stream.write_all(question.as_bytes())?;
        stream.read_to_string(&mut answer)
    });
    spoken.map_err(|error| error.to_string())?;
    match key_in(&answer) {
        Some(key) => Ok(Some(("doer", key))),
        None => Err(answer),
    }
}

fn key_in(document: &str) -> Option<String> {
    let rest = document.split("\"AccessKeyId\":\"").nth(1)?;
    rest.split('"').next().map(str::to_owned)
}

fn write_down(folder: &Path, command: &str, given: &[Given; 2]) {
    let unit = std::env::var("TF_VAR_unit").unwrap_or_else(|_| "?".to_owned());
    let mut call = vec![format!("{unit} {command}")];
    for (who, key) in given.iter().flatten().flatten() {
        call.push(format!("{who} {}", &key[key.len() - 4..]));
    }
    let file = |kind: &str| folder.join(format!("{}.{kind}", std::process::id()));
    fs::write(file("call"), call.join("\n")).expect("the witness's folder");
    if std::env::var_os("WITNESS_LOOKS").is_some() {
        fs::write(file("processes"), processes()).expect("the witness's folder");
    }
}

/// `PROCESS` and its number, arguments and environment of whatever runs now; and our configuration.
fn processes() -> Vec<u8> {
    let mut seen = b"PROCESS configuration\n".to_vec();
    let config = std::env::var_os("AWS_CONFIG_FILE").unwrap_or_default();
    seen.extend(fs::read(config).unwrap_or_default());
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.parse::<u32>().is_err() {
            continue;
        }
        let lines = |file: &str| {
            let bytes = fs::read(entry.path().join(file)).unwrap_or_default();
            bytes
                .into_iter()
                .map(|byte| if byte == 0 { b'\n' } else { byte })
                .collect::<Vec<u8>>()
        };
        seen.extend(format!("\nPROCESS {name}\nARGUMENTS\n").into_bytes());
        seen.extend(lines("cmdline"));
        seen.extend(b"\nENVIRONMENT\n");
        seen.extend(lines("environ"));
    }
    seen
}
