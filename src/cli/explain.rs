//! `explain`: where a value, a role or an edge of a unit comes from.

use std::fmt::Write as _;

use camino::Utf8Path;
use serde::Serialize;
use serde_json::Value as Json;
use terrane_hcl::Value;

use super::aws_access::AwsAccess;
use super::exit::CommandError;
use super::loading::load_one;
use super::options::{ExplainOptions, Options};
use super::{screen, unit_names};
use crate::config::{
    EdgePurpose, Estate, Explanation, Facts, LoadOptions, Questions, Standing, UpstreamTarget, Use,
    place_of,
};
use crate::identity::Acting;
use crate::model::{Place, Purpose, UnitIx};
use crate::report::ExitStatus;

/// A meaning that changes raises it.
const VERSION: u32 = 1;

pub(super) fn run(options: &Options, wanted: &ExplainOptions) -> Result<ExitStatus, CommandError> {
    let reading = &wanted.reading;
    let aws = options.aws(reading, Purpose::Plan)?.for_looking_only();
    let world = options.world(reading, &aws);
    let file = unit_names::file_of(&wanted.unit, options, reading, &world)?;
    let load = LoadOptions {
        facts: Facts::ROLES | Facts::STATE | Facts::ACCOUNT | Facts::SOURCE,
        questions: Questions::Asked,
        ..world.load_options(reading, "explain")
    };
    let (estate, unit, _) = load_one(&file, &world, load)?;
    let answer = Answer {
        version: VERSION,
        unit: estate.unit(unit).path.as_str(),
        values: values(&estate, unit, wanted.what.as_deref(), options)?,
        roles: match wanted.what.as_deref() {
            None | Some("role") => roles(&estate, unit, &aws, options)?,
            Some(_) => Vec::new(),
        },
        edges: match wanted.what.as_deref() {
            None | Some("edges") => edges(&estate, unit, options),
            Some(_) => Vec::new(),
        },
    };
    let text = if wanted.json {
        let text = serde_json::to_string_pretty(&answer);
        text.expect("texts and values always have a JSON form") + "\n"
    } else {
        answer.text(wanted.what.is_none())
    };
    screen::print(&text)?;
    Ok(ExitStatus::Success)
}

#[derive(Serialize)]
struct Answer<'e> {
    version: u32,
    unit: &'e str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<Told>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<ToldRole>,
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
    origins: Vec<ToldOrigin>,
}

#[derive(Serialize)]
struct ToldOrigin {
    file: String,
    line: usize,
    standing: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uses: Vec<ToldUse>,
}

#[derive(Serialize)]
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
struct ToldRole {
    /// `doer`, `state-management`, or a provider that chooses by itself.
    sibling: String,
    /// Absent while it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<String>,
    because: String,
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
    options: &Options,
) -> Result<Vec<Told>, CommandError> {
    let places = Places { estate, options };
    let subjects = match what {
        Some("role" | "edges") => return Ok(Vec::new()),
        Some(one) => vec![one.to_owned()],
        None => estate.explainable(unit)?,
    };
    let explained = subjects.iter().map(|subject| estate.explain(unit, subject));
    let explained: Result<Vec<Explanation>, _> = explained.collect();
    let told = explained?.into_iter();
    Ok(told
        .map(|explanation| Told::of(explanation, &places))
        .collect())
}

fn roles(
    estate: &Estate<'_>,
    unit: UnitIx,
    aws: &AwsAccess<'_>,
    options: &Options,
) -> Result<Vec<ToldRole>, CommandError> {
    let (identity, providers) = aws.identity_with_providers(estate, unit)?;
    let chain = |acting: &Acting| acting.chain().map(ToString::to_string);
    let sibling = |sibling: &str, acting: &Acting, because: String| ToldRole {
        sibling: sibling.to_owned(),
        chain: chain(acting),
        because,
    };
    let (doer, state) = (&identity.doer, &identity.state_management);
    let mut told = vec![
        sibling("doer", doer, identity.because.doer.to_string()),
        sibling(
            "state-management",
            state,
            identity.because.state.to_string(),
        ),
    ];
    let from = chain(doer).unwrap_or_else(|| "an upstream's output".to_owned());
    let places = Places { estate, options };
    told.extend(providers.found.iter().map(|provider| {
        let (file, line) = places.parts(&provider.place);
        ToldRole {
            sibling: format!("provider {}", provider.name()),
            chain: Some(provider.shown_from(&from)),
            because: format!("its own block at {file}:{line}"),
        }
    }));
    told.extend(providers.unknown.iter().map(|unknown| ToldRole {
        sibling: "other providers".to_owned(),
        chain: None,
        because: unknown.shown(|place| {
            let (file, line) = places.parts(place);
            format!("{file}:{line}")
        }),
    }));
    Ok(told)
}

