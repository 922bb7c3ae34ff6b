//! A tree of typical units: accounts, regions and two environments in each, five units in each of
//! those. It holds texts and who depends on whom; nothing is parsed or evaluated here.
//!
//! A unit includes a root file and one for its kind, both of which read the files of the account, the
//! region and the environment above it. It depends on none, one or three other units (in the mean on
//! 1.6), of which each has 42 outputs, and asks for six to nine of them.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

pub(crate) mod ours;
pub(crate) mod theirs;

const ROOT: &str = include_str!("files/root.hcl");
const ACCOUNT: &str = include_str!("files/account.hcl");
const REGION: &str = include_str!("files/region.hcl");
const ENVIRONMENT: &str = include_str!("files/environment.hcl");
const COMMON: &str = include_str!("files/common.hcl");
const NETWORK: &str = include_str!("files/network.hcl");
const MIDDLE: &str = include_str!("files/middle.hcl");
const SERVICE: &str = include_str!("files/service.hcl");

const REGIONS: [&str; 5] = [
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-west-2",
    "ap-southeast-1",
];
const STAGES: [&str; 2] = ["dev", "prod"];
/// What kinds of units there are, the text of each, and the kinds it depends on.
const KINDS: [(&str, &str, &[&str]); 5] = [
    ("network", NETWORK, &[]),
    ("database", MIDDLE, &["network"]),
    ("cluster", MIDDLE, &["network"]),
    ("service", SERVICE, &["network", "database", "cluster"]),
    ("worker", SERVICE, &["network", "database", "cluster"]),
];
const UNITS_OF_AN_ACCOUNT: usize = REGIONS.len() * STAGES.len() * KINDS.len();

pub(crate) struct Tree {
    /// Each file by its path, which is hashed fast: to find a file is not what is measured.
    pub(crate) files: HashMap<Arc<str>, String>,
    pub(crate) units: Vec<Arc<Place>>,
}

/// One unit. A path is in memory once.
pub(crate) struct Place {
    /// The path of its own file.
    pub(crate) file: Arc<str>,
    pub(crate) upstreams: &'static [&'static str],
    /// The nearest files above by their names: looking for them is not what is measured.
    above: [(&'static str, Arc<str>); 4],
}

impl Place {
    pub(crate) fn above(&self, name: &str) -> Option<&str> {
        let found = self.above.iter().find(|(file, _)| *file == name);
        found.map(|(_, path)| path.as_ref())
    }

    /// The path of the unit's folder from that of the root file.
    pub(crate) fn below_root(&self) -> &str {
        let folder = self.file.strip_prefix("live/");
        let folder = folder.and_then(|path| path.strip_suffix("/terragrunt.hcl"));
        folder.expect("all units lie below the root file")
    }
}

impl Tree {
    pub(crate) fn of(units: usize) -> Self {
        let mut tree = Self {
            files: HashMap::new(),
            units: Vec::with_capacity(units),
        };
        tree.files.insert("live/root.hcl".into(), ROOT.to_owned());
        for (kind, _, _) in KINDS {
            let path = format!("live/_common/{kind}.hcl");
            tree.files.insert(path.into(), COMMON.replace("KIND", kind));
        }
        for account in 0..units / UNITS_OF_AN_ACCOUNT {
            tree.add_account(&format!("{account:06}"));
        }
        assert_eq!(tree.units.len(), units);
        tree
    }

    /// As many units, all of which depend on three others.
    pub(crate) fn of_three_dependencies(units: usize) -> Self {
        let mut tree = Self::of(units * KINDS.len() / 2);
        tree.units.retain(|place| place.upstreams.len() == 3);
        assert_eq!(tree.units.len(), units);
        tree
    }

    fn add_account(&mut self, account: &str) {
        let text = ACCOUNT.replace("ACCOUNT", account);
        let account = format!("live/{account}");
        let path = format!("{account}/account.hcl");
        self.files.insert(path.into(), text);
        for region in REGIONS {
            let text = REGION.replace("REGION", region);
            let folder = format!("{account}/{region}");
            let path = format!("{folder}/region.hcl");
            self.files.insert(path.into(), text);
            for stage in STAGES {
                let text = ENVIRONMENT.replace("STAGE", stage);
                let folder = format!("{folder}/{stage}");
                let path = format!("{folder}/environment.hcl");
                self.files.insert(path.into(), text);
                self.add_units(&folder);
            }
        }
    }

    fn add_units(&mut self, above: &str) {
        for (kind, text, upstreams) in KINDS {
            let folder = format!("{above}/{kind}");
            let text = text.replace("KIND", kind);
            let file: Arc<str> = format!("{folder}/terragrunt.hcl").into();
            self.files.insert(Arc::clone(&file), text);
            let above = ["root.hcl", "account.hcl", "region.hcl", "environment.hcl"];
            let above = above.map(|name| {
                let path = nearest(&self.files, &folder, name);
                (name, path.expect("the tree has it"))
            });
            self.units.push(Arc::new(Place {
                file,
                upstreams,
                above,
            }));
        }
    }
}

/// The nearest file of a name above a folder.
fn nearest(files: &HashMap<Arc<str>, String>, folder: &str, name: &str) -> Option<Arc<str>> {
    let mut path = String::with_capacity(folder.len() + name.len());
    path.push_str(folder);
    while let Some(parent) = path.rfind('/') {
        path.truncate(parent + 1);
        path.push_str(name);
        if let Some((path, _)) = files.get_key_value(path.as_str()) {
            return Some(Arc::clone(path));
        }
        path.truncate(parent);
    }
    None
}

/// What the state of a unit says: 30 texts, eight lists of three texts, four maps of three.
pub(crate) fn outputs_json(kind: &str) -> String {
    let mut outputs: Vec<String> = (0..28)
        .map(|number| format!("\"output_{number}\": \"{kind}-{number}-0123456789abcdef\""))
        .collect();
    outputs.push(format!("\"vpc_id\": \"vpc-0123456789-{kind}\""));
    outputs.push(format!(
        "\"arn\": \"arn:aws:rds:eu-central-1:123456789012:db:{kind}\""
    ));
    let lists = ["private", "public", "database", "cache"];
    for name in lists {
        outputs.push(format!(
            "\"{name}_subnet_ids\": [\"subnet-{name}-a\", \"subnet-{name}-b\", \"subnet-{name}-c\"]"
        ));
    }
    for name in &lists[..3] {
        outputs.push(format!(
            "\"{name}_subnet_cidrs\": [\"10.12.1.0/24\", \"10.12.2.0/24\", \"10.12.3.0/24\"]"
        ));
    }
    outputs.push("\"zones\": [\"a\", \"b\", \"c\"]".to_owned());
    for name in ["tags", "route_tables", "endpoints", "parameters"] {
        outputs.push(format!(
            "\"{name}\": {{ \"Kind\": \"{kind}\", \"CostCentre\": \"4711\", \"Origin\": \"{name}\" }}"
        ));
    }
    assert_eq!(outputs.len(), 42);
    format!("{{ {} }}", outputs.join(", "))
}
