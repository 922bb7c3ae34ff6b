//! `explain`: where a value, a role or an edge of a unit comes from.

mod roles;
mod shown;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value as Json;

use super::exit::CommandError;
use super::loading::load_one;
use super::options::{ExplainOptions, Options};
use super::{screen, unit_names};
use crate::config::{
    EdgePurpose, Estate, Explanation, Facts, LoadOptions, Origin, Questions, Standing,
    UpstreamTarget, Use, place_of,
};
use crate::model::{Place, Purpose, UnitIx};
use crate::report::ExitStatus;

/// A meaning that changes raises it.
const VERSION: u32 = 1;

pub(super) fn run(options: &Options, wanted: &ExplainOptions) -> Result<ExitStatus, CommandError> {
    let reading = &wanted.reading;
    let aws = options.aws(reading, Purpose::Plan)?.for_looking_only();
    let world = options.world(reading, &aws);
    let file = unit_names::file_of(&wanted.unit, options, reading, &world)
        .map_err(|error| with_unit_before(wanted, error))?;
    let load = LoadOptions {
        facts: Facts::ROLES | Facts::STATE | Facts::ACCOUNT | Facts::SOURCE,
        questions: Questions::Asked,
        ..world.load_options(reading, "explain")
    };
    let (estate, unit, _) = load_one(&file, &world, load)?;
    let answer = Answer {
        version: VERSION,
        unit: estate.unit(unit).path.as_str(),
        values: values(&estate, unit, wanted.what.as_deref())?,
        roles: match wanted.what.as_deref() {
            None | Some("role") => roles::roles(&estate, unit, &aws)?,
            Some(_) => Vec::new(),
        },
        edges: match wanted.what.as_deref() {
            None | Some("edges") => edges(&estate, unit),
            Some(_) => Vec::new(),
        },
    };
    if wanted.json {
        let text = serde_json::to_string_pretty(&answer);
        let text = text.expect("texts and values always have a JSON form");
        screen::print(&(text + "\n"))?;
    } else {
        screen::print_for_people(&answer.text(wanted.what.is_none()))?;
    }
    Ok(ExitStatus::Success)
}

/// Whoever names a thing and no unit means the unit they are in.
fn with_unit_before(wanted: &ExplainOptions, error: CommandError) -> CommandError {
    if wanted.what.is_some() || !wanted.unit.contains('.') {
        return error;
    }
    let what = &wanted.unit;
    error.help(format!(
        "of the unit in this folder: terrane explain . {what}"
    ))
}

#[derive(Serialize)]
struct Answer<'e> {
    version: u32,
    unit: &'e str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<Told>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<roles::ToldRole>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    edges: Vec<ToldEdge>,
}

#[derive(Serialize)]
struct Told {
    subject: String,
    /// Absent where it is not known before other units have run, where it is secret, and where
    /// nothing is left of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Json>,
    #[serde(skip)]
    shown: String,
    /// The flag that says so, in place of the files.
    #[serde(skip_serializing_if = "Option::is_none")]
    flag: Option<String>,
    origins: Vec<ToldOrigin>,
}

#[derive(Serialize)]
struct ToldOrigin {
    file: String,
    line: usize,
    standing: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reads: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uses: Vec<ToldUse>,
}

#[derive(PartialEq, Serialize)]
struct ToldUse {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reads: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uses: Vec<ToldUse>,
}

#[derive(Serialize)]
struct ToldEdge {
    /// As the user sees it.
    upstream: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependency: Option<String>,
    purpose: &'static str,
    exists: bool,
    file: String,
    line: usize,
}

fn values(
    estate: &Estate<'_>,
    unit: UnitIx,
    what: Option<&str>,
) -> Result<Vec<Told>, CommandError> {
    let subjects = match what {
        Some("role" | "edges") => return Ok(Vec::new()),
        Some(one) => vec![one.to_owned()],
        None => estate.explainable(unit)?,
    };
    let explained = subjects.iter().map(|subject| estate.explain(unit, subject));
    let explained: Result<Vec<Explanation>, _> = explained.collect();
    let told = explained?.into_iter();
    Ok(told.map(Told::of).collect())
}

fn edges(estate: &Estate<'_>, unit: UnitIx) -> Vec<ToldEdge> {
    let upstreams = estate.unit(unit).upstreams.iter();
    upstreams
        .map(|upstream| {
            let (file, line) = parts(&place_of(&upstream.place));
            ToldEdge {
                upstream: estate.name_of_file(&upstream.named).into_string(),
                dependency: upstream.label.as_ref().map(ToString::to_string),
                purpose: match upstream.purpose {
                    EdgePurpose::Outputs => "outputs",
                    EdgePurpose::Identity => "role",
                    EdgePurpose::OrderOnly => "order",
                },
                exists: upstream.target != UpstreamTarget::Missing,
                file,
                line,
            }
        })
        .collect()
}

