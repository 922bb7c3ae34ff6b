//! `list`: units and stacks for people.

mod tree;

use unicode_width::UnicodeWidthStr;

use super::args::ListFormat;
use super::exit::CommandError;
use super::listing::{Row, load_rows, rows};
use super::options::{ListOptions, Options, Order};
use super::screen;
use crate::config::LoadOptions;
use crate::model::Purpose;
use crate::report::ExitStatus;

/// Columns where there is no terminal that has a width.
const USUAL_WIDTH: usize = 80;

pub(super) fn run(options: &Options, wanted: &ListOptions) -> Result<ExitStatus, CommandError> {
    let listing = &wanted.listing;
    let aws = options
        .aws(&listing.reading, Purpose::Plan)?
        .for_looking_only();
    let world = options.world(&listing.reading, &aws);
    let estate = load_rows(options, listing, &world, &LoadOptions::default())?;
    let rows = rows(&estate, listing, options)?;
    let text = match (wanted.format, listing.order) {
        (ListFormat::Text, _) => columns(&rows, options.stdout.width.unwrap_or(USUAL_WIDTH)),
        (ListFormat::Long, _) => table(&rows, listing.dependencies),
        (ListFormat::Tree, Order::ByPath) => tree::of_folders(&rows),
        (ListFormat::Tree, Order::UpstreamsFirst) => tree::of_waits(&rows, tree::Root::Upstreams),
        (ListFormat::Tree, Order::DownstreamsFirst) => {
            tree::of_waits(&rows, tree::Root::Downstreams)
        }
        (ListFormat::Dot, _) => dot(&rows, listing.dependencies),
    };
    screen::print_for_people(&text)?;
    Ok(ExitStatus::Success)
}

/// As many columns of paths as there is room for.
fn columns(rows: &[Row<'_>], width: usize) -> String {
    let widest = rows.iter().map(|row| row.path.as_str().width()).max();
    let cell = widest.unwrap_or(0) + 2;
    let in_a_line = (width / cell).max(1);
    let lines = rows.chunks(in_a_line).map(|line| {
        let cells = line.iter().map(|row| padded(row.path.as_str(), cell));
        cells.collect::<String>() + "\n"
    });
    lines.collect()
}

fn table(rows: &[Row<'_>], with_dependencies: bool) -> String {
    let heading = "Path";
    let paths = rows.iter().map(|row| row.path.as_str());
    let widest = paths.chain([heading]).map(UnicodeWidthStr::width).max();
    let cell = widest.unwrap_or(0) + 2;
    let line = |kind: &str, path: &str, dependencies: &str| {
        let line = format!("{}{}{dependencies}", padded(kind, 7), padded(path, cell));
        line.trim_end().to_owned() + "\n"
    };
    let last = if with_dependencies {
        "Dependencies"
    } else {
        ""
    };
    let mut text = line("Type", heading, last);
    for row in rows {
        let dependencies: Vec<&str> = row
            .dependencies
            .iter()
            .filter(|_| with_dependencies)
            .map(|path| path.as_str())
            .collect();
        text += &line(
            row.component.kind(),
            row.path.as_str(),
            &dependencies.join(", "),
        );
    }
    text
}

/// Terragrunt's own dot, which knows no accounts; `graph --format dot` draws them.
fn dot(rows: &[Row<'_>], with_dependencies: bool) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    let mut lines = vec!["digraph {".to_owned()];
    for row in rows {
        let name = quoted(row.path.as_str());
        lines.push(format!("\t{name} ;"));
        let dependencies = row.dependencies.iter().filter(|_| with_dependencies);
        lines.extend(dependencies.map(|path| format!("\t{name} -> {};", quoted(path.as_str()))));
    }
    lines.join("\n") + "\n}\n"
}

fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}
