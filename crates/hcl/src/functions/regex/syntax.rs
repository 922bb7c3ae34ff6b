//! From the syntax of RE2 to that of the `regex` crate.
//!
//! The two look alike and differ in what they take: where RE2 has ASCII classes, octal escapes or a
//! brace that is just a brace, the other has Unicode, an error or set operations. The pattern is read
//! once from left to right; whatever has another meaning is written differently, the rest as it is.

use super::class;

/// More than this often nothing may be repeated, nested repetitions multiplied.
const MOST_REPEATS: u32 = 1000;

/// A pattern as the `regex` crate takes it, and the names of its groups.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) text: String,
    pub(super) names: Vec<Option<String>>,
}

/// Characters of a pattern, one by one.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.skip(next.len_utf8());
        Some(next)
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// What stands before some text, which is skipped as well; `None` if it is not there.
    pub(super) fn take_until(&mut self, end: &str) -> Option<&'a str> {
        let (before, behind) = self.rest.split_once(end)?;
        self.rest = behind;
        Some(before)
    }

    /// The character that an escape stands for. The reader is behind the backslash.
    pub(super) fn escaped(&mut self) -> Result<char, String> {
        let escape = self.rest;
        let Some(letter) = self.next() else {
            return Err("there is nothing behind the backslash at its end".to_owned());
        };
        let character = match letter {
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => return self.hexadecimal(),
            '0' => self.octal(0),
            '1'..='7' if self.peek().is_some_and(|next| ('0'..='7').contains(&next)) => {
                self.octal(u32::from(letter) - u32::from('0'))
            }
            '1'..='9' => {
                return Err(format!(
                    "\\{letter} would be what group {letter} matched, and looking back is not \
                     supported"
                ));
            }
            _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => letter,
            _ => {
                let escape = escape.chars().next().unwrap_or(letter);
                return Err(format!("there is no escape \\{escape}"));
            }
        };
        Ok(character)
    }

    /// At most three octal digits, of which the first is taken.
    fn octal(&mut self, first: u32) -> char {
        let mut value = first;
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|next| next.to_digit(8)) else {
                break;
            };
            self.next();
            value = value * 8 + digit;
        }
        char::from_u32(value).expect("three octal digits make no surrogate")
    }

    /// `\x41` or `\x{10ffff}`.
    fn hexadecimal(&mut self) -> Result<char, String> {
        let wrong = || "behind \\x there must be two digits, or some in braces".to_owned();
        let digits = if self.take("{") {
            self.take_until("}").ok_or_else(wrong)?
        } else {
            let digits = self.rest.get(..2).ok_or_else(wrong)?;
            self.skip(2);
            digits
        };
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let value = u32::from_str_radix(digits, 16).ok();
        value
            .and_then(char::from_u32)
            .ok_or_else(|| format!("there is no character {digits}"))
    }
}

/// A character as itself, within a class or not.
pub(super) fn literal(character: char) -> String {
    if regex_syntax::is_meta_character(character) {
        format!("\\{character}")
    } else {
        character.to_string()
    }
}

/// Writes a pattern in the other syntax. The error is a clause that says what is wrong.
pub(super) fn translate(pattern: &str) -> Result<Pattern, String> {
    let mut translation = Translation {
        reader: Reader { rest: pattern },
        out: String::with_capacity(pattern.len() + 8),
        names: Vec::new(),
        open: Vec::new(),
        repeats: 1,
        last: None,
    };
    while let Some(next) = translation.reader.next() {
        translation.element(next)?;
    }
    if translation.open.is_empty() {
        return Ok(Pattern {
            text: translation.out,
            names: translation.names,
        });
    }
    Err("a parenthesis is not closed".to_owned())
}

struct Translation<'a> {
    reader: Reader<'a>,
    out: String,
    names: Vec<Option<String>>,
    /// The groups that are open.
    open: Vec<Group>,
    /// How often something in this group is repeated at most, nested repetitions multiplied.
    repeats: u32,
    /// What a repetition would repeat.
    last: Option<Repeatable>,
}

