//! `eval`: an expression in a unit, as JSON.

use terrane_hcl::Value;

use super::exit::CommandError;
use super::loading::{file_here, load_one};
use super::options::{EvalOptions, Options};
use super::screen;
use crate::config::{LoadOptions, Questions};
use crate::model::Purpose;
use crate::report::ExitStatus;

pub(super) fn run(options: &Options, wanted: &EvalOptions) -> Result<ExitStatus, CommandError> {
    let reading = &wanted.reading;
    let aws = options.aws(reading, Purpose::Plan)?.for_looking_only();
    let world = options.world(reading, &aws);
    let file = file_here(options, reading, &world)?;
    let load = LoadOptions {
        questions: Questions::Asked,
        ..world.load_options(reading, "eval")
    };
    let (estate, unit, _) = load_one(&file, &world, load)?;
    // The end of a heredoc stands on a line of its own.
    let expression = format!("{}\n", wanted.expression);
    let value = estate.evaluate_expression(unit, &expression)?;
    screen::print(&json(&value)?)?;
    Ok(ExitStatus::Success)
}

/// The value as `render` would show it. What the files mark as sensitive is shown as well: whoever
/// types an expression asks for its value, and no outputs are read.
fn json(value: &Value) -> Result<String, CommandError> {
    if value.contains_unknown() {
        return Err(CommandError::failed("part of the value is not known")
            .detail("it depends on outputs of other units, which are not read here"));
    }
    let json = value
        .to_json_value()
        .map_err(|error| CommandError::failed("the value has no JSON form").because(&error))?;
    Ok(format!("{json:#}\n"))
}
