//! `hcl validate --inputs`: whether what units give and what their modules want fit together.
//!
//! Nothing is written and nothing is run: the code is that of the source, of the unit's own folder
//! and of what would be generated. Outputs are not read, for only names are compared.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;
use terrane_hcl::{Diagnostic, Diagnostics, closest};
use tokio::runtime::Runtime;

use crate::cli::disk;
use crate::cli::exit::CommandError;
use crate::cli::options::{EngineOptions, InputsCheck, Options};
use crate::cli::run_settings::sources_into;
use crate::cli::upstreams::scratch_folder;
use crate::config::{Estate, Unit};
use crate::model::prepared::{ExtraArguments, Prepared};
use crate::model::{ModuleAddress, UnitIx};
use crate::source::fetch::{Source, Sources};
use crate::source::overrides::{Extent, SourceOverrides};
use crate::terraform::engine::EngineKind;
use crate::terraform::module_code::files_read;
use crate::terraform::variables::{
    DeclaredVariable, declared_variables, is_read_by_itself, names_given,
};

/// What a variable of the environment begins with that gives a value.
const VALUE_PREFIX: &str = "TF_VAR_";

/// Compares units with their modules. Each remote source is fetched once.
pub(super) struct InputsChecker<'c> {
    estate: &'c Estate<'c>,
    options: &'c Options,
    strict: bool,
    overrides: SourceOverrides,
    sources: Sources,
    runtime: Runtime,
    /// Holds what was fetched, and goes with this.
    _scratch: TempDir,
}

/// The files of a module as the engine would see them, by name.
type Code = BTreeMap<String, CodeFile>;

struct CodeFile {
    /// Where it is, for people.
    shown: String,
    text: String,
}

