//! A configuration as a value of the language: what an exposed include is, and what
//! `read_terragrunt_config` gives.
//!
//! The shape is Terragrunt's, down to which absent part is null, which an empty text and which an
//! empty object.

use terrane_hcl::{Diagnostics, Text, Value};

use super::block::DecodedBlock;
use super::dependency::Dependency;
use super::parts::{Configuration, Reach};
use super::scope::{Part, View};

/// The names of all parts, those last that are there only if they are set.
const FIELDS: [&str; 20] = [
    "dependencies",
    "dependency",
    "download_dir",
    "feature",
    "generate",
    "iam_assume_role_duration",
    "iam_assume_role_session_name",
    "iam_role",
    "iam_web_identity_token",
    "inputs",
    "locals",
    "terraform_binary",
    "terraform_version_constraint",
    "terragrunt_version_constraint",
    "engine",
    "errors",
    "exclude",
    "prevent_destroy",
    "remote_state",
    "terraform",
];

/// The names of all parts, for suggestions.
pub(crate) fn field_names() -> Vec<String> {
    FIELDS.iter().map(|name| (*name).to_owned()).collect()
}

/// How many of the fields are always there.
const ALWAYS: usize = 14;

impl View<'_> {
    fn reach(&self) -> Reach {
        if self.scope.part == Part::Included {
            Reach::FileAlone
        } else {
            Reach::Merged
        }
    }

    /// One part of this configuration; `None` if there is no part of that name, or it is not set
    /// and then not there.
    pub(crate) fn field_value(&self, name: &str) -> Result<Option<Value>, Diagnostics> {
        let Some(index) = FIELDS.iter().position(|field| *field == name) else {
            return Ok(None);
        };
        let name = FIELDS[index];
        let known = self.scope.memo.fields.borrow().get(name).cloned();
        let result = known.unwrap_or_else(|| {
            let result = self.fresh_field(name);
            let mut fields = self.scope.memo.fields.borrow_mut();
            fields.insert(name, result.clone());
            result
        });
        let value = result?;
        Ok((index < ALWAYS || !value.is_null()).then_some(value))
    }

    fn fresh_field(&self, name: &'static str) -> Result<Value, Diagnostics> {
        let reach = self.reach();
        let mut part = Configuration::default();
        match name {
            "dependencies" => part.dependencies = self.dependency_paths(reach)?,
            "dependency" => part.dependency = self.dependency_with_outputs()?,
            "feature" => part.features = self.shown_features(reach)?,
            "generate" => part.generate = self.generate(reach)?,
            "inputs" => part.inputs = self.inputs(reach)?,
            "locals" => part.locals = self.locals_value()?,
            "engine" => part.engine = self.engine(reach)?,
            "errors" => part.errors = self.errors(reach)?,
            "exclude" => part.exclude = self.exclude(reach)?,
            "remote_state" => part.remote_state = self.remote_state(reach)?,
            "terraform" => part.terraform = self.terraform(reach)?,
            scalar => {
                if let Some(value) = self.scalar(scalar, reach)? {
                    part.scalars.insert(scalar, value);
                }
            }
        }
        Ok(field_of(&part, name))
    }

    fn dependency_with_outputs(&self) -> Result<Vec<(Dependency, Option<Value>)>, Diagnostics> {
        let mut all = Vec::new();
        for dependency in self.dependencies()?.iter() {
            let outputs = self.outputs_of(dependency)?;
            all.push((dependency.clone(), outputs));
        }
        Ok(all)
    }

    /// The whole configuration, and all that is wrong with any of it.
    pub(crate) fn whole_value(&self) -> Result<Value, Diagnostics> {
        let mut fields = Vec::new();
        let mut errors = Diagnostics::new();
        let problems = self.scope.file.all_problems();
        if problems.has_errors() {
            return Err(problems.clone());
        }
        for name in FIELDS {
            match self.field_value(name) {
                Ok(Some(value)) => fields.push((name, value)),
                Ok(None) => {}
                Err(more) => errors.extend(more),
            }
        }
        if errors.has_errors() {
            errors.sort();
            return Err(errors);
        }
        Ok(Value::object(fields))
    }
}

/// A whole configuration; each dependency has its outputs where they were looked up.
pub(crate) fn value_of(configuration: &Configuration) -> Value {
    let fields = FIELDS.iter().enumerate().filter_map(|(index, name)| {
        let value = field_of(configuration, name);
        (index < ALWAYS || !value.is_null()).then_some((*name, value))
    });
    Value::object(fields)
}

