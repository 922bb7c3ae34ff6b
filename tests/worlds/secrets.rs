//! Canaries: no key that the lab ever gave out, the operator's among them, is in any file that a
//! run leaves or writes meanwhile, in any line it prints, in any argument list, or in the
//! environment of anything but the child it was made for.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use terrane_lab::Keys;

use crate::estate::{DEV_DOER, Done, Estate};

/// A key, by whom it stands for, in one of the forms that it may take.
struct Canary {
    arn: String,
    form: String,
}

fn canaries(estate: &Estate) -> Vec<Canary> {
    let forms_of = |(arn, keys): (String, Keys)| {
        let token = keys.session_token.into_iter();
        let secrets = token.chain([keys.access_key_id, keys.secret_access_key]);
        let forms = secrets.flat_map(|secret| {
            let quoted =
                percent_encoding::utf8_percent_encode(&secret, percent_encoding::NON_ALPHANUMERIC);
            let quoted = quoted.to_string();
            let packed = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&secret);
            [secret, quoted, packed]
        });
        let canaries = forms.map(move |form| Canary {
            arn: arn.clone(),
            form,
        });
        canaries.collect::<Vec<Canary>>()
    };
    estate
        .lab
        .all_keys()
        .into_iter()
        .flat_map(forms_of)
        .collect()
}

/// Whose keys are in it.
fn found_in<'c>(canaries: &'c [Canary], bytes: &[u8]) -> Vec<&'c str> {
    let text = String::from_utf8_lossy(bytes);
    let found = canaries.iter().filter(|canary| text.contains(&canary.form));
    found.map(|canary| canary.arn.as_str()).collect()
}

pub(crate) fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let kind = entry.file_type().expect("its kind is known");
        if kind.is_dir() {
            files_below(&entry.path(), found);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
}

/// What a file holds, and what is packed into it: saved plans are archives.
fn contents(file: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(file).expect("our own file");
    let mut all = Vec::new();
    if let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(&bytes)) {
        for place in 0..archive.len() {
            let mut unpacked = Vec::new();
            let mut entry = archive.by_index(place).expect("an entry");
            entry
                .read_to_end(&mut unpacked)
                .expect("it can be unpacked");
            all.push(unpacked);
        }
    }
    all.push(bytes);
    all
}

/// Looks at everything that the run printed and left; gives the number of files.
pub(crate) fn nothing_is_written(estate: &Estate, done: &Done) -> usize {
    let canaries = canaries(estate);
    for printed in [&done.stdout, &done.stderr] {
        assert_eq!(
            found_in(&canaries, printed.as_bytes()),
            [""; 0],
            "{printed}"
        );
    }
    let mut files = Vec::new();
    for folder in ["estate", "home", "tmp"] {
        files_below(&estate.top().join(folder), &mut files);
    }
    for file in &files {
        for content in contents(file) {
            assert_eq!(
                found_in(&canaries, &content),
                [""; 0],
                "in {}",
                file.display()
            );
        }
    }
    files.len()
}

/// What the engine saw of other processes while it ran.
struct Sighting {
    number: String,
    arguments: String,
    environment: String,
}

fn sightings(estate: &Estate) -> Vec<Sighting> {
    let mut seen = Vec::new();
    for entry in fs::read_dir(estate.top().join("witness")).expect("the witness's folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|kind| kind != "processes") {
            continue;
        }
        let text = fs::read(path).expect("what it saw");
        let text = String::from_utf8_lossy(&text).into_owned();
        for process in text.split("\nPROCESS ") {
            let (number, rest) = process.split_once('\n').unwrap_or((process, ""));
            let (arguments, environment) = rest.split_once("\nENVIRONMENT\n").unwrap_or((rest, ""));
            seen.push(Sighting {
                number: number.to_owned(),
                arguments: arguments.to_owned(),
                environment: environment.to_owned(),
            });
        }
    }
    seen
}

