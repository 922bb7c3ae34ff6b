//! The syntax tree.
//!
//! Nodes hold spans and no text but names and literals, so a tree is small and can be kept for as
//! long as a run lasts. It says what was written, not what it means: nothing is evaluated here but
//! [`Constant`]s, which mean the same everywhere.

mod body;
mod constant;

use crate::Text;
use crate::functions::Function;
use crate::number::Number;
use crate::source::Span;

pub use body::{Attribute, Block, Body, Item, Label};
pub use constant::Constant;

/// An expression and where it stands.
#[derive(Debug)]
pub struct Expression {
    pub span: Span,
    pub kind: ExpressionKind,
}

#[derive(Debug)]
pub enum ExpressionKind {
    Null,
    Bool(bool),
    Number(Number),
    /// A string without sequences, quoted or heredoc; in NFC.
    String(Text),
    Template(Box<[Part]>),
    /// `"${expression}"` and nothing else: the value as it is, not as a string.
    Interpolation(Box<Expression>),
    Parentheses(Box<Expression>),
    Variable(Box<Traversal>),
    Access(Box<Access>),
    Tuple(Box<[Expression]>),
    Object(Box<[ObjectItem]>),
    Constant(Box<Constant>),
    Call(Box<Call>),
    For(Box<For>),
    Conditional(Box<Conditional>),
    Operation(Box<Operation>),
    Unary(Box<Unary>),
}

/// A variable with the constant steps that follow it: `local.a.b[0]`.
#[derive(Debug)]
pub struct Traversal {
    pub name: Text,
    pub name_span: Span,
    pub steps: Vec<Step>,
    /// If a `for` around it binds the name, how many other names are bound between there and here.
    pub(crate) bound: Option<u32>,
}

/// One step into a value. The span includes the dot or the brackets.
#[derive(Clone, Debug)]
pub struct Step {
    pub key: StepKey,
    pub span: Span,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StepKey {
    /// `.name`
    Attribute(Text),
    /// `["name"]`
    Key(Text),
    /// `[0]`, and `.0` as it was once written.
    Index(Number),
}

impl StepKey {
    /// The name, where the step is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            StepKey::Attribute(name) | StepKey::Key(name) => Some(name),
            StepKey::Index(_) => None,
        }
    }
}

/// Steps into the value of an expression. A variable's constant steps belong to its [`Traversal`].
#[derive(Debug)]
pub struct Access {
    pub target: Expression,
    pub operations: Vec<AccessOperation>,
}

#[derive(Debug)]
pub enum AccessOperation {
    Step(Step),
    /// `[expression]`; the span includes the brackets.
    Index {
        key: Expression,
        span: Span,
    },
    /// `.*` or `[*]`, and what is then done with each element. `marker` is the span of the star.
    Splat {
        each: Vec<AccessOperation>,
        marker: Span,
        span: Span,
    },
}

impl AccessOperation {
    pub fn span(&self) -> Span {
        match self {
            AccessOperation::Step(step) => step.span,
            AccessOperation::Index { span, .. } | AccessOperation::Splat { span, .. } => *span,
        }
    }
}

#[derive(Debug)]
pub struct ObjectItem {
    pub key: ObjectKey,
    pub value: Expression,
}

impl ObjectItem {
    /// Larger objects are put in order when they are evaluated.
    const RANKED_UP_TO: usize = 32;

    /// Ranks the items of an object, if all have names and no two the same. Values are ordered by
    /// key, and keys that are written down need not be compared each time the object is evaluated.
    pub(crate) fn rank_all(items: &mut [ObjectItem]) {
        let names = |index: u8| match &items[usize::from(index)].key {
            ObjectKey::Name { name, .. } => Some(name),
            ObjectKey::Expression(_) => None,
        };
        let mut order = [0; Self::RANKED_UP_TO];
        let Some(order) = order.get_mut(..items.len()) else {
            return;
        };
        for (place, index) in order.iter_mut().zip(0..) {
            *place = index;
        }
        order.sort_unstable_by_key(|index| names(*index));
        let is_first_a_name = order.first().is_some_and(|first| names(*first).is_some());
        let are_different = |pair: &[u8]| names(pair[0]) != names(pair[1]);
        if is_first_a_name && order.windows(2).all(are_different) {
            for (rank, index) in (0..).zip(order.iter()) {
                if let ObjectKey::Name { rank: its, .. } = &mut items[usize::from(*index)].key {
                    *its = Some(rank);
                }
            }
        }
    }
}

#[derive(Debug)]
pub enum ObjectKey {
    /// A bare word, which is its own name, also where it is a keyword.
    Name {
        name: Text,
        span: Span,
        /// How many items of the object have keys before it, if all of them have names, no two the
        /// same, and are not too many.
        rank: Option<u8>,
    },
    Expression(Expression),
}

