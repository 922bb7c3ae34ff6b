//! The configuration language, a crate of its own: text in; spans, values and diagnostics out.
//!
//! It has never heard of Terragrunt, AWS or files. What an expression may ask of the world it
//! asks through a trait that the caller implements.

pub mod ast;
mod convert;
mod diagnostic;
mod lex;
mod limits;
mod number;
mod parse;
mod references;
mod source;
mod template;
#[cfg(test)]
mod testing;
mod ty;
mod unify;
mod value;

pub use ast::{Attribute, Block, Body, Expression, ExpressionKind, Item, Step, StepKey};
pub use convert::{Mismatch, convert};
pub use diagnostic::{Diagnostic, Diagnostics, Severity, Suggestion};
pub use limits::{Budget, Exceeded, Limits};
pub use number::{ArithmeticError, Number};
pub use parse::{Parsed, parse, parse_expression, parse_template};
pub use references::Reference;
pub use source::{Location, Position, Source, Span};
pub use ty::{ObjectType, Type};
pub use unify::unify;
pub use value::{AccessError, DecodeError, EncodeError, Kind, Marks, Size, Value};

/// Text within values and syntax trees: short ones need no memory of their own, long ones are
/// shared. It is a `&str` wherever one is wanted.
pub use ecow::EcoString as Text;
