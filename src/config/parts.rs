//! The parts of a configuration: what one file says of each, and what all files of a unit say
//! together.

use std::collections::BTreeMap;

use terrane_hcl::{Diagnostic, Diagnostics, Text, Value};

use super::block::{DecodedBlock, Decoder, Located, block_of_object};
use super::dependency::Dependency;
use super::feature::Feature;
use super::merge;
use super::schema::{
    BlockSchema, CATALOG, ENGINE, ERRORS, EXCLUDE, GENERATE, REMOTE_STATE, TERRAFORM, UNIT_FILE,
};
use super::scope::View;
use super::stage::Stage;

/// Attributes at the top of a file that are values and nothing more.
pub(crate) const SCALARS: [&str; 9] = [
    "download_dir",
    "iam_assume_role_duration",
    "iam_assume_role_session_name",
    "iam_role",
    "iam_web_identity_token",
    "prevent_destroy",
    "terraform_binary",
    "terraform_version_constraint",
    "terragrunt_version_constraint",
];

/// All that a configuration says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Configuration {
    pub(crate) scalars: BTreeMap<&'static str, Located<Value>>,
    pub(crate) inputs: Option<Located<Value>>,
    pub(crate) terraform: Option<DecodedBlock>,
    pub(crate) remote_state: Option<DecodedBlock>,
    pub(crate) generate: Vec<DecodedBlock>,
    pub(crate) dependencies: Option<DecodedBlock>,
    /// With what each has in `outputs`, where that is known.
    pub(crate) dependency: Vec<(Dependency, Option<Value>)>,
    pub(crate) features: Vec<Feature>,
    pub(crate) exclude: Option<DecodedBlock>,
    pub(crate) errors: Option<DecodedBlock>,
    pub(crate) engine: Option<DecodedBlock>,
    /// Of the file itself, never merged.
    pub(crate) locals: Option<Value>,
}

/// Whether only a file itself is looked at, or what it inherits as well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    FileAlone,
    Merged,
}

