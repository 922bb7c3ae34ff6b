//! Splits the command line before clap sees it: terrane's flags from terraform's words.
//!
//! What stands after `--` is terraform's and stays as it is. Before it a known `--flag` is ours
//! wherever it stands, and for commands that run terraform `-x` is terraform's. Which flags there
//! are, and which take a value, is read from clap's own description of the commands; there is no
//! second list.
//!
//! Nothing is resolved here and no value is looked into.

mod again;
mod error;
mod lookup;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};

pub(super) use error::{UsageError, nearest};
pub(super) use lookup::{leaf, names_of, takes_value};

use super::note::Note;
use super::terragrunt::{self, Fate, OldCommand, Takes};
use lookup::{Found, flag_anywhere, flag_of, short_of};

/// The command line, split.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Words {
    /// `hcl`, `validate`
    pub(super) command: Vec<String>,
    /// Terrane's own flags, in their order.
    pub(super) flags: Vec<TypedFlag>,
    /// What is left: for commands that run terraform the words for it, without the command's name
    /// where that is a shortcut.
    pub(super) operands: Vec<OsString>,
    /// Whether `--` was among the words.
    pub(super) separated: bool,
    pub(super) notes: Vec<Note>,
}

/// A flag of terrane's as it was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TypedFlag {
    /// The name by which clap knows it: `working-dir`.
    pub(super) name: String,
    pub(super) value: FlagValue,
    /// As typed, for whoever is told where a value came from: `-C`; or the variable's name.
    pub(super) spelled: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum FlagValue {
    /// It stands alone.
    Set,
    /// `--flag=false`: as if it were not there, but no variable may set it either.
    Unset,
    Text(OsString),
}

/// Whose a word is that is no known flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manner {
    /// All flags are ours.
    Ours,
    /// Flags of terraform stand after `--`.
    Separated,
    /// `-x` is terraform's, wherever it stands.
    Mixed,
    /// From the first operand on everything is the program's.
    UpToProgram,
    /// What is no flag is an expression, which may begin with a minus.
    Expression,
}

