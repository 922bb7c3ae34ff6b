//! Classes of characters: `[a-z]`, `\d`, `[[:alpha:]]`, `\pL`.

use super::syntax::{Reader, literal};

/// A class by its ranges, such as `a-z0-9`, and whether it is what is outside of them.
pub(super) struct Named {
    ranges: String,
    is_negated: bool,
}

impl Named {
    fn new(ranges: &str, is_negated: bool) -> Self {
        Self {
            ranges: ranges.to_owned(),
            is_negated,
        }
    }

    /// As a class of its own, which may also stand within another.
    pub(super) fn in_brackets(&self) -> String {
        let negation = if self.is_negated { "^" } else { "" };
        format!("[{negation}{}]", self.ranges)
    }
}

/// `\d` and its like: they are of ASCII only. The reader stands behind the backslash.
pub(super) fn perl_class(reader: &mut Reader<'_>) -> Option<Named> {
    let letter = reader.peek()?;
    let ranges = match letter.to_ascii_lowercase() {
        'd' => "0-9",
        's' => r"\t\n\x0c\r ",
        'w' => "0-9A-Za-z_",
        _ => return None,
    };
    reader.next();
    Some(Named::new(ranges, letter.is_ascii_uppercase()))
}

/// `\pL`, `\p{Greek}`, `\P{^Lu}`. The reader stands behind the backslash.
pub(super) fn unicode_class(reader: &mut Reader<'_>) -> Result<Option<Named>, String> {
    let is_negated = match reader.peek() {
        Some('p') => false,
        Some('P') => true,
        _ => return Ok(None),
    };
    reader.next();
    let name = match reader.next() {
        Some('{') => match reader.take_until("}") {
            Some(name) => name.to_owned(),
            None => return Err("a class of characters has no closing brace".to_owned()),
        },
        Some(letter) => letter.to_string(),
        None => return Err("the name of a class is missing at its end".to_owned()),
    };
    let (name, is_negated) = match name.strip_prefix('^') {
        Some(name) => (name, !is_negated),
        None => (name.as_str(), is_negated),
    };
    if name == "Cs" {
        // No string holds half of a surrogate pair.
        return Ok(Some(Named::new(r"\x00-\x{10ffff}", !is_negated)));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_- ".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        for property in ["gc", "sc"] {
            let class = format!(r"\p{{{property}={name}}}");
            if regex_syntax::parse(&class).is_ok() {
                return Ok(Some(Named::new(&class, is_negated)));
            }
        }
    }
    Err(format!("there is no class of characters called \"{name}\""))
}

/// `[:alpha:]` within a class; `None` if that is not what stands here.
fn posix_class(reader: &mut Reader<'_>) -> Result<Option<Named>, String> {
    let rest = reader.rest();
    let Some(length) = rest.strip_prefix("[:").and_then(|rest| rest.find(":]")) else {
        return Ok(None);
    };
    let name = &rest[2..2 + length];
    let (bare, is_negated) = match name.strip_prefix('^') {
        Some(bare) => (bare, true),
        None => (name, false),
    };
    let ranges = match bare {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => r"\x00-\x7f",
        "blank" => r"\t ",
        "cntrl" => r"\x00-\x1f\x7f",
        "digit" => "0-9",
        "graph" => "!-~",
        "lower" => "a-z",
        "print" => " -~",
        "punct" => r"!-/:-@\[-`{-~",
        "space" => r"\t\n\x0b\x0c\r ",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => {
            return Err(format!(
                "there is no class of characters called \"[:{name}:]\""
            ));
        }
    };
    reader.skip(length + "[::]".len());
    Ok(Some(Named::new(ranges, is_negated)))
}

/// A class in brackets. The reader stands behind the opening one.
pub(super) fn bracketed(reader: &mut Reader<'_>) -> Result<String, String> {
    let unclosed = || "a class of characters has no closing bracket".to_owned();
    let mut class = String::from("[");
    if reader.take("^") {
        class.push('^');
    }
    let mut is_first = true;
    loop {
        let next = reader.peek().ok_or_else(unclosed)?;
        if next == ']' && !is_first {
            reader.next();
            class.push(']');
            return Ok(class);
        }
        is_first = false;
        if let Some(named) = named_within(reader)? {
            class.push_str(&named.in_brackets());
            continue;
        }
        let low = character(reader)?.ok_or_else(unclosed)?;
        let has_range = reader.rest().starts_with('-') && !reader.rest().starts_with("-]");
        class.push_str(&literal(low));
        if has_range {
            reader.next();
            let high = character(reader)?.ok_or_else(unclosed)?;
            if high < low {
                return Err(format!("the range {low}-{high} runs backwards"));
            }
            class.push('-');
            class.push_str(&literal(high));
        }
    }
}

fn named_within(reader: &mut Reader<'_>) -> Result<Option<Named>, String> {
    if let Some(named) = posix_class(reader)? {
        return Ok(Some(named));
    }
    let mut behind = reader.clone();
    if !behind.take("\\") {
        return Ok(None);
    }
    let named = match perl_class(&mut behind) {
        Some(named) => Some(named),
        None => unicode_class(&mut behind)?,
    };
    if named.is_some() {
        *reader = behind;
    }
    Ok(named)
}

/// One character of a class, escaped or not.
fn character(reader: &mut Reader<'_>) -> Result<Option<char>, String> {
    if reader.take("\\") {
        return reader.escaped().map(Some);
    }
    Ok(reader.next())
}