/// Nobody had a key in their arguments, and in their environment only whoever it was made for;
/// gives how many did.
fn nothing_was_seen(estate: &Estate) -> usize {
    let canaries = canaries(estate);
    let operator = estate.lab.operator();
    let home = format!("HOME={}/home\n", estate.top().display());
    let mut owners = 0;
    for sighting in sightings(estate) {
        let Sighting {
            number,
            arguments,
            environment,
        } = &sighting;
        // The operator has the same keys in every lab, and other labs may be running.
        let is_of_this_run = environment.contains(&home);
        let found_in = |text: &str| {
            let mut found = found_in(&canaries, text.as_bytes());
            found.retain(|arn| is_of_this_run || !arn.contains("AWSReservedSSO"));
            found
        };
        let found = found_in(arguments);
        assert_eq!(found, [""; 0], "arguments of {number}: {arguments}");
        let found = found_in(environment);
        if found.is_empty() {
            continue;
        }
        owners += 1;
        let mut words = arguments
            .lines()
            .filter(|word| !word.is_empty() && *word != "ARGUMENTS");
        let program = words.next().unwrap_or_default();
        let is_terrane = program.ends_with("/terrane") && !arguments.contains("__credentials");
        if is_terrane {
            let id = &operator.access_key_id;
            assert!(
                environment.contains(id.as_str()),
                "terrane has what it was given: {found:?}"
            );
            assert!(
                found.iter().all(|arn| arn.contains("AWSReservedSSO")),
                "{found:?}"
            );
            continue;
        }
        let unit = environment
            .lines()
            .find_map(|line| line.strip_prefix("TF_VAR_unit="));
        let account = match unit.and_then(|unit| unit.split('/').next()) {
            Some("1-dev") => "234567890123",
            Some("3-prod") => "456789012345",
            other => panic!("{program} of {other:?} has keys of {found:?}"),
        };
        let own = format!("arn:aws:sts::{account}:assumed-role/doer-role/");
        assert!(
            found.iter().all(|arn| arn.starts_with(&own)),
            "{unit:?}: {found:?}"
        );
    }
    owners
}

const LOOKING: (&str, &str) = ("WITNESS_LOOKS", "1");

#[test]
fn no_key_is_written_printed_or_seen_in_a_run() {
    let estate = Estate::new();
    estate.seed("1-dev/vpc");
    for line in [
        "run-all plan --report-file [TOP]/home/report.json --log-level trace",
        "run-all apply --non-interactive --json",
    ] {
        let line = line.replace("[TOP]", estate.top().to_str().expect("UTF-8"));
        let done = estate.terrane_with(&line, &[LOOKING]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let files = nothing_is_written(&estate, &done);
        assert!(
            files > 15,
            "words, journals, a report and the tree: {files}"
        );
    }
    estate.went_on("1-dev/eks", "apply");
    assert!(estate.top().join("home/report.json").exists());
    assert!(
        nothing_was_seen(&estate) >= 8,
        "terrane itself, in each sighting"
    );
}

#[test]
fn no_key_is_written_printed_or_seen_when_roles_and_units_fail() {
    let estate = Estate::new();
    estate.distrust(DEV_DOER);
    estate.write("3-prod/vpc/fails", "");
    let done = estate.terrane_with("run-all plan --log-level trace", &[LOOKING]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(
        done.stderr.contains("it was told to fail"),
        "{}",
        done.stderr
    );
    nothing_is_written(&estate, &done);
    nothing_was_seen(&estate);
}

#[test]
fn keys_in_variables_are_the_childs_own_doers_and_nobody_elses() {
    let estate = Estate::new();
    estate.seed("1-dev/vpc");
    let done = estate.terrane_with("run-all plan --child-credentials env", &[LOOKING]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    estate.went_on("3-prod/vpc", "plan");
    nothing_is_written(&estate, &done);
    assert!(nothing_was_seen(&estate) > 6, "the engines themselves, too");
}
