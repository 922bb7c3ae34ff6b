//! Whether a file says only what may be said: unknown names, missing attributes and labels, blocks
//! of which there may be one. Nothing is evaluated, so the answer is the same for every unit.

use std::sync::Arc;

use terrane_hcl::{Attribute, Block, Body, Diagnostic, Diagnostics, Source, closest};

use super::instead::removed_attribute;
use super::schema::{
    BlockSchema, Count, LabelRule, REMOVED_ATTRIBUTES, STACK_FILE, STACK_STACK, STACK_UNIT,
    UNIT_FILE,
};
use crate::model::file_names;

/// All that is wrong with what stands in a body.
pub(crate) fn check(
    body: &Body,
    schema: &'static BlockSchema,
    source: &Arc<Source>,
) -> Diagnostics {
    let mut checker = Checker {
        source,
        found: Diagnostics::new(),
    };
    checker.body(body, schema);
    checker.found.sort();
    checker.found
}

struct Checker<'a> {
    source: &'a Arc<Source>,
    found: Diagnostics,
}

impl Checker<'_> {
    fn body(&mut self, body: &Body, schema: &'static BlockSchema) {
        if schema.is_free() {
            for block in &body.blocks {
                self.unknown_block(block, schema);
            }
            return;
        }
        for attribute in &body.attributes {
            if schema.attribute(&attribute.name).is_none() && !is_open(schema) {
                self.unknown_attribute(attribute, body, schema);
            }
        }
        for (index, block) in body.blocks.iter().enumerate() {
            let Some(child) = schema.child(&block.kind) else {
                if !is_open(schema) {
                    self.unknown_block(block, schema);
                }
                continue;
            };
            let earlier = body.blocks[..index].iter().find(|b| b.kind == block.kind);
            if let (Count::AtMostOne, Some(earlier)) = (child.count, earlier) {
                self.second_block(block, earlier);
            }
            self.block(block, child.schema);
        }
    }

    fn block(&mut self, block: &Block, schema: &'static BlockSchema) {
        self.labels(block, schema);
        for attribute in schema.attributes.iter().filter(|a| a.required) {
            if block.body.attribute(attribute.name).is_none() {
                self.found
                    .push(missing_attribute(block, attribute.name, self.source));
            }
        }
        self.body(&block.body, schema);
    }

    fn labels(&mut self, block: &Block, schema: &BlockSchema) {
        let most = usize::from(schema.label != LabelRule::None);
        if let Some(extra) = block.labels.get(most) {
            let wanted = if most == 0 { "no label" } else { "one label" };
            let diagnostic = Diagnostic::error("Too many labels")
                .detail(format!("A block \"{}\" has {wanted}.", block.kind))
                .at(self.source, extra.span);
            self.found.push(diagnostic);
        }
        if schema.label == LabelRule::One && block.labels.is_empty() {
            let diagnostic = Diagnostic::error("Missing label")
                .detail(format!("A block \"{}\" needs a name.", block.kind))
                .at(self.source, block.open_span)
                .help(format!("write: {} \"NAME\" {{", block.kind));
            self.found.push(diagnostic);
        }
    }

    fn unknown_attribute(
        &mut self,
        attribute: &Attribute,
        body: &Body,
        schema: &'static BlockSchema,
    ) {
        if schema.kind.is_empty() && REMOVED_ATTRIBUTES.contains(&attribute.name.as_str()) {
            self.found
                .push(removed_attribute(attribute, body, self.source));
            return;
        }
        let mut diagnostic = Diagnostic::error("Unknown attribute")
            .detail(format!(
                "There is no attribute \"{}\" {}.",
                attribute.name,
                place_in(schema)
            ))
            .at(self.source, attribute.name_span);
        if schema.child(&attribute.name).is_some() {
            diagnostic = diagnostic.help(format!(
                "\"{0}\" is a block: write {0} {{ … }} without the equals sign",
                attribute.name
            ));
        } else if let Some(meant) = closest(&attribute.name, names_of_attributes(schema)) {
            diagnostic = diagnostic
                .help(format!("did you mean \"{meant}\"?"))
                .suggest(self.source, attribute.name_span, meant);
        }
        self.found.push(diagnostic);
    }

    fn unknown_block(&mut self, block: &Block, schema: &'static BlockSchema) {
        let mut diagnostic = Diagnostic::error("Unknown block")
            .detail(format!(
                "There is no block \"{}\" {}.",
                block.kind,
                place_in(schema)
            ))
            .at(self.source, block.kind_span);
        if schema.attribute(&block.kind).is_some() {
            diagnostic = diagnostic.help(format!(
                "\"{0}\" is an attribute: write {0} = {{ … }} with an equals sign",
                block.kind
            ));
        } else if let Some(meant) = closest(&block.kind, names_of_blocks(schema)) {
            diagnostic = diagnostic
                .help(format!("did you mean \"{meant}\"?"))
                .suggest(self.source, block.kind_span, meant);
        }
        self.found.push(diagnostic);
    }

    fn second_block(&mut self, block: &Block, earlier: &Block) {
        let line = self.source.position(earlier.kind_span.start).line;
        let file = self.source.name();
        self.found.push(
            Diagnostic::error("Block written twice")
                .detail(format!(
                    "There may be one block \"{}\", and the first one is at {file}:{line}.",
                    block.kind
                ))
                .at(self.source, block.kind_span)
                .related(self.source, earlier.header_span, "the first one"),
        );
    }
}

/// A required attribute that is not there, told at the block's brace.
pub(crate) fn missing_attribute(block: &Block, name: &str, source: &Arc<Source>) -> Diagnostic {
    Diagnostic::error("Missing attribute")
        .detail(format!(
            "A block \"{}\" needs the attribute \"{name}\".",
            block.kind
        ))
        .at(source, block.open_span)
}

/// Whether unknown names are passed over: Terragrunt does so within the parts of a stack.
fn is_open(schema: &'static BlockSchema) -> bool {
    std::ptr::eq(schema, &raw const STACK_UNIT) || std::ptr::eq(schema, &raw const STACK_STACK)
}

fn place_in(schema: &BlockSchema) -> String {
    if schema.kind.is_empty() {
        "at the top of a file".to_owned()
    } else {
        format!("in a block \"{}\"", schema.kind)
    }
}

fn names_of_attributes(schema: &'static BlockSchema) -> impl Iterator<Item = &'static str> {
    schema.attributes.iter().map(|attribute| attribute.name)
}

fn names_of_blocks(schema: &'static BlockSchema) -> impl Iterator<Item = &'static str> {
    schema.blocks.iter().map(|child| child.schema.kind)
}

/// The schema of a file by its name.
pub(crate) fn schema_of(file_name: &str) -> Option<&'static BlockSchema> {
    match file_name {
        file_names::VALUES_FILE => None,
        file_names::STACK_FILE | file_names::AUTO_INCLUDE_STACK_FILE => Some(&STACK_FILE),
        _ => Some(&UNIT_FILE),
    }
}
