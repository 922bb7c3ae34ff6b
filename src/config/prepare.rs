//! What a configuration says to terraform: typed, complete, nothing left open.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::Utf8PathBuf;
use terrane_hcl::{Diagnostic, Diagnostics, Location, Value};

use super::block::{DecodedBlock, Located};
use super::marks;
use super::parts::Configuration;
use crate::model::prepared::{
    BackendFile, ErrorHook, ErrorRules, ExtraArguments, Generate, Hook, IfDisabled, IfExists,
    Ignore, Prepared, RemoteState, Retry, TerraformBlock, Written,
};

/// The configuration as plain values, or what is wrong with it.
pub(crate) fn prepared(configuration: &Configuration) -> Result<Prepared, Diagnostics> {
    let mut errors = Diagnostics::new();
    refuse_engine(configuration, &mut errors);
    let terraform = configuration.terraform.as_ref();
    let prepared = Prepared {
        terraform: terraform
            .and_then(|block| errors.keep(terraform_block(block)))
            .unwrap_or_default(),
        remote_state: configuration
            .remote_state
            .as_ref()
            .and_then(|block| errors.keep(remote_state_of(block))),
        generate: configuration
            .generate
            .iter()
            .filter_map(|block| errors.keep(generate(block)))
            .collect(),
        inputs: inputs(configuration, &mut errors),
        errors: configuration
            .errors
            .as_ref()
            .and_then(|block| errors.keep(error_rules(block)))
            .unwrap_or_default(),
        prevent_destroy: prevents_destroy(configuration),
        download_dir: text(configuration, "download_dir").map(Utf8PathBuf::from),
        terraform_binary: text(configuration, "terraform_binary"),
        terraform_version_constraint: written(configuration, "terraform_version_constraint"),
        terragrunt_version_constraint: written(configuration, "terragrunt_version_constraint"),
        made_of_mocks: made_of_mocks(configuration),
    };
    if errors.has_errors() {
        return Err(errors);
    }
    Ok(prepared)
}

/// Another program in terraform's place is something that terrane does not have.
fn refuse_engine(configuration: &Configuration, errors: &mut Diagnostics) {
    if let Some(block) = &configuration.engine {
        errors.push(
            Diagnostic::error("Engines are not supported")
                .detail(
                    "An engine block puts another program in terraform's place. terrane starts \
                     terraform or tofu itself.",
                )
                .at(&block.place.source, block.place.span)
                .help("remove the engine block"),
        );
    }
}

/// A value of which nothing is open.
fn settled<'v>(value: &'v Value, place: &Location) -> Result<&'v Value, Diagnostics> {
    if !value.contains_unknown() {
        return Ok(value);
    }
    let marks = value.deep_marks();
    let why = if marks.contains(marks::PENDING_OUTPUTS) {
        "It needs the output of another unit that is not known."
    } else if marks.contains(marks::PENDING_ANSWER) {
        "It needs an answer that may not be asked for."
    } else {
        "Part of it is unknown."
    };
    Err(Diagnostic::error("Value is not known")
        .detail(why)
        .at(&place.source, place.span)
        .into())
}

fn inputs(configuration: &Configuration, errors: &mut Diagnostics) -> BTreeMap<String, Value> {
    let Some(inputs) = &configuration.inputs else {
        return BTreeMap::new();
    };
    let Some(value) = errors.keep(settled(&inputs.value, &inputs.place)) else {
        return BTreeMap::new();
    };
    let marks = value.marks();
    let entries = value.entries().unwrap_or_default();
    let inputs = entries
        .iter()
        .map(|(name, value)| (name.to_string(), value.clone().with_marks(marks)));
    inputs.collect()
}

