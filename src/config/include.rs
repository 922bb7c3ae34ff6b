//! `include` blocks: which files a unit inherits from, and what of them it may look at.

use std::rc::Rc;

use camino::Utf8Path;
use terrane_hcl::{
    Block, Diagnostic, Diagnostics, Location, Reference, Resolved, RootError, Text, Value,
};

use super::as_value::field_names;
use super::block::{DecodedBlock, Decoder};
use super::schema::INCLUDE;
use super::scope::{FileScope, Part, View};
use super::stage::Stage;
use super::trace::Dependence;
use crate::model::file_names::AUTO_INCLUDE_FILE;
use crate::model::paths::{absolute, folder_of};

/// One included file.
#[derive(Clone, Debug)]
pub(crate) struct Include {
    /// Empty for a bare include.
    pub(crate) label: Text,
    pub(crate) expose: bool,
    pub(crate) strategy: Strategy,
    pub(crate) scope: Rc<FileScope>,
    pub(crate) place: Location,
}

/// How an included file and the one that includes it become one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Strategy {
    NoMerge,
    Shallow,
    Deep,
}

impl View<'_> {
    /// `include`, as far as the reference leads into exposed files.
    pub(crate) fn include_root(&self, reference: &Reference<'_>) -> Result<Resolved, RootError> {
        if self.scope.part == Part::Included {
            return Err(RootError::Unknown);
        }
        self.evaluation.trace.depends_on(Dependence::UNIT);
        let owner = self.scope.owner();
        let view = self.of(&owner);
        let includes = view.includes().map_err(RootError::Failed)?;
        if let [only] = &*includes
            && only.label.is_empty()
        {
            if only.expose {
                return view.exposed(only, reference, 0);
            }
            let names = Vec::new();
            return Err(RootError::NoAttribute { step: 0, names });
        }
        let exposed = || includes.iter().filter(|include| include.expose);
        let Some(label) = reference.step_name(0) else {
            return view.all_exposed(exposed()).map(Resolved::whole);
        };
        if let Some(include) = exposed().find(|include| include.label == label) {
            return view.exposed(include, reference, 1);
        }
        if includes.iter().any(|include| include.label == label) {
            return Err(self.not_exposed(reference, label));
        }
        let names = exposed().map(|include| include.label.to_string()).collect();
        Err(RootError::NoAttribute { step: 0, names })
    }

    /// An include that is there and may not be looked at; `render` takes it for an unknown name.
    fn not_exposed(&self, reference: &Reference<'_>, label: &str) -> RootError {
        if self.is_lenient(reference) {
            let names = Vec::new();
            return RootError::NoAttribute { step: 0, names };
        }
        let diagnostic = Diagnostic::error("Include is not exposed")
            .detail(format!(
                "The include \"{label}\" is merged, and not to be looked at."
            ))
            .at(&self.scope.file.source, reference.span())
            .help(format!("add expose = true to the include \"{label}\""));
        RootError::Failed(diagnostic.into())
    }

    fn all_exposed<'i>(
        &self,
        includes: impl Iterator<Item = &'i Include>,
    ) -> Result<Value, RootError> {
        let mut all = Vec::new();
        for include in includes {
            let whole = self.of(&include.scope).whole_value();
            all.push((include.label.clone(), whole.map_err(RootError::Failed)?));
        }
        Ok(Value::object(all))
    }

    /// What a reference finds in an exposed include behind so many steps: of locals only the one
    /// that is named, of the rest the field that is named.
    fn exposed(
        &self,
        include: &Include,
        reference: &Reference<'_>,
        taken: usize,
    ) -> Result<Resolved, RootError> {
        let view = self.of(&include.scope);
        let Some(field) = reference.step_name(taken) else {
            let whole = view.whole_value().map_err(RootError::Failed)?;
            return Ok(Resolved::after(taken, whole));
        };
        if field == "locals"
            && let Some(local) = reference.step_name(taken + 1)
        {
            return view.local_step(local, taken + 1);
        }
        match view.field_value(field).map_err(RootError::Failed)? {
            Some(value) => Ok(Resolved::after(taken + 1, value)),
            None => Err(RootError::NoAttribute {
                step: taken,
                names: field_names(),
            }),
        }
    }

    /// The files that this one includes, in the order of the text.
    pub(crate) fn includes(&self) -> Result<Rc<[Include]>, Diagnostics> {
        let includes = &self.scope.memo.includes;
        // The path of an include sees none, as in Terragrunt.
        includes
            .get(|| self.read_includes().map(Rc::from))
            .unwrap_or_else(|| Ok(Rc::from([])))
    }

    /// The includes that can be read, whatever the others do.
    pub(crate) fn readable_includes(&self) -> Rc<[Include]> {
        self.includes().unwrap_or_else(|_| Rc::from([]))
    }

    fn read_includes(&self) -> Result<Vec<Include>, Diagnostics> {
        let file = &self.scope.file;
        let mut blocks = file.body.blocks_of("include").peekable();
        if blocks.peek().is_none() {
            return Ok(Vec::new());
        }
        if self.scope.part == Part::Included {
            let block = blocks.next().expect("there is one");
            return Err(self.nested_include(block).into());
        }
        let mut includes: Vec<Include> = Vec::new();
        let mut errors = Diagnostics::new();
        for block in blocks {
            match self.read_include(block) {
                Ok(include) => {
                    let bare = |other: &&Include| other.label.is_empty();
                    match includes.iter().find(bare) {
                        Some(first) if include.label.is_empty() => {
                            errors.push(second_bare(&include, first));
                        }
                        _ => includes.push(include),
                    }
                }
                Err(more) => errors.extend(more),
            }
        }
        if errors.is_empty() {
            Ok(includes)
        } else {
            Err(errors)
        }
    }

    fn read_include(&self, block: &Block) -> Result<Include, Diagnostics> {
        let view = self.at(Stage::Include);
        let decoder = Decoder {
            file: &self.scope.file,
            evaluate: &|expression| view.evaluate(expression),
        };
        let decoded = decoder.block(block, &INCLUDE)?;
        let strategy = strategy_of(&decoded)?;
        let place = decoded.place_of("path");
        let Some(written) = decoded.string("path") else {
            return Err(unknown_path(&decoded).into());
        };
        let path = absolute(self.folder(), written);
        if path.extension() == Some("json") {
            return Err(self.json_include(&path, place).into());
        }
        let refused = |problem: Diagnostic| problem.at(&place.source, place.span).into();
        self.evaluation.while_reading(
            &path,
            || {
                let file = self
                    .evaluation
                    .file(&path)
                    .map_err(|reason| self.missing_include(&path, written, &reason, &decoded))?;
                Ok(Include {
                    label: decoded.label.clone(),
                    expose: decoded.bool("expose").unwrap_or(false),
                    strategy,
                    scope: FileScope::within(self.scope, file, Part::Included),
                    place: decoded.place.clone(),
                })
            },
            refused,
        )
    }

    fn missing_include(
        &self,
        path: &Utf8Path,
        written: &str,
        reason: &str,
        block: &DecodedBlock,
    ) -> Diagnostic {
        let place = block.place_of("path");
        let shown = self.evaluation.reader.shown(path);
        let mut diagnostic = Diagnostic::error("Included file cannot be read")
            .detail(format!("{shown}: {reason}."))
            .at(&place.source, place.span);
        if written != shown.as_str() {
            diagnostic = diagnostic.label(format!("this is {written}"));
        }
        diagnostic
    }

    fn json_include(&self, path: &Utf8Path, place: &Location) -> Diagnostic {
        let shown = self.evaluation.reader.shown(path);
        Diagnostic::error("Included file in JSON syntax")
            .detail(format!(
                "JSON is read where it is a unit's own file. {shown}:1 is included, and must be in \
                 the native syntax."
            ))
            .at(&place.source, place.span)
            .help("write the included file in the native syntax, under another name")
    }

    fn nested_include(&self, block: &Block) -> Diagnostic {
        let file = &self.scope.file;
        Diagnostic::error("Include within an include")
            .detail("A file that is included must not include another one.")
            .at(&file.source, block.header_span)
            .help("include both files from the unit, each with a name of its own")
    }

    /// The autoinclude file beside this one, if it is a unit's own.
    pub(crate) fn auto_include(&self) -> Result<Option<Rc<FileScope>>, Diagnostics> {
        if self.scope.part != Part::Own {
            return Ok(None);
        }
        let memo = &self.scope.memo.auto_include;
        memo.get_or_init(|| {
            let path = folder_of(&self.scope.file.path).join(AUTO_INCLUDE_FILE);
            if path == self.scope.file.path || !self.evaluation.reader.is_file(&path) {
                return Ok(None);
            }
            let file = self.evaluation.file(&path).map_err(|reason| {
                let shown = self.evaluation.reader.shown(&path);
                Diagnostic::error("Unreadable file").detail(format!("{shown}: {reason}."))
            })?;
            Ok(Some(FileScope::within(
                self.scope,
                file,
                Part::AutoIncluded,
            )))
        })
        .clone()
    }

    /// The same where it can be read; that it cannot is told with the unit's files.
    pub(crate) fn readable_auto_include(&self) -> Option<Rc<FileScope>> {
        self.auto_include().ok().flatten()
    }
}

