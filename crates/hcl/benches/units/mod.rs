//! A typical unit, as often as it is needed.

/// Reads an account, a network and a root file, and hands on what a module needs of them.
const UNIT: &str = include_str!("unit.hcl");

/// The text of one of many units, each with a name of its own.
pub(crate) fn unit(number: usize) -> String {
    UNIT.replace("NUMBER", &number.to_string())
}