struct Group {
    start: usize,
    /// What [`Translation::repeats`] was before it.
    repeats: u32,
}

#[derive(Clone, Copy)]
struct Repeatable {
    start: usize,
    end: usize,
    repeats: u32,
    is_repeated: bool,
    /// Whether nothing was read since.
    is_just_behind: bool,
}

impl Translation<'_> {
    fn element(&mut self, next: char) -> Result<(), String> {
        match next {
            '*' => return self.repeat("*", 0),
            '+' => return self.repeat("+", 0),
            '?' => return self.repeat("?", 0),
            '{' => {
                if let Some((text, count)) = self.counted()? {
                    return self.repeat(&text, count);
                }
            }
            _ => {}
        }
        if let Some(last) = &mut self.last {
            last.is_just_behind = false;
        }
        match next {
            '(' => self.group(),
            ')' => self.close(),
            '|' => {
                self.out.push('|');
                self.last = None;
                Ok(())
            }
            '[' => {
                let class = class::bracketed(&mut self.reader)?;
                self.push(&class);
                Ok(())
            }
            '.' | '^' | '$' => {
                self.push(&next.to_string());
                Ok(())
            }
            '\\' => self.escape(),
            _ => {
                self.push(&literal(next));
                Ok(())
            }
        }
    }

    /// Writes something that can be repeated.
    fn push(&mut self, text: &str) {
        let start = self.out.len();
        self.out.push_str(text);
        self.last = Some(Repeatable {
            start,
            end: self.out.len(),
            repeats: 1,
            is_repeated: false,
            is_just_behind: true,
        });
    }

    fn escape(&mut self) -> Result<(), String> {
        if self.reader.take("Q") {
            let quoted = match self.reader.take_until("\\E") {
                Some(quoted) => quoted,
                None => std::mem::take(&mut self.reader.rest),
            };
            for character in quoted.chars() {
                self.push(&literal(character));
            }
            return Ok(());
        }
        for (escape, written) in [
            ("A", r"\A"),
            ("z", r"\z"),
            ("b", r"(?-u:\b)"),
            ("B", r"(?-u:\B)"),
        ] {
            if self.reader.take(escape) {
                self.push(written);
                return Ok(());
            }
        }
        let named = match class::perl_class(&mut self.reader) {
            Some(named) => Some(named),
            None => class::unicode_class(&mut self.reader)?,
        };
        let text = match named {
            Some(named) => named.in_brackets(),
            None => literal(self.reader.escaped()?),
        };
        self.push(&text);
        Ok(())
    }

    /// Repeats what stands before; a count of 0 is no count. The operator goes to the end of that,
    /// which may lie before flags that were set since.
    fn repeat(&mut self, operator: &str, count: u32) -> Result<(), String> {
        let lazy = if self.reader.take("?") { "?" } else { "" };
        let Some(last) = self.last else {
            return Err(format!("there is nothing before {operator} to repeat"));
        };
        if last.is_repeated && last.is_just_behind {
            return Err(format!("there is a repetition before {operator} already"));
        }
        let repeats = last.repeats * count.max(1);
        if repeats > MOST_REPEATS {
            return Err(format!(
                "something is repeated more than {MOST_REPEATS} times"
            ));
        }
        let mut end = last.end;
        if last.is_repeated {
            self.out.insert(end, ')');
            self.out.insert_str(last.start, "(?:");
            end += "(?:)".len();
        }
        let operator = format!("{operator}{lazy}");
        self.out.insert_str(end, &operator);
        self.repeats = self.repeats.max(repeats);
        self.last = Some(Repeatable {
            start: last.start,
            end: end + operator.len(),
            repeats,
            is_repeated: true,
            is_just_behind: true,
        });
        Ok(())
    }

    /// `{2}`, `{2,}` or `{2,5}`; anything else in braces is text. The reader is behind the brace.
    fn counted(&mut self) -> Result<Option<(String, u32)>, String> {
        let Some((inner, behind)) = self.reader.rest.split_once('}') else {
            return Ok(None);
        };
        let (low, high) = match inner.split_once(',') {
            Some((low, high)) => (low, Some(high)),
            None => (inner, None),
        };
        let is_count = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|digit| digit.is_ascii_digit())
                && (text.len() == 1 || !text.starts_with('0'))
        };
        if !is_count(low) || !high.is_none_or(|high| high.is_empty() || is_count(high)) {
            return Ok(None);
        }
        let count = |text: &str| text.parse().unwrap_or(u32::MAX);
        let low = count(low);
        let most = match high {
            Some("") | None => low,
            Some(high) => count(high),
        };
        if low > MOST_REPEATS || most > MOST_REPEATS || most < low {
            return Err(format!(
                "{{{inner}}} is no count of at most {MOST_REPEATS} repetitions"
            ));
        }
        self.reader.rest = behind;
        Ok(Some((format!("{{{inner}}}"), most)))
    }

    /// The reader is behind an opening parenthesis.
    fn group(&mut self) -> Result<(), String> {
        if !self.reader.take("?") {
            self.names.push(None);
            self.open("(");
            return Ok(());
        }
        if self.reader.take("P<") || self.reader.take("<") {
            return self.named_group();
        }
        let end = self.reader.rest.find([':', ')']);
        let flags = end.map(|end| &self.reader.rest[..end]);
        let Some(flags) = flags.filter(|flags| are_flags(flags)) else {
            return Err(
                "what follows the question mark behind a parenthesis is not supported; \
                        looking ahead and back is not"
                    .to_owned(),
            );
        };
        self.reader.skip(flags.len());
        let flags = each_once(flags);
        if self.reader.take(":") {
            self.open(&format!("(?{flags}:"));
        } else {
            self.reader.take(")");
            if !flags.is_empty() {
                self.out.push_str("(?");
                self.out.push_str(&flags);
                self.out.push(')');
            }
        }
        Ok(())
    }

    fn named_group(&mut self) -> Result<(), String> {
        let name = self.reader.take_until(">").unwrap_or_default();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_word) {
            return Err(
                "a group's name must be made of letters, digits and underscores".to_owned(),
            );
        }
        self.names.push(Some(name.to_owned()));
        self.open("(");
        Ok(())
    }

    fn open(&mut self, text: &str) {
        self.open.push(Group {
            start: self.out.len(),
            repeats: self.repeats,
        });
        self.out.push_str(text);
        self.repeats = 1;
        self.last = None;
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(group) = self.open.pop() else {
            return Err("a parenthesis is closed that was not opened".to_owned());
        };
        self.out.push(')');
        self.last = Some(Repeatable {
            start: group.start,
            end: self.out.len(),
            repeats: self.repeats,
            is_repeated: false,
            is_just_behind: true,
        });
        self.repeats = self.repeats.max(group.repeats);
        Ok(())
    }
}

/// Flags that are set, then perhaps a minus and flags that are taken away.
fn are_flags(text: &str) -> bool {
    let (set, unset) = match text.split_once('-') {
        Some((set, unset)) => (set, Some(unset)),
        None => (text, None),
    };
    let are_known = |flags: &str| flags.chars().all(|flag| "imsU".contains(flag));
    are_known(set) && unset.is_none_or(|unset| !unset.is_empty() && are_known(unset))
}

/// Flags without those that are there twice; what is set and taken away is taken away.
fn each_once(flags: &str) -> String {
    let (set, unset) = flags.split_once('-').unwrap_or((flags, ""));
    let once = |flags: &str, but: &str| -> String {
        let flags = "imsU".chars().filter(|flag| flags.contains(*flag));
        flags.filter(|flag| !but.contains(*flag)).collect()
    };
    match (once(set, unset), once(unset, "")) {
        (set, unset) if unset.is_empty() => set,
        (set, unset) => format!("{set}-{unset}"),
    }
}
