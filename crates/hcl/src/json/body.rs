//! Objects of JSON as bodies: which properties are blocks, and which attributes.

use std::sync::Arc;

use super::read::{JsonString, Member, Node, NodeKind};
use super::{BlockSchema, Labels};
use crate::Text;
use crate::ast::{Attribute, Block, Body, Label};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::Limits;
use crate::source::{Source, Span};
use crate::value::normalized;

pub(super) struct Reader<'s> {
    pub(super) source: &'s Arc<Source>,
    pub(super) limits: &'s Limits,
    pub(super) diagnostics: Diagnostics,
}

/// The property whose value is passed over, as JSON has no comments.
const COMMENT: &str = "//";

/// The kind of a block and the labels found so far.
struct Header<'h> {
    schema: &'h BlockSchema<'h>,
    kind: &'h JsonString,
    labels: Vec<Label>,
}

impl<'h> Header<'h> {
    fn with_label(&self, name: &JsonString) -> Header<'h> {
        let mut labels: Vec<Label> = self.labels.iter().map(same_label).collect();
        labels.push(Label {
            text: normalized(&name.text),
            span: name.span,
        });
        Header { labels, ..*self }
    }
}

impl Reader<'_> {
    /// The whole file: an object, or objects that are one body together.
    pub(super) fn root(&mut self, root: &Node, blocks: &[BlockSchema<'_>]) -> Body {
        let objects = match &root.kind {
            NodeKind::Object(_) => std::slice::from_ref(root),
            NodeKind::Array(objects) => objects,
            _ => {
                self.tell_wrong_type(root, "A file in JSON syntax is an object");
                return Body::default();
            }
        };
        let mut body = Body {
            span: root.span,
            ..Body::default()
        };
        for object in objects {
            match &object.kind {
                NodeKind::Object(members) => self.members(members, blocks, &mut body),
                _ => self.tell_wrong_type(object, "A file in JSON syntax is made of objects"),
            }
        }
        self.index(&mut body);
        body
    }

    fn members(&mut self, members: &[Member], blocks: &[BlockSchema<'_>], body: &mut Body) {
        for member in members {
            if member.name.text == COMMENT {
                continue;
            }
            match blocks.iter().find(|block| block.kind == member.name.text) {
                Some(schema) => {
                    let header = Header {
                        schema,
                        kind: &member.name,
                        labels: Vec::new(),
                    };
                    self.blocks(&header, &member.value, body);
                }
                None => body.attributes.push(Attribute {
                    name: Text::from(&member.name.text),
                    name_span: member.name.inner_span(),
                    expression: self.expression(&member.value),
                    span: member.name.span.to(member.value.span),
                }),
            }
        }
    }

    /// Takes the blocks that a property stands for: an object for each label, whose properties are
    /// the labels, and in it one for each block. In place of an object several may stand in an
    /// array; in place of the content of blocks null stands for none of them.
    fn blocks(&mut self, header: &Header<'_>, value: &Node, body: &mut Body) {
        let objects = match &value.kind {
            NodeKind::Array(objects) => objects.as_slice(),
            NodeKind::Null => &[],
            _ => std::slice::from_ref(value),
        };
        if objects.is_empty() && has_label(header, &[]) {
            self.tell_missing_label(header, value);
        }
        for object in objects {
            match &object.kind {
                NodeKind::Object(members) if has_label(header, members) => {
                    if members.is_empty() {
                        self.tell_missing_label(header, object);
                    }
                    for member in members {
                        self.blocks(&header.with_label(&member.name), &member.value, body);
                    }
                }
                NodeKind::Object(members) => {
                    let block = self.block(header, members, object.span);
                    body.blocks.push(block);
                }
                _ => {
                    let what = format!("A block \"{}\" is an object", header.schema.kind);
                    self.tell_wrong_type(object, &what);
                }
            }
        }
    }

    fn block(&mut self, header: &Header<'_>, members: &[Member], span: Span) -> Block {
        let mut body = Body {
            span,
            ..Body::default()
        };
        self.members(members, header.schema.blocks, &mut body);
        self.index(&mut body);
        let kind_span = header.kind.inner_span();
        let last = header.labels.last().map_or(kind_span, |label| label.span);
        Block {
            kind: Text::from(header.schema.kind),
            kind_span,
            labels: header.labels.iter().map(same_label).collect(),
            body,
            header_span: kind_span.to(last),
            open_span: Span::new(span.start, span.start + 1),
            close_span: Span::new(span.end - 1, span.end),
            span: kind_span.to(span),
        }
    }

    /// Nobody reads more than the first of them, whatever their order.
    pub(super) fn tell(&mut self, complaint: Diagnostic) {
        if self.diagnostics.len() < 10 * Diagnostics::MOST {
            self.diagnostics.push(complaint);
        }
    }

    fn index(&mut self, body: &mut Body) {
        for (again, first) in body.index().into_iter().take(Diagnostics::MOST) {
            let name = self.source.slice(again);
            let complaint = Diagnostic::error("Attribute set twice")
                .detail(format!("The attribute `{name}` was set already."))
                .at(self.source, again)
                .label("set again")
                .related(self.source, first, "first set here")
                .help("keep one of them");
            self.tell(complaint);
        }
    }

    fn tell_wrong_type(&mut self, node: &Node, wanted: &str) {
        let start = node.span.start;
        let span = match node.kind {
            NodeKind::Array(_) | NodeKind::Object(_) => Span::new(start, start + 1),
            _ => node.span,
        };
        let found = node.kind.name();
        let complaint = Diagnostic::error("Wrong type of value")
            .detail(format!("{wanted}, and this is {found}."))
            .at(self.source, span)
            .label(format!("this is {found}"));
        self.tell(complaint);
    }

    fn tell_missing_label(&mut self, header: &Header<'_>, value: &Node) {
        let kind = header.schema.kind;
        let start = value.span.start;
        let complaint = Diagnostic::error("Missing label")
            .detail(format!(
                "A block \"{kind}\" has a label, which in JSON is the name of a property around its \
                 content."
            ))
            .at(self.source, Span::new(start, start + 1))
            .label("a property is expected in this object")
            .help(format!("write \"{kind}\": {{ \"label\": {{ … }} }}"));
        self.tell(complaint);
    }
}

/// Whether the properties of an object are labels, and not yet the content of a block.
fn has_label(header: &Header<'_>, members: &[Member]) -> bool {
    match header.schema.labels {
        Labels::Count(count) => header.labels.len() < count as usize,
        Labels::Optional => {
            let is_content = |node: &Node| match &node.kind {
                NodeKind::Object(_) => true,
                NodeKind::Array(items) => items
                    .iter()
                    .all(|item| matches!(item.kind, NodeKind::Object(_))),
                _ => false,
            };
            header.labels.is_empty()
                && !members.is_empty()
                && members.iter().all(|member| is_content(&member.value))
        }
    }
}

fn same_label(label: &Label) -> Label {
    Label {
        text: label.text.clone(),
        span: label.span,
    }
}