impl View<'_> {
    /// Everything, and all that is wrong with any of it.
    pub(crate) fn configuration(&self, reach: Reach) -> Result<Configuration, Diagnostics> {
        let mut errors = Diagnostics::new();
        let mut configuration = Configuration::default();
        self.check_file(reach, &mut errors);
        for name in SCALARS {
            if let Some(Some(value)) = errors.keep(self.scalar(name, reach)) {
                configuration.scalars.insert(name, value);
            }
        }
        configuration.locals = errors.keep(self.locals_value()).flatten();
        configuration.inputs = errors.keep(self.inputs(reach)).flatten();
        configuration.terraform = errors.keep(self.terraform(reach)).flatten();
        configuration.remote_state = errors.keep(self.remote_state(reach)).flatten();
        configuration.generate = errors.keep(self.generate(reach)).unwrap_or_default();
        configuration.dependencies = errors.keep(self.dependency_paths(reach)).flatten();
        configuration.dependency = self.dependency_values(&mut errors);
        configuration.features = errors.keep(self.shown_features(reach)).unwrap_or_default();
        configuration.exclude = errors.keep(self.exclude(reach)).flatten();
        configuration.errors = errors.keep(self.errors(reach)).flatten();
        configuration.engine = errors.keep(self.engine(reach)).flatten();
        errors.keep(self.own_block(&CATALOG));
        if errors.has_errors() {
            errors.sort();
            return Err(errors);
        }
        Ok(configuration)
    }

    fn read<T>(
        &self,
        reach: Reach,
        own: impl Fn(&View<'_>) -> Result<T, Diagnostics>,
        merge: impl Fn(T, T, super::include::Strategy) -> Result<T, Diagnostics>,
    ) -> Result<T, Diagnostics> {
        match reach {
            Reach::FileAlone => own(self),
            Reach::Merged => self.merged_over_files(own, merge),
        }
    }

    /// Syntax and names of all the files that are looked at.
    fn check_file(&self, reach: Reach, errors: &mut Diagnostics) {
        let check = |view: &View<'_>| {
            let problems = view.scope.file.all_problems();
            if problems.has_errors() {
                return Err(problems.clone());
            }
            view.includes().map(drop)
        };
        if let Err(more) = self.read(reach, check, |(), (), _| Ok(())) {
            errors.extend(more);
        }
    }

    pub(crate) fn locals_value(&self) -> Result<Option<Value>, Diagnostics> {
        if self.scope.file.block("locals").is_none() {
            return Ok(None);
        }
        self.all_locals().map(Some)
    }

    pub(crate) fn scalar(
        &self,
        name: &'static str,
        reach: Reach,
    ) -> Result<Option<Located<Value>>, Diagnostics> {
        // A role may be an upstream's output; what else stands here decides the order of units.
        let stage = if name.starts_with("iam_") {
            Stage::Full
        } else {
            Stage::Links
        };
        let view = self.at(stage);
        view.read(
            reach,
            |view| view.own_attribute(name),
            |parent, child, _| Ok(merge::attribute(parent, child)),
        )
    }

    pub(crate) fn inputs(&self, reach: Reach) -> Result<Option<Located<Value>>, Diagnostics> {
        self.read(reach, |view| view.own_attribute("inputs"), merge::inputs)
    }

    pub(crate) fn terraform(&self, reach: Reach) -> Result<Option<DecodedBlock>, Diagnostics> {
        self.read(reach, own_terraform, |parent, child, strategy| {
            Ok(merge::terraform(parent, child, strategy))
        })
    }

    pub(crate) fn remote_state(&self, reach: Reach) -> Result<Option<DecodedBlock>, Diagnostics> {
        self.read(reach, own_remote_state, |parent, child, _| {
            Ok(merge::replaced(parent, child))
        })
    }

    pub(crate) fn generate(&self, reach: Reach) -> Result<Vec<DecodedBlock>, Diagnostics> {
        self.read(reach, own_generate, merge::generate)
    }

    pub(crate) fn dependency_paths(
        &self,
        reach: Reach,
    ) -> Result<Option<DecodedBlock>, Diagnostics> {
        match reach {
            Reach::FileAlone => self
                .at(Stage::Links)
                .own_block(&super::schema::DEPENDENCIES),
            Reach::Merged => self.merged_dependency_paths(),
        }
    }

    /// The unit's dependencies with their outputs.
    fn dependency_values(&self, errors: &mut Diagnostics) -> Vec<(Dependency, Option<Value>)> {
        let Some(dependencies) = errors.keep(self.dependencies()) else {
            return Vec::new();
        };
        dependencies.iter().cloned().map(|d| (d, None)).collect()
    }

    /// Features are shown as declared, those of included files too.
    pub(crate) fn shown_features(&self, reach: Reach) -> Result<Vec<Feature>, Diagnostics> {
        match reach {
            Reach::FileAlone => self.own_features(),
            Reach::Merged => Ok(self.features()?.to_vec()),
        }
    }

    pub(crate) fn exclude(&self, reach: Reach) -> Result<Option<DecodedBlock>, Diagnostics> {
        let view = self.at(Stage::Links);
        view.read(
            reach,
            |view| match view.own_block(&EXCLUDE)? {
                None => view.skip_as_exclude(),
                some => Ok(some),
            },
            |parent, child, _| Ok(merge::replaced(parent, child)),
        )
    }

    pub(crate) fn errors(&self, reach: Reach) -> Result<Option<DecodedBlock>, Diagnostics> {
        self.read(
            reach,
            |view| match view.own_block(&ERRORS)? {
                None => view.retries_as_errors(),
                some => Ok(some),
            },
            |parent, child, strategy| Ok(merge::errors(parent, child, strategy)),
        )
    }

    pub(crate) fn engine(&self, reach: Reach) -> Result<Option<DecodedBlock>, Diagnostics> {
        self.read(
            reach,
            |view| view.own_block(&ENGINE),
            |parent, child, strategy| Ok(merge::engine(parent, child, strategy)),
        )
    }

    /// An attribute at the top of this very file.
    pub(crate) fn own_attribute(&self, name: &str) -> Result<Option<Located<Value>>, Diagnostics> {
        let Some(attribute) = self.scope.file.body.attribute(name) else {
            return Ok(None);
        };
        let wanted = UNIT_FILE.attribute(name).expect("the schema has it");
        let evaluate = |expression: &_| self.evaluate(expression);
        let decoder = Decoder {
            file: &self.scope.file,
            evaluate: &evaluate,
        };
        let value = decoder.attribute(attribute, wanted)?;
        Ok((!value.value.is_null()).then_some(value))
    }

    /// A block of this very file of which there may be one.
    pub(crate) fn own_block(
        &self,
        schema: &'static BlockSchema,
    ) -> Result<Option<DecodedBlock>, Diagnostics> {
        let Some(block) = self.scope.file.block(schema.kind) else {
            return Ok(None);
        };
        let decoder = Decoder {
            file: &self.scope.file,
            evaluate: &|expression| self.evaluate(expression),
        };
        decoder.block(block, schema).map(Some)
    }

    /// Where the module lies must be known before any unit has run.
    fn refuse_source_of_outputs(&self) -> Result<(), Diagnostics> {
        let file = &self.scope.file;
        let Some(source) = file
            .block("terraform")
            .and_then(|block| block.body.attribute("source"))
        else {
            return Ok(());
        };
        let references = source.expression.references();
        match references.iter().find(|r| r.name == "dependency") {
            Some(reference) => Err(Diagnostic::error("Source depends on outputs")
                .detail("terraform.source must not use the outputs of a dependency.")
                .at(&file.source, reference.span())
                .into()),
            None => Ok(()),
        }
    }

    /// `terraform.source` alone, which must not need outputs.
    pub(crate) fn source(&self) -> Result<Option<Located<Value>>, Diagnostics> {
        self.at(Stage::Links).merged_over_files(
            |view| {
                let block = view.scope.file.block("terraform");
                let Some(attribute) = block.and_then(|b| b.body.attribute("source")) else {
                    return Ok(None);
                };
                let wanted = TERRAFORM.attribute("source").expect("the schema has it");
                let decoder = Decoder {
                    file: &view.scope.file,
                    evaluate: &|expression| view.evaluate(expression),
                };
                decoder.attribute(attribute, wanted).map(Some)
            },
            |parent, child, _| Ok(merge::attribute(parent, child)),
        )
    }
}

