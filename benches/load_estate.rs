//! How long it takes to read an estate, beside merely walking, reading and parsing the same files.
//!
//! ```text
//! cargo bench --bench load_estate                  estates of 100, 1,000 and 10,000 units
//! cargo bench --bench load_estate -- FOLDER …      trees that lie there already
//! ```
//!
//! The estates are written into temporary folders. Each unit includes a root and a shared file that
//! it merges deeply, reads its account's and its region's file, and has up to three upstreams, one
//! of them in another account. All figures are processor time, user and system together, the least
//! of several passes: other work on the machine makes passes longer and none shorter.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark writes and reads estates of its own, and starts the program"
)]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it found")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::process::{self, Stdio};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use camino_tempfile::Utf8TempDir;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use terrane::config::surroundings::{
    Command, CommandEnd, EntryKind, FolderEntry, IdentityQuestion, PathKind, Surroundings,
    WorkingFolder, WorldError,
};
use terrane::config::{
    Estate, Facts, Fetched, LoadOptions, Preparation, Thoroughness, UpstreamOutputs, load,
};
use terrane::model::RoleArn;
use terrane_hcl::{Limits, Parsed, Source, parse};

const UNITS: [usize; 3] = [100, 1_000, 10_000];

const UNITS_OF_A_REGION: usize = 25;

/// What is measured, as one would type it.
const FIND: [&str; 4] = ["find", "--dag", "--dependencies", "--json"];

/// How much processor time goes into one figure; at least three passes, and not too many.
const TIME_OF_A_FIGURE: Duration = Duration::from_secs(2);
const MOST_PASSES: usize = 50;

/// Before the folder of the one tree that this very process measures.
const ONE_TREE: &str = "--one-tree";

fn main() {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    if let [first, folder] = typed.as_slice()
        && first == ONE_TREE
    {
        return measure(Utf8Path::new(folder));
    }
    // Cargo says `--bench`.
    let folders = typed.iter().filter(|word| !word.starts_with('-'));
    let folders: Vec<&Utf8Path> = folders.map(Utf8Path::new).collect();
    tell_machine();
    for folder in &folders {
        println!("\n{folder}");
        measure_apart(&folder.canonicalize_utf8().expect("a folder that is there"));
    }
    if folders.is_empty() {
        for units in UNITS {
            println!();
            measure_apart(estate(units).path());
        }
    }
}

/// Figures mean nothing without it.
fn tell_machine() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| {
        let (name, model) = line.split_once(':')?;
        (name.trim() == "model name").then(|| model.trim())
    });
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let (system, kind) = (std::env::consts::OS, std::env::consts::ARCH);
    println!(
        "{system} {kind}, {cores} processors ({}), load {}, {}",
        model.unwrap_or("model not known"),
        load.split(' ').next().unwrap_or_default(),
        if cfg!(debug_assertions) {
            "NOT OPTIMISED"
        } else {
            "optimised"
        },
    );
    println!("processor time, user and system, the least of several passes; warm files");
}

/// In a process of its own, so that memory is counted for this tree alone.
fn measure_apart(top: &Utf8Path) {
    let this = std::env::current_exe().expect("this program has a name");
    let ended = process::Command::new(this)
        .args([ONE_TREE, top.as_str()])
        .status();
    assert!(ended.is_ok_and(|status| status.success()));
}

/// All lines about one tree.
fn measure(top: &Utf8Path) {
    let files = Files::of(top);
    println!(
        "{} units, {} files, {} KB",
        files.units,
        files.paths.len(),
        files.bytes / 1024
    );
    let walking = least(|| own_time(|| walk(top)));
    files.tell("walk", walking, "");
    let reading = least(|| own_time(|| files.read()));
    files.tell("walk, read", walking + reading, "");
    let bare = walking + least(|| own_time(|| files.read_and_parse()));
    files.tell("walk, read, parse", bare, "");
    let whole = least(|| time_of_program(&FIND, top));
    let beside = format!(
        "{:.1} times walking, reading and parsing; {} MB",
        whole.as_secs_f64() / bare.as_secs_f64(),
        most_memory_of_children() >> 20,
    );
    files.tell(&format!("terrane {}", FIND.join(" ")), whole, &beside);
    let start = least(|| time_of_program(&["--version"], top));
    files.tell("terrane --version", start, "");
    let everything = least(|| own_time(|| loaded(top, Facts::ALL)));
    files.tell("load what a run needs", everything, "");
    let estate = loaded(top, Facts::ALL);
    let preparing = least(|| own_time(|| prepare_all(&estate)));
    files.tell("prepare each unit, with mocks", preparing, "");
}