impl Told {
    fn of(explanation: Explanation) -> Self {
        let (value, shown) = shown::shown(&explanation.subject, explanation.value.as_ref());
        let origin = |origin: Origin| {
            let (file, line) = parts(&origin.place);
            let reads = origin.reads.iter().map(ToString::to_string);
            ToldOrigin {
                file,
                line,
                reads: reads.collect(),
                standing: match origin.standing {
                    Standing::Counts => "counts",
                    Standing::Merged => "merged",
                    Standing::Overridden => "overridden",
                },
                uses: ToldUse::all(origin.uses),
            }
        };
        Self {
            subject: explanation.subject,
            value,
            shown,
            flag: explanation.flag,
            origins: explanation.origins.into_iter().map(origin).collect(),
        }
    }
}

impl ToldUse {
    fn of_origin(name: &str, origin: Origin) -> Self {
        let place = Some(origin.place);
        Self::of(Use {
            name: name.to_owned(),
            place,
            reads: origin.reads,
            uses: origin.uses,
        })
    }

    fn all(uses: Vec<Use>) -> Vec<Self> {
        let uses = uses.into_iter();
        uses.map(Self::of).collect()
    }

    fn of(used: Use) -> Self {
        let place = used.place.as_ref().map(parts);
        let reads = used.reads.iter().map(ToString::to_string);
        Self {
            name: used.name,
            line: place.as_ref().map(|(_, line)| *line),
            file: place.map(|(file, _)| file),
            reads: reads.collect(),
            uses: Self::all(used.uses),
        }
    }
}

fn parts(place: &Place) -> (String, usize) {
    let line = usize::try_from(place.line).unwrap_or(usize::MAX);
    (place.file.to_string(), line)
}

/// Longer values are cut where many stand below each other.
const SHORT: usize = 60;

impl Answer<'_> {
    fn text(&self, is_overview: bool) -> String {
        let mut text = String::new();
        for told in &self.values {
            if is_overview {
                told.write_line(&mut text);
            } else {
                told.write_whole(&mut text);
            }
        }
        for role in &self.roles {
            role.write(is_overview, &mut text);
        }
        for edge in &self.edges {
            let name = edge
                .dependency
                .as_ref()
                .map(|name| format!(" as dependency.{name}"));
            let missing = if edge.exists {
                ""
            } else {
                ", which is no unit"
            };
            writeln!(
                text,
                "waits for {}{missing}{} ({})  {}:{}",
                edge.upstream,
                name.unwrap_or_default(),
                edge.purpose,
                edge.file,
                edge.line
            )
            .expect("a string takes everything");
        }
        text
    }
}

impl Told {
    /// One line: the value and the place that counts.
    fn write_line(&self, text: &mut String) {
        let mut shown: String = self.shown.chars().take(SHORT).collect();
        if shown.len() < self.shown.len() {
            shown.push('…');
        }
        let flag = self.flag.iter().cloned();
        let places = self
            .origins
            .iter()
            .filter(|origin| origin.standing != "overridden");
        let places = places.map(|origin| format!("{}:{}", origin.file, origin.line));
        let places: Vec<String> = flag.chain(places).collect();
        writeln!(text, "{} = {shown}  {}", self.subject, places.join(", "))
            .expect("a string takes everything");
    }

    fn write_whole(&self, text: &mut String) {
        writeln!(text, "{} = {}", self.subject, self.shown).expect("a string takes everything");
        if let Some(flag) = &self.flag {
            writeln!(text, "  {flag}").expect("a string takes everything");
        }
        for origin in &self.origins {
            let standing = match origin.standing {
                "counts" => String::new(),
                other => format!("  {other}"),
            };
            let reads = origin.reads.iter().map(|file| format!("  reads {file}"));
            let reads: String = reads.collect();
            writeln!(text, "  {}:{}{standing}{reads}", origin.file, origin.line)
                .expect("a string takes everything");
            for used in &origin.uses {
                used.write(2, text);
            }
        }
    }
}

impl ToldUse {
    fn write(&self, depth: usize, text: &mut String) {
        let indent = "  ".repeat(depth);
        let place = match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("  {file}:{line}"),
            _ => String::new(),
        };
        let reads = self.reads.iter().map(|file| format!("  reads {file}"));
        writeln!(
            text,
            "{indent}{}{place}{}",
            self.name,
            reads.collect::<String>()
        )
        .expect("a string takes everything");
        for used in &self.uses {
            used.write(depth + 1, text);
        }
    }
}