/// Texts and flags lose their marks when they become plain values; here it is kept what had them.
fn made_of_mocks(configuration: &Configuration) -> Vec<String> {
    let is_mock = |value: &Value| value.deep_marks().contains(marks::MOCK);
    let mut names = Vec::new();
    for (name, scalar) in &configuration.scalars {
        if is_mock(&scalar.value) {
            names.push((*name).to_owned());
        }
    }
    if let Some(inputs) = &configuration.inputs {
        let all = inputs.value.marks().contains(marks::MOCK);
        let entries = inputs.value.entries().unwrap_or_default();
        let made = entries.iter().filter(|(_, value)| all || is_mock(value));
        names.extend(made.map(|(name, _)| format!("inputs.{name}")));
    }
    let single = [
        &configuration.terraform,
        &configuration.remote_state,
        &configuration.errors,
    ];
    for block in single.into_iter().flatten().chain(&configuration.generate) {
        add_mock_attributes(block, "", &mut names);
    }
    names
}

/// The attributes of a block and of those in it that are made of mocks, each by its whole name.
fn add_mock_attributes(block: &DecodedBlock, above: &str, names: &mut Vec<String>) {
    let mut path = format!("{above}{}.", block.schema.kind);
    if !block.label.is_empty() {
        path = format!("{path}{}.", block.label);
    }
    for (name, located) in &block.attributes {
        if located.value.deep_marks().contains(marks::MOCK) {
            names.push(format!("{path}{name}"));
        }
    }
    for inner in &block.blocks {
        add_mock_attributes(inner, &path, names);
    }
}

fn text(configuration: &Configuration, name: &str) -> Option<String> {
    let value = &configuration.scalars.get(name)?.value;
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn written(configuration: &Configuration, name: &str) -> Option<Written> {
    configuration.scalars.get(name).and_then(written_value)
}

/// A text with its place.
pub(crate) fn written_value(value: &Located<Value>) -> Option<Written> {
    let text = value.value.as_str().filter(|text| !text.is_empty())?;
    Some(Written {
        text: text.to_owned(),
        place: value.place.clone(),
    })
}

fn prevents_destroy(configuration: &Configuration) -> Option<Location> {
    let value = configuration.scalars.get("prevent_destroy")?;
    (value.value.as_bool() == Some(true)).then(|| value.place.clone())
}

/// The attributes of a block, all settled.
struct Block<'b>(&'b DecodedBlock);

impl Block<'_> {
    fn value(&self, name: &str) -> Result<Option<&Value>, Diagnostics> {
        self.0
            .get(name)
            .map(|located| settled(&located.value, &located.place))
            .transpose()
    }

    fn string(&self, name: &str) -> Result<Option<String>, Diagnostics> {
        Ok(self.value(name)?.and_then(Value::as_str).map(str::to_owned))
    }

    fn bool(&self, name: &str) -> Result<Option<bool>, Diagnostics> {
        Ok(self.value(name)?.and_then(Value::as_bool))
    }

    fn flag(&self, name: &str) -> Result<bool, Diagnostics> {
        Ok(self.bool(name)?.unwrap_or(false))
    }

    fn strings(&self, name: &str) -> Result<Vec<String>, Diagnostics> {
        let value = self.value(name)?;
        let items = value.and_then(Value::items).unwrap_or_default();
        let place = self.0.place_of(name);
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            let Some(text) = item.as_str() else {
                let null = format!("\"{name}\" is a list of strings, and has a null in it.");
                return Err(Diagnostic::error("Unsuitable value")
                    .detail(null)
                    .at(&place.source, place.span)
                    .into());
            };
            texts.push(text.to_owned());
        }
        Ok(texts)
    }

    fn string_map(&self, name: &str) -> Result<BTreeMap<String, String>, Diagnostics> {
        let entries = self.entries(name)?;
        let texts = entries.into_iter().filter_map(|(key, value)| {
            let text = value.as_str()?.to_owned();
            Some((key, text))
        });
        Ok(texts.collect())
    }

    fn entries(&self, name: &str) -> Result<BTreeMap<String, Value>, Diagnostics> {
        let Some(value) = self.value(name)? else {
            return Ok(BTreeMap::new());
        };
        let marks = value.marks();
        let entries = value.entries().unwrap_or_default();
        let owned = entries
            .iter()
            .map(|(key, value)| (key.to_string(), value.clone().with_marks(marks)));
        Ok(owned.collect())
    }

    fn whole_number(&self, name: &str, least: i64) -> Result<i64, Diagnostics> {
        let number = self.value(name)?.and_then(Value::as_number);
        let place = self.0.place_of(name);
        match number.and_then(terrane_hcl::Number::as_i64) {
            Some(number) if number >= least => Ok(number),
            _ => Err(Diagnostic::error("Unsuitable value")
                .detail(format!(
                    "\"{name}\" must be a whole number, at least {least}."
                ))
                .at(&place.source, place.span)
                .into()),
        }
    }
}

