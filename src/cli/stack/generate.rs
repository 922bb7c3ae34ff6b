//! Writing the parts of a stack: the files of their sources, and their values.

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;
use terrane_hcl::Diagnostic;
use tokio::runtime::Runtime;

use crate::cli::disk;
use crate::cli::exit::CommandError;
use crate::cli::options::{EngineOptions, LogLevel, Options};
use crate::cli::run_settings::sources_into;
use crate::cli::screen;
use crate::cli::surroundings::World;
use crate::cli::upstreams::scratch_folder;
use crate::config::LoadOptions;
use crate::config::stack::{PartKind, STACK_FILE, StackPart, read_stack};
use crate::model::ModuleAddress;
use crate::source::copy_rules::CopyRules;
use crate::source::fetch::{Source, Sources};
use crate::source::listing::{Entry, EntryKind, Listing};

const UNIT_FILE: &str = "terragrunt.hcl";
const VALUES_FILE: &str = "terragrunt.values.hcl";
const HEADER: &str = "# Written from the stack file; changes here are lost.\n";

/// A stack may hold stacks, but not itself.
const DEEPEST: usize = 32;

/// Writes stacks. Each remote source is fetched once.
pub(super) struct Generator<'g> {
    options: &'g Options,
    world: &'g World<'g>,
    load: &'g LoadOptions,
    sources: Sources,
    runtime: Runtime,
    /// Holds what was fetched, and goes with this.
    _scratch: TempDir,
}

impl<'g> Generator<'g> {
    pub(super) fn new(
        options: &'g Options,
        engine: &EngineOptions,
        world: &'g World<'g>,
        load: &'g LoadOptions,
    ) -> Result<Self, CommandError> {
        let failed = |error: std::io::Error| {
            CommandError::failed("sources cannot be fetched").because(&error)
        };
        let (scratch, folder) = scratch_folder()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        Ok(Self {
            options,
            world,
            load,
            sources: sources_into(folder, engine.source_update, options),
            runtime: runtime.map_err(failed)?,
            _scratch: scratch,
        })
    }

    /// Writes all parts of the stack in a folder, and of the stacks among them.
    pub(super) fn write_stack(&self, folder: &Utf8Path, depth: usize) -> Result<(), CommandError> {
        let file = folder.join(STACK_FILE);
        let stack = read_stack(&file, self.world, self.load)?;
        for part in &stack.parts {
            if depth == DEEPEST {
                return Err(at(part, "Stacks lie within one another without end", None).into());
            }
            let target = part.folder_in(folder);
            let changed = self.write_part(part, folder, &target)?;
            if changed > 0 && self.options.talk >= LogLevel::Info {
                let shown = self.options.shown(&target);
                screen::say(&format!("{shown}: generated\n"));
            }
            if part.kind == PartKind::Stack && target.join(STACK_FILE).is_file() {
                self.write_stack(&target, depth + 1)?;
            }
        }
        Ok(())
    }

    /// Gives the number of files that were written.
    fn write_part(
        &self,
        part: &StackPart,
        stack_folder: &Utf8Path,
        target: &Utf8Path,
    ) -> Result<usize, CommandError> {
        let (listing, below) = self.source(part, stack_folder)?;
        let mut changed = 0;
        for (path, entry) in &listing.files {
            let Ok(inner) = path.strip_prefix(&below) else {
                continue;
            };
            let to = target.join(inner);
            changed += usize::from(self.bring(&listing.folder.join(path), entry, &to)?);
        }
        let auto_include = match part.kind {
            PartKind::Unit => "terragrunt.autoinclude.hcl",
            PartKind::Stack => "terragrunt.autoinclude.stack.hcl",
        };
        for (name, text) in [
            (VALUES_FILE, part.values_text()?),
            (auto_include, part.auto_include.clone()),
        ] {
            let Some(text) = text else { continue };
            changed += usize::from(self.write_text(&text, &target.join(name))?);
        }
        let wanted = match part.kind {
            PartKind::Unit => UNIT_FILE,
            PartKind::Stack => STACK_FILE,
        };
        if !part.no_validation && !target.join(wanted).is_file() {
            let problem = format!("{} has no {wanted}.", part.source);
            return Err(at(part, "Source is not of that kind", Some(problem)).into());
        }
        Ok(changed)
    }

    /// The files of a part's source, and the folder among them that is meant.
    fn source(
        &self,
        part: &StackPart,
        stack_folder: &Utf8Path,
    ) -> Result<(Listing, Utf8PathBuf), CommandError> {
        let wrong = |problem: String| at(part, "Source cannot be read", Some(problem));
        let address = ModuleAddress::parse(&part.source, stack_folder)
            .map_err(|error| wrong(format!("{}: {error}.", part.source)))?;
        if let Some(folder) = address.local_folder() {
            let folder = if address.subfolder.as_str().is_empty() {
                folder.to_owned()
            } else {
                folder.join(&address.subfolder)
            };
            let rules = CopyRules::for_module(&[], &[]).expect("no pattern is wrong");
            let generated = stack_folder.join(crate::config::stack::GENERATED_FOLDER);
            let listing = Listing::of_local(&folder, &rules, &generated);
            let listing = listing.map_err(|error| wrong(format!("{error}.")))?;
            return Ok((listing, Utf8PathBuf::new()));
        }
        let fetched = self.runtime.block_on(self.sources.fetch(&address));
        let fetched = fetched.map_err(|error| wrong(format!("{error}.")))?;
        match fetched.as_ref() {
            Source::Folder { listing, .. } | Source::Fetched { listing, .. } => {
                Ok((listing.clone(), address.subfolder))
            }
            Source::AsBefore => unreachable!("what is fetched is fetched anew"),
        }
    }

    fn bring(&self, from: &Utf8Path, entry: &Entry, to: &Utf8Path) -> Result<bool, CommandError> {
        let brought = match &entry.kind {
            EntryKind::File { .. } => disk::bring(from, to),
            EntryKind::Link { target } => disk::link(target, to),
        };
        brought.map_err(|error| {
            let shown = self.options.shown(to);
            CommandError::failed(format!("{shown} could not be written")).because(&error)
        })
    }

    /// Writes a file of the stack's own, unless it is there as it should be.
    fn write_text(&self, text: &str, file: &Utf8Path) -> Result<bool, CommandError> {
        let text = format!("{HEADER}{text}");
        if disk::read(file).is_ok_and(|known| known == text.as_bytes()) {
            return Ok(false);
        }
        disk::replace(file, &text).map_err(|error| {
            let shown = self.options.shown(file);
            CommandError::failed(format!("{shown} could not be written")).because(&error)
        })?;
        Ok(true)
    }
}

fn at(part: &StackPart, summary: &str, detail: Option<String>) -> Diagnostic {
    let place = &part.source_place;
    let detail = detail.unwrap_or_else(|| format!("\"{}\" leads to itself again.", part.name));
    Diagnostic::error(summary)
        .detail(detail)
        .at(&place.source, place.span)
}
