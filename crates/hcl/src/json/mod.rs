//! The same language in JSON: `terragrunt.hcl.json`, `*.tf.json`, `*.tfvars.json`.
//!
//! Objects are bodies, strings are templates. What in them is a block and what an attribute JSON
//! does not say, so the caller does. The rules are those of the specification of HCL's JSON syntax.

mod body;
mod expression;
mod read;
mod spans;

use std::sync::Arc;

use crate::ast::Body;
use crate::diagnostic::Diagnostics;
use crate::limits::Limits;
use crate::parse::Parsed;
use crate::source::Source;

/// A kind of block that may stand in a body. Properties of other names are attributes.
#[derive(Clone, Copy, Debug)]
pub struct BlockSchema<'a> {
    pub kind: &'a str,
    pub labels: Labels,
    /// The blocks that may stand in this one.
    pub blocks: &'a [BlockSchema<'a>],
}

/// How many labels a kind of block has. In JSON each is the name of a property of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Labels {
    Count(u32),
    /// One or none: an object of which each property is an object, or a list of objects, has labels.
    Optional,
}

/// Parses a file in JSON syntax.
pub fn parse_json(source: &Arc<Source>, blocks: &[BlockSchema<'_>], limits: &Limits) -> Parsed {
    let root = match read::read(source, limits) {
        Ok(root) => root,
        Err(complaint) => {
            return Parsed {
                body: Body::default(),
                diagnostics: Diagnostics::from(*complaint),
            };
        }
    };
    let mut reader = body::Reader {
        source,
        limits,
        diagnostics: Diagnostics::new(),
    };
    let body = reader.root(&root, blocks);
    let mut diagnostics = reader.diagnostics;
    diagnostics.settle();
    Parsed { body, diagnostics }
}

#[cfg(test)]
mod tests;
