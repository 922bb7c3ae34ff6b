//! Finds in a file's tree what a path of names means, as far as it is written out.

use terrane_hcl::{Body, Expression, ExpressionKind, Span};

/// A place in a file.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Spot<'f, 'p> {
    pub(in crate::config) span: Span,
    /// `None` for a block.
    pub(super) expression: Option<&'f Expression>,
    /// The names that lead on into the expression's value.
    pub(super) rest: &'p [&'p str],
}

/// What the names lead to, from the top of a body.
pub(in crate::config) fn find<'f, 'p>(body: &'f Body, path: &'p [&'p str]) -> Option<Spot<'f, 'p>> {
    let (first, rest) = path.split_first()?;
    if let Some(attribute) = body.attribute(first) {
        return within(&attribute.expression, attribute.name_span, rest);
    }
    let mut blocks = body.blocks.iter().filter(|block| block.kind == *first);
    blocks.find_map(|block| {
        let rest = match (block.labels.first(), rest.split_first()) {
            (Some(label), Some((name, rest))) if label.text == *name => rest,
            (Some(_), Some(_)) => return None,
            (Some(_), None) | (None, _) => rest,
        };
        if rest.is_empty() {
            return Some(Spot {
                span: block.header_span,
                expression: None,
                rest,
            });
        }
        find(&block.body, rest)
    })
}

/// The same within an expression whose name stands at `name`.
pub(super) fn within<'f, 'p>(
    expression: &'f Expression,
    name: Span,
    rest: &'p [&'p str],
) -> Option<Spot<'f, 'p>> {
    let here = Spot {
        span: name,
        expression: Some(expression),
        rest,
    };
    let Some((next, further)) = rest.split_first() else {
        return Some(here);
    };
    match &expression.kind {
        ExpressionKind::Parentheses(inner) => within(inner, name, rest),
        ExpressionKind::Constant(constant) => within(&constant.written, name, rest),
        ExpressionKind::Object(items) => {
            // Of two items with one name the later one counts.
            let named = items
                .iter()
                .rev()
                .find(|item| item.key.name() == Some(next));
            match named {
                Some(item) => within(&item.value, item.key.span(), further),
                None if items.iter().all(|item| item.key.name().is_some()) => None,
                None => Some(here),
            }
        }
        // Texts and numbers have no parts.
        ExpressionKind::Null
        | ExpressionKind::Bool(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::String(_)
        | ExpressionKind::Template(_) => None,
        ExpressionKind::Interpolation(_)
        | ExpressionKind::Variable(_)
        | ExpressionKind::Access(_)
        | ExpressionKind::Tuple(_)
        | ExpressionKind::Call(_)
        | ExpressionKind::For(_)
        | ExpressionKind::Conditional(_)
        | ExpressionKind::Operation(_)
        | ExpressionKind::Unary(_) => Some(here),
    }
}
