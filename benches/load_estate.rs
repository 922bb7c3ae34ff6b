//! How long it takes to read an estate: from folders to units with edges, and to everything that a
//! run needs.
//!
//! The estates are written once into a temporary folder. Each unit includes a root and a shared file
//! that it merges deeply, reads its account's and its region's file, and has up to three upstreams,
//! one of them in another account.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark writes and reads estates of its own"
)]

use std::fmt::Write;
use std::fs;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use camino_tempfile::Utf8TempDir;
use divan::Bencher;
use terrane::config::surroundings::{
    Command, CommandEnd, EntryKind, FolderEntry, IdentityQuestion, PathKind, Surroundings,
    WorkingFolder, WorldError,
};
use terrane::config::{
    Estate, Facts, Fetched, LoadOptions, Preparation, Thoroughness, UpstreamOutputs, load,
};
use terrane::model::RoleArn;

const UNITS: [usize; 3] = [100, 1_000, 10_000];

const UNITS_OF_A_REGION: usize = 25;

fn main() {
    divan::main();
}

/// What `graph` and `find` need.
#[divan::bench(args = UNITS)]
fn edges(bencher: Bencher<'_, '_>, units: usize) {
    let folder = estate(units);
    bencher.bench(|| count(&loaded(folder.path(), Facts::EDGES), units));
}

/// What a run needs before its first unit starts.
#[divan::bench(args = UNITS)]
fn everything(bencher: Bencher<'_, '_>, units: usize) {
    let folder = estate(units);
    bencher.bench(|| count(&loaded(folder.path(), Facts::ALL), units));
}

/// Every unit with its mocks.
#[divan::bench(args = [100, 1_000])]
fn prepare(bencher: Bencher<'_, '_>, units: usize) {
    let folder = estate(units);
    let estate = loaded(folder.path(), Facts::ALL);
    bencher.bench_local(|| prepare_all(&estate));
}

fn loaded(start: &Utf8Path, facts: Facts) -> Estate<'static> {
    let options = LoadOptions {
        facts,
        thoroughness: if facts.contains(Facts::ALL) {
            Thoroughness::AllLocals
        } else {
            Thoroughness::AsNeeded
        },
        command: "plan".to_owned(),
        ..LoadOptions::default()
    };
    let (estate, problems) = load(start, &Disk, options);
    assert!(problems.is_empty(), "{problems:?}");
    estate
}

fn count(estate: &Estate<'_>, units: usize) -> usize {
    assert_eq!(estate.units.len(), units);
    estate.units.values().map(|unit| unit.upstreams.len()).sum()
}

fn prepare_all(estate: &Estate<'_>) -> usize {
    let mut inputs = 0;
    for (unit, _) in estate.in_scope() {
        let mut outputs = UpstreamOutputs::new();
        loop {
            match estate.prepare(unit, &outputs).expect("mocks are allowed") {
                Preparation::Ready(ready) => break inputs += ready.prepared.inputs.len(),
                Preparation::Wants(wants) => {
                    for upstream in wants.iter().flat_map(|want| want.target.units()) {
                        outputs.insert(upstream, Fetched::NeverApplied);
                    }
                }
            }
        }
    }
    inputs
}

/// An estate of so many units, 25 in a region and two regions in an account.
fn estate(units: usize) -> Utf8TempDir {
    let folder = camino_tempfile::tempdir().expect("a temporary folder");
    let top = folder.path();
    write(&top.join("root.hcl"), ROOT);
    write(&top.join("_common/service.hcl"), COMMON);
    for unit in 0..units {
        let (region, number) = (unit / UNITS_OF_A_REGION, unit % UNITS_OF_A_REGION);
        let account = region / 2;
        let account_folder = top.join(format!("account-{account:04}"));
        let region_folder = account_folder.join(format!("region-{}", region % 2));
        if number == 0 {
            let text = format!("locals {{\n  id = \"{account:012}\"\n  tags = {{ a = 1 }}\n}}\n");
            write(&account_folder.join("account.hcl"), &text);
            let text = format!("locals {{\n  region = \"eu-{}\"\n}}\n", region % 2);
            write(&region_folder.join("region.hcl"), &text);
        }
        let file = region_folder.join(format!("unit-{number:02}/terragrunt.hcl"));
        write(&file, &unit_text(number, account));
    }
    folder
}

