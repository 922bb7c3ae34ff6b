//! What it takes to read, write and lock states in S3.
//!
//! `s3:ListBucket` is allowed on the bucket as a whole where a request names no prefix: S3 answers
//! "there is no such key" only to those who may list, and a state that is not there yet must look
//! like that, not like a refusal. Names of keys can so be seen; contents cannot.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Condition, PolicyDocument, Statement};
use super::footprint::{Actor, StateObject, Touch};
use crate::model::{AccountId, RoleArn, S3State, SessionPolicy};

/// How keys are named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyShape {
    /// Each by itself. A new unit needs the policy anew.
    Exact,
    /// By the first folder of each: `1-dev/*`.
    Folders,
}

/// Whose keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workspaces {
    Default,
    All,
}

/// How long a policy may be that is attached to a role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ManagedSize;

impl ManagedSize {
    /// Characters, blanks left aside.
    pub const MOST: usize = 6144;
}

/// The longest policy that a session may be given.
const LONGEST_SESSION_POLICY: usize = 2048;

/// Where tables and keys are looked for: with the role that opens them.
#[derive(Debug)]
pub struct Home {
    partition: String,
    /// `None` matches any.
    account: Option<AccountId>,
}

impl Home {
    pub fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Role(role) => Self::of_role(role),
            Actor::Base(_) | Actor::Token => Self {
                partition: "aws".to_owned(),
                account: None,
            },
        }
    }

    fn of_role(role: &RoleArn) -> Self {
        Self {
            partition: role.partition().to_owned(),
            account: Some(role.account()),
        }
    }

    fn arn(&self, service: &str, region: Option<&String>, resource: &str) -> String {
        let account = self.account.map(|account| account.to_string());
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition,
            region.map_or("*", String::as_str),
            account.as_deref().unwrap_or("*")
        )
    }

    pub fn bucket(&self, name: &str) -> String {
        format!("arn:{}:s3:::{name}", self.partition)
    }

    pub fn object(&self, bucket: &str, key: &str) -> String {
        format!("{}/{key}", self.bucket(bucket))
    }

    /// A table may be named by its ARN.
    pub fn lock_table(&self, name: &str, region: Option<&String>) -> String {
        if name.starts_with("arn:") {
            name.to_owned()
        } else {
            self.arn("dynamodb", region, &format!("table/{name}"))
        }
    }
}

/// The statements for all of these states.
pub(super) fn statements(
    states: &BTreeMap<StateObject, Touch>,
    home: &Home,
    shape: KeyShape,
    workspaces: Workspaces,
) -> Vec<Statement> {
    let mut by_bucket: BTreeMap<&str, Vec<(&StateObject, Touch)>> = BTreeMap::new();
    for (state, touch) in states {
        let bucket = by_bucket.entry(&state.bucket).or_default();
        bucket.push((state, *touch));
    }
    let several = by_bucket.len() > 1;
    let mut statements = Vec::new();
    for (index, (bucket, states)) in by_bucket.into_iter().enumerate() {
        let keys = Keys { shape, workspaces };
        let bucket = Bucket {
            name: bucket,
            states,
            home,
            keys,
            suffix: several.then(|| (index + 1).to_string()),
        };
        statements.extend(bucket.statements());
    }
    statements
}

/// A policy that leaves a session nothing but one unit's state, and the beginning of the keys that
/// it covers where the exact key made it too long; nothing where no policy can be short enough.
pub fn confined_to(state: &S3State, role: &RoleArn) -> Option<(SessionPolicy, Option<String>)> {
    let whole = StateObject::of(state);
    let mut length = whole.key.len();
    loop {
        let is_cut = length < whole.key.len();
        let cut = format!("{}*", floor(&whole.key, length));
        let key = if is_cut { &cut } else { &whole.key };
        let state = StateObject {
            key: key.clone(),
            ..whole.clone()
        };
        let text = session_policy(&state, role);
        if text.len() <= LONGEST_SESSION_POLICY {
            return Some((SessionPolicy(text), is_cut.then_some(cut)));
        }
        if length == 0 {
            return None;
        }
        length = length * 3 / 4;
    }
}