impl Words {
    /// Splits `words`, which do not hold the program's name. `commands` is clap's description,
    /// built.
    pub(super) fn split(commands: &clap::Command, words: &[OsString]) -> Result<Self, UsageError> {
        let (mut split, rest) = Self::default().find_command(commands, words)?;
        let leaf = leaf(commands, &split.command);
        let manner = manner(&split.command);
        let mut rest = rest.into_iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                split.separated = true;
                split.operands.extend(rest.by_ref());
            } else if let Some(long) = long_flag(&word) {
                split.take_long(leaf, manner, &word, long, &mut rest)?;
            } else if is_short(&word) {
                split.take_short(leaf, manner, &word, &mut rest)?;
            } else {
                split.operands.push(word);
                if manner == Manner::UpToProgram {
                    split.operands.extend(rest.by_ref());
                }
            }
        }
        Ok(split)
    }

    /// The words for clap: the command, our flags in their long form, and the operands behind `--`.
    pub(super) fn for_clap(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["terrane".into()];
        words.extend(self.command.iter().map(OsString::from));
        let switched_off = |name: &str| {
            let mut said = self.flags.iter().rev().filter(|flag| flag.name == name);
            said.next()
                .is_some_and(|last| last.value == FlagValue::Unset)
        };
        let flags = self.flags.iter().filter(|flag| !switched_off(&flag.name));
        words.extend(flags.filter_map(TypedFlag::word));
        if !self.operands.is_empty() {
            words.push("--".into());
            words.extend(self.operands.iter().cloned());
        }
        words
    }

    /// Whether the user has said anything about a flag.
    pub(super) fn speaks_of(&self, name: &str) -> bool {
        self.flags.iter().any(|flag| flag.name == name)
    }

    /// Walks to the command, past flags that stand before it. Returns all other words.
    fn find_command(
        mut self,
        commands: &clap::Command,
        words: &[OsString],
    ) -> Result<(Self, Vec<OsString>), UsageError> {
        let mut rest = Vec::new();
        let mut words = words.iter().cloned();
        let mut current = commands;
        while current.has_subcommands() {
            let Some(word) = words.next() else { break };
            if word == "--" {
                rest.push(word);
                break;
            }
            if long_flag(&word).is_some() || is_short(&word) {
                let value_follows = flag_anywhere(commands, &word).is_some_and(Found::wants_next);
                rest.push(word);
                rest.extend(words.by_ref().take(usize::from(value_follows)));
                continue;
            }
            let name = word.to_string_lossy();
            if name == "help" && self.command.is_empty() {
                rest.push("--help".into());
            } else if let Some(next) = current.find_subcommand(&*name) {
                self.command.push(next.get_name().to_owned());
                current = next;
            } else if self.command.is_empty()
                && let Some(old) = terragrunt::old_command(&name)
            {
                rest.extend(self.take_old_command(&name, old)?);
                current = leaf(commands, &self.command);
            } else {
                return Err(UsageError::unknown_command(current, &self.command, &name));
            }
        }
        rest.extend(words);
        Ok((self, rest))
    }

    /// Puts today's words in the place of an old command; returns those that are no commands.
    fn take_old_command(
        &mut self,
        name: &str,
        old: OldCommand,
    ) -> Result<Vec<OsString>, UsageError> {
        let words = match old {
            OldCommand::Renamed(words) => words,
            OldCommand::Refused(why) => return Err(UsageError::refused_command(name, why)),
        };
        self.notes.push(Note::renamed(
            &format!("`terrane {name}`"),
            &format!("`terrane {}`", words.join(" ")),
        ));
        // `run-all plan`: what follows the command is an operand.
        let commands = match words {
            ["run-all", ..] => 1,
            _ => words
                .iter()
                .take_while(|word| !word.starts_with('-'))
                .count(),
        };
        self.command
            .extend(words[..commands].iter().map(ToString::to_string));
        Ok(words[commands..].iter().map(OsString::from).collect())
    }

    fn take_long(
        &mut self,
        leaf: &clap::Command,
        manner: Manner,
        word: &OsStr,
        long: Long<'_>,
        rest: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), UsageError> {
        let bare = long.name.strip_prefix("terragrunt-").unwrap_or(long.name);
        if let Some(arg) = flag_of(leaf, bare) {
            if bare != long.name {
                self.notes.push(Note::renamed(
                    &format!("--{}", long.name),
                    &format!("--{bare}"),
                ));
            }
            return self.push_flag(leaf, arg, long, rest);
        }
        if let Some(old) = terragrunt::old_flag(bare) {
            return self.take_old_flag(leaf, *old, long, rest);
        }
        if manner == Manner::Mixed && terragrunt::is_flag_of_terraform(long.name) {
            // Terraform takes either form; Terragrunt hands on the one with one dash.
            let text = word.to_string_lossy();
            self.operands.push(text[1..].into());
            return Ok(());
        }
        if manner == Manner::Expression {
            self.operands.push(word.to_owned());
            return Ok(());
        }
        Err(UsageError::unknown_flag(
            leaf,
            &self.command,
            &format!("--{}", long.name),
        ))
    }

    fn take_old_flag(
        &mut self,
        leaf: &clap::Command,
        old: terragrunt::OldFlag,
        long: Long<'_>,
        rest: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), UsageError> {
        let typed = format!("--{}", long.name);
        let (now, inverted) = match old.fate {
            Fate::Renamed(now) => (now, false),
            Fate::Inverted(now) => (now, true),
            Fate::Refused(why) => return Err(UsageError::refused_flag(&typed, why)),
            Fate::Needless | Fate::Ignored(_) => {
                if old.takes == Takes::Value && long.value.is_none() {
                    rest.next();
                }
                if let Fate::Ignored(why) = old.fate {
                    self.notes.push(Note::ignored(&typed, why));
                }
                return Ok(());
            }
        };
        let Some(arg) = flag_of(leaf, now) else {
            return Err(UsageError::unknown_flag(leaf, &self.command, &typed));
        };
        self.notes.push(Note::renamed(&typed, &format!("--{now}")));
        self.push_flag(leaf, arg, long, rest)?;
        if inverted && let Some(flag) = self.flags.last_mut() {
            flag.value = match flag.value {
                FlagValue::Set => FlagValue::Unset,
                FlagValue::Unset | FlagValue::Text(_) => FlagValue::Set,
            };
        }
        Ok(())
    }

    fn take_short(
        &mut self,
        leaf: &clap::Command,
        manner: Manner,
        word: &OsStr,
        rest: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), UsageError> {
        let text = word.to_string_lossy();
        let mut letters = text[1..].chars();
        let letter = letters.next().expect("a short flag has a letter");
        let attached = letters.as_str();
        let ours = match short_of(leaf, letter) {
            // `-json` is not `-j son`: terraform's flags are words, ours are letters.
            Some(arg) if manner == Manner::Ours || is_clearly_short(attached) => Some(arg),
            Some(_) | None => None,
        };
        let Some(arg) = ours else {
            return match manner {
                Manner::Mixed | Manner::Expression => {
                    self.operands.push(word.to_owned());
                    Ok(())
                }
                Manner::Separated => {
                    let line = self.separated_line(&text);
                    Err(UsageError::needs_separation(&text, &line))
                }
                Manner::Ours | Manner::UpToProgram => {
                    Err(UsageError::unknown_flag(leaf, &self.command, &text))
                }
            };
        };
        let long = Long {
            name: &text,
            value: (!attached.is_empty() && takes_value(arg))
                .then(|| OsStr::new(attached.trim_start_matches('='))),
        };
        self.push_flag(leaf, arg, long, rest)?;
        if !attached.is_empty() && !takes_value(arg) {
            // `-lT`: the letters stand for a flag each.
            return self.take_short(leaf, manner, OsStr::new(&format!("-{attached}")), rest);
        }
        Ok(())
    }

    /// What was typed so far with `flag` behind `--`.
    fn separated_line(&self, flag: &str) -> String {
        let command = self.command.iter().map(String::as_str);
        let flags = self.flags.iter().map(|flag| flag.spelled.as_str());
        let operands: Vec<_> = self
            .operands
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        let words = std::iter::once("terrane")
            .chain(command)
            .chain(flags)
            .chain(["--"]);
        let words = words
            .chain(operands.iter().map(AsRef::as_ref))
            .chain([flag]);
        words.collect::<Vec<_>>().join(" ")
    }

    fn push_flag(
        &mut self,
        leaf: &clap::Command,
        arg: &clap::Arg,
        long: Long<'_>,
        rest: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), UsageError> {
        let spelled = if long.name.starts_with('-') {
            long.name.chars().take(2).collect()
        } else {
            format!("--{}", long.name)
        };
        let value = match (long.value, takes_value(arg)) {
            (Some(value), true) => FlagValue::Text(value.to_owned()),
            (Some(value), false) => boolean(&value.to_string_lossy())
                .map(FlagValue::of)
                .ok_or_else(|| UsageError::not_boolean(&spelled, &value.to_string_lossy()))?,
            (None, true) if arg.is_require_equals_set() => FlagValue::Set,
            (None, true) => match rest.next() {
                Some(value) => FlagValue::Text(value),
                None => return Err(UsageError::no_value(leaf, arg, &spelled)),
            },
            (None, false) => FlagValue::Set,
        };
        let name = arg
            .get_long()
            .expect("every flag has a long name")
            .to_owned();
        self.flags.push(TypedFlag {
            name,
            value,
            spelled,
        });
        Ok(())
    }
}

