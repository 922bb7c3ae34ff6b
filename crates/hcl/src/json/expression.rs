//! Values of JSON as expressions: strings are templates, objects and arrays are written out.

use std::collections::HashMap;
use std::sync::Arc;

use super::body::Reader;
use super::read::{JsonString, Member, Node, NodeKind, escape};
use super::spans::Mapping;
use crate::ast::{Expression, ExpressionKind, ObjectItem, ObjectKey};
use crate::diagnostic::Diagnostic;
use crate::parse::parse_template;
use crate::source::{Location, Source, Span, offset};
use crate::value::normalized;

impl Reader<'_> {
    /// A value as an expression; what is wrong with its templates is told.
    pub(super) fn expression(&mut self, node: &Node) -> Expression {
        let kind = match &node.kind {
            NodeKind::Null => ExpressionKind::Null,
            NodeKind::Bool(value) => ExpressionKind::Bool(*value),
            NodeKind::Number(number) => ExpressionKind::Number(number.clone()),
            NodeKind::String(string) => self.template(string),
            NodeKind::Array(items) => {
                ExpressionKind::Tuple(items.iter().map(|item| self.expression(item)).collect())
            }
            NodeKind::Object(members) => self.object(members),
        };
        Expression::new(node.span, kind)
    }

    fn object(&mut self, members: &[Member]) -> ExpressionKind {
        let mut first: HashMap<&str, Span> = HashMap::with_capacity(members.len());
        let mut items = Vec::with_capacity(members.len());
        for member in members {
            let span = member.name.inner_span();
            if let Some(first) = first.insert(&member.name.text, span) {
                let complaint = Diagnostic::error("Duplicate key")
                    .detail(format!("The key \"{}\" occurs twice.", member.name.text))
                    .at(self.source, span)
                    .label("set again")
                    .related(self.source, first, "first set here")
                    .help("keep one of them");
                self.tell(complaint);
            }
            let key = match self.template(&member.name) {
                ExpressionKind::String(name) => ObjectKey::Name {
                    name,
                    span,
                    rank: None,
                },
                kind => ObjectKey::Expression(Expression::new(member.name.span, kind)),
            };
            let value = self.expression(&member.value);
            items.push(ObjectItem { key, value });
        }
        ObjectItem::rank_all(&mut items);
        ExpressionKind::Object(items.into())
    }

    fn template(&mut self, string: &JsonString) -> ExpressionKind {
        let has_sequences = string.text.contains("${") || string.text.contains("%{");
        if !has_sequences {
            return ExpressionKind::String(normalized(&string.text));
        }
        let inner = Source::new(self.source.name(), string.text.as_str());
        let places = Places::of(self.source.slice(string.inner_span()), string);
        let place = |at: u32| places.place(at);
        let mapping = Mapping(&place);
        match parse_template(&inner, self.limits) {
            Ok(mut template) => {
                mapping.expression(&mut template);
                template.kind
            }
            Err(errors) => {
                for error in errors {
                    let error = self.moved(error, &inner, &mapping);
                    self.tell(error);
                }
                ExpressionKind::Null
            }
        }
    }

    /// An error of a template, told in the file that the template is in.
    fn moved(
        &self,
        mut error: Diagnostic,
        inner: &Arc<Source>,
        mapping: &Mapping<'_>,
    ) -> Diagnostic {
        let file = self.source;
        let move_location = |location: &mut Location| {
            if Arc::ptr_eq(&location.source, inner) {
                *location = Location::new(file, mapping.span(location.span));
            }
        };
        error.subject.iter_mut().for_each(move_location);
        for (location, _) in &mut error.related {
            move_location(location);
        }
        // What would be written into the file needs the escapes of JSON.
        error.suggestion = None;
        error
    }
}

/// Where the characters of a string stand in the file, escapes included.
struct Places {
    start: u32,
    /// Behind each escape sequence: the place in the string, and in the file behind `start`.
    escapes: Vec<(u32, u32)>,
}

impl Places {
    fn of(raw: &str, string: &JsonString) -> Self {
        let mut places = Self {
            start: string.inner_span().start,
            escapes: Vec::new(),
        };
        if !string.has_escapes {
            return places;
        }
        let (mut at, mut inner) = (0, 0);
        while let Some(next) = raw[at..].find('\\') {
            let Some((c, length)) = escape(&raw[at + next..]) else {
                break;
            };
            inner += next + c.len_utf8();
            at += next + length;
            places.escapes.push((offset(inner), offset(at)));
        }
        places
    }

    fn place(&self, at: u32) -> u32 {
        let before = self.escapes.partition_point(|(inner, _)| *inner <= at);
        let (inner, raw) = match before.checked_sub(1) {
            Some(index) => self.escapes[index],
            None => (0, 0),
        };
        self.start + raw + (at - inner)
    }
}
