//! JSON to a tree with spans.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::limits::Limits;
use crate::number::Number;
use crate::source::{Source, Span, offset};

/// A value of JSON and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: NodeKind,
}

#[derive(Debug)]
pub(super) enum NodeKind {
    Null,
    Bool(bool),
    Number(Number),
    String(JsonString),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: JsonString,
    pub(super) value: Node,
}

/// A string without its escapes.
#[derive(Debug)]
pub(super) struct JsonString {
    pub(super) text: String,
    /// With the quotes.
    pub(super) span: Span,
    pub(super) has_escapes: bool,
}

impl JsonString {
    /// Without the quotes.
    pub(super) fn inner_span(&self) -> Span {
        Span::new(self.span.start + 1, self.span.end - 1)
    }
}

impl NodeKind {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

type Read<T> = Result<T, Box<Diagnostic>>;

/// Reads a text that is one value.
pub(super) fn read(source: &Arc<Source>, limits: &Limits) -> Read<Node> {
    if let Some(complaint) = crate::parse::unreadable(source, limits) {
        return Err(complaint);
    }
    let mut reader = Reader {
        source,
        limits,
        text: source.text(),
        position: 0,
        depth: 0,
    };
    let root = reader.value()?;
    reader.skip_blank();
    if reader.position < reader.text.len() {
        return Err(reader.complaint(
            "Text behind the value",
            "A text in JSON is one value, which ends before this.",
            "behind the end",
        ));
    }
    Ok(root)
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    limits: &'s Limits,
    text: &'s str,
    position: usize,
    depth: u32,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.position..]
    }

    fn byte(&self) -> u8 {
        let bytes = self.text.as_bytes();
        bytes.get(self.position).copied().unwrap_or(0)
    }

    fn skip_blank(&mut self) {
        while let b' ' | b'\t' | b'\n' | b'\r' = self.byte() {
            self.position += 1;
        }
    }

    fn value(&mut self) -> Read<Node> {
        self.skip_blank();
        let start = self.position;
        let kind = match self.byte() {
            b'{' => self.nested(Self::object)?,
            b'[' => self.nested(Self::array)?,
            b'"' => NodeKind::String(self.string()?),
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        };
        Ok(Node {
            span: self.span_from(start),
            kind,
        })
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(offset(start), offset(self.position))
    }

    fn nested(&mut self, read: fn(&mut Self) -> Read<NodeKind>) -> Read<NodeKind> {
        if self.depth >= self.limits.nesting {
            return Err(crate::parse::too_deep(
                self.source,
                self.here(),
                self.limits,
            ));
        }
        self.depth += 1;
        self.position += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads from behind the opening brace.
    fn object(&mut self) -> Read<NodeKind> {
        let open = self.position - 1;
        let mut members = Vec::new();
        loop {
            self.skip_blank();
            match self.byte() {
                b'}' if members.is_empty() => break,
                b'"' => {}
                _ => return Err(self.no_property(open, !members.is_empty())),
            }
            let name = self.string()?;
            self.skip_blank();
            if self.byte() != b':' {
                return Err(self.no_colon());
            }
            self.position += 1;
            let value = self.value()?;
            self.expect_room(members.len())?;
            members.push(Member { name, value });
            self.skip_blank();
            match self.byte() {
                b'}' => break,
                b',' => self.position += 1,
                _ => return Err(self.no_comma(open, "object", '}')),
            }
        }
        self.position += 1;
        Ok(NodeKind::Object(members))
    }

    /// Reads from behind the opening bracket.
    fn array(&mut self) -> Read<NodeKind> {
        let open = self.position - 1;
        let mut items = Vec::new();
        loop {
            self.skip_blank();
            match self.byte() {
                b']' if items.is_empty() => break,
                b']' => return Err(self.trailing_comma()),
                _ => {}
            }
            let item = self.value()?;
            self.expect_room(items.len())?;
            items.push(item);
            self.skip_blank();
            match self.byte() {
                b']' => break,
                b',' => self.position += 1,
                _ => return Err(self.no_comma(open, "array", ']')),
            }
        }
        self.position += 1;
        Ok(NodeKind::Array(items))
    }

    fn expect_room(&self, items: usize) -> Read<()> {
        if items < self.limits.items as usize {
            return Ok(());
        }
        Err(crate::parse::too_many_items(
            self.source,
            self.here(),
            self.limits,
        ))
    }

    fn number(&mut self) -> Read<NodeKind> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let rest = self.rest();
        let text = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        let digits = text.strip_prefix('-').unwrap_or(text);
        let has_leading_zero =
            digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_ascii_digit());
        let has_bare_point = digits
            .split_once('.')
            .is_some_and(|(_, fraction)| !fraction.starts_with(|c: char| c.is_ascii_digit()));
        let number = Number::parse(digits).filter(|_| !has_leading_zero && !has_bare_point);
        let Some(number) = number else {
            let detail = format!("`{text}` is no number of JSON, or one that is out of range.");
            return Err(self.complaint("Invalid number", &detail, "not a number"));
        };
        let is_negative = digits.len() < text.len();
        self.position += text.len();
        Ok(NodeKind::Number(if is_negative {
            number.negate()
        } else {
            number
        }))
    }

    fn word(&mut self) -> Read<NodeKind> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let word = &rest[..length.unwrap_or(rest.len())];
        let kind = match word {
            "null" => NodeKind::Null,
            "true" => NodeKind::Bool(true),
            "false" => NodeKind::Bool(false),
            _ => return Err(self.no_value(word)),
        };
        self.position += word.len();
        Ok(kind)
    }

    fn string(&mut self) -> Read<JsonString> {
        let start = self.position;
        self.position += 1;
        let mut text = String::new();
        let mut has_escapes = false;
        loop {
            let rest = self.rest();
            let end = rest.find(|c: char| c == '"' || c == '\\' || c < ' ');
            text.push_str(&rest[..end.unwrap_or(rest.len())]);
            self.position += end.unwrap_or(rest.len());
            match self.byte() {
                b'"' => break,
                b'\\' => {
                    let escape = escape(self.rest());
                    let Some((c, length)) = escape else {
                        return Err(self.bad_escape());
                    };
                    has_escapes = true;
                    text.push(c);
                    self.position += length;
                }
                _ => return Err(self.broken_string(start)),
            }
        }
        self.position += 1;
        Ok(JsonString {
            text,
            span: self.span_from(start),
            has_escapes,
        })
    }
}