impl TypedFlag {
    /// As clap is to see it; nothing where it was switched off.
    fn word(&self) -> Option<OsString> {
        // Short and long help are two texts.
        if self.spelled == "-h" {
            return Some("-h".into());
        }
        let mut word = OsString::from(format!("--{}", self.name));
        match &self.value {
            FlagValue::Set => {}
            FlagValue::Unset => return None,
            FlagValue::Text(value) => {
                word.push("=");
                word.push(value);
            }
        }
        Some(word)
    }
}

impl FlagValue {
    pub(super) fn of(set: bool) -> Self {
        if set { Self::Set } else { Self::Unset }
    }
}

/// `--name` or `--name=value`.
#[derive(Clone, Copy)]
struct Long<'a> {
    name: &'a str,
    value: Option<&'a OsStr>,
}

fn long_flag(word: &OsStr) -> Option<Long<'_>> {
    use std::os::unix::ffi::OsStrExt as _;

    let rest = word.as_bytes().strip_prefix(b"--")?;
    let end = rest.iter().position(|byte| *byte == b'=');
    let (name, value) = match end {
        Some(end) => (&rest[..end], Some(OsStr::from_bytes(&rest[end + 1..]))),
        None => (rest, None),
    };
    let name = std::str::from_utf8(name)
        .ok()
        .filter(|name| !name.is_empty())?;
    Some(Long { name, value })
}

/// `-x`, but not `-`, which stands for stdin.
fn is_short(word: &OsStr) -> bool {
    let text = word.to_string_lossy();
    text.len() > 1 && text.starts_with('-') && !text.starts_with("--")
}

/// Whether what follows a letter leaves no doubt that the letter is a flag: nothing, `=dir`, `4`.
fn is_clearly_short(attached: &str) -> bool {
    attached.starts_with('=') || attached.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a boolean as Terragrunt does.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn manner(command: &[String]) -> Manner {
    match command.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run"] => Manner::Separated,
        ["exec"] => Manner::UpToProgram,
        ["eval"] => Manner::Expression,
        ["run-all"] | ["stack", "run"] => Manner::Mixed,
        [name] if is_shortcut(name) => Manner::Mixed,
        _ => Manner::Ours,
    }
}

/// Whether a command is terraform's own, typed without `run`.
pub(super) fn is_shortcut(name: &str) -> bool {
    SHORTCUTS.contains(&name)
}

const SHORTCUTS: [&str; 12] = [
    "apply",
    "destroy",
    "force-unlock",
    "import",
    "init",
    "output",
    "plan",
    "refresh",
    "show",
    "state",
    "test",
    "validate",
];
