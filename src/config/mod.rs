//! From files to an estate: units, edges, role claims, state locations, and what waits for outputs.
//!
//! ```text
//! folder ── discover ──► unit files ── examine ──► Unit ── load ──► Estate ── prepare ──► Prepared
//!                                        │                            ▲
//!                     scope: a file as one unit sees it               │ UpstreamOutputs
//!                     locals, include, feature, values, dependency    (data, fetched by the run)
//! ```
//!
//! The world is seen through [`Surroundings`] alone, and each question is asked once. Another unit's
//! outputs are never read here: they come as an argument of [`Estate::prepare`], which evaluates
//! the same syntax again. What decides edges and state locations cannot depend on them.
//! `docs/design/config.md` has the reasons.

mod account;
mod as_value;
mod block;
mod config_file;
mod dependency;
mod discover;
mod estate;
mod evaluation;
mod examine;
mod explain;
mod feature;
mod found_once;
pub mod functions;
mod generated;
mod include;
mod instead;
mod load;
mod locals;
mod marks;
mod merge;
mod mocks;
mod module_files;
mod nearest_unit;
mod options;
mod parts;
mod prepare;
mod questions;
mod read_file;
mod reader;
mod removed;
mod render;
mod role;
mod schema;
mod schema_check;
mod scope;
pub mod stack;
mod stage;
mod state;
pub mod surroundings;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod trace;
mod unit;
mod validate;
mod values;
mod world;

pub use account::AccountFolder;
pub use dependency::Fetched;
pub use estate::{Estate, Preparation, Ready, Strictness, UpstreamOutputs};
pub use explain::{Explanation, Origin, Standing, Use};
pub use generated::GeneratedText;
pub use load::{load, load_unit, unit_file_in};
pub use mocks::MocksGiven;
pub use options::{Experiments, Facts, LoadOptions, Questions, ReadLimits, Thoroughness};
pub use questions::AskedFunction;
pub use render::{Rendering, json_of};
pub use surroundings::Surroundings;
pub use trace::{FileRead, ReadKind};
pub use unit::{
    EdgePurpose, ExcludeRule, IncludedFile, KnownState, OutputRead, StateFact, Unit, Upstream,
    UpstreamTarget, place_of,
};
