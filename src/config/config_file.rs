//! One parsed configuration file.

use std::cell::OnceCell;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Attribute, Block, Body, Diagnostics, Location, Parsed, Source, Span};

use super::schema_check::{self, schema_of};
use crate::model::paths::folder_of;

/// A file's text and tree, shared by everyone who includes or reads it.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    /// Numbers the files of one load, for tables about them.
    pub(crate) number: u32,
    /// Absolute and clean.
    pub(crate) path: Utf8PathBuf,
    pub(crate) source: Arc<Source>,
    /// Without what is broken; empty if nothing could be read.
    pub(crate) body: Body,
    /// What is wrong with the syntax.
    pub(crate) problems: Diagnostics,
    all_problems: OnceCell<Diagnostics>,
}

impl ConfigFile {
    pub(crate) fn new(number: u32, path: &Utf8Path, source: Arc<Source>, parsed: Parsed) -> Self {
        Self {
            number,
            path: path.to_owned(),
            source,
            body: parsed.body,
            problems: parsed.diagnostics,
            all_problems: OnceCell::new(),
        }
    }

    /// What is wrong with the syntax and with the names that are used: all that can be told without
    /// evaluating anything.
    pub(crate) fn all_problems(&self) -> &Diagnostics {
        self.all_problems.get_or_init(|| {
            let mut problems = self.problems.clone();
            if let Some(schema) = schema_of(self.file_name()) {
                problems.extend(schema_check::check(&self.body, schema, &self.source));
            }
            problems
        })
    }

    pub(crate) fn folder(&self) -> &Utf8Path {
        folder_of(&self.path)
    }

    pub(crate) fn at(&self, span: Span) -> Location {
        span.in_source(&self.source)
    }

    /// The first block of a kind of which there may be one.
    pub(crate) fn block(&self, kind: &str) -> Option<&Block> {
        self.body.blocks.iter().find(|block| block.kind == kind)
    }

    /// The attributes of the `locals` block.
    pub(crate) fn locals(&self) -> &[Attribute] {
        self.block("locals")
            .map_or(&[], |block| block.body.attributes.as_slice())
    }

    pub(crate) fn local(&self, name: &str) -> Option<&Attribute> {
        self.block("locals")?.body.attribute(name)
    }

    /// Whether anything but the locals may read another configuration file.
    pub(crate) fn reads_outside_locals(&self) -> bool {
        let locals = self.block("locals").map(|block| block.span);
        let text = self.source.text();
        let mut places = text.match_indices("read_terragrunt_config");
        places.any(|(at, _)| {
            let within = |span: Span| (span.start as usize..span.end as usize).contains(&at);
            !locals.is_some_and(within)
        })
    }

    pub(crate) fn file_name(&self) -> &str {
        self.path.file_name().unwrap_or_default()
    }

    /// Whether the syntax is sound, so that what the file says can be trusted to be all of it.
    pub(crate) fn is_sound(&self) -> bool {
        !self.problems.has_errors()
    }
}