fn terraform_block(block: &DecodedBlock) -> Result<TerraformBlock, Diagnostics> {
    let read = Block(block);
    read.value("source")?;
    let hooks = |kind| block.blocks_of(kind).map(hook).collect::<Result<_, _>>();
    Ok(TerraformBlock {
        source: block.get("source").and_then(written_value),
        include_in_copy: read.strings("include_in_copy")?,
        exclude_from_copy: read.strings("exclude_from_copy")?,
        copy_terraform_lock_file: read.bool("copy_terraform_lock_file")?,
        extra_arguments: block
            .blocks_of("extra_arguments")
            .map(extra_arguments)
            .collect::<Result<_, _>>()?,
        before_hooks: hooks("before_hook")?,
        after_hooks: hooks("after_hook")?,
        error_hooks: block
            .blocks_of("error_hook")
            .map(error_hook)
            .collect::<Result<_, _>>()?,
    })
}

fn extra_arguments(block: &DecodedBlock) -> Result<ExtraArguments, Diagnostics> {
    let read = Block(block);
    Ok(ExtraArguments {
        label: block.label.to_string(),
        commands: read.strings("commands")?,
        arguments: read.strings("arguments")?,
        required_var_files: read.strings("required_var_files")?,
        optional_var_files: read.strings("optional_var_files")?,
        env_vars: read.string_map("env_vars")?,
    })
}

fn hook(block: &DecodedBlock) -> Result<Hook, Diagnostics> {
    let read = Block(block);
    Ok(Hook {
        label: block.label.to_string(),
        commands: read.strings("commands")?,
        execute: program(block)?,
        working_dir: read.string("working_dir")?.map(Utf8PathBuf::from),
        run_on_error: read.flag("run_on_error")?,
        suppress_stdout: read.flag("suppress_stdout")?,
        enabled: read.bool("if")?.unwrap_or(true),
        place: block.place.clone(),
    })
}

fn error_hook(block: &DecodedBlock) -> Result<ErrorHook, Diagnostics> {
    let read = Block(block);
    Ok(ErrorHook {
        label: block.label.to_string(),
        commands: read.strings("commands")?,
        execute: program(block)?,
        on_errors: read.strings("on_errors")?,
        working_dir: read.string("working_dir")?.map(Utf8PathBuf::from),
        suppress_stdout: read.flag("suppress_stdout")?,
        place: block.place.clone(),
    })
}

/// A hook's program and arguments, of which there must be at least the program.
fn program(block: &DecodedBlock) -> Result<Vec<String>, Diagnostics> {
    let execute = Block(block).strings("execute")?;
    if execute.first().is_some_and(|program| !program.is_empty()) {
        return Ok(execute);
    }
    let place = block.place_of("execute");
    Err(Diagnostic::error("Hook without a program")
        .detail(format!(
            "The hook \"{}\" has nothing to execute.",
            block.label
        ))
        .at(&place.source, place.span)
        .help("write execute = [\"PROGRAM\", \"ARGUMENT\"]")
        .into())
}

/// The `remote_state` block.
pub(crate) fn remote_state_of(block: &DecodedBlock) -> Result<RemoteState, Diagnostics> {
    let read = Block(block);
    let encryption = match read.value("encryption")? {
        Some(_) => Some(read.entries("encryption")?),
        None => None,
    };
    Ok(RemoteState {
        backend: read.string("backend")?.unwrap_or_default(),
        config: read.entries("config")?,
        generate: backend_file(block)?,
        disable_init: read.flag("disable_init")?,
        encryption,
        place: block.place.clone(),
    })
}

