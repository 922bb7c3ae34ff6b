//! Condition, key and filter expressions: comparisons, the functions on attributes, and
//! AND, OR, NOT with parentheses.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::vec::IntoIter;

use serde_json::Value;

use super::Item;

/// An expression with its placeholders already filled in.
#[derive(Debug, PartialEq)]
pub(super) enum Expression {
    Exists(Path),
    Compare(Operand, Comparison, Operand),
    BeginsWith(Operand, Operand),
    Contains(Operand, Operand),
    Not(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
}

#[derive(Debug, PartialEq)]
pub(super) enum Operand {
    Path(Path),
    Value(Value),
}

/// Attribute names from the item inwards, through maps.
#[derive(Debug, PartialEq)]
pub(super) struct Path(Vec<String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Expression {
    pub(super) fn parse(text: &str, names: &Value, values: &Value) -> Result<Self, String> {
        let tokens = tokens(text)?.into_iter().peekable();
        let mut parser = Parser {
            tokens,
            names,
            values,
        };
        let expression = parser.any()?;
        match parser.tokens.next() {
            None => Ok(expression),
            Some(token) => Err(unexpected(&token)),
        }
    }

    /// Whether the item, which may not be there, satisfies the expression.
    pub(super) fn holds(&self, item: Option<&Item>) -> bool {
        match self {
            Self::Exists(path) => path.find(item).is_some(),
            Self::Compare(left, comparison, right) => match (left.value(item), right.value(item)) {
                (Some(left), Some(right)) => comparison.holds(left, right),
                (None, _) | (_, None) => *comparison == Comparison::Unequal,
            },
            Self::BeginsWith(text, start) => {
                both_texts(text, start, item).is_some_and(|(text, start)| text.starts_with(start))
            }
            Self::Contains(text, part) => {
                both_texts(text, part, item).is_some_and(|(text, part)| text.contains(part))
            }
            Self::Not(inner) => !inner.holds(item),
            Self::And(left, right) => left.holds(item) && right.holds(item),
            Self::Or(left, right) => left.holds(item) || right.holds(item),
        }
    }
}

impl Operand {
    fn value<'a>(&'a self, item: Option<&'a Item>) -> Option<&'a Value> {
        match self {
            Self::Path(path) => path.find(item),
            Self::Value(value) => Some(value),
        }
    }
}

impl Path {
    fn find<'a>(&self, item: Option<&'a Item>) -> Option<&'a Value> {
        let (first, inner) = self.0.split_first()?;
        inner
            .iter()
            .try_fold(item?.get(first)?, |value, name| value.get("M")?.get(name))
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        let order = order(left, right);
        match self {
            Self::Equal => left == right || order == Some(Ordering::Equal),
            Self::Unequal => left != right && order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => order == Some(Ordering::Greater),
            Self::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

/// Texts and numbers have an order among their own kind; nothing else has one.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    let text = |value: &Value, kind: &str| value.get(kind)?.as_str().map(str::to_owned);
    if let (Some(left), Some(right)) = (text(left, "S"), text(right, "S")) {
        return Some(left.cmp(&right));
    }
    let number = |value: &Value| text(value, "N")?.parse::<f64>().ok();
    number(left)?.partial_cmp(&number(right)?)
}

fn both_texts<'a>(
    left: &'a Operand,
    right: &'a Operand,
    item: Option<&'a Item>,
) -> Option<(&'a str, &'a str)> {
    let text = |operand: &'a Operand| operand.value(item)?.get("S")?.as_str();
    Some((text(left)?, text(right)?))
}

struct Parser<'a> {
    tokens: Peekable<IntoIter<String>>,
    names: &'a Value,
    values: &'a Value,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Expression, String> {
        let mut left = self.all()?;
        while self.take_word("OR") {
            left = Expression::Or(Box::new(left), Box::new(self.all()?));
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<Expression, String> {
        let mut left = self.single()?;
        while self.take_word("AND") {
            left = Expression::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Expression, String> {
        if self.take_word("NOT") {
            return Ok(Expression::Not(Box::new(self.single()?)));
        }
        if self.take_word("(") {
            let inner = self.any()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let first = self.next()?;
        if self.take_word("(") {
            return self.function(&first);
        }
        let left = self.operand(&first)?;
        let comparison = self.comparison()?;
        let right = self.next()?;
        Ok(Expression::Compare(left, comparison, self.operand(&right)?))
    }

    fn function(&mut self, name: &str) -> Result<Expression, String> {
        let first = self.next()?;
        let expression = match name {
            "attribute_exists" => Expression::Exists(self.path(&first)?),
            "attribute_not_exists" => {
                Expression::Not(Box::new(Expression::Exists(self.path(&first)?)))
            }
            "begins_with" | "contains" => {
                let left = self.operand(&first)?;
                self.expect(",")?;
                let second = self.next()?;
                let right = self.operand(&second)?;
                if name == "contains" {
                    Expression::Contains(left, right)
                } else {
                    Expression::BeginsWith(left, right)
                }
            }
            _ => return Err(format!("Invalid function name; function: {name}")),
        };
        self.expect(")")?;
        Ok(expression)
    }

    fn comparison(&mut self) -> Result<Comparison, String> {
        let token = self.next()?;
        match token.as_str() {
            "=" => Ok(Comparison::Equal),
            "<>" => Ok(Comparison::Unequal),
            "<" => Ok(Comparison::Less),
            "<=" => Ok(Comparison::AtMost),
            ">" => Ok(Comparison::Greater),
            ">=" => Ok(Comparison::AtLeast),
            _ => Err(unexpected(&token)),
        }
    }

    fn operand(&self, token: &str) -> Result<Operand, String> {
        if !token.starts_with(':') {
            return self.path(token).map(Operand::Path);
        }
        let value = self.values.get(token).ok_or_else(|| {
            format!(
                "An expression attribute value used in expression is not defined; attribute \
                     value: {token}"
            )
        })?;
        Ok(Operand::Value(value.clone()))
    }

    fn path(&self, token: &str) -> Result<Path, String> {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | '.' | '-');
        if !token.chars().all(is_name) {
            return Err(unexpected(token));
        }
        let names = token.split('.').map(|name| match self.names.get(name) {
            Some(real) => Ok(real.as_str().unwrap_or_default().to_owned()),
            None if name.starts_with('#') => Err(format!(
                "An expression attribute name used in the document path is not defined; \
                 attribute name: {name}"
            )),
            None => Ok(name.to_owned()),
        });
        names.collect::<Result<_, _>>().map(Path)
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.tokens
            .next_if(|token| token.eq_ignore_ascii_case(word))
            .is_some()
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        let token = self.next()?;
        if token == word {
            Ok(())
        } else {
            Err(unexpected(&token))
        }
    }

    fn next(&mut self) -> Result<String, String> {
        self.tokens.next().ok_or_else(|| unexpected("<EOF>"))
    }
}

fn unexpected(token: &str) -> String {
    format!("Syntax error; token: \"{token}\"")
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | ':' | '.' | '-');
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if ["<>", "<=", ">="].iter().any(|two| rest.starts_with(two)) {
            2
        } else if "=<>(),".contains(first) {
            1
        } else {
            return Err(unexpected(&first.to_string()));
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token.to_owned());
        rest = after.trim_start();
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(text: &str, item: &Value) -> bool {
        let names = json!({"#i": "Info"});
        let values = json!({":id": {"S": "lock-1"}, ":two": {"N": "2"}, ":re": {"S": "lock"}});
        let expression = Expression::parse(text, &names, &values).expect("a well-formed one");
        expression.holds(item.as_object())
    }

    #[test]
    fn a_condition_is_judged_against_the_item_that_is_there() {
        let item = json!({"LockID": {"S": "state"}, "Info": {"S": "lock-1"}, "Count": {"N": "10"}});
        for (text, expected) in [
            ("attribute_not_exists(LockID)", false),
            ("attribute_exists(#i)", true),
            ("#i = :id", true),
            ("Info <> :id", false),
            ("Count > :two AND begins_with(Info, :re)", true),
            ("Count < :two OR NOT contains(Info, :re)", false),
            (
                "attribute_not_exists(LockID) OR (Info = :id AND Count >= :two)",
                true,
            ),
            ("Missing = :id", false),
            ("Missing <> :id", true),
        ] {
            assert_eq!(holds(text, &item), expected, "{text}");
        }
    }

    #[test]
    fn an_item_that_is_not_there_has_no_attributes() {
        assert!(holds("attribute_not_exists(LockID)", &Value::Null));
        assert!(!holds("Info = :id", &Value::Null));
    }

    #[test]
    fn a_malformed_expression_names_the_place() {
        for (text, problem) in [
            (
                "attribute_not_exists(LockID",
                "Syntax error; token: \"<EOF>\"",
            ),
            ("Info == :id", "Syntax error; token: \"=\""),
            ("Info = :missing", "attribute value: :missing"),
            ("exists(Info)", "Invalid function name; function: exists"),
            ("Info = :id extra", "Syntax error; token: \"extra\""),
            ("#nothing = :id", "attribute name: #nothing"),
        ] {
            let error = Expression::parse(text, &json!({}), &json!({":id": {"S": "x"}}))
                .expect_err("the expression is malformed");
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
