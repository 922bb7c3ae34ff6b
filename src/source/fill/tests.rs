//! A module, a unit, and what lies where the two come together.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use camino_tempfile::Utf8TempDir;

use super::*;
use crate::source::copy_rules::CopyRules;
use crate::source::manifest::MANIFEST;

/// A module, a unit that uses it, and the place where the two come together.
struct Scene {
    folder: Utf8TempDir,
    subfolder: &'static str,
    generated: BTreeSet<Utf8PathBuf>,
    seconds: Cell<u64>,
}

impl Scene {
    fn new(files: &[(&str, &str)]) -> Self {
        let scene = Self {
            folder: Utf8TempDir::new().unwrap(),
            subfolder: "",
            generated: BTreeSet::new(),
            seconds: Cell::new(1_000_000_000),
        };
        fs::create_dir_all(scene.path("module")).unwrap();
        fs::create_dir_all(scene.path("unit")).unwrap();
        for (path, text) in files {
            scene.write(path, text);
        }
        scene
    }

    fn path(&self, path: &str) -> Utf8PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file whose time is long ago, each time another one, so that times tell.
    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        self.seconds.update(|seconds| seconds + 1);
        set_time(&path, UNIX_EPOCH + Duration::from_secs(self.seconds.get()));
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    fn place(&self) -> CachePlace {
        CachePlace {
            root: self.path("place"),
            subfolder: self.subfolder.into(),
        }
    }

    fn listing(&self, folder: &str) -> Listing {
        let rules = CopyRules::for_module(&[], &[]).unwrap();
        Listing::of_local(&self.path(folder), &rules, &self.path("place")).unwrap()
    }

    fn fill_with(&self, source: SourceFiles<'_>) -> Result<Filled, FillError> {
        let unit = self.listing("unit");
        let contents = Contents {
            source,
            unit: Some(&unit),
            generated: &self.generated,
        };
        let before = Manifest::load(&self.place().root);
        fill(&self.place(), &contents, &before)
    }

    /// With the module as a folder of this machine.
    fn fill(&self) -> Filled {
        let listing = self.listing("module");
        let digest = listing.digest();
        let version = SourceVersion::OfFolder(&digest);
        self.fill_with(SourceFiles::Listed {
            listing: &listing,
            version,
        })
        .unwrap()
    }

    /// With the module as something that was just fetched.
    fn fill_fetched(&self, version: &str) -> Filled {
        let listing = Listing::of_fetched(&self.path("module")).unwrap();
        let version = SourceVersion::OfAddress(version);
        self.fill_with(SourceFiles::Listed {
            listing: &listing,
            version,
        })
        .unwrap()
    }

    /// The files of the place but for book-keeping, each with its text.
    fn files(&self) -> Vec<String> {
        let listing = Listing::of_fetched(&self.path("place")).unwrap();
        let own = |path: &Utf8Path| path.as_str().starts_with(".terra");
        let files = listing.files.keys().filter(|path| !own(path));
        files
            .map(|path| {
                let text = fs::read_to_string(self.path("place").join(path)).unwrap();
                format!("{path}: {text}")
            })
            .collect()
    }

    fn requires_init(&self) -> bool {
        self.place().working_folder().join(INIT_REQUIRED).exists()
    }
}