impl<'c> InputsChecker<'c> {
    pub(super) fn new(
        estate: &'c Estate<'c>,
        options: &'c Options,
        check: InputsCheck,
        engine: &EngineOptions,
    ) -> Result<Self, CommandError> {
        let (scratch, folder) = scratch_folder()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self {
            estate,
            options,
            strict: check == InputsCheck::Strict,
            overrides: SourceOverrides {
                source: engine.source.clone(),
                map: engine.source_map.clone(),
            },
            sources: sources_into(folder, engine.source_update, options),
            runtime,
            _scratch: scratch,
        })
    }

    /// What does not fit in one unit.
    pub(super) fn problems_of(&self, unit: UnitIx) -> Diagnostics {
        let prepared = match self.estate.prepared_without_outputs(unit) {
            Ok(prepared) => prepared,
            Err(problems) => return self.not_checked(unit, &problems),
        };
        let code = match self.code_of(self.estate.unit(unit), &prepared) {
            Ok(code) => code,
            Err(reason) => {
                let path = &self.estate.unit(unit).path;
                let told = Diagnostic::warning("Inputs are not checked")
                    .detail(format!("The module of {path} cannot be read: {reason}."));
                return told.into();
            }
        };
        let names: Vec<&str> = code.keys().map(String::as_str).collect();
        // Terraform passes over the files that only tofu reads, of which few modules have any.
        let in_order = files_read(EngineKind::Tofu, &names).into_iter();
        let declared = declared_variables(in_order.map(|name| (name, &*code[name].text)));
        let given = self.given(self.estate.unit(unit), &prepared, &code);
        let missing = declared
            .iter()
            .filter(|(name, one)| !one.has_default && !given.contains(*name))
            .map(|(name, one)| self.missing(unit, name, &code[&one.file].shown, one.line));
        let unused = prepared
            .inputs
            .keys()
            .filter(|name| !declared.contains_key(*name))
            .map(|name| self.unused(unit, name, &declared));
        missing.chain(unused).collect()
    }

    /// A unit that is wrong is told of by the validation itself.
    fn not_checked(&self, unit: UnitIx, problems: &Diagnostics) -> Diagnostics {
        let unit = self.estate.unit(unit);
        let Some(first) = problems.first().filter(|_| !unit.is_broken()) else {
            return Diagnostics::new();
        };
        let why = format!(
            "What {} gives cannot be told without outputs: {}",
            unit.path, first.detail
        );
        let told = Diagnostic::warning("Inputs are not checked").detail(why);
        match &first.subject {
            Some(place) => told.at(&place.source, place.span).into(),
            None => told.into(),
        }
    }

    fn missing(&self, unit: UnitIx, name: &str, file: &str, line: u32) -> Diagnostic {
        let path = &self.estate.unit(unit).path;
        let told = Diagnostic::error("Missing input")
            .detail(format!(
                "{path} gives no value for the variable \"{name}\", which its module declares \
                 without a default ({file}:{line})."
            ))
            .help(format!("add {name} to its inputs"));
        match self.estate.place_of_inputs(unit, None) {
            Some(place) => told.at(&place.source, place.span),
            None => told,
        }
    }

    fn unused(
        &self,
        unit: UnitIx,
        name: &str,
        declared: &BTreeMap<String, DeclaredVariable>,
    ) -> Diagnostic {
        let summary = "Input that nobody takes";
        let mut told = if self.strict {
            Diagnostic::error(summary)
        } else {
            Diagnostic::warning(summary)
        };
        let path = &self.estate.unit(unit).path;
        told = told.detail(format!("The module of {path} has no variable \"{name}\"."));
        if let Some(meant) = closest(name, declared.keys().map(String::as_str)) {
            told = told.help(format!("did you mean \"{meant}\"?"));
        }
        match self.estate.place_of_inputs(unit, Some(name)) {
            Some(place) => told.at(&place.source, place.span),
            None => told,
        }
    }

    /// The module's own files, those of the unit's folder over them, and what is generated.
    fn code_of(&self, unit: &Unit, prepared: &Prepared) -> Result<Code, String> {
        let written = prepared.terraform.source.as_ref();
        let written = written.map(|source| source.text.as_str());
        let mut code = Code::new();
        if let Some(source) = self.overrides.apply(written, Extent::Many) {
            let from = match self.overrides.source {
                Some(_) => &self.options.start,
                None => &unit.folder,
            };
            self.add_files(&self.module_folder(&source, from)?, &mut code)?;
        }
        self.add_files(&unit.folder, &mut code)?;
        for generate in prepared.generate.iter().filter(|one| !one.disable) {
            let file = CodeFile {
                shown: format!("what is generated as {}", generate.path),
                text: generate.contents.clone(),
            };
            code.insert(generate.path.clone(), file);
        }
        if files_read(
            EngineKind::Tofu,
            &code.keys().map(String::as_str).collect::<Vec<_>>(),
        )
        .is_empty()
        {
            return Err("it has no files of terraform's".to_owned());
        }
        Ok(code)
    }

    fn module_folder(&self, source: &str, from: &Utf8Path) -> Result<Utf8PathBuf, String> {
        let address = ModuleAddress::parse(source, from).map_err(|error| error.to_string())?;
        if let Some(folder) = address.local_folder() {
            return Ok(folder.join(&address.subfolder));
        }
        let fetched = self.runtime.block_on(self.sources.fetch(&address));
        match fetched.map_err(|error| error.to_string())?.as_ref() {
            Source::Folder { listing, .. } | Source::Fetched { listing, .. } => {
                Ok(listing.folder.join(&address.subfolder))
            }
            Source::AsBefore => unreachable!("what is fetched is fetched anew"),
        }
    }

    /// The files in a folder that an engine may read.
    fn add_files(&self, folder: &Utf8Path, code: &mut Code) -> Result<(), String> {
        let unreadable = |error: std::io::Error| format!("{}: {error}", self.options.shown(folder));
        for entry in disk::list(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let is_code = [".tf", ".tf.json", ".tofu", ".tofu.json"]
                .iter()
                .any(|ending| name.ends_with(ending));
            if is_code || is_read_by_itself(&name) {
                let bytes = disk::read(&folder.join(&name)).map_err(unreadable)?;
                let file = CodeFile {
                    shown: self.options.shown(&folder.join(&name)).into_string(),
                    text: String::from_utf8_lossy(&bytes).into_owned(),
                };
                code.insert(name, file);
            }
        }
        Ok(())
    }

    /// The variables that get a value in whatever way.
    fn given(&self, unit: &Unit, prepared: &Prepared, code: &Code) -> BTreeSet<String> {
        let mut given: BTreeSet<String> = prepared.inputs.keys().cloned().collect();
        let variables = self.options.launch.variables.keys();
        let variables = variables.filter_map(|name| name.to_str()?.strip_prefix(VALUE_PREFIX));
        given.extend(variables.map(str::to_owned));
        for (name, file) in code.iter().filter(|(name, _)| is_read_by_itself(name)) {
            given.extend(names_given(name, &file.text));
        }
        for extra in &prepared.terraform.extra_arguments {
            given.extend(given_by(extra));
            for file in extra
                .required_var_files
                .iter()
                .chain(&extra.optional_var_files)
            {
                if let Ok(bytes) = disk::read(&unit.folder.join(file)) {
                    given.extend(names_given(file, &String::from_utf8_lossy(&bytes)));
                }
            }
        }
        given
    }
}

/// What an `extra_arguments` block gives by itself: variables of the environment and `-var`.
fn given_by(extra: &ExtraArguments) -> BTreeSet<String> {
    let variables = extra.env_vars.keys();
    let variables = variables.filter_map(|name| name.strip_prefix(VALUE_PREFIX));
    let mut given: BTreeSet<String> = variables.map(str::to_owned).collect();
    let mut arguments = extra.arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        let pair = match argument.strip_prefix("-var") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix([' ', '=']),
            None => None,
        };
        let name = pair.and_then(|pair| pair.trim_matches('\'').split_once('='));
        given.extend(name.map(|(name, _)| name.to_owned()));
    }
    given
}

#[cfg(test)]
mod tests {
    use super::given_by;
    use crate::model::prepared::ExtraArguments;

    #[test]
    fn a_variable_may_be_given_in_every_way_that_terraform_knows() {
        let words = [
            "-lock=false",
            "-var",
            "a=1",
            "-var=b=2",
            "-var 'c=3'",
            "-var-file=x",
        ];
        let extra = ExtraArguments {
            arguments: words.map(str::to_owned).to_vec(),
            env_vars: [
                ("TF_VAR_d".to_owned(), String::new()),
                ("TF_LOG".to_owned(), String::new()),
            ]
            .into(),
            ..ExtraArguments::default()
        };
        assert!(given_by(&extra).into_iter().eq(["a", "b", "c", "d"]));
    }
}
