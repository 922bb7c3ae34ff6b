//! `find`: paths of units and stacks, for people and for scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::args::FindFormat;
use super::exit::CommandError;
use super::listing::{Component, Row, load_rows, rows};
use super::options::{FindOptions, FindParts, Options};
use super::screen;
use crate::config::{Estate, Facts, LoadOptions, ReadKind, Thoroughness, Unit};
use crate::model::Purpose;
use crate::report::ExitStatus;

pub(super) fn run(options: &Options, wanted: &FindOptions) -> Result<ExitStatus, CommandError> {
    let listing = &wanted.listing;
    let aws = options
        .aws(&listing.reading, Purpose::Plan)?
        .for_looking_only();
    let world = options.world(&listing.reading, &aws);
    let estate = load_rows(options, listing, &world, &further(wanted.with))?;
    let rows = rows(&estate, listing, options)?;
    let text = match wanted.format {
        FindFormat::Text => rows
            .iter()
            .flat_map(|row| [row.path.as_str(), "\n"])
            .collect(),
        FindFormat::Json => {
            let entries = rows.iter().map(|row| Entry::of(row, &estate, wanted));
            let entries: Vec<Entry<'_>> = entries.collect();
            let text = serde_json::to_string_pretty(&entries);
            text.expect("strings and booleans always have a JSON form") + "\n"
        }
    };
    // Other programs take the paths as they are.
    if options.stdout.width.is_some() {
        screen::print_for_people(&text)?;
    } else {
        screen::print(&text)?;
    }
    Ok(ExitStatus::Success)
}

/// What must be known of units beside their edges.
fn further(parts: FindParts) -> LoadOptions {
    let conditions = if parts.exclude {
        Facts::CONDITIONS
    } else {
        Facts::EDGES
    };
    // The files of a unit's module are read for it as well.
    let source = if parts.reading {
        Facts::SOURCE | Facts::MODULE_FILES
    } else {
        Facts::EDGES
    };
    LoadOptions {
        facts: conditions | source,
        thoroughness: if parts.reading {
            Thoroughness::AllLocals
        } else {
            Thoroughness::AsNeeded
        },
        ..LoadOptions::default()
    }
}

/// Terragrunt's form.
#[derive(Serialize)]
struct Entry<'e> {
    #[serde(rename = "type")]
    kind: &'static str,
    path: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exclude: Option<Exclude<'e>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    include: BTreeMap<&'e str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reading: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<&'e str>,
}

#[derive(Serialize)]
struct Exclude<'e> {
    #[serde(rename = "exclude_dependencies")]
    with_dependencies: Option<bool>,
    no_run: Option<bool>,
    actions: &'e [String],
    #[serde(rename = "if")]
    when: bool,
}

impl<'e> Entry<'e> {
    fn of(row: &'e Row<'e>, estate: &Estate<'_>, wanted: &FindOptions) -> Self {
        let mut entry = Self {
            kind: row.component.kind(),
            path: row.path.as_str(),
            exclude: None,
            include: BTreeMap::new(),
            reading: Vec::new(),
            dependencies: Vec::new(),
        };
        if wanted.listing.dependencies {
            let dependencies = row.dependencies.iter();
            entry.dependencies = dependencies.map(|path| path.as_str()).collect();
        }
        match row.component {
            Component::Unit(unit) => entry.add_parts(unit, estate, wanted.with),
            Component::Stack => {}
        }
        entry
    }

    fn add_parts(&mut self, unit: &'e Unit, estate: &Estate<'_>, with: FindParts) {
        if with.exclude {
            self.exclude = unit.exclude.as_ref().map(|rule| Exclude {
                with_dependencies: rule.exclude_dependencies,
                no_run: rule.no_run,
                actions: &rule.actions,
                when: rule.when,
            });
        }
        if with.include {
            let includes = unit.includes.iter();
            self.include = includes
                .map(|include| (&*include.label, estate.shown(&include.path).into_string()))
                .collect();
        }
        if with.reading {
            let files = unit.files.iter().filter(|file| counts(file.kind));
            self.reading = files
                .map(|file| estate.shown(&file.path).into_string())
                .collect();
            self.reading.sort();
            self.reading.dedup();
        }
    }
}

/// Whether a file counts as read. What `file()` and its kin read does not, as in Terragrunt.
fn counts(kind: ReadKind) -> bool {
    match kind {
        ReadKind::Config | ReadKind::Marked | ReadKind::Module => true,
        ReadKind::Data => false,
    }
}
