//! Preparing the working folders of a thousand units, for the first time and when nothing has
//! changed.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark makes the estate that it measures"
)]

use std::fs;

use camino::Utf8PathBuf;
use camino_tempfile::Utf8TempDir;
use terrane::model::ModuleAddress;
use terrane::model::prepared::{BackendFile, IfExists, TerraformBlock};
use terrane::process::Environment;
use terrane::run::work_dir::{GeneratedFile, Wanted, WorkDir};
use terrane::source::cache::download_folder;
use terrane::source::fetch::{SourceOptions, Sources};
use terrane::source::registry::{Registries, TokenFiles};
use terrane_hcl::{Source, Span};

const UNITS: usize = 1_000;

fn main() {
    divan::main();
}

/// Units that share one folder of modules: twenty modules with five files each.
struct Estate {
    folder: Utf8TempDir,
    runtime: tokio::runtime::Runtime,
}

impl Estate {
    fn new() -> Self {
        let folder = Utf8TempDir::new().expect("a temporary folder");
        let write = |path: String, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        for module in 0..20 {
            for file in ["main", "variables", "outputs", "versions", "data"] {
                let text = format!("# {module} {file}\n").repeat(50);
                write(format!("modules/m{module}/{file}.tf"), &text);
            }
        }
        for unit in 0..UNITS {
            write(format!("live/u{unit}/terragrunt.hcl"), "# unit\n");
            write(format!("live/u{unit}/local.auto.tfvars"), "a = 1\n");
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        Self {
            folder,
            runtime: runtime.expect("a runtime"),
        }
    }

    /// One run's preparation of every unit.
    fn prepare(&self) {
        let environment = Environment::default();
        let options = SourceOptions {
            scratch: self.folder.path().join("run"),
            registries: Registries::new(
                "registry.example.org",
                &environment,
                TokenFiles::default(),
            ),
            environment,
            update: false,
        };
        let sources = Sources::new(options, None);
        let place = Span::default().in_source(&Source::new("root.hcl", ""));
        let backend = BackendFile {
            path: "backend.tf".to_owned(),
            if_exists: IfExists::OverwriteTerragrunt,
        };
        for unit in 0..UNITS {
            let unit_folder: Utf8PathBuf = self.folder.path().join(format!("live/u{unit}"));
            let source = format!("../../modules//m{}", unit % 20);
            let address = ModuleAddress::parse(&source, &unit_folder).expect("a source");
            let text =
                format!("terraform {{\n  backend \"s3\" {{\n    key = \"u{unit}\"\n  }}\n}}\n");
            let file = GeneratedFile::of_backend(&backend, &text, place.clone());
            let wanted = Wanted {
                unit_folder: &unit_folder,
                download_folder: &download_folder(&unit_folder, None),
                address: &address,
                terraform: &TerraformBlock::default(),
                generated: &[file],
                look_again: false,
            };
            let prepared = WorkDir::prepare(&sources, &wanted);
            self.runtime.block_on(prepared).expect("it can be prepared");
        }
    }
}

// One sample: ext4 is slow to make files where many have just gone.
#[divan::bench(sample_count = 1)]
fn first_of_a_thousand_units(bencher: divan::Bencher<'_, '_>) {
    bencher
        .with_inputs(Estate::new)
        .bench_local_values(|estate| {
            estate.prepare();
            estate
        });
}

#[divan::bench(sample_count = 10)]
fn again_with_nothing_changed(bencher: divan::Bencher<'_, '_>) {
    let estate = Estate::new();
    estate.prepare();
    bencher.bench_local(|| estate.prepare());
}
