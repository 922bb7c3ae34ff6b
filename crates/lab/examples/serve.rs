//! A lab for other programs: `cargo run --example serve [WORLD.json]`.
//!
//! Prints one line of JSON with the variables that lead a program to the lab and make it the
//! operator, and serves until its standard input ends (Ctrl-D by hand). Without a world it is
//! the landing zone.

use std::error::Error;
use std::io::{self, Read};

use terrane_lab::{Lab, World};

fn main() -> Result<(), Box<dyn Error>> {
    let world = match std::env::args().nth(1) {
        Some(file) => World::from_json(&std::fs::read_to_string(file)?)?,
        None => World::landing_zone(),
    };
    let lab = Lab::start(world)?;
    let mut variables = lab.environment();
    variables.extend(lab.operator().environment());
    announce(
        &variables
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect(),
    );
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the line is what other programs wait for"
)]
fn announce(variables: &serde_json::Map<String, serde_json::Value>) {
    println!("{}", serde_json::Value::from(variables.clone()));
}
