//! What is wrong in a file, as data: where, what, why, what to type instead.
//!
//! Nothing here renders. A diagnostic carries the text it points at, so showing it needs no files.

use std::fmt;
use std::sync::Arc;

use thin_vec::{ThinVec, thin_vec};

use crate::source::{Location, Source, Span};

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    Error,
    Warning,
}

/// One problem, written for the person whose file it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    pub severity: Severity,
    /// A few words without anything from the file: the kind of problem.
    pub summary: String,
    /// A sentence or two with the names and values of this case.
    pub detail: String,
    pub subject: Option<Location>,
    /// What stands beside the subject in an excerpt; may be empty.
    pub label: String,
    /// Other places that have to do with it, each with its own words.
    pub related: Vec<(Location, String)>,
    /// The variables involved, as written, and what they hold; sensitive values are not shown.
    pub values: Vec<(String, String)>,
    /// What to do, a sentence each.
    pub help: Vec<String>,
    pub suggestion: Option<Suggestion>,
}

/// Text that would make the problem go away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    pub location: Location,
    pub replacement: String,
}

impl Diagnostic {
    pub fn error(summary: impl Into<String>) -> Self {
        Self::new(Severity::Error, summary.into())
    }

    pub fn warning(summary: impl Into<String>) -> Self {
        Self::new(Severity::Warning, summary.into())
    }

    fn new(severity: Severity, summary: String) -> Self {
        Self {
            severity,
            summary,
            detail: String::new(),
            subject: None,
            label: String::new(),
            related: Vec::new(),
            values: Vec::new(),
            help: Vec::new(),
            suggestion: None,
        }
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Span) -> Self {
        self.subject = Some(Location::new(source, span));
        self
    }

    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    #[must_use]
    pub fn related(mut self, source: &Arc<Source>, span: Span, text: impl Into<String>) -> Self {
        self.related
            .push((Location::new(source, span), text.into()));
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    #[must_use]
    pub fn suggest(
        mut self,
        source: &Arc<Source>,
        span: Span,
        replacement: impl Into<String>,
    ) -> Self {
        self.suggestion = Some(Suggestion {
            location: Location::new(source, span),
            replacement: replacement.into(),
        });
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `place: summary: detail` on one line, for logs and for joining into other texts.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(subject) = &self.subject {
            write!(f, "{subject}: ")?;
        }
        f.write_str(&self.summary)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

/// All the problems of one question. As an `Err` it holds at least one error. No larger than a pointer,
/// since it stands beside each value that is evaluated.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Diagnostics(ThinVec<Diagnostic>);

impl Diagnostics {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// The value of a result; what is wrong instead is added to these.
    pub fn keep<T>(&mut self, result: Result<T, Diagnostics>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(more) => {
                self.extend(more);
                None
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    pub fn first(&self) -> Option<&Diagnostic> {
        self.0.first()
    }

    /// Tells once what is wrong in several places for one reason, such as a variable that is not
    /// known: the first of those that say the same also names the places of the others.
    pub fn fold(&mut self) {
        let mut kept: ThinVec<Diagnostic> = ThinVec::with_capacity(self.0.len().min(Self::MOST));
        for diagnostic in self.0.drain(..) {
            let same = kept.iter_mut().take(Self::MOST).find(|first| {
                first.severity == diagnostic.severity
                    && first.summary == diagnostic.summary
                    && first.detail == diagnostic.detail
                    && first.values == diagnostic.values
                    && first.subject.is_some()
            });
            match (same, diagnostic.subject) {
                (Some(first), Some(again)) => {
                    let is_new = first.subject.as_ref() != Some(&again);
                    if is_new && first.related.len() < Self::MOST_PLACES {
                        first.related.push((again, "and here".to_owned()));
                    }
                }
                (_, subject) => kept.push(Diagnostic {
                    subject,
                    ..diagnostic
                }),
            }
        }
        self.0 = kept;
    }

    const MOST_PLACES: usize = 5;

    /// Nobody reads more problems of one question at once.
    pub(crate) const MOST: usize = 50;

    /// Puts them in order, and keeps the first of them if there are too many.
    pub(crate) fn settle(&mut self) {
        self.sort();
        self.0.truncate(Self::MOST);
    }

    /// Puts them in the order of their places, errors before warnings at the same place, and
    /// drops those that say the same about the same place. Those without a place come first.
    pub fn sort(&mut self) {
        self.0
            .sort_by(|a, b| (&a.subject, a.severity).cmp(&(&b.subject, b.severity)));
        self.0.dedup();
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(thin_vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        self.0.extend(more);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = thin_vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reason_in_several_places_is_told_once() {
        let source = Source::new("a.hcl", "one two three");
        let at = |detail: &str, start| {
            Diagnostic::error("Unknown")
                .detail(detail)
                .at(&source, Span::new(start, start + 3))
        };
        let mut all: Diagnostics = [at("x", 0), at("y", 4), at("x", 8)].into_iter().collect();
        all.fold();
        assert_eq!(
            all.to_string(),
            "a.hcl:1:1: Unknown: x\na.hcl:1:5: Unknown: y"
        );
        assert_eq!(all.0[0].related[0].0.to_string(), "a.hcl:1:9");
    }

    #[test]
    fn problems_are_told_in_the_order_of_their_places_and_once() {
        let source = Source::new("a.hcl", "one two");
        let at = |summary: &str, start| {
            Diagnostic::error(summary).at(&source, Span::new(start, start + 3))
        };
        let mut all: Diagnostics = [at("late", 4), at("early", 0), at("early", 0)]
            .into_iter()
            .collect();
        all.push(Diagnostic::warning("nowhere"));
        all.sort();
        assert_eq!(
            all.to_string(),
            "nowhere\na.hcl:1:1: early\na.hcl:1:5: late"
        );
    }
}