/// The files that `find` reads, but for the few that name accounts.
struct Files {
    units: usize,
    paths: BTreeSet<Utf8PathBuf>,
    bytes: usize,
}

impl Files {
    fn of(top: &Utf8Path) -> Self {
        let estate = loaded(top, Facts::EDGES);
        let mut paths = BTreeSet::new();
        for unit in estate.units.values() {
            paths.insert(unit.file.clone());
            paths.extend(unit.files.iter().map(|file| file.path.to_path_buf()));
        }
        let bytes = paths.iter().map(|path| bytes_of(path).len()).sum();
        Self {
            units: estate.units.len(),
            paths,
            bytes,
        }
    }

    fn tell(&self, what: &str, time: Duration, beside: &str) {
        let units = u32::try_from(self.units.max(1)).expect("there are not so many");
        let unit = (time / units).as_secs_f64() * 1e6;
        let time = time.as_secs_f64() * 1e3;
        let line = format!("  {what:42} {time:8.1} ms {unit:7.1} µs a unit  {beside}");
        println!("{}", line.trim_end());
    }

    fn read(&self) -> usize {
        self.paths.iter().map(|path| bytes_of(path).len()).sum()
    }

    fn read_and_parse(&self) -> Vec<Parsed> {
        let parsed = self.paths.iter().map(|path| {
            let source = Source::from_bytes(path.as_str(), &bytes_of(path));
            parse(&source, &Limits::default())
        });
        parsed.collect()
    }
}

fn bytes_of(path: &Utf8Path) -> Vec<u8> {
    fs::read(path).expect("it was read before")
}

/// Looks into each folder and follows no link, as `find` does.
fn walk(top: &Utf8Path) -> usize {
    let mut entries = 0;
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
            entries += 1;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) && entry.file_name() != ".git" {
                folders.push(entry.into_path());
            }
        }
    }
    entries
}

/// The least of several passes.
fn least(mut pass: impl FnMut() -> Duration) -> Duration {
    let mut passes: Vec<Duration> = Vec::new();
    while passes.len() < 3
        || passes.len() < MOST_PASSES && passes.iter().sum::<Duration>() < TIME_OF_A_FIGURE
    {
        passes.push(pass());
    }
    passes.into_iter().min().expect("there were three")
}

/// What some work takes within this process. What the work made is freed afterwards, as `find` frees
/// nothing before its end.
fn own_time<T>(work: impl FnOnce() -> T) -> Duration {
    let before = used(UsageWho::RUSAGE_SELF);
    let made = black_box(work());
    let time = since(before, UsageWho::RUSAGE_SELF);
    drop(made);
    time
}

/// What the program takes, from its start to its end.
fn time_of_program(args: &[&str], folder: &Utf8Path) -> Duration {
    let before = used(UsageWho::RUSAGE_CHILDREN);
    let ended = process::Command::new(env!("CARGO_BIN_EXE_terrane"))
        .args(args)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(ended.is_ok_and(|status| status.success()), "{args:?}");
    since(before, UsageWho::RUSAGE_CHILDREN)
}

fn since(before: i64, who: UsageWho) -> Duration {
    let micros = u64::try_from(used(who) - before).expect("processor time only grows");
    Duration::from_micros(micros)
}

/// Processor time so far, in microseconds.
fn used(who: UsageWho) -> i64 {
    let usage = getrusage(who).expect("the system counts");
    usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
}

/// In bytes, of the largest child that has ended.
fn most_memory_of_children() -> i64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    usage.max_rss() * unit
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
    load(start, &Disk, options).0
}

fn prepare_all(estate: &Estate<'_>) -> usize {
    let mut inputs = 0;
    for (unit, _) in estate.in_scope() {
        let mut outputs = UpstreamOutputs::new();
        loop {
            match estate.prepare(unit, &outputs) {
                Ok(Preparation::Ready(ready)) => break inputs += ready.prepared.inputs.len(),
                // A tree of which not all is well.
                Err(_) => break,
                Ok(Preparation::Wants(wants)) => {
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
