//! What a folder was initialised for, and how it differs from what is wanted now.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{Backend, is_identity};
use crate::terraform::init::BackendChange;

/// The backend that the engine wrote down when it initialised a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitialisedBackend {
    kind: String,
    arguments: Map<String, Json>,
}

/// How much of a backend is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    Whole,
    /// The module's own block may say more.
    Part,
}

impl InitialisedBackend {
    /// Reads `.terraform/terraform.tfstate`. `None` where no backend was initialised.
    pub fn parse(text: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(text).ok()?;
        let backend = json.get("backend")?;
        Some(Self {
            kind: backend.get("type")?.as_str()?.to_owned(),
            arguments: backend.get("config")?.as_object()?.clone(),
        })
    }

    /// What changed since, if `now` is what the engine will find.
    pub fn change_to(&self, now: &Backend, extent: Extent) -> BackendChange {
        if self.kind != now.kind {
            return BackendChange::Place;
        }
        let of_now = now.arguments.keys().map(String::as_str);
        let of_before = self.arguments.keys().map(String::as_str);
        let names: BTreeSet<&str> = match extent {
            Extent::Whole => of_now.chain(of_before).collect(),
            Extent::Part => of_now.collect(),
        };
        let differs = |name: &&&str| {
            let before = self.arguments.get(**name).map(plain);
            let now = now
                .arguments
                .get(**name)
                .map(|value| value.to_json_value().unwrap_or_default());
            before.unwrap_or_default() != now.as_ref().map(plain).unwrap_or_default()
        };
        let mut different = names.iter().filter(differs).peekable();
        if different.peek().is_none() {
            BackendChange::None
        } else if different.all(|name| is_identity(name)) {
            BackendChange::IdentityOnly
        } else {
            BackendChange::Place
        }
    }
}

/// Comparable: what is not set is not there, and a number or boolean is its text, since the engine
/// converts them to what its backend wants.
fn plain(json: &Json) -> Option<Json> {
    match json {
        Json::Null => None,
        Json::Bool(_) | Json::Number(_) => Some(Json::String(json.to_string())),
        Json::String(_) => Some(json.clone()),
        Json::Array(items) => {
            let items: Vec<Json> = items.iter().filter_map(plain).collect();
            (!items.is_empty()).then_some(Json::Array(items))
        }
        Json::Object(entries) => {
            let entries = entries.iter();
            let entries: Map<String, Json> = entries
                .filter_map(|(name, value)| Some((name.clone(), plain(value)?)))
                .collect();
            (!entries.is_empty()).then_some(Json::Object(entries))
        }
    }
}