fn edges(estate: &Estate<'_>, unit: UnitIx, options: &Options) -> Vec<ToldEdge> {
    let places = Places { estate, options };
    let upstreams = estate.unit(unit).upstreams.iter();
    upstreams
        .map(|upstream| {
            let (file, line) = places.parts(&place_of(&upstream.place));
            ToldEdge {
                upstream: options.shown(&upstream.named).into_string(),
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
    fn of(explanation: Explanation, places: &Places<'_>) -> Self {
        let (value, shown) = shown(explanation.value.as_ref());
        let origin = |origin: crate::config::Origin| {
            let (file, line) = places.parts(&origin.place);
            ToldOrigin {
                file,
                line,
                standing: match origin.standing {
                    Standing::Counts => "counts",
                    Standing::Merged => "merged",
                    Standing::Overridden => "overridden",
                },
                uses: ToldUse::all(origin.uses, places),
            }
        };
        Self {
            subject: explanation.subject,
            value,
            shown,
            origins: explanation.origins.into_iter().map(origin).collect(),
        }
    }
}

impl ToldUse {
    fn all(uses: Vec<Use>, places: &Places<'_>) -> Vec<Self> {
        let uses = uses.into_iter();
        uses.map(|used| Self::of(used, places)).collect()
    }

    fn of(used: Use, places: &Places<'_>) -> Self {
        let place = used.place.as_ref().map(|place| places.parts(place));
        let reads = used.reads.iter().map(|file| places.shown(file));
        Self {
            name: used.name,
            line: place.as_ref().map(|(_, line)| *line),
            file: place.map(|(file, _)| file),
            reads: reads.collect(),
            uses: Self::all(used.uses, places),
        }
    }
}

/// Names files as the user sees them. The load names them as its unit does.
struct Places<'p> {
    estate: &'p Estate<'p>,
    options: &'p Options,
}

impl Places<'_> {
    fn shown(&self, file: &Utf8Path) -> String {
        let file = self.estate.start.join(file);
        self.options.shown(&file).into_string()
    }

    fn parts(&self, place: &Place) -> (String, usize) {
        let line = usize::try_from(place.line).unwrap_or(usize::MAX);
        (self.shown(&place.file), line)
    }
}

/// The value for programs, and as people see it.
fn shown(value: Option<&Value>) -> (Option<Json>, String) {
    let Some(value) = value else {
        return (None, "nothing".to_owned());
    };
    if value.deep_marks().contains(terrane_hcl::Marks::SENSITIVE) {
        return (None, "(sensitive)".to_owned());
    }
    if value.contains_unknown() {
        return (None, "(known after upstreams have run)".to_owned());
    }
    match (value.to_json_value(), value.to_json()) {
        (Ok(json), Ok(text)) => (Some(json), text),
        (Err(_), _) | (_, Err(_)) => (None, "(without a JSON form)".to_owned()),
    }
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
            let chain = role.chain.as_deref().unwrap_or("not known yet");
            writeln!(text, "{}: {chain}  ({})", role.sibling, role.because)
                .expect("a string takes everything");
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
        let places = self
            .origins
            .iter()
            .filter(|origin| origin.standing != "overridden");
        let places: Vec<String> = places
            .map(|origin| format!("{}:{}", origin.file, origin.line))
            .collect();
        writeln!(text, "{} = {shown}  {}", self.subject, places.join(", "))
            .expect("a string takes everything");
    }

    fn write_whole(&self, text: &mut String) {
        writeln!(text, "{} = {}", self.subject, self.shown).expect("a string takes everything");
        for origin in &self.origins {
            let standing = match origin.standing {
                "counts" => String::new(),
                other => format!("  {other}"),
            };
            writeln!(text, "  {}:{}{standing}", origin.file, origin.line)
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