fn backend_file(block: &DecodedBlock) -> Result<Option<BackendFile>, Diagnostics> {
    let Some(generate) = block.get("generate") else {
        return Ok(None);
    };
    let place = &generate.place;
    let field = |name: &str| -> Result<String, Diagnostics> {
        let value = generate.value.entry(name).and_then(Value::as_str);
        value.map(str::to_owned).ok_or_else(|| {
            Diagnostic::error("Missing attribute")
                .detail(format!("remote_state.generate needs \"{name}\"."))
                .at(&place.source, place.span)
                .into()
        })
    };
    Ok(Some(BackendFile {
        path: field("path")?,
        if_exists: if_exists(&field("if_exists")?, place)?,
    }))
}

fn generate(block: &DecodedBlock) -> Result<Generate, Diagnostics> {
    let read = Block(block);
    let if_exists_text = read.string("if_exists")?.unwrap_or_default();
    let prefix = read.string("comment_prefix")?;
    Ok(Generate {
        label: block.label.to_string(),
        path: read.string("path")?.unwrap_or_default(),
        contents: read.string("contents")?.unwrap_or_default(),
        if_exists: if_exists(&if_exists_text, block.place_of("if_exists"))?,
        if_disabled: if_disabled(read.string("if_disabled")?.as_deref(), block)?,
        comment_prefix: prefix.unwrap_or_else(|| "# ".to_owned()),
        disable_signature: read.flag("disable_signature")?,
        disable: read.flag("disable")?,
        hcl_fmt: read.bool("hcl_fmt")?,
        place: block.place.clone(),
    })
}

fn if_exists(word: &str, place: &Location) -> Result<IfExists, Diagnostics> {
    match word {
        "error" => Ok(IfExists::Error),
        "skip" => Ok(IfExists::Skip),
        "overwrite" => Ok(IfExists::Overwrite),
        "overwrite_terragrunt" => Ok(IfExists::OverwriteTerragrunt),
        other => Err(Diagnostic::error("Unknown word")
            .detail(format!("if_exists cannot be \"{other}\"."))
            .at(&place.source, place.span)
            .help("write one of: error, skip, overwrite, overwrite_terragrunt")
            .into()),
    }
}

fn if_disabled(word: Option<&str>, block: &DecodedBlock) -> Result<IfDisabled, Diagnostics> {
    match word {
        None | Some("skip" | "") => Ok(IfDisabled::Skip),
        Some("remove") => Ok(IfDisabled::Remove),
        Some("remove_terragrunt") => Ok(IfDisabled::RemoveTerragrunt),
        Some(other) => {
            let place = block.place_of("if_disabled");
            Err(Diagnostic::error("Unknown word")
                .detail(format!("if_disabled cannot be \"{other}\"."))
                .at(&place.source, place.span)
                .help("write one of: skip, remove, remove_terragrunt")
                .into())
        }
    }
}

fn error_rules(block: &DecodedBlock) -> Result<ErrorRules, Diagnostics> {
    let retry = |block: &DecodedBlock| -> Result<Retry, Diagnostics> {
        let read = Block(block);
        let sleep = read.whole_number("sleep_interval_sec", 0)?;
        let attempts = read.whole_number("max_attempts", 1)?;
        Ok(Retry {
            label: block.label.to_string(),
            retryable_errors: read.strings("retryable_errors")?,
            max_attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            sleep: Duration::from_secs(sleep.unsigned_abs()),
        })
    };
    let ignore = |block: &DecodedBlock| -> Result<Ignore, Diagnostics> {
        let read = Block(block);
        Ok(Ignore {
            label: block.label.to_string(),
            ignorable_errors: read.strings("ignorable_errors")?,
            message: read.string("message")?.unwrap_or_default(),
            signals: read.entries("signals")?,
        })
    };
    Ok(ErrorRules {
        retry: block
            .blocks_of("retry")
            .map(retry)
            .collect::<Result<_, _>>()?,
        ignore: block
            .blocks_of("ignore")
            .map(ignore)
            .collect::<Result<_, _>>()?,
    })
}