fn unknown_path(block: &DecodedBlock) -> Diagnostic {
    let place = block.place_of("path");
    Diagnostic::error("Path of an include is not known")
        .detail("It needs an answer that may not be asked for while reading.")
        .at(&place.source, place.span)
}

fn strategy_of(block: &DecodedBlock) -> Result<Strategy, Diagnostics> {
    let known = match block.string("merge_strategy") {
        None | Some("shallow" | "") => return Ok(Strategy::Shallow),
        Some("deep") => return Ok(Strategy::Deep),
        Some("no_merge") => return Ok(Strategy::NoMerge),
        Some(other) => other,
    };
    let place = block.place_of("merge_strategy");
    let mut diagnostic = Diagnostic::error("Unknown merge strategy")
        .detail(format!("\"{known}\" is not a way to merge an include."))
        .at(&place.source, place.span)
        .help("write \"shallow\", \"deep\" or \"no_merge\"");
    if known == "deep_map_only" {
        diagnostic = diagnostic.help("deep_map_only is for mock outputs only");
    }
    Err(diagnostic.into())
}

fn second_bare(second: &Include, first: &Include) -> Diagnostic {
    Diagnostic::error("Two includes without a name")
        .detail("Only one include of a file may have no name.")
        .at(&second.place.source, second.place.span)
        .related(&first.place.source, first.place.span, "the first one")
        .help("write include \"NAME\" { … }")
}
