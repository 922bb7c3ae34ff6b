//! The files that a unit generates, as far as they are known before any output is.

use terrane_hcl::{Diagnostics, Value};

use super::block::DecodedBlock;
use super::estate::Estate;
use super::parts::Reach;
use super::unit::place_of;
use crate::model::{Place, UnitIx};

/// One file of a `generate` block that is switched on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GeneratedText {
    /// As written; `None` where it is made of outputs.
    pub path: Option<String>,
    /// `None` where it is made of outputs.
    pub contents: Option<String>,
    /// Whether a file that is there already stays.
    pub keeps_existing: bool,
    pub place: Place,
}

impl Estate<'_> {
    /// What the unit's `generate` blocks write, with outputs unknown.
    pub fn generated_texts(&self, unit: UnitIx) -> Result<Vec<GeneratedText>, Diagnostics> {
        self.with_view(&self.units[unit].file, self.options.questions, |view| {
            let blocks = view.generate(Reach::Merged)?;
            let is_on = |block: &&DecodedBlock| block.bool("disable") != Some(true);
            Ok(blocks.iter().filter(is_on).map(text_of).collect())
        })
    }
}

fn text_of(block: &DecodedBlock) -> GeneratedText {
    let known = |name: &str| {
        let value = block.value(name)?.unmark_deep().0;
        Value::as_str(&value).map(str::to_owned)
    };
    GeneratedText {
        path: known("path"),
        contents: known("contents"),
        keeps_existing: block.string("if_exists") == Some("skip"),
        place: place_of(&block.place),
    }
}
