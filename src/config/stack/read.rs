//! Reading a stack file: its units and stacks, with their sources and values.

use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Diagnostic, Diagnostics, Location, Value};

use super::GENERATED_FOLDER;
use super::written::auto_include_text;
use crate::config::block::{DecodedBlock, Decoder};
use crate::config::evaluation::Evaluation;
use crate::config::schema::{BlockSchema, STACK_INCLUDE, STACK_STACK, STACK_UNIT};
use crate::config::scope::{FileScope, View};
use crate::config::stage::Stage;
use crate::model::paths::{absolute, clean};

/// What a stack file says.
#[derive(Clone, Debug)]
pub struct StackFile {
    pub path: Utf8PathBuf,
    /// In the order of the text.
    pub parts: Vec<StackPart>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartKind {
    Unit,
    Stack,
}

impl PartKind {
    fn word(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Stack => "stack",
        }
    }
}

/// A unit or a stack of a stack.
#[derive(Clone, Debug)]
pub struct StackPart {
    pub kind: PartKind,
    pub name: String,
    /// As written; relative ones start at the stack's folder.
    pub source: String,
    /// Where it is generated, below the folder of generated units.
    pub path: Utf8PathBuf,
    /// Whether it is generated beside the stack file instead.
    pub beside_stack: bool,
    pub no_validation: bool,
    pub values: Option<Value>,
    /// The text of its `terragrunt.autoinclude.hcl`, where it has such a block.
    pub auto_include: Option<String>,
    pub place: Location,
    pub source_place: Location,
}

impl StackPart {
    /// Where it is generated, for a stack in this folder.
    pub fn folder_in(&self, stack_folder: &Utf8Path) -> Utf8PathBuf {
        if self.beside_stack {
            absolute(stack_folder, &self.path)
        } else {
            absolute(&stack_folder.join(GENERATED_FOLDER), &self.path)
        }
    }

    /// The part as `read_terragrunt_config` shows it.
    pub(crate) fn value(&self) -> Value {
        Value::object([
            ("no_dot_terragrunt_stack", self.beside_stack.into()),
            ("no_validation", self.no_validation.into()),
            ("path", Value::from(self.path.as_str())),
            ("source", Value::from(self.source.as_str())),
            ("values", self.values.clone().unwrap_or_else(Value::null)),
        ])
    }
}

/// Reads a stack file with the files that it includes.
pub(crate) fn stack_file(
    evaluation: &Evaluation<'_>,
    path: &Utf8Path,
) -> Result<StackFile, Diagnostics> {
    let file = evaluation.file(path).map_err(|reason| {
        let shown = evaluation.reader.shown(path);
        Diagnostic::error("Unreadable file").detail(format!("{shown}: {reason}."))
    })?;
    let scope = FileScope::own(file);
    let view = View::new(evaluation, &scope);
    let mut errors = Diagnostics::new();
    let mut parts = Vec::new();
    view.parts_of_file(&mut parts, &mut errors);
    let included = view.included_stacks(&mut errors);
    for scope in &included {
        view.of(scope).parts_of_file(&mut parts, &mut errors);
    }
    for (index, part) in parts.iter().enumerate() {
        errors.extend(clash(part, &parts[..index], path));
    }
    for scope in std::iter::once(&scope).chain(&included) {
        view.of(scope).auto_includes(&mut parts, path, &mut errors);
    }
    if errors.has_errors() {
        errors.sort();
        return Err(errors);
    }
    Ok(StackFile {
        path: path.to_owned(),
        parts,
    })
}

