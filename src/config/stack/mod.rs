//! Stacks: files that say which units there are, and the units that are generated from them.

mod read;
mod written;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Diagnostic, Diagnostics, Value};

pub use crate::model::file_names::{GENERATED_FOLDER, STACK_FILE};
pub use read::{PartKind, StackFile, StackPart};

use super::config_file::ConfigFile;
use super::dependency::NoOutputsYet;
use super::evaluation::{Evaluation, Mode};
use super::examine::Examiner;
use super::options::{LoadOptions, Questions};
use super::reader::Reader;
use super::scope::{FileScope, View};
use super::surroundings::Surroundings;
use crate::model::paths::{clean, folder_of};

/// How many stacks may lie within one another: links can make it endless.
const DEEPEST: usize = 32;

/// What a stack file says, with the values file that lies beside it. Whoever generates the stack
/// copies each part's source to its folder, writes the texts beside it, and goes on with the stacks
/// among the parts. Places are seen from its
/// folder, unless the options say from where.
pub fn read_stack(
    file: &Utf8Path,
    surroundings: &dyn Surroundings,
    options: &LoadOptions,
) -> Result<StackFile, Diagnostics> {
    let file = clean(file);
    let folder = folder_of(&file);
    let reader = Reader::new(surroundings, options.limits, options.seen_from(folder));
    let mode = Mode {
        asks: options.questions != Questions::Refused,
        lenient: false,
    };
    let evaluation = Evaluation::new(&reader, options, folder, &NoOutputsYet, mode);
    read::stack_file(&evaluation, &file)
}

/// The units of a stack by name, and the folders where they are generated.
pub(crate) fn units_of(
    examiner: &Examiner<'_>,
    stack_file: &Utf8Path,
    problems: &mut Diagnostics,
) -> Vec<(String, Utf8PathBuf)> {
    units_below(examiner, stack_file, 1, problems)
}

fn units_below(
    examiner: &Examiner<'_>,
    stack_file: &Utf8Path,
    depth: usize,
    problems: &mut Diagnostics,
) -> Vec<(String, Utf8PathBuf)> {
    let folder = crate::model::paths::folder_of(stack_file);
    let mode = Mode {
        asks: examiner.options.questions == Questions::Asked,
        lenient: false,
    };
    let evaluation = Evaluation::new(
        examiner.reader,
        examiner.options,
        folder,
        &NoOutputsYet,
        mode,
    );
    let stack = match read::stack_file(&evaluation, stack_file) {
        Ok(stack) => stack,
        Err(more) => {
            problems.extend(more);
            return Vec::new();
        }
    };
    let mut units = Vec::new();
    for part in &stack.parts {
        let target = part.folder_in(folder);
        match part.kind {
            PartKind::Unit => units.push((part.name.clone(), target)),
            PartKind::Stack => {
                let nested = target.join(STACK_FILE);
                if examiner.reader.is_file(&nested) && depth == DEEPEST {
                    problems.push(too_deep(part));
                } else if examiner.reader.is_file(&nested) {
                    let below = units_below(examiner, &nested, depth + 1, problems);
                    let named = |(name, folder)| (format!("{}.{name}", part.name), folder);
                    units.extend(below.into_iter().map(named));
                }
            }
        }
    }
    units
}

fn too_deep(part: &StackPart) -> Diagnostic {
    Diagnostic::error("Stacks lie too deep within one another")
        .detail(format!(
            "\"{}\" lies within {DEEPEST} other stacks, which is the limit.",
            part.name
        ))
        .at(&part.place.source, part.place.span)
}

/// Whether a stack file can be read.
pub(crate) fn check(evaluation: &Evaluation<'_>, file: &Utf8Path) -> Result<(), Diagnostics> {
    read::stack_file(evaluation, file).map(drop)
}

impl View<'_> {
    /// A stack file as `read_terragrunt_config` gives it.
    pub(crate) fn stack_value(&self, file: &std::rc::Rc<ConfigFile>) -> Result<Value, Diagnostics> {
        let stack = read::stack_file(self.evaluation, &file.path)?;
        let scope = FileScope::own(file.clone());
        let locals = self.of(&scope).all_locals()?;
        let parts = |kind: PartKind| {
            let parts = stack.parts.iter().filter(move |part| part.kind == kind);
            Value::object(parts.map(|part| (part.name.clone(), part.value())))
        };
        Ok(Value::object([
            ("locals", locals),
            ("stack", parts(PartKind::Stack)),
            ("unit", parts(PartKind::Unit)),
        ]))
    }
}