/// The character of an escape sequence and the sequence's length. Half of a pair that is alone
/// stands for nothing that can be written.
pub(super) fn escape(text: &str) -> Option<(char, usize)> {
    let c = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = |text: &str| {
                let digits = text.strip_prefix("\\u")?.get(..4)?;
                let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
                u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
            };
            let first = unit(text)?;
            let pair = [first, text.get(6..).and_then(unit).unwrap_or(0)];
            return Some(match char::decode_utf16(pair).next() {
                Some(Ok(c)) => (c, if c > '\u{ffff}' { 12 } else { 6 }),
                Some(Err(_)) | None => (char::REPLACEMENT_CHARACTER, 6),
            });
        }
        _ => return None,
    };
    Some((c, 2))
}

/// Complaints.
impl Reader<'_> {
    fn complaint(&self, summary: &str, detail: &str, label: &str) -> Box<Diagnostic> {
        let complaint = Diagnostic::error(summary)
            .detail(detail)
            .at(self.source, self.here())
            .label(label);
        Box::new(complaint)
    }

    /// The next character.
    fn here(&self) -> Span {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        Span::new(offset(self.position), offset(self.position + length))
    }

    fn found(&self) -> String {
        match self.rest().chars().next() {
            None => "the end of the file".to_owned(),
            Some(c) if c.is_control() => "the end of the line".to_owned(),
            Some(c) => format!("`{c}`"),
        }
    }

    fn with_opening(&self, complaint: Diagnostic, open: usize) -> Diagnostic {
        if self.position < self.text.len() {
            return complaint;
        }
        let open = Span::new(offset(open), offset(open + 1));
        complaint.related(self.source, open, "never closed")
    }

    fn with_habit(&self, complaint: Diagnostic) -> Diagnostic {
        let rest = self.rest();
        if rest.starts_with(['/', '#']) {
            complaint.help(
                "JSON has no comments; a property named \"//\" is passed over in place of one",
            )
        } else if rest.starts_with(['\'', '“', '”', '`']) {
            complaint.help("strings stand in straight double quotes")
        } else {
            complaint
        }
    }

    fn no_property(&self, open: usize, is_behind_comma: bool) -> Box<Diagnostic> {
        if self.byte() == b'}' && is_behind_comma {
            return self.trailing_comma();
        }
        let detail = format!(
            "The name of a property, in quotes, must stand here, not {}.",
            self.found()
        );
        let complaint = self.complaint("Missing property", &detail, "a name is expected");
        let complaint = self.with_opening(self.with_habit(*complaint), open);
        let is_bare = self
            .rest()
            .starts_with(|c: char| c.is_alphabetic() || c == '_');
        Box::new(if is_bare {
            complaint.help("names stand in quotes here; a file in the usual syntax has no .json")
        } else {
            complaint
        })
    }

    fn trailing_comma(&self) -> Box<Diagnostic> {
        let before = self.text[..self.position].trim_end();
        let comma = offset(before.len() - 1);
        let complaint = Diagnostic::error("Comma behind the last item")
            .detail("In JSON a comma stands between items only.")
            .at(self.source, Span::new(comma, comma + 1))
            .label("nothing follows")
            .help("remove the comma")
            .suggest(self.source, Span::new(comma, comma + 1), "");
        Box::new(complaint)
    }

    fn no_colon(&self) -> Box<Diagnostic> {
        let detail = format!(
            "Behind the name of a property a colon and a value must follow, not {}.",
            self.found()
        );
        let complaint = *self.complaint("Missing colon", &detail, "a colon is expected");
        Box::new(if self.byte() == b'=' {
            let span = Span::new(offset(self.position), offset(self.position + 1));
            complaint
                .help("JSON has a colon where the usual syntax has an equals sign")
                .suggest(self.source, span, ":")
        } else {
            complaint
        })
    }

    fn no_comma(&self, open: usize, what: &str, close: char) -> Box<Diagnostic> {
        let detail = format!(
            "Behind an item of an {what} a comma or `{close}` must follow, not {}.",
            self.found()
        );
        let label = format!("a comma or `{close}` is expected");
        let complaint = self.complaint("Missing comma", &detail, &label);
        Box::new(self.with_opening(self.with_habit(*complaint), open))
    }

    fn no_value(&self, word: &str) -> Box<Diagnostic> {
        let found = if word.is_empty() {
            self.found()
        } else {
            format!("`{word}`")
        };
        let detail = format!("A value must stand here, not {found}.");
        let complaint = *self.complaint("Missing value", &detail, "a value is expected");
        let words = ["null", "true", "false"];
        let span = Span::new(offset(self.position), offset(self.position + word.len()));
        let complaint = match crate::suggestion::closest(word, words.into_iter()) {
            _ if word.is_empty() => complaint,
            Some(meant) => {
                complaint
                    .help(format!("did you mean {meant}?"))
                    .suggest(self.source, span, meant)
            }
            None => complaint.help(format!("a text stands in quotes: \"{word}\"")),
        };
        Box::new(self.with_habit(complaint))
    }

    fn bad_escape(&self) -> Box<Diagnostic> {
        let complaint = self.complaint(
            "Invalid escape sequence",
            "In JSON there are \\\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t and \\u with four digits.",
            "no escape sequence",
        );
        Box::new(complaint.help("for a backslash write \\\\"))
    }

    fn broken_string(&self, start: usize) -> Box<Diagnostic> {
        let start = Span::new(offset(start), offset(start + 1));
        let (summary, detail, label) = match self.byte() {
            b'\n' | b'\r' => (
                "String goes beyond its line",
                "A string in quotes must end on the line where it begins.",
                "the closing quote is missing",
            ),
            _ if self.position == self.text.len() => (
                "Unclosed string",
                "The file ends before the string's closing quote.",
                "the text ends here",
            ),
            _ => (
                "Invalid character",
                "Within a string of JSON control characters are written as escape sequences.",
                "a control character",
            ),
        };
        let complaint = self.complaint(summary, detail, label);
        Box::new(complaint.related(self.source, start, "begins here"))
    }
}
