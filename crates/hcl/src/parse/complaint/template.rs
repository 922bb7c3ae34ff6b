//! Complaints about strings and templates.

use super::super::Parser;
use super::super::template::Open;
use super::super::walk::BrokenLine;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::lex::invalid;
use crate::lex::literal::{Delimiter, EscapeError, EscapeProblem, near_marker};
use crate::source::Span;

impl Parser<'_> {
    pub(in super::super) fn broken_line(&self, broken: BrokenLine) -> Box<Diagnostic> {
        let BrokenLine {
            newline,
            quote,
            sequence,
        } = broken;
        let complaint = Diagnostic::error("String goes beyond its line")
            .detail("A string in quotes must end on the line where it begins.")
            .at(self.source, newline)
            .label("the closing quote is missing")
            .related(self.source, quote, "begins here");
        let before = &self.lexer.text()[..quote.start as usize];
        Box::new(if let Some(sequence) = sequence {
            complaint
                .related(
                    self.source,
                    sequence,
                    "within a sequence that is not closed",
                )
                .help("if the quote was meant to end the string, a } is missing before it")
                .help("for the characters ${ themselves write $${")
        } else if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.')) {
            complaint.help("if this quote was meant to end a string, its opening quote is missing")
        } else {
            complaint.help(
                "end it with a quote on this line; for a newline in it write \\n, and for many lines \
                 use a heredoc",
            )
        })
    }

    pub(in super::super) fn unclosed_template(
        &self,
        delimiter: Delimiter,
        open: Span,
    ) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Unclosed string")
            .at(self.source, self.end_of_text())
            .label("the text ends here");
        let Delimiter::Heredoc { marker } = delimiter else {
            let detail = "The file ends before the string's closing quote.";
            let complaint = complaint.related(self.source, open, "begins here");
            return Box::new(complaint.detail(detail));
        };
        let name = self.text(marker);
        let opening = Span::new(open.start, marker.end);
        let complaint = complaint
            .related(self.source, opening, "begins here")
            .detail(format!(
                "The file ends before the line with the heredoc's closing marker `{name}`."
            ))
            .help(format!(
                "the line of the marker has nothing but `{name}` on it, and ends with a newline"
            ));
        Box::new(match near_marker(self.lexer.text(), delimiter, open.end) {
            Some(near) => complaint.related(
                self.source,
                near,
                "this is not the marker alone on its line",
            ),
            None => complaint,
        })
    }

    pub(in super::super) fn undecodable(&self, span: Span) -> Box<Diagnostic> {
        Box::new(invalid::explain(self.source, span))
    }

    pub(in super::super) fn bad_escape(
        &self,
        error: EscapeError,
        literal: Span,
    ) -> Box<Diagnostic> {
        let text = self.text(error.span);
        let complaint = Diagnostic::error("Invalid escape sequence").at(self.source, error.span);
        let complaint = match error.problem {
            EscapeProblem::Unknown => complaint
                .detail(format!(
                    "`{text}` means nothing. There are \\n, \\r, \\t, \\\", \\\\, \\u and \\U."
                ))
                .label("no escape sequence"),
            EscapeProblem::Digits { wanted } => complaint
                .detail(format!(
                    "Behind `{}` {wanted} hexadecimal digits must follow.",
                    &text[..2]
                ))
                .label("too few digits"),
            EscapeProblem::NoCharacter => complaint
                .detail(format!("`{text}` is the number of no character."))
                .label("no character")
                .help("a character beyond U+FFFF is written \\U with eight digits"),
        };
        Box::new(match (error.problem, self.backslashes(literal)) {
            (EscapeProblem::NoCharacter, _) => complaint,
            (_, Backslashes::Path) => complaint
                .help("a path has slashes on Windows, too: write / in place of each backslash")
                .suggest(self.source, literal, self.text(literal).replace('\\', "/")),
            (_, Backslashes::Expression) => complaint
                .help("within a string each backslash of a regular expression is written twice")
                .suggest(
                    self.source,
                    literal,
                    self.text(literal).replace('\\', "\\\\"),
                ),
            (_, Backslashes::Other) => complaint.help("for a backslash write \\\\").suggest(
                self.source,
                error.span,
                format!("\\{text}"),
            ),
        })
    }

    /// What the backslashes of a literal text are most likely for.
    fn backslashes(&self, literal: Span) -> Backslashes {
        let text = self.text(literal);
        let drive = |text: &str| {
            let mut chars = text.chars();
            chars.next().is_some_and(|c| c.is_ascii_alphabetic())
                && chars.as_str().starts_with(":\\")
        };
        let mut escaped = text.split('\\').skip(1).map(|rest| rest.chars().next());
        if drive(text) || text.contains("..\\") || text.starts_with(".\\") {
            Backslashes::Path
        } else if escaped.all(|c| c.is_some_and(|c| "dDwWsSbB.+*?()[]{}|^$/-".contains(c))) {
            Backslashes::Expression
        } else {
            Backslashes::Other
        }
    }

    /// Something stands in a sequence where its closing brace should.
    pub(in super::super) fn unclosed_sequence(
        &mut self,
        open: Span,
        is_directive: bool,
        delimiter: Delimiter,
    ) -> Box<Diagnostic> {
        let token = self.peek();
        let found = self.found();
        let sequence = if is_directive { "%{ … }" } else { "${ … }" };
        let escape = if is_directive { "%%{" } else { "$${" };
        let ends_too_early = match token.kind {
            TokenKind::End => true,
            TokenKind::Quote => delimiter == Delimiter::Quotes,
            _ => false,
        };
        if ends_too_early {
            let complaint = Diagnostic::error("Unclosed sequence")
                .detail(format!(
                    "The closing brace of {sequence} is missing: {found} follows."
                ))
                .at(self.source, open)
                .label("never closed");
            return Box::new(complaint);
        }
        self.unexpected(
            Diagnostic::error("Unclosed sequence")
                .detail(format!(
                    "The closing brace of {sequence} is expected here, not {found}."
                ))
                .label("the closing brace is expected")
                .related(self.source, open, "opened here")
                .help(format!(
                    "if this is meant for another program, such as a shell, write {escape}"
                )),
        )
    }

    pub(in super::super) fn no_directive(&mut self, open: Span) -> Box<Diagnostic> {
        let found = self.found();
        self.unexpected(
            Diagnostic::error("Invalid directive")
                .detail(format!(
                    "Behind %{{ one of if, else, endif, for and endfor must follow, not {found}."
                ))
                .label("no directive")
                .related(self.source, open, "opened here")
                .help("for the characters themselves write %%{"),
        )
    }

    pub(in super::super) fn unclosed_directive(&self, open: Open, end: Span) -> Box<Diagnostic> {
        let (word, span) = word_of(open);
        let complaint = Diagnostic::error("Unclosed directive")
            .detail(format!(
                "The template ends before the `%{{ end{word} }}` of this `{word}`."
            ))
            .at(self.source, end)
            .label("the template ends here")
            .related(self.source, span, "never closed");
        Box::new(complaint)
    }

    pub(in super::super) fn unexpected_directive(
        &self,
        word: &str,
        span: Span,
        open: Option<Open>,
    ) -> Box<Diagnostic> {
        let complaint = Diagnostic::error("Unexpected directive").at(self.source, span);
        let complaint = match (word, open) {
            (_, None) => complaint.detail(format!(
                "No directive is open that `{word}` could belong to."
            )),
            ("else", Some(Open::If { .. })) => complaint.detail("This `if` has an `else` already."),
            (_, Some(open)) => {
                let (opened, _) = word_of(open);
                complaint.detail(format!(
                    "`{word}` does not belong to the `{opened}` that is open."
                ))
            }
        };
        let complaint = complaint.label("not expected here");
        Box::new(match open {
            Some(open) => complaint.related(self.source, word_of(open).1, "open since here"),
            None => complaint,
        })
    }
}

enum Backslashes {
    /// A path as Windows writes it.
    Path,
    /// A regular expression.
    Expression,
    Other,
}

fn word_of(open: Open) -> (&'static str, Span) {
    match open {
        Open::If { span, .. } => ("if", span),
        Open::For { span } => ("for", span),
    }
}
