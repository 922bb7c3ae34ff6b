//! The configuration language, a crate of its own: text in; spans, values and diagnostics out.
//!
//! It has never heard of Terragrunt, AWS or files. What an expression may ask of the world it
//! asks through a trait that the caller implements.
//!
//! ```text
//! Source ── parse ──► Body ── Expression ── evaluate(…, Context) ──► Value
//!    lex               ast                    eval, functions           │ convert, unify
//!                                               │ asks                  ▼
//!                                             Host (roots, calls, World)
//! ```
//!
//! Whatever goes wrong is a [`Diagnostic`] that carries the text it points at. Whatever is asked
//! for ends: [`Limits`] bound depth, size and work, and reaching one is a diagnostic too.
//!
//! ```
//! use terrane_hcl::{Budget, Context, Host, Limits, Reference, Resolved, RootError, Source, Value};
//!
//! struct Environment;
//!
//! impl Host for Environment {
//!     fn root(&self, reference: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
//!         match reference.name {
//!             "env" => Ok(Resolved::whole(Value::from("prod"))),
//!             _ => Err(RootError::Unknown),
//!         }
//!     }
//!
//!     fn root_names(&self) -> Vec<String> {
//!         vec!["env".to_owned()]
//!     }
//! }
//!
//! let limits = Limits::default();
//! let source = Source::new("unit.hcl", "name = \"${upper(env)}-${1 + 1}\"\n");
//! let body = terrane_hcl::parse(&source, &limits).into_result()?;
//! let budget = Budget::new(limits);
//! let context = Context { source: &source, host: &Environment, budget: &budget };
//! let name = body.attribute("name").expect("it is written above");
//! let value = terrane_hcl::evaluate(&name.expression, &context)?;
//! assert_eq!(value.as_str(), Some("PROD-2"));
//! # Ok::<(), terrane_hcl::Diagnostics>(())
//! ```

pub mod ast;
mod convert;
mod diagnostic;
mod eval;
mod format;
mod functions;
mod host;
mod json;
mod lex;
mod limits;
mod number;
mod parse;
mod references;
mod source;
mod suggestion;
mod template;
#[cfg(test)]
mod testing;
mod ty;
mod unify;
mod value;

pub use ast::{
    AccessOperation, Attribute, Block, Body, Constant, Expression, ExpressionKind, Item, Step,
    StepKey,
};
pub use convert::{Mismatch, convert};
pub use diagnostic::{Diagnostic, Diagnostics, Severity, Suggestion};
pub use eval::{Context, evaluate};
pub use format::format;
pub use functions::{Arguments, function_names};
pub use host::{CallError, Host, Nowhere, PathKind, Resolved, RootError, World, WorldError};
pub use json::{BlockSchema, Labels, parse_json};
pub use limits::{Budget, Exceeded, Limits};
pub use number::{ArithmeticError, Number};
pub use parse::{Parsed, parse, parse_expression, parse_template};
pub use references::Reference;
pub use source::{Location, Position, Source, Span};
pub use suggestion::closest;
pub use ty::{ObjectType, Type};
pub use unify::unify;
pub use value::{AccessError, DecodeError, EncodeError, Kind, Marks, Size, Value};

/// Text within values and syntax trees: short ones need no memory of their own, long ones are
/// shared. It is a `&str` wherever one is wanted.
pub use ecow::EcoString as Text;