fn field_of(configuration: &Configuration, name: &str) -> Value {
    let block = |block: &Option<DecodedBlock>, value: fn(&DecodedBlock) -> Value| {
        block.as_ref().map_or_else(Value::null, value)
    };
    match name {
        "dependencies" => block(&configuration.dependencies, |block| {
            Value::object([("paths", attribute(block, "paths"))])
        }),
        "dependency" => by_label(
            configuration
                .dependency
                .iter()
                .map(|(dependency, outputs)| {
                    let value = dependency_value(&dependency.block, outputs.as_ref());
                    (dependency.label().clone(), value)
                }),
        ),
        "feature" => by_label(configuration.features.iter().map(|feature| {
            let value = labelled(&feature.block);
            (feature.name().clone(), value)
        })),
        "generate" => by_label(
            configuration
                .generate
                .iter()
                .map(|block| (block.label.clone(), generate_value(block))),
        ),
        "inputs" => configuration
            .inputs
            .as_ref()
            .map_or_else(Value::null, |inputs| inputs.value.clone()),
        "locals" => configuration.locals.clone().unwrap_or_else(Value::null),
        "engine" => block(&configuration.engine, all_attributes),
        "errors" => block(&configuration.errors, errors_value),
        "exclude" => block(&configuration.exclude, exclude_value),
        "remote_state" => block(&configuration.remote_state, remote_state_value),
        "terraform" => block(&configuration.terraform, terraform_value),
        scalar => {
            let value = configuration.scalars.get(scalar);
            let is_text = !matches!(scalar, "iam_assume_role_duration" | "prevent_destroy");
            match value {
                Some(value) => value.value.clone(),
                None if is_text => Value::from(""),
                None => Value::null(),
            }
        }
    }
}

fn by_label(entries: impl IntoIterator<Item = (Text, Value)>) -> Value {
    Value::object(entries)
}

fn attribute(block: &DecodedBlock, name: &str) -> Value {
    block.value(name).cloned().unwrap_or_else(Value::null)
}

/// Every attribute of the schema, null where it is not set.
fn attributes(block: &DecodedBlock) -> Vec<(&'static str, Value)> {
    let names = block.schema.attributes.iter().map(|wanted| wanted.name);
    names.map(|name| (name, attribute(block, name))).collect()
}

fn all_attributes(block: &DecodedBlock) -> Value {
    Value::object(attributes(block))
}

/// The attributes and the block's label as `name`.
fn labelled(block: &DecodedBlock) -> Value {
    let mut all = attributes(block);
    all.push(("name", Value::string(&block.label)));
    Value::object(all)
}

fn or_default(block: &DecodedBlock, name: &str, default: Value) -> Value {
    block.value(name).cloned().unwrap_or(default)
}

fn dependency_value(block: &DecodedBlock, outputs: Option<&Value>) -> Value {
    let mut all: Vec<(&str, Value)> = attributes(block)
        .into_iter()
        .map(|(name, value)| match name {
            "skip_outputs" => ("skip", value),
            _ => (name, value),
        })
        .collect();
    all.push(("name", Value::string(&block.label)));
    all.push(("inputs", Value::null()));
    all.push(("outputs", outputs.cloned().unwrap_or_else(Value::null)));
    Value::object(all)
}

fn generate_value(block: &DecodedBlock) -> Value {
    Value::object([
        (
            "comment_prefix",
            or_default(block, "comment_prefix", "# ".into()),
        ),
        ("contents", attribute(block, "contents")),
        ("disable", or_default(block, "disable", false.into())),
        (
            "disable_signature",
            or_default(block, "disable_signature", false.into()),
        ),
        ("hcl_fmt", attribute(block, "hcl_fmt")),
        (
            "if_disabled",
            or_default(block, "if_disabled", "skip".into()),
        ),
        ("if_exists", attribute(block, "if_exists")),
        ("mutable", attribute(block, "mutable")),
        ("path", attribute(block, "path")),
    ])
}

fn remote_state_value(block: &DecodedBlock) -> Value {
    let flag = |name| or_default(block, name, false.into());
    Value::object([
        ("backend", attribute(block, "backend")),
        ("config", attribute(block, "config")),
        (
            "disable_dependency_optimization",
            flag("disable_dependency_optimization"),
        ),
        ("disable_init", flag("disable_init")),
        ("encryption", attribute(block, "encryption")),
        ("generate", attribute(block, "generate")),
    ])
}

fn exclude_value(block: &DecodedBlock) -> Value {
    let flag = |name| or_default(block, name, false.into());
    Value::object([
        ("actions", attribute(block, "actions")),
        ("exclude_dependencies", flag("exclude_dependencies")),
        ("if", attribute(block, "if")),
        ("no_run", flag("no_run")),
    ])
}

fn errors_value(block: &DecodedBlock) -> Value {
    let blocks = |kind| {
        let blocks: Vec<Value> = block.blocks_of(kind).map(labelled).collect();
        if blocks.is_empty() {
            Value::null()
        } else {
            Value::tuple(blocks)
        }
    };
    Value::object([("ignore", blocks("ignore")), ("retry", blocks("retry"))])
}

fn terraform_value(block: &DecodedBlock) -> Value {
    let blocks = |kind| {
        let blocks = block.blocks_of(kind);
        by_label(blocks.map(|inner| (inner.label.clone(), labelled(inner))))
    };
    let mut all = attributes(block);
    for kind in ["after_hook", "before_hook", "error_hook", "extra_arguments"] {
        all.push((kind, blocks(kind)));
    }
    Value::object(all)
}
