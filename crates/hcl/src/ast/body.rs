//! Attributes and blocks.

use super::Expression;
use crate::Text;
use crate::source::Span;

/// Attributes and blocks: a whole file, or what stands in a block's braces.
#[derive(Debug, Default)]
pub struct Body {
    /// In the order of the text; of two with the same name only the first.
    pub attributes: Vec<Attribute>,
    /// In the order of the text.
    pub blocks: Vec<Block>,
    pub span: Span,
    /// Numbers of attributes, ordered by name, if there are too many to look through.
    pub(crate) by_name: Box<[u32]>,
}

/// `name = expression`
#[derive(Debug)]
pub struct Attribute {
    pub name: Text,
    pub name_span: Span,
    pub expression: Expression,
    pub span: Span,
}

/// `kind "label" { … }`
#[derive(Debug)]
pub struct Block {
    pub kind: Text,
    pub kind_span: Span,
    pub labels: Box<[Label]>,
    pub body: Body,
    /// Up to and with the last label.
    pub header_span: Span,
    pub open_span: Span,
    /// Empty, at the end of the block, where the closing brace is missing.
    pub close_span: Span,
    pub span: Span,
}

/// A label of a block, quoted or not.
#[derive(Debug)]
pub struct Label {
    pub text: Text,
    /// With its quotes.
    pub span: Span,
}

/// An attribute or a block.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    Attribute(&'a Attribute),
    Block(&'a Block),
}

impl Item<'_> {
    pub fn span(&self) -> Span {
        match self {
            Item::Attribute(attribute) => attribute.span,
            Item::Block(block) => block.span,
        }
    }
}

impl Body {
    /// More attributes than this are looked up in an index.
    pub(crate) const INDEXED_FROM: usize = 16;

    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        if self.by_name.is_empty() {
            return self
                .attributes
                .iter()
                .find(|attribute| attribute.name == name);
        }
        let attribute = |index: u32| &self.attributes[index as usize];
        let at = self
            .by_name
            .binary_search_by(|index| attribute(*index).name.as_str().cmp(name));
        at.ok().map(|at| attribute(self.by_name[at]))
    }

    /// Keeps the first of attributes with the same name, and prepares the look-up where there are
    /// many. The result is the names that occur again, each beside its first occurrence.
    pub(crate) fn index(&mut self) -> Vec<(Span, Span)> {
        let name = |index: u32| self.attributes[index as usize].name.as_str();
        let mut order: Vec<u32> = (0..).take(self.attributes.len()).collect();
        if order.len() <= Self::INDEXED_FROM {
            let is_new = |at: usize| {
                !order[..at]
                    .iter()
                    .any(|before| name(*before) == name(order[at]))
            };
            if (0..order.len()).all(is_new) {
                return Vec::new();
            }
        }
        order.sort_by(|a, b| name(*a).cmp(name(*b)).then(a.cmp(b)));
        let mut is_double = vec![false; order.len()];
        let mut doubles = Vec::new();
        for same in order.chunk_by(|a, b| name(*a) == name(*b)) {
            for again in &same[1..] {
                is_double[*again as usize] = true;
                let span = |index: u32| self.attributes[index as usize].name_span;
                doubles.push((span(*again), span(same[0])));
            }
        }
        if !doubles.is_empty() {
            let mut is_double = is_double.into_iter();
            self.attributes.retain(|_| is_double.next() == Some(false));
            self.index();
        } else if order.len() > Self::INDEXED_FROM {
            self.by_name = order.into();
        }
        doubles
    }

    /// The blocks of one kind, in the order of the text.
    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }

    /// Attributes and blocks in the order of the text.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let mut attributes = self.attributes.iter().peekable();
        let mut blocks = self.blocks.iter().peekable();
        std::iter::from_fn(move || match (attributes.peek(), blocks.peek()) {
            (Some(attribute), Some(block)) if attribute.span.start > block.span.start => {
                blocks.next().map(Item::Block)
            }
            (Some(_), _) => attributes.next().map(Item::Attribute),
            (None, _) => blocks.next().map(Item::Block),
        })
    }
}
