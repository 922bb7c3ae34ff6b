//! A diagnostic as JSON, and back.
//!
//! Only the lines that it points at are written, so what is read back points at the same lines of
//! a file that is empty above them.

use serde::{Deserialize, Serialize};
use terrane_hcl::{Diagnostic, Location, Position, Severity, Source, Span, Suggestion};

#[derive(Serialize, Deserialize)]
pub(in crate::report) struct DiagnosticWire {
    severity: SeverityWire,
    summary: String,
    detail: String,
    #[serde(flatten)]
    subject: Option<PlaceWire>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedWire>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    help: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suggestion: Option<SuggestionWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SeverityWire {
    Error,
    Warning,
}

/// Where it is, and the lines there.
#[derive(Serialize, Deserialize)]
struct PlaceWire {
    range: RangeWire,
    snippet: SnippetWire,
}

#[derive(Serialize, Deserialize)]
struct RangeWire {
    filename: String,
    start: PositionWire,
    end: PositionWire,
}

#[derive(Serialize, Deserialize)]
struct PositionWire {
    line: u32,
    column: u32,
    byte: u32,
}

#[derive(Serialize, Deserialize)]
struct SnippetWire {
    code: String,
    start_line: u32,
    highlight_start_offset: u32,
    highlight_end_offset: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<ValueWire>,
}

#[derive(Serialize, Deserialize)]
struct ValueWire {
    traversal: String,
    statement: String,
}

#[derive(Serialize, Deserialize)]
struct RelatedWire {
    #[serde(flatten)]
    place: PlaceWire,
    message: String,
}

#[derive(Serialize, Deserialize)]
struct SuggestionWire {
    #[serde(flatten)]
    place: PlaceWire,
    replacement: String,
}

impl From<&Diagnostic> for DiagnosticWire {
    fn from(diagnostic: &Diagnostic) -> Self {
        let value = |(name, value): &(String, String)| ValueWire {
            traversal: name.clone(),
            statement: format!("is {value}"),
        };
        let related = |(location, message): &(Location, String)| RelatedWire {
            place: location.into(),
            message: message.clone(),
        };
        let suggestion = |suggestion: &Suggestion| SuggestionWire {
            place: (&suggestion.location).into(),
            replacement: suggestion.replacement.clone(),
        };
        Self {
            severity: match diagnostic.severity {
                Severity::Error => SeverityWire::Error,
                Severity::Warning => SeverityWire::Warning,
            },
            summary: diagnostic.summary.clone(),
            detail: diagnostic.detail.clone(),
            subject: diagnostic.subject.as_ref().map(|location| {
                let mut place = PlaceWire::from(location);
                place.snippet.values = diagnostic.values.iter().map(value).collect();
                place
            }),
            label: diagnostic.label.clone(),
            related: diagnostic.related.iter().map(related).collect(),
            help: diagnostic.help.clone(),
            suggestion: diagnostic.suggestion.as_ref().map(suggestion),
        }
    }
}

impl From<DiagnosticWire> for Diagnostic {
    fn from(mut wire: DiagnosticWire) -> Self {
        let values = wire
            .subject
            .as_mut()
            .map(|place| std::mem::take(&mut place.snippet.values));
        let value = |value: ValueWire| {
            let statement = value.statement.strip_prefix("is ").map(str::to_owned);
            (value.traversal, statement.unwrap_or(value.statement))
        };
        let related = |related: RelatedWire| (related.place.into(), related.message);
        let suggestion = |suggestion: SuggestionWire| Suggestion {
            location: suggestion.place.into(),
            replacement: suggestion.replacement,
        };
        Self {
            severity: match wire.severity {
                SeverityWire::Error => Severity::Error,
                SeverityWire::Warning => Severity::Warning,
            },
            summary: wire.summary,
            detail: wire.detail,
            subject: wire.subject.map(Location::from),
            label: wire.label,
            related: wire.related.into_iter().map(related).collect(),
            values: values.into_iter().flatten().map(value).collect(),
            help: wire.help,
            suggestion: wire.suggestion.map(suggestion),
        }
    }
}

impl From<&Location> for PlaceWire {
    fn from(location: &Location) -> Self {
        let Location { source, span } = location;
        let (start, end) = (location.start(), location.end());
        let first = source.line(start.line).unwrap_or(*span);
        let last = source.line(end.line).unwrap_or(*span);
        let position = |position: Position, byte| PositionWire {
            line: position.line,
            column: position.column,
            byte,
        };
        Self {
            range: RangeWire {
                filename: source.name().to_owned(),
                start: position(start, span.start),
                end: position(end, span.end),
            },
            snippet: SnippetWire {
                code: source.slice(first.to(last)).to_owned(),
                start_line: start.line,
                highlight_start_offset: span.start.saturating_sub(first.start),
                highlight_end_offset: span.end.saturating_sub(first.start),
                values: Vec::new(),
            },
        }
    }
}

/// More empty lines than this are not made up for a number that somebody wrote.
const MOST_LINES_ABOVE: u32 = 1_000_000;

impl From<PlaceWire> for Location {
    fn from(PlaceWire { range, snippet }: PlaceWire) -> Self {
        let above = snippet.start_line.saturating_sub(1).min(MOST_LINES_ABOVE);
        let text = "\n".repeat(above as usize) + &snippet.code;
        let source = Source::new(range.filename, text);
        let start = above.saturating_add(snippet.highlight_start_offset);
        let end = above.saturating_add(snippet.highlight_end_offset);
        Self::new(&source, Span::new(start, end))
    }
}