fn set_time(path: &Utf8Path, time: SystemTime) {
    let file = fs::File::options().append(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn the_units_files_lie_over_those_of_the_module() {
    let scene = Scene::new(&[
        ("module/main.tf", "of module"),
        ("module/sub/deep.tf", "deep"),
        ("unit/main.tf", "of unit"),
        ("unit/terragrunt.hcl", "unit"),
    ]);
    let filled = scene.fill();
    assert!(filled.code_changed);
    assert!(!scene.requires_init(), "the folder is new");
    assert_eq!(
        scene.files(),
        [
            "main.tf: of unit",
            "sub/deep.tf: deep",
            "terragrunt.hcl: unit"
        ]
    );
}

#[test]
fn the_units_files_go_where_the_module_is() {
    let mut scene = Scene::new(&[
        ("module/net/vpc/main.tf", "vpc"),
        ("module/shared/lib.tf", "lib"),
        ("unit/a.tfvars", "a"),
    ]);
    scene.subfolder = "net/vpc";
    scene.fill();
    assert_eq!(
        scene.files(),
        [
            "net/vpc/a.tfvars: a",
            "net/vpc/main.tf: vpc",
            "shared/lib.tf: lib"
        ]
    );
}

#[test]
fn a_second_time_nothing_is_written() {
    let scene = Scene::new(&[("module/main.tf", "m"), ("unit/terragrunt.hcl", "u")]);
    scene.fill();
    let manifest = || fs::metadata(scene.path("place").join(MANIFEST)).unwrap();
    let before = manifest().modified().unwrap();
    let again = scene.fill();
    assert!(!again.code_changed);
    assert_eq!(manifest().modified().unwrap(), before);
}

#[test]
fn what_changed_is_copied_and_asks_for_init() {
    let scene = Scene::new(&[("module/main.tf", "one"), ("module/x.txt", "x")]);
    scene.fill();
    scene.write("module/x.txt", "changed");
    assert!(!scene.fill().code_changed && !scene.requires_init());
    scene.write("module/main.tf", "two");
    assert!(scene.fill().code_changed && scene.requires_init());
    assert_eq!(scene.files(), ["main.tf: two", "x.txt: changed"]);
}

#[test]
fn what_has_gone_from_module_or_unit_goes() {
    let scene = Scene::new(&[
        ("module/main.tf", "m"),
        ("module/old/gone.tf", "gone"),
        ("unit/extra.tf", "extra"),
        ("unit/main.tf", "of unit"),
    ]);
    scene.fill();
    fs::create_dir(scene.path("place/old/kept")).unwrap();
    scene.write("place/terraform.tfstate", "state");
    scene.remove("module/old/gone.tf");
    scene.remove("unit/extra.tf");
    scene.remove("unit/main.tf");
    assert!(scene.fill().code_changed);
    assert_eq!(scene.files(), ["main.tf: m", "terraform.tfstate: state"]);
    assert!(scene.path("place/old/kept").is_dir(), "others put it there");
}

#[test]
fn a_units_file_that_somebody_changed_is_restored() {
    let scene = Scene::new(&[("module/main.tf", "m"), ("unit/x.tf", "mine")]);
    scene.fill();
    scene.write("place/x.tf", "tampered with");
    scene.fill();
    assert_eq!(scene.files(), ["main.tf: m", "x.tf: mine"]);
}

#[test]
fn a_state_is_brought_along_once_and_then_left_alone() {
    let scene = Scene::new(&[("module/main.tf", "m"), ("unit/terraform.tfstate", "old")]);
    scene.fill();
    assert_eq!(scene.files(), ["main.tf: m", "terraform.tfstate: old"]);
    scene.write("place/terraform.tfstate", "new");
    scene.write("unit/terraform.tfstate", "touched");
    scene.fill();
    scene.remove("unit/terraform.tfstate");
    scene.fill();
    assert_eq!(scene.files(), ["main.tf: m", "terraform.tfstate: new"]);
}

#[test]
fn generated_files_win_and_what_they_hid_comes_back() {
    let mut scene = Scene::new(&[("module/main.tf", "m"), ("module/provider.tf", "of module")]);
    scene.fill();
    let generates = |scene: &mut Scene, paths: &[&str]| {
        scene.generated = paths.iter().map(Utf8PathBuf::from).collect();
        let mut filled = scene.fill();
        filled.manifest.set_generated(scene.generated.clone());
        filled.manifest.save(&scene.path("place")).unwrap();
    };
    generates(&mut scene, &["provider.tf"]);
    scene.write("place/provider.tf", "generated");
    generates(&mut scene, &["provider.tf"]);
    assert_eq!(scene.files(), ["main.tf: m", "provider.tf: generated"]);
    generates(&mut scene, &[]);
    assert_eq!(scene.files(), ["main.tf: m", "provider.tf: of module"]);
}

#[test]
fn a_fetched_source_is_left_alone_until_it_is_fetched_again() {
    let scene = Scene::new(&[
        ("module/main.tf", "v1"),
        ("module/old.tf", "old"),
        ("unit/u.tf", "u"),
    ]);
    scene.fill_fetched("1");
    let version = || fs::read_to_string(scene.place().version_file()).unwrap();
    assert_eq!(version(), "1");

    scene.remove("module/old.tf");
    scene.write("module/main.tf", "v2");
    scene.write("unit/u.tf", "changed");
    scene.fill_with(SourceFiles::AsBefore).unwrap();
    assert_eq!(
        scene.files(),
        ["main.tf: v1", "old.tf: old", "u.tf: changed"]
    );

    scene.fill_fetched("1");
    assert_eq!(scene.files(), ["main.tf: v2", "u.tf: changed"]);
    scene.fill_fetched("2");
    assert_eq!(version(), "2");
}

#[test]
fn a_hidden_file_of_a_fetched_source_has_to_be_fetched_again() {
    let scene = Scene::new(&[("module/main.tf", "of module"), ("unit/main.tf", "of unit")]);
    scene.fill_fetched("1");
    scene.remove("unit/main.tf");
    let failed = scene.fill_with(SourceFiles::AsBefore).unwrap_err();
    assert_eq!(
        failed.to_string(),
        "the source has to be fetched again for main.tf"
    );
    scene.fill_fetched("1");
    assert_eq!(scene.files(), ["main.tf: of module"]);
}

#[test]
fn a_folder_that_terragrunt_made_is_taken_over() {
    let scene = Scene::new(&[("module/main.tf", "m"), ("unit/terragrunt.hcl", "u")]);
    for (path, text) in [
        ("place/main.tf", "m"),
        ("place/terragrunt.hcl", "u"),
        ("place/stale.tf", "stale"),
        ("place/.terraform/modules/x/main.tf", "module"),
        ("place/terraform.tfstate", "state"),
    ] {
        scene.write(path, text);
    }
    assert!(scene.fill().code_changed, "stale.tf has gone");
    assert_eq!(
        scene.files(),
        [
            "main.tf: m",
            "terraform.tfstate: state",
            "terragrunt.hcl: u"
        ]
    );
    assert!(scene.path("place/.terraform/modules/x/main.tf").exists());
}

#[test]
fn a_folder_that_terragrunt_fetched_keeps_its_source() {
    let scene = Scene::new(&[("unit/terragrunt.hcl", "u")]);
    scene.write("place/main.tf", "of source");
    scene.write("place/terragrunt.hcl", "u");
    let filled = scene.fill_with(SourceFiles::AsBefore).unwrap();
    assert!(!filled.code_changed);
    assert_eq!(scene.files(), ["main.tf: of source", "terragrunt.hcl: u"]);
}

#[test]
fn a_copy_that_was_cut_short_is_done_again() {
    let scene = Scene::new(&[("module/main.tf", "one")]);
    let filled = scene.fill_fetched("1");
    let cut_short = filled.manifest.without_version();
    cut_short.save(&scene.path("place")).unwrap();
    scene.write("place/main.tf", "half");
    scene.write("place/of-other-version.tf", "other");
    scene.fill_fetched("1");
    assert_eq!(scene.files(), ["main.tf: one"]);
}

#[test]
fn planted_links_are_not_written_through() {
    let scene = Scene::new(&[("module/main.tf", "m"), ("module/sub/x.tf", "x")]);
    scene.write("outside/main.tf", "precious");
    fs::create_dir_all(scene.path("place")).unwrap();
    symlink(scene.path("outside"), scene.path("place/sub")).unwrap();
    symlink(scene.path("outside/main.tf"), scene.path("place/main.tf")).unwrap();
    scene.fill();
    assert_eq!(scene.files(), ["main.tf: m", "sub/x.tf: x"]);
    let outside = scene.listing("outside");
    assert_eq!(outside.files.len(), 1);
    assert_eq!(
        fs::read_to_string(scene.path("outside/main.tf")).unwrap(),
        "precious"
    );
}

#[test]
fn a_missing_folder_behind_the_slashes_is_told() {
    let mut scene = Scene::new(&[("module/main.tf", "m")]);
    scene.subfolder = "no/such";
    let listing = scene.listing("module");
    let version = SourceVersion::OfFolder("x");
    let source = SourceFiles::Listed {
        listing: &listing,
        version,
    };
    let failed = scene.fill_with(source).unwrap_err().to_string();
    assert_eq!(
        failed,
        format!("{} has no folder no/such", scene.path("module"))
    );
    assert!(!scene.path("place").exists());
}

#[test]
fn a_file_that_was_written_within_a_tick_is_compared() {
    let scene = Scene::new(&[]);
    let path = scene.path("module/main.tf");
    fs::write(&path, "one").unwrap();
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    scene.fill();
    fs::write(&path, "two").unwrap();
    set_time(&path, time);
    scene.fill();
    assert_eq!(scene.files(), ["main.tf: two"]);
}

#[test]
fn code_of_others_goes_although_their_engine_left_links_to_providers() {
    let scene = Scene::new(&[("module/main.tf", "m")]);
    scene.write("place/main.tf", "m");
    scene.write("place/gone.tf", "of an older version");
    scene.write("place/.terraform/modules/x/main.tf", "x");
    for link in ["place/.terraform/provider", "place/linked.tf"] {
        symlink("/nowhere/provider", scene.path(link)).unwrap();
    }
    scene.fill();
    assert!(scene.path("place/.terraform/modules/x/main.tf").exists());
    assert!(scene.path("place/.terraform/provider").is_symlink());
    for gone in ["place/gone.tf", "place/linked.tf"] {
        assert!(scene.path(gone).symlink_metadata().is_err(), "{gone}");
    }
}

#[test]
fn a_place_that_cannot_be_looked_through_is_not_taken_for_clean() {
    let scene = Scene::new(&[("module/main.tf", "m")]);
    scene.write(&format!("place/{}old.tf", "d/".repeat(120)), "old");
    let listing = scene.listing("module");
    let version = SourceVersion::OfFolder("x");
    let source = SourceFiles::Listed {
        listing: &listing,
        version,
    };
    let failed = scene.fill_with(source).unwrap_err().to_string();
    assert!(
        failed.ends_with("is more than 100 folders deep"),
        "{failed}"
    );
}