/// The longest beginning that is no longer than that and does not end within a letter.
fn floor(text: &str, length: usize) -> &str {
    let mut end = length.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn session_policy(state: &StateObject, role: &RoleArn) -> String {
    let states = BTreeMap::from([(state.clone(), Touch::Writes)]);
    let home = Home::of_role(role);
    let mut statements = statements(&states, &home, KeyShape::Exact, Workspaces::All);
    if state.kms_key_id.is_none() {
        // The bucket may have a key of its own. A session policy grants nothing that the role does
        // not have.
        statements.push(Statement {
            sid: "Key".to_owned(),
            principal: None,
            actions: KMS_ACTIONS.map(str::to_owned).to_vec(),
            resources: vec!["*".to_owned()],
            conditions: Vec::new(),
        });
    }
    PolicyDocument { statements }.to_compact_text()
}

const KMS_ACTIONS: [&str; 3] = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"];

#[derive(Clone, Copy)]
struct Keys {
    shape: KeyShape,
    workspaces: Workspaces,
}

impl Keys {
    /// The keys, or patterns of keys, of a state.
    fn of(self, state: &StateObject) -> Vec<String> {
        let key = match (self.shape, state.key.split_once('/')) {
            (KeyShape::Folders, Some((folder, _))) => format!("{folder}/*"),
            (KeyShape::Folders, None) | (KeyShape::Exact, _) => state.key.clone(),
        };
        match self.workspaces {
            Workspaces::Default => vec![key],
            Workspaces::All => {
                let prefix = workspaces_folder(state);
                vec![key.clone(), format!("{prefix}/*/{key}")]
            }
        }
    }
}

fn workspaces_folder(state: &StateObject) -> &str {
    state.workspace_key_prefix.as_deref().unwrap_or("env:")
}

/// What is done in one bucket.
struct Bucket<'b> {
    name: &'b str,
    states: Vec<(&'b StateObject, Touch)>,
    home: &'b Home,
    keys: Keys,
    suffix: Option<String>,
}

impl Bucket<'_> {
    fn statements(&self) -> Vec<Statement> {
        let written = self.all_keys(|_, touch| touch == Touch::Writes);
        let mut read = self.all_keys(|_, touch| touch == Touch::Reads);
        read.retain(|key| !written.contains(key));
        let locked = self.all_keys(|state, touch| state.lock_file && touch == Touch::Writes);
        let locks: BTreeSet<String> = locked.iter().map(|key| format!("{key}.tflock")).collect();
        let statements = [
            Some(self.list()),
            self.objects("ReadStates", &["s3:GetObject"], &read),
            self.objects("WriteStates", &["s3:GetObject", "s3:PutObject"], &written),
            self.objects("LockFiles", &LOCK_FILE_ACTIONS, &locks),
        ];
        let statements = statements.into_iter().flatten();
        statements
            .chain(self.lock_tables())
            .chain(self.kms())
            .collect()
    }

    fn all_keys(&self, wanted: impl Fn(&StateObject, Touch) -> bool) -> BTreeSet<String> {
        let states = self.states.iter();
        let states = states.filter(|(state, touch)| wanted(state, *touch));
        states.flat_map(|(state, _)| self.keys.of(state)).collect()
    }

    /// A listing of the engine's own asks for workspaces.
    fn list(&self) -> Statement {
        let mut prefixes = self.all_keys(|_, _| true);
        let folders = self
            .states
            .iter()
            .map(|(state, _)| workspaces_folder(state));
        prefixes.extend(folders.map(|folder| format!("{folder}/*")));
        let condition = Condition {
            test: "StringLikeIfExists",
            key: "s3:prefix".to_owned(),
            values: prefixes.into_iter().collect(),
        };
        let bucket = self.home.bucket(self.name);
        self.statement(
            "ListStates",
            &["s3:ListBucket"],
            vec![bucket],
            vec![condition],
        )
    }

    fn objects(&self, sid: &str, actions: &[&str], keys: &BTreeSet<String>) -> Option<Statement> {
        let resources = keys.iter().map(|key| self.home.object(self.name, key));
        let resources: Vec<String> = resources.collect();
        (!resources.is_empty()).then(|| self.statement(sid, actions, resources, Vec::new()))
    }

    /// An item is named after its state; a second one beside it holds the checksum.
    fn lock_tables(&self) -> Vec<Statement> {
        let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (state, touch) in &self.states {
            let Some(table) = &state.dynamodb_table else {
                continue;
            };
            if *touch != Touch::Writes {
                continue;
            }
            let table = self.home.lock_table(table, state.region.as_ref());
            let items = self.keys.of(state).into_iter().flat_map(|key| {
                let item = format!("{}/{key}", self.name);
                if item.ends_with('*') {
                    vec![item]
                } else {
                    vec![format!("{item}-md5"), item]
                }
            });
            tables.entry(table).or_default().extend(items);
        }
        let lock = |(table, items): (String, BTreeSet<String>)| {
            let condition = Condition {
                test: "ForAllValues:StringLike",
                key: "dynamodb:LeadingKeys".to_owned(),
                values: items.into_iter().collect(),
            };
            self.statement(
                "LockItems",
                &LOCK_ITEM_ACTIONS,
                vec![table],
                vec![condition],
            )
        };
        numbered(tables.into_iter().map(lock).collect())
    }

    fn kms(&self) -> Vec<Statement> {
        let mut keys: BTreeMap<(String, Option<&String>), bool> = BTreeMap::new();
        for (state, touch) in &self.states {
            if let Some(key) = &state.kms_key_id {
                let writes = keys
                    .entry((key.clone(), state.region.as_ref()))
                    .or_default();
                *writes |= *touch == Touch::Writes;
            }
        }
        let allow = |((key, region), writes): ((String, Option<&String>), bool)| {
            let actions = if writes {
                &KMS_ACTIONS[..]
            } else {
                &KMS_ACTIONS[..1]
            };
            let (resource, condition) = self.kms_key(&key, region);
            self.statement(
                "Keys",
                actions,
                vec![resource],
                condition.into_iter().collect(),
            )
        };
        numbered(keys.into_iter().map(allow).collect())
    }

    /// A policy cannot name a key by its alias, but demand that the key has it.
    fn kms_key(&self, key: &str, region: Option<&String>) -> (String, Option<Condition>) {
        let (arn, name) = match key.rsplit_once(':') {
            Some((before, name)) => (Some(before), name),
            None => (None, key),
        };
        if !name.starts_with("alias/") {
            let by_id = || {
                let name = name.strip_prefix("key/").unwrap_or(name);
                self.home.arn("kms", region, &format!("key/{name}"))
            };
            return (arn.map_or_else(by_id, |_| key.to_owned()), None);
        }
        let any = match arn {
            Some(before) => format!("{before}:key/*"),
            None => self.home.arn("kms", region, "key/*"),
        };
        let condition = Condition {
            test: "ForAnyValue:StringEquals",
            key: "kms:ResourceAliases".to_owned(),
            values: vec![name.to_owned()],
        };
        (any, Some(condition))
    }

    fn statement(
        &self,
        sid: &str,
        actions: &[&str],
        resources: Vec<String>,
        conditions: Vec<Condition>,
    ) -> Statement {
        Statement {
            sid: format!("{sid}{}", self.suffix.as_deref().unwrap_or_default()),
            principal: None,
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            resources,
            conditions,
        }
    }
}

const LOCK_FILE_ACTIONS: [&str; 3] = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];

/// What an engine does with the items of a lock table.
pub const LOCK_ITEM_ACTIONS: [&str; 4] = [
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:DeleteItem",
];

/// Several statements of one name get letters, since each needs a name of its own.
fn numbered(mut statements: Vec<Statement>) -> Vec<Statement> {
    if statements.len() > 1 {
        for (statement, letter) in statements.iter_mut().zip('A'..) {
            statement.sid.push(letter);
        }
    }
    statements
}
