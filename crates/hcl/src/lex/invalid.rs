//! Words for characters that the language has no use for.
//!
//! Most of them come from another language, or from a text processor that meant well.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// The complaint about an invalid token.
pub(crate) fn explain(source: &Arc<Source>, span: Span) -> Diagnostic {
    let text = source.slice(span);
    let c = text.chars().next().unwrap_or_default();
    if text.starts_with("/*") {
        return unclosed_comment(source, span);
    }
    if c == char::REPLACEMENT_CHARACTER && source.is_undecodable(span.start) {
        return Diagnostic::error("Invalid character encoding")
            .detail("The text is not UTF-8 here. Outside of comments it has to be.")
            .at(source, span)
            .label("these bytes are not UTF-8")
            .help("save the file as UTF-8");
    }
    let rest = &source.text()[span.end as usize..];
    match c {
        '\'' | '`' => other_quotes(source, span, c, c, rest),
        '“' | '”' | '„' | '‟' | '«' | '»' => curly_quotes(source, span, rest),
        '‘' | '’' => other_quotes(source, span, c, '’', rest),
        '&' => operator(source, span, "There are no operators on bits.", "&&", "and"),
        '|' => operator(source, span, "There are no operators on bits.", "||", "or"),
        '~' => operator(source, span, "There are no operators on bits.", "!", "not"),
        '$' => dollar(source, span, rest),
        ';' => Diagnostic::error("Invalid character")
            .detail("Semicolons have no meaning here: each argument ends with its line.")
            .at(source, span)
            .label("a semicolon")
            .help("remove the semicolon, and put what follows on a line of its own"),
        _ => strange(source, span, c),
    }
}

fn unclosed_comment(source: &Arc<Source>, span: Span) -> Diagnostic {
    let open = Span::new(span.start, span.start + 2);
    Diagnostic::error("Unclosed comment")
        .detail("This comment is not closed before the end of the file.")
        .at(source, open)
        .label("begins here")
        .help("close it with */, or write it with # on each line")
}

fn other_quotes(
    source: &Arc<Source>,
    span: Span,
    open: char,
    close: char,
    rest: &str,
) -> Diagnostic {
    let diagnostic = Diagnostic::error("Invalid character")
        .detail(format!(
            "Strings stand in double quotes here; {open} begins none."
        ))
        .at(source, span)
        .label("not a quote")
        .help("write the string in double quotes: \"…\"");
    suggest_quoted(source, span, diagnostic, |c| c == close, rest)
}

fn curly_quotes(source: &Arc<Source>, span: Span, rest: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("Invalid character")
        .detail(
            "This is a typographic quote, as text processors and chat programs put in place of \
             straight ones. Strings stand in straight double quotes.",
        )
        .at(source, span)
        .label("a curly quote")
        .help("replace the curly quotes by straight ones: \"…\"");
    let is_close = |c| matches!(c, '“' | '”' | '„' | '‟' | '«' | '»');
    suggest_quoted(source, span, diagnostic, is_close, rest)
}

/// Suggests the same string in straight quotes, if its end is on the same line.
fn suggest_quoted(
    source: &Arc<Source>,
    span: Span,
    diagnostic: Diagnostic,
    is_close: impl Fn(char) -> bool,
    rest: &str,
) -> Diagnostic {
    let line = rest.lines().next().unwrap_or_default();
    let Some((inner, after)) = line.split_once(&is_close) else {
        return diagnostic;
    };
    if inner.contains(['"', '\\']) {
        return diagnostic;
    }
    let end = span.end + crate::source::offset(line.len() - after.len());
    diagnostic.suggest(source, Span::new(span.start, end), format!("\"{inner}\""))
}

fn operator(source: &Arc<Source>, span: Span, detail: &str, meant: &str, word: &str) -> Diagnostic {
    Diagnostic::error("Unsupported operator")
        .detail(detail)
        .at(source, span)
        .label("no operator")
        .help(format!("for the logical \"{word}\" write {meant}"))
        .suggest(source, span, meant)
}

fn dollar(source: &Arc<Source>, span: Span, rest: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("Invalid character").at(source, span);
    if !rest.starts_with('{') {
        return diagnostic
            .detail("A dollar sign has a meaning only within a string, as the start of ${…}.")
            .label("a dollar sign")
            .help("refer to a value by its name alone, such as local.name");
    }
    let diagnostic = diagnostic
        .detail("The form ${…} belongs into strings; outside of them an expression stands alone.")
        .label("outside of a string")
        .help("remove ${ and }, or put quotes around them");
    let line = rest.lines().next().unwrap_or_default();
    match line[1..].split_once('}') {
        Some((inner, _)) if !inner.contains(['{', '"']) => {
            let end = span.end + crate::source::offset(inner.len() + 2);
            diagnostic.suggest(source, Span::new(span.start, end), inner.trim())
        }
        _ => diagnostic,
    }
}

fn strange(source: &Arc<Source>, span: Span, c: char) -> Diagnostic {
    let name = match c {
        '\0' => "a NUL character",
        '\r' => "a carriage return without a newline",
        '\u{a0}' | '\u{2007}' | '\u{202f}' => "a non-breaking space",
        '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}' => "an invisible character",
        '\u{feff}' => "a byte order mark in the middle of the text",
        '–' | '—' | '−' => "a dash that is not the minus sign",
        c if c.is_whitespace() => "a space that is not the usual one",
        c if c.is_control() => "a control character",
        _ => "",
    };
    let code = format!("U+{:04X}", u32::from(c));
    let diagnostic = Diagnostic::error("Invalid character").at(source, span);
    if name.is_empty() {
        return diagnostic
            .detail(format!(
                "The character {c} has no meaning in this language."
            ))
            .label("no meaning here");
    }
    diagnostic
        .detail(format!(
            "This is {name} ({code}), which has no meaning outside of strings."
        ))
        .label(name)
        .help("delete it and type it anew")
}
