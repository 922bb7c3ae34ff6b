//! A unit's place of work: which engine, which identity, and the folder with everything in it.

use std::collections::BTreeSet;
use std::rc::Rc;

use camino::Utf8PathBuf;
use terrane_hcl::Diagnostic;

use super::UnitRunner;
use super::engines::UsableEngine;
use super::refusals;
use super::roles::{identity_of, identity_with_code, uses_stand_in};
use crate::aws::{HUB_PROFILE, STATE_PROFILE};
use crate::config::{MocksGiven, Ready, Unit};
use crate::identity::Identity;
use crate::model::file_names::DATA_FOLDER;
use crate::model::prepared::{Prepared, RemoteState, Written};
use crate::model::{ModuleAddress, UnitIx};
use crate::run::outcome::Failure;
use crate::run::work_dir::{GeneratedFile, Wanted, WorkDir};
use crate::source::cache::download_folder;
use crate::terraform::backend::{self, InitBackend, StandIn};
use crate::terraform::engine::{
    ConstraintError, DEFAULT_ENGINE_CONSTRAINT, check_constraint, check_terragrunt_constraint,
};
use crate::terraform::environment::debug_file;
use crate::terraform::module_code::ModuleCode;

const STAND_IN: StandIn<'static> = StandIn {
    state: STATE_PROFILE,
    hub: HUB_PROFILE,
};

/// A unit with everything known that decides how its children run.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) unit: &'a Unit,
    pub(super) prepared: &'a Prepared,
    /// The blocks whose mocks may be in it.
    pub(super) mocks: &'a [MocksGiven],
    pub(super) engine: Rc<UsableEngine>,
    pub(super) identity: Identity,
}

/// The folder that its engine runs in.
#[derive(Debug)]
pub(super) struct Workplace {
    pub(super) dir: WorkDir,
    pub(super) code: ModuleCode,
    pub(super) backend: InitBackend,
    /// `.terraform`, or what `TF_DATA_DIR` says.
    pub(super) data_folder: Utf8PathBuf,
}

impl<'r> UnitRunner<'r> {
    pub(super) async fn subject<'a>(
        &self,
        unit: UnitIx,
        ready: &'a Ready,
    ) -> Result<Subject<'a>, Failure>
    where
        'r: 'a,
    {
        let unit = self.estate.unit(unit);
        let prepared = &ready.prepared;
        let configured = prepared.terraform_binary.as_deref();
        let engine = self.engines.get(configured).await;
        let engine = engine.map_err(|error| Failure::Spawn {
            program: configured.unwrap_or("terraform").to_owned(),
            reason: error.to_string(),
        })?;
        check_constraints(prepared, &engine)?;
        let roles = &self.settings.roles;
        let remote_state = prepared.remote_state.as_ref();
        Ok(Subject {
            unit,
            prepared,
            mocks: &ready.mocks,
            identity: identity_of(unit, &ready.role_claims, remote_state, roles)?
                .begun_from(&self.beginning(unit).await?),
            engine,
        })
    }

    /// Brings the folder to what the unit wants. What the module's own code says about roles may
    /// change who acts, and with that how the backend is reached; then the folder is brought there.
    pub(super) async fn workplace(
        &self,
        subject: &mut Subject<'_>,
        ready: &Ready,
    ) -> Result<Workplace, Failure> {
        let prepared = subject.prepared;
        let remote_state = prepared.remote_state.as_ref();
        let address = self.address(subject)?;
        let wished = self.settings.download_folder.as_deref();
        let wished = wished.or(prepared.download_dir.as_deref());
        let download_folder = download_folder(&subject.unit.folder, wished);
        let engine = &subject.engine.engine;
        let mut stands_in = uses_stand_in(&subject.identity, remote_state, None);
        loop {
            let stand_in = stands_in.then_some(STAND_IN);
            let generated = generated_files(prepared, engine, stand_in)?;
            let wanted = Wanted {
                unit_folder: &subject.unit.folder,
                download_folder: &download_folder,
                address: &address,
                terraform: &prepared.terraform,
                generated: &generated,
                look_again: has_hooks(prepared),
            };
            let dir = WorkDir::prepare(&self.sources, &wanted).await;
            let dir = dir.map_err(refusals::work_dir)?;
            let code = dir.code(engine.kind, &self.known_files);
            let code = code.map_err(refusals::work_dir)?;
            let (unit, claims) = (subject.unit, &ready.role_claims);
            let roles = &self.settings.roles;
            let placed = (&dir, &code);
            let identity = identity_with_code(unit, claims, remote_state, placed, roles)?;
            subject.identity = identity.begun_from(&self.beginning(unit).await?);
            let now = uses_stand_in(&subject.identity, remote_state, Some(&code));
            if now != stands_in && remote_state.is_some_and(|state| state.generate.is_some()) {
                stands_in = now;
                continue;
            }
            let stand_in = now.then_some(STAND_IN);
            let backend = backend::for_init(remote_state, &code, engine, stand_in);
            let backend = backend.map_err(|error| unusable(remote_state, &error))?;
            return Ok(Workplace {
                dir,
                code,
                backend,
                data_folder: self.data_folder(),
            });
        }
    }

    /// Writes what the engine is given, for calling it by hand.
    pub(super) fn write_debug_file(
        &self,
        subject: &Subject<'_>,
        workplace: &Workplace,
    ) -> Result<(), Failure> {
        if !self.settings.inputs_debug {
            return Ok(());
        }
        let text = debug_file(&subject.prepared.inputs, &workplace.code);
        let text = text.map_err(|error| Failure::Evaluate {
            diagnostics: vec![
                Diagnostic::error("Unusable input")
                    .detail(format!("An input is not known: {error}.")),
            ],
        })?;
        let written = workplace.dir.write_debug_file(&text);
        let file = written.map_err(refusals::work_dir)?;
        (self.world.warn)(format!(
            "{}: the inputs are in {file}; in {}, add -var-file={file}",
            subject.unit.path,
            workplace.dir.folder()
        ));
        Ok(())
    }

    fn address(&self, subject: &Subject<'_>) -> Result<ModuleAddress, Failure> {
        let written = subject.prepared.terraform.source.as_ref();
        let settings = self.settings;
        let text = written.map(|source| source.text.as_str());
        let Some(text) = settings.overrides.apply(text, settings.extent) else {
            return Ok(ModuleAddress::unit_folder(&subject.unit.folder));
        };
        // What was typed starts where the command started; what is written, at its unit.
        let from = if settings.overrides.source.is_some() {
            &self.estate.start
        } else {
            &subject.unit.folder
        };
        ModuleAddress::parse(&text, from).map_err(|error| Failure::FetchSource {
            source: text,
            reason: error.to_string(),
        })
    }

    fn data_folder(&self) -> Utf8PathBuf {
        let named = self
            .world
            .environment
            .get(std::ffi::OsStr::new("TF_DATA_DIR"));
        let named = named
            .and_then(|name| name.to_str())
            .filter(|name| !name.is_empty());
        named.unwrap_or(DATA_FOLDER).into()
    }
}

