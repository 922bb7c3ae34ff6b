//! Whether files are accepted and refused as `terraform fmt` accepts and refuses them.
//!
//! ```text
//! cargo run --release -p terrane-hcl --example parse_agreement -- FOLDER…
//! ```
//!
//! All `.hcl` and `.tf` files below the folders are asked about, each text once. Those about which
//! the two differ are named, and if there are any the exit status is 1.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it compares files with what another program says of them"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use terrane_hcl::{Limits, Source, parse};

/// So many files are given to one run of terraform.
const BATCH: usize = 2_000;

fn main() -> io::Result<ExitCode> {
    let mut texts = BTreeMap::new();
    let mut files = 0;
    for folder in std::env::args_os().skip(1) {
        collect(Path::new(&folder), &mut |path| {
            files += 1;
            texts.entry(fs::read(&path)?).or_insert(path);
            Ok(())
        })?;
    }
    let texts: Vec<(Vec<u8>, PathBuf)> = texts.into_iter().collect();
    let (mut accepted, mut refused, mut differences) = (0, 0, 0);
    for batch in texts.chunks(BATCH) {
        let refused_there = refused_by_terraform(batch)?;
        for (index, (text, path)) in batch.iter().enumerate() {
            let source = Source::from_bytes(path.to_string_lossy(), text);
            let diagnostics = parse(&source, &Limits::default()).diagnostics;
            match (diagnostics.first(), refused_there.contains(&index)) {
                (None, false) => accepted += 1,
                (Some(_), true) => refused += 1,
                (Some(ours), false) => {
                    differences += 1;
                    println!("refused only here: {ours}");
                }
                (None, true) => {
                    differences += 1;
                    println!("accepted only here: {}", path.display());
                }
            }
        }
    }
    println!("{files} files, {} different texts", texts.len());
    println!("{accepted} accepted by both, {refused} refused by both, {differences} differ");
    Ok(ExitCode::from(u8::from(differences > 0)))
}

fn collect(folder: &Path, found: &mut impl FnMut(PathBuf) -> io::Result<()>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&path, found)?;
        } else if kind.is_file() && path.extension().is_some_and(|it| it == "hcl" || it == "tf") {
            found(path)?;
        }
    }
    Ok(())
}

/// The numbers of the texts about which `terraform fmt` complains.
fn refused_by_terraform(batch: &[(Vec<u8>, PathBuf)]) -> io::Result<BTreeSet<usize>> {
    let folder = std::env::temp_dir().join(format!("parse-agreement-{}", std::process::id()));
    fs::create_dir_all(folder.join("x"))?;
    for (index, (text, _)) in batch.iter().enumerate() {
        fs::write(folder.join(format!("x/{index}.tf")), text)?;
    }
    let output = Command::new("terraform")
        .args(["fmt", "-no-color", "-write=false", "-list=false", "x"])
        .env("CHECKPOINT_DISABLE", "1")
        .current_dir(&folder)
        .output();
    fs::remove_dir_all(&folder)?;
    let output = output?;
    // Its complaints name the places as `on x/17.tf line 3`, wrapped anywhere.
    let told = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
    let names = told.split(" x/").skip(1);
    let refused: BTreeSet<usize> = names
        .filter_map(|rest| {
            rest.split_once(".tf")
                .and_then(|(number, _)| number.parse().ok())
        })
        .collect();
    if refused.is_empty() && !output.status.success() {
        return Err(io::Error::other(told));
    }
    Ok(refused)
}