impl ObjectKey {
    pub fn span(&self) -> Span {
        match self {
            ObjectKey::Name { span, .. } => *span,
            ObjectKey::Expression(expression) => expression.span,
        }
    }

    /// The key, if it can be told without evaluating anything.
    pub fn name(&self) -> Option<&str> {
        match self {
            ObjectKey::Name { name, .. } => Some(name),
            ObjectKey::Expression(expression) => expression.as_string(),
        }
    }
}

/// `name(arguments)`, or `name(arguments...)` with the last one spread out.
#[derive(Debug)]
pub struct Call {
    pub name: Text,
    pub name_span: Span,
    pub arguments: Vec<Expression>,
    pub spread: Option<Span>,
    /// The function of the language by this name; all others are the host's.
    pub(crate) function: Option<&'static Function>,
}

/// `[for … ]` or `{for … }`
#[derive(Debug)]
pub struct For {
    pub key_name: Option<Text>,
    pub value_name: Text,
    pub collection: Expression,
    /// The key of an object; a tuple has none.
    pub key: Option<Expression>,
    pub value: Expression,
    pub condition: Option<Expression>,
    /// Whether values with the same key are gathered.
    pub group: bool,
}

/// `condition ? yes : no`
#[derive(Debug)]
pub struct Conditional {
    pub condition: Expression,
    pub yes: Expression,
    pub no: Expression,
}

/// Operands joined by operators of one rank, applied from left to right: `1 + 2 - 3`.
#[derive(Debug)]
pub struct Operation {
    pub first: Expression,
    pub rest: Vec<Operand>,
}

#[derive(Debug)]
pub struct Operand {
    pub operator: Operator,
    pub operator_span: Span,
    pub expression: Expression,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug)]
pub struct Unary {
    pub operator: UnaryOperator,
    pub operand: Expression,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOperator {
    Not,
    Negate,
}

/// A part of a template.
#[derive(Debug)]
pub enum Part {
    /// Text as it comes out, in NFC.
    Literal(Text),
    Interpolation(Expression),
    If(Box<IfDirective>),
    For(Box<ForDirective>),
}

/// `%{ if condition } … %{ else } … %{ endif }`
#[derive(Debug)]
pub struct IfDirective {
    pub condition: Expression,
    pub yes: Box<[Part]>,
    pub no: Box<[Part]>,
}

/// `%{ for key, value in collection } … %{ endfor }`
#[derive(Debug)]
pub struct ForDirective {
    pub key_name: Option<Text>,
    pub value_name: Text,
    pub collection: Expression,
    pub body: Box<[Part]>,
}

impl Expression {
    pub(crate) fn new(span: Span, kind: ExpressionKind) -> Self {
        Self { span, kind }
    }

    /// Whether it is a value as it is written, without parts.
    pub(crate) fn is_literal(&self) -> bool {
        matches!(
            self.kind,
            ExpressionKind::Null
                | ExpressionKind::Bool(_)
                | ExpressionKind::Number(_)
                | ExpressionKind::String(_)
        )
    }

    /// A bare word that stands for itself, where the reader of the tree decides so.
    pub fn as_keyword(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::Null => Some("null"),
            ExpressionKind::Bool(true) => Some("true"),
            ExpressionKind::Bool(false) => Some("false"),
            ExpressionKind::Variable(traversal) if traversal.steps.is_empty() => {
                Some(&traversal.name)
            }
            _ => None,
        }
    }

    /// The text of a string without sequences.
    pub fn as_string(&self) -> Option<&str> {
        if let ExpressionKind::String(text) = &self.kind {
            Some(text)
        } else {
            None
        }
    }

    /// A variable with its constant steps, and nothing else.
    pub fn as_traversal(&self) -> Option<&Traversal> {
        if let ExpressionKind::Variable(traversal) = &self.kind {
            Some(traversal)
        } else {
            None
        }
    }

    /// The elements of a tuple that is written out.
    pub fn as_tuple(&self) -> Option<&[Expression]> {
        if let ExpressionKind::Tuple(items) = &self.written().kind {
            Some(items)
        } else {
            None
        }
    }

    /// The items of an object that is written out.
    pub fn as_object(&self) -> Option<&[ObjectItem]> {
        if let ExpressionKind::Object(items) = &self.written().kind {
            Some(items)
        } else {
            None
        }
    }

    pub fn as_call(&self) -> Option<&Call> {
        if let ExpressionKind::Call(call) = &self.kind {
            Some(call)
        } else {
            None
        }
    }

    /// The same expression without parentheses around it.
    pub fn without_parentheses(&self) -> &Expression {
        match &self.kind {
            ExpressionKind::Parentheses(inner) => inner.without_parentheses(),
            _ => self,
        }
    }
}

impl Operator {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}