impl Workplace {
    /// Copies the lock file to where people commit it.
    pub(super) fn bring_lock_file_back(&self, subject: &Subject<'_>) -> Result<(), Failure> {
        if subject.prepared.terraform.copy_terraform_lock_file == Some(false) {
            return Ok(());
        }
        let brought = self.dir.bring_lock_file_back();
        brought.map(|_| ()).map_err(refusals::work_dir)
    }

    /// Which variables are null is known to the command alone.
    pub(super) fn forget_nulls(&self) -> Result<(), Failure> {
        let forgotten = self.dir.write_nulls(&BTreeSet::new());
        forgotten.map_err(refusals::work_dir)
    }
}

fn has_hooks(prepared: &Prepared) -> bool {
    let terraform = &prepared.terraform;
    !terraform.before_hooks.is_empty() || !terraform.after_hooks.is_empty()
}

fn generated_files(
    prepared: &Prepared,
    engine: &crate::terraform::engine::Engine,
    stand_in: Option<StandIn<'_>>,
) -> Result<Vec<GeneratedFile>, Failure> {
    let blocks = prepared.generate.iter();
    let mut files: Vec<GeneratedFile> = blocks
        .map(|block| GeneratedFile::of_block(block, terrane_hcl::format))
        .collect();
    let remote_state = prepared.remote_state.as_ref();
    if let Some((state, file)) =
        remote_state.and_then(|state| Some((state, state.generate.as_ref()?)))
    {
        let text = backend::generated_file(state, engine, stand_in);
        let text = text.map_err(|error| unusable(remote_state, &error))?;
        files.push(GeneratedFile::of_backend(file, &text, state.place.clone()));
    }
    Ok(files)
}

fn unusable(remote_state: Option<&RemoteState>, error: &backend::BackendError) -> Failure {
    let diagnostic = Diagnostic::error("Unusable backend").detail(format!("{error}."));
    Failure::Evaluate {
        diagnostics: vec![match remote_state {
            Some(state) => diagnostic.at(&state.place.source, state.place.span),
            None => diagnostic,
        }],
    }
}

fn check_constraints(prepared: &Prepared, engine: &UsableEngine) -> Result<(), Failure> {
    let version = &engine.engine.version;
    let of_engine = match &prepared.terraform_version_constraint {
        Some(written) => check_constraint(&written.text, version).map_err(|error| {
            let kind = engine.engine.kind.name();
            not_met(
                written,
                &format!("{} is {kind} {version}", engine.found.name),
                &error,
            )
        }),
        None => check_constraint(DEFAULT_ENGINE_CONSTRAINT, version).map_err(|error| {
            Diagnostic::error("Engine too old").detail(format!("{}: {error}.", engine.found.name))
        }),
    };
    let of_terragrunt = match &prepared.terragrunt_version_constraint {
        Some(written) => check_terragrunt_constraint(&written.text).map_err(|error| {
            let version = crate::terraform::engine::TERRAGRUNT_VERSION;
            not_met(
                written,
                &format!("terrane reads files as Terragrunt {version} does"),
                &error,
            )
        }),
        None => Ok(()),
    };
    let wrong = [of_engine, of_terragrunt]
        .into_iter()
        .filter_map(Result::err);
    let diagnostics: Vec<Diagnostic> = wrong.collect();
    if diagnostics.is_empty() {
        Ok(())
    } else {
        Err(Failure::Evaluate { diagnostics })
    }
}

fn not_met(written: &Written, what_is: &str, error: &ConstraintError) -> Diagnostic {
    let place = &written.place;
    Diagnostic::error("Version constraint is not met")
        .detail(format!("{what_is}: {error}."))
        .at(&place.source, place.span)
}