fn own_terraform(view: &View<'_>) -> Result<Option<DecodedBlock>, Diagnostics> {
    let Some(mut block) = view.own_block(&TERRAFORM)? else {
        return Ok(None);
    };
    view.refuse_source_of_outputs()?;
    // Of two hooks with one label in a file the second one counts.
    block.blocks = merge::by_label(Vec::new(), block.blocks, |_, above| above);
    Ok(Some(block))
}

fn own_remote_state(view: &View<'_>) -> Result<Option<DecodedBlock>, Diagnostics> {
    if let Some(block) = view.own_block(&REMOTE_STATE)? {
        return Ok(Some(block));
    }
    let Some(object) = view.own_attribute("remote_state")? else {
        return Ok(None);
    };
    block_of_object(&object.value, &REMOTE_STATE, Text::new(), &object.place).map(Some)
}

fn own_generate(view: &View<'_>) -> Result<Vec<DecodedBlock>, Diagnostics> {
    let decoder = Decoder {
        file: &view.scope.file,
        evaluate: &|expression| view.evaluate(expression),
    };
    let mut blocks: Vec<DecodedBlock> = Vec::new();
    let mut errors = Diagnostics::new();
    for block in view.scope.file.body.blocks_of("generate") {
        if let Some(block) = errors.keep(decoder.block(block, &GENERATE)) {
            if let Some(first) = blocks.iter().find(|b| b.label == block.label) {
                errors.push(merge::same_label(first, &block));
            }
            blocks.push(block);
        }
    }
    if let Some(object) = errors.keep(view.own_attribute("generate")).flatten() {
        for (label, inner) in object.value.entries().unwrap_or_default() {
            let block = block_of_object(inner, &GENERATE, label.clone(), &object.place);
            blocks.extend(errors.keep(block));
        }
    }
    for block in &blocks {
        check_generate(block, &mut errors);
    }
    if errors.has_errors() {
        return Err(errors);
    }
    Ok(blocks)
}

/// Words of which a `generate` block knows only some.
fn check_generate(block: &DecodedBlock, errors: &mut Diagnostics) {
    let known: [(&str, &[&str]); 2] = [
        (
            "if_exists",
            &["error", "skip", "overwrite", "overwrite_terragrunt"],
        ),
        ("if_disabled", &["skip", "remove", "remove_terragrunt"]),
    ];
    for (name, words) in known {
        if let Some(word) = block.string(name)
            && !words.contains(&word)
        {
            let place = block.place_of(name);
            errors.push(
                Diagnostic::error("Unknown word")
                    .detail(format!("{name} cannot be \"{word}\"."))
                    .at(&place.source, place.span)
                    .help(format!("write one of: {}", words.join(", "))),
            );
        }
    }
}