impl View<'_> {
    fn parts_of_file(&self, parts: &mut Vec<StackPart>, errors: &mut Diagnostics) {
        let file = &self.scope.file;
        errors.extend(file.all_problems().clone());
        errors.extend(self.all_locals().err().into_iter().flatten());
        for block in &file.body.blocks {
            let (kind, schema) = match block.kind.as_str() {
                "unit" => (PartKind::Unit, &STACK_UNIT),
                "stack" => (PartKind::Stack, &STACK_STACK),
                _ => continue,
            };
            match self.stack_block(block, schema) {
                Ok(decoded) => parts.push(part_of(kind, &decoded)),
                Err(more) => errors.extend(more),
            }
        }
    }

    fn auto_includes(self, parts: &mut [StackPart], stack: &Utf8Path, errors: &mut Diagnostics) {
        let folder = crate::model::paths::folder_of(stack);
        for block in &self.scope.file.body.blocks {
            let Some(inner) = block.body.blocks_of("autoinclude").next() else {
                continue;
            };
            let name = block.labels.first().map(|label| label.text.as_str());
            let is_meant = |part: &StackPart| {
                Some(part.name.as_str()) == name && part.kind.word() == block.kind
            };
            let Some(index) = parts.iter().position(is_meant) else {
                continue;
            };
            match auto_include_text(self, inner, &parts[index], parts, folder) {
                Ok(text) => parts[index].auto_include = Some(text),
                Err(more) => errors.extend(more),
            }
        }
    }

    fn stack_block(
        &self,
        block: &terrane_hcl::Block,
        schema: &'static BlockSchema,
    ) -> Result<DecodedBlock, Diagnostics> {
        let view = self.at(Stage::Links);
        let decoder = Decoder {
            file: &self.scope.file,
            evaluate: &|expression| view.evaluate(expression),
        };
        let decoded = decoder.block(block, schema)?;
        let path = decoded.string("path").unwrap_or_default();
        let leaves = clean(Utf8Path::new(path)).starts_with("..");
        if Utf8Path::new(path).is_absolute() || leaves {
            let place = decoded.place_of("path");
            return Err(Diagnostic::error("Path leaves the stack")
                .detail(format!(
                    "The path of \"{}\" must lie below the stack's folder.",
                    decoded.label
                ))
                .at(&place.source, place.span)
                .into());
        }
        let beside_stack = decoded.bool("no_dot_terragrunt_stack").unwrap_or(false);
        if beside_stack && clean(Utf8Path::new(path)) == "." {
            let place = decoded.place_of("path");
            return Err(Diagnostic::error("Stack contains itself")
                .detail(format!(
                    "The path of \"{}\" is the stack's own folder.",
                    decoded.label
                ))
                .at(&place.source, place.span)
                .help("give it a folder of its own below the stack's")
                .into());
        }
        Ok(decoded)
    }

    /// The files that a stack file includes; they include none themselves.
    fn included_stacks(&self, errors: &mut Diagnostics) -> Vec<Rc<FileScope>> {
        let view = self.at(Stage::Include);
        let decoder = Decoder {
            file: &self.scope.file,
            evaluate: &|expression| view.evaluate(expression),
        };
        let mut included = Vec::new();
        for block in self.scope.file.body.blocks_of("include") {
            let decoded = match decoder.block(block, &STACK_INCLUDE) {
                Ok(decoded) => decoded,
                Err(more) => {
                    errors.extend(more);
                    continue;
                }
            };
            let path = absolute(self.folder(), decoded.string("path").unwrap_or_default());
            match self.evaluation.file(&path) {
                Ok(file) => {
                    let part = crate::config::scope::Part::Included;
                    included.push(FileScope::within(self.scope, file, part));
                }
                Err(reason) => {
                    let place = decoded.place_of("path");
                    let shown = self.evaluation.reader.shown(&path);
                    errors.push(
                        Diagnostic::error("Included file cannot be read")
                            .detail(format!("{shown}: {reason}."))
                            .at(&place.source, place.span),
                    );
                }
            }
        }
        included
    }
}

fn part_of(kind: PartKind, block: &DecodedBlock) -> StackPart {
    StackPart {
        kind,
        name: block.label.to_string(),
        source: block.string("source").unwrap_or_default().to_owned(),
        path: clean(Utf8Path::new(block.string("path").unwrap_or_default())),
        beside_stack: block.bool("no_dot_terragrunt_stack").unwrap_or(false),
        no_validation: block.bool("no_validation").unwrap_or(false),
        values: block.value("values").cloned(),
        auto_include: None,
        place: block.place.clone(),
        source_place: block.place_of("source").clone(),
    }
}

/// Two parts that cannot both be there.
fn clash(part: &StackPart, earlier: &[StackPart], stack: &Utf8Path) -> Option<Diagnostic> {
    let folder = crate::model::paths::folder_of(stack);
    let (place, name) = (&part.place, &part.name);
    let same_name = earlier
        .iter()
        .find(|other| other.name == *name && other.kind == part.kind);
    if let Some(other) = same_name {
        return Some(
            Diagnostic::error("Name used twice in a stack")
                .detail(format!("Two parts of the stack are called \"{name}\"."))
                .at(&place.source, place.span)
                .related(&other.place.source, other.place.span, "the other one"),
        );
    }
    let target = part.folder_in(folder);
    let other = earlier
        .iter()
        .find(|other| other.folder_in(folder) == target)?;
    Some(
        Diagnostic::error("Path used twice in a stack")
            .detail(format!(
                "\"{name}\" and \"{}\" would be generated in one folder.",
                other.name
            ))
            .at(&place.source, place.span)
            .related(&other.place.source, other.place.span, "the other one"),
    )
}
