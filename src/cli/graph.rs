//! `graph`: who waits for whom, account by account.

use super::args::GraphFormat;
use super::edges::{accounts_of, graph_of};
use super::exit::CommandError;
use super::loading::until_the_end;
use super::options::{GraphOptions, Options};
use super::screen;
use crate::config::{Facts, LoadOptions, load};
use crate::graph::render::{Format, render};
use crate::model::Purpose;
use crate::report::ExitStatus;

pub(super) fn run(options: &Options, wanted: &GraphOptions) -> Result<ExitStatus, CommandError> {
    let aws = options
        .aws(&wanted.reading, Purpose::Plan)?
        .for_looking_only();
    let world = options.world(&wanted.reading, &aws);
    let reading = LoadOptions {
        facts: Facts::ACCOUNT,
        ..world.load_options(&wanted.reading, "graph")
    };
    let reading = wanted.selection.widen(reading, options)?;
    let facts = reading.facts;
    let (estate, problems) = load(&options.start, &world, reading);
    let (estate, problems) = (until_the_end(estate), until_the_end(problems));
    options.tell(&problems);
    options.tell_asked(&estate, facts);
    let chosen = wanted.selection.units(&estate, options)?;
    let graph = graph_of(&estate)?.restricted_to(&chosen);
    let text = render(&graph, &accounts_of(&estate), format(wanted.format));
    match wanted.format {
        GraphFormat::Tree => screen::print_for_people(&text)?,
        GraphFormat::Dot | GraphFormat::Mermaid | GraphFormat::Json => screen::print(&text)?,
    }
    Ok(ExitStatus::Success)
}

fn format(typed: GraphFormat) -> Format {
    match typed {
        GraphFormat::Tree => Format::Tree,
        GraphFormat::Dot => Format::Dot,
        GraphFormat::Mermaid => Format::Mermaid,
        GraphFormat::Json => Format::Json,
    }
}
