//! The configuration language, a crate of its own: text in; spans, values and diagnostics out.
//!
//! It has never heard of Terragrunt, AWS or files. What an expression may ask of the world it
//! asks through a trait that the caller implements.

mod number;

pub use number::{ArithmeticError, Number};
