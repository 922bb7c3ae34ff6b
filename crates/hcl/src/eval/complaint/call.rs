//! Complaints about calls.

use super::Frame;
use crate::ast::{Call, Expression};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::functions::{Function, function_names};
use crate::host::CallError;
use crate::source::{Location, Span};
use crate::value::Value;

impl Frame<'_> {
    #[cold]
    pub(in crate::eval) fn unknown_function(&self, call: &Call) -> Diagnostics {
        let name = call.name.as_str();
        let complaint = self
            .error("Unknown function", call.name_span)
            .detail(format!("There is no function called \"{name}\"."))
            .label("not a function");
        if self.attempts {
            return complaint.into();
        }
        let mut names = self.context.host.function_names();
        names.extend(function_names().map(str::to_owned));
        let complaint = self.with_suggestion(complaint, name, &names, call.name_span);
        match elsewhere(name) {
            Some(meant) if complaint.suggestion.is_none() => complaint
                .help(format!("here it is called {meant}()"))
                .suggest(self.context.source, call.name_span, meant)
                .into(),
            _ => complaint.into(),
        }
    }

    /// An error of a function, with the place that it did not know.
    #[cold]
    pub(in crate::eval) fn failed_call(
        &self,
        error: CallError,
        call: &Call,
        function: Option<&Function>,
        span: Span,
    ) -> Diagnostics {
        let name = &call.name;
        let arguments: Vec<&Expression> = call.arguments.iter().collect();
        match error {
            CallError::Diagnostics(diagnostics) => diagnostics,
            CallError::Limit(exceeded) => self.limit(exceeded, span),
            CallError::Count(message) => {
                let complaint = self.call_failed(name, &message, span);
                let complaint = match function {
                    Some(function) => with_signature(complaint, function),
                    None => complaint,
                };
                self.with_values(complaint, &arguments)
            }
            CallError::Failed(message) => {
                let complaint = self.call_failed(name, &message, span);
                let complaint = self.with_attempt(complaint, span);
                self.with_values(complaint, &arguments)
            }
            CallError::Argument { index, message } => {
                // With a list spread out there are more arguments than expressions.
                let argument = arguments.get(index).or(arguments.last());
                let parameter = function.and_then(|function| function.parameter(index));
                let which = match parameter {
                    Some(parameter) => format!("The argument \"{}\"", parameter.name),
                    None => format!("Argument {}", index + 1),
                };
                let complaint = self
                    .error(
                        "Invalid argument",
                        argument.map_or(span, |argument| argument.span),
                    )
                    .detail(format!("{which} of {name}() {message}."))
                    .label("not a suitable argument");
                let is_written = argument.is_some_and(|argument| argument.is_literal());
                let complaint = self.with_way_to_call(complaint, function, is_written, span);
                self.with_values(complaint, argument.map_or(&[], std::slice::from_ref))
            }
        }
    }

    /// Advice for a call: what its arguments are or, where there is no doubt about that, what to do
    /// about a value that does not suit. Of one that is written there it never will.
    fn with_way_to_call(
        &self,
        complaint: Diagnostic,
        function: Option<&Function>,
        is_written: bool,
        span: Span,
    ) -> Diagnostic {
        match function {
            Some(function) if function.parameter(1).is_some() => {
                with_signature(complaint, function)
            }
            _ if is_written => complaint.help("write another value here"),
            _ => self.with_attempt(complaint, span),
        }
    }

    fn call_failed(&self, name: &str, message: &str, span: Span) -> Diagnostic {
        self.error("Call failed", span)
            .detail(format!("{name}(): {message}"))
            .label(format!("in this call of {name}"))
    }

    #[cold]
    pub(in crate::eval) fn bad_spread(&self, list: &Value, argument: &Expression) -> Diagnostics {
        let complaint = self
            .error("Invalid spread argument", argument.span)
            .detail(format!(
                "An argument with `...` behind it must be a list, set or tuple, and this is {}.",
                Self::told(list)
            ))
            .label("cannot be spread out");
        self.with_values(complaint, &[argument])
    }

    #[cold]
    pub(in crate::eval) fn wrong_can(&self, call: &Call, span: Span) -> Diagnostics {
        self.error("Call failed", span)
            .detail(format!(
                "can(): It takes 1 argument, and got {}.",
                call.arguments.len()
            ))
            .label("in this call of can")
            .into()
    }

    /// All arguments of a `try` failed: each failure is told.
    #[cold]
    pub(in crate::eval) fn nothing_succeeded(
        &self,
        failures: Vec<(Span, Diagnostics)>,
        call: &Call,
        span: Span,
    ) -> Diagnostics {
        let complaint = self.error("Nothing to fall back on", call.name_span);
        if failures.is_empty() {
            return complaint
                .detail("try(): It takes at least 1 argument, and got 0.")
                .at(self.context.source, span)
                .into();
        }
        let mut complaint = complaint
            .detail("None of the arguments of try() has a value.")
            .label("all arguments fail")
            .help("let the last argument be one that cannot fail, such as null");
        for (argument, failure) in failures {
            let related = failure
                .first()
                .map(|first| told_beside(first, argument, self));
            complaint.related.extend(related);
        }
        complaint.into()
    }
}

/// Adds how a function is called.
fn with_signature(complaint: Diagnostic, function: &Function) -> Diagnostic {
    let mut names: Vec<&str> = Vec::new();
    for parameter in (0..).map_while(|index| function.parameter(index)) {
        // What all further arguments must be comes again and again.
        if names.last() == Some(&parameter.name) {
            names.push("…");
            break;
        }
        names.push(parameter.name);
    }
    complaint.help(format!(
        "it is called as {}({})",
        function.name,
        names.join(", ")
    ))
}

/// The function of this language for one that others have under another name.
fn elsewhere(name: &str) -> Option<&'static str> {
    let meant = match name {
        "append" | "push" | "extend" => "concat",
        "assign" | "update" => "merge",
        "bool" | "boolean" => "tobool",
        "count" | "len" | "size" | "strlen" => "length",
        "default" | "ifnull" | "nvl" => "coalesce",
        "dig" | "get" => "lookup",
        "downcase" | "lowercase" | "tolower" => "lower",
        "float" | "int" | "number" => "tonumber",
        "has" | "in" | "includes" => "contains",
        "json" | "json_encode" | "stringify" | "tojson" => "jsonencode",
        "fromjson" | "json_decode" | "parsejson" => "jsondecode",
        "map" => "tomap",
        "list" => "tolist",
        "printf" | "sprintf" => "format",
        "readfile" | "read_file" => "file",
        "str" | "string" | "to_s" => "tostring",
        "strip" | "trimall" => "trimspace",
        "sub" | "gsub" => "replace",
        "substring" => "substr",
        "toupper" | "upcase" | "uppercase" => "upper",
        "uniq" | "unique" => "distinct",
        "yaml" | "toyaml" => "yamlencode",
        _ => return None,
    };
    Some(meant)
}

/// An error in a few words beside its place.
fn told_beside(error: &Diagnostic, argument: Span, frame: &Frame<'_>) -> (Location, String) {
    let here = || Location::new(frame.context.source, argument);
    let location = error.subject.clone().unwrap_or_else(here);
    let text = if error.detail.is_empty() {
        error.summary.clone()
    } else {
        error.detail.clone()
    };
    (location, text)
}