fn unit_text(number: usize, account: usize) -> String {
    let mut text = UNIT.to_owned();
    let mut upstreams: Vec<String> = [1, 7]
        .into_iter()
        .filter(|back| *back <= number)
        .map(|back| format!("../unit-{:02}", number - back))
        .collect();
    if account > 0 && number == 3 {
        upstreams.push("../../../account-0000/region-0/unit-00".to_owned());
    }
    for (index, upstream) in upstreams.iter().enumerate() {
        write!(
            text,
            "dependency \"d{index}\" {{\n  config_path  = \"{upstream}\"\n  mock_outputs = {{ id = \
             \"mock\" }}\n}}\n"
        )
        .expect("a text grows");
    }
    let ids = (0..upstreams.len()).map(|index| format!("dependency.d{index}.outputs.id"));
    let ids = ids.collect::<Vec<_>>().join(", ");
    text + &format!("inputs = {{\n  number = {number}\n  ids    = [{ids}]\n}}\n")
}

const UNIT: &str = r#"
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
include "common" {
  path           = "${dirname(find_in_parent_folders("root.hcl"))}/_common/service.hcl"
  expose         = true
  merge_strategy = "deep"
}
"#;

const ROOT: &str = r#"
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals
  region  = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
  tags    = merge(local.account.tags, { Region = local.region.region, Unit = path_relative_to_include() })
}
iam_role = "arn:aws:iam::${local.account.id}:role/doer"
remote_state {
  backend = "s3"
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
  config = {
    bucket = "state"
    key    = "${path_relative_to_include()}/terraform.tfstate"
    region = "eu-west-1"
  }
}
inputs = {
  tags = local.tags
}
"#;

const COMMON: &str = r#"
locals {
  sizes = { for size in ["s", "m", "l"] : size => upper(size) }
}
inputs = {
  size = local.sizes.m
  tags = { Common = "yes" }
}
"#;

fn write(file: &Utf8Path, text: &str) {
    let folder = file.parent().expect("files lie in folders");
    fs::create_dir_all(folder).expect("a new folder");
    fs::write(file, text).expect("a new file");
}

/// The files of the estate, and nothing else of the world.
struct Disk;

impl Surroundings for Disk {
    fn read(&self, file: &Utf8Path) -> Result<Vec<u8>, WorldError> {
        fs::read(file).map_err(|_| WorldError::NotFound)
    }

    fn look(&self, path: &Utf8Path) -> Result<Option<PathKind>, WorldError> {
        Ok(path.metadata().ok().map(|found| {
            if found.is_dir() {
                PathKind::Folder
            } else {
                PathKind::File
            }
        }))
    }

    fn list(
        &self,
        folder: &Utf8Path,
        each: &mut dyn FnMut(FolderEntry<'_>),
    ) -> Result<(), WorldError> {
        for entry in fs::read_dir(folder).map_err(|_| WorldError::NotFound)? {
            let entry = entry.map_err(|_| WorldError::NotFound)?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            each(FolderEntry {
                name: entry.file_name().to_str(),
                kind: if is_folder {
                    EntryKind::Folder
                } else {
                    EntryKind::File
                },
            });
        }
        Ok(())
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn home_folder(&self) -> Option<Utf8PathBuf> {
        None
    }

    fn platform(&self) -> &'static str {
        "linux"
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn random(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }

    fn run(&self, _: &Command) -> Result<CommandEnd, WorldError> {
        Err(WorldError::NotAvailable)
    }

    fn identity(&self, _: IdentityQuestion, _: Option<&RoleArn>) -> Result<String, WorldError> {
        Err(WorldError::NotAvailable)
    }

    fn working_folder(&self, _: &WorkingFolder) -> Result<Utf8PathBuf, WorldError> {
        Err(WorldError::NotAvailable)
    }
}
