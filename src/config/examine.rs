//! One unit's files, looked at as far as the load wants it: the facts that need no other unit.

use std::collections::BTreeSet;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{Diagnostic, Diagnostics, Value};

use super::account::AccountTable;
use super::block::{DecodedBlock, Located};
use super::dependency::{Dependency, NoOutputsYet};
use super::evaluation::{Evaluation, Mode};
use super::marks;
use super::module_files::module_files;
use super::options::{Facts, LoadOptions, Questions, Thoroughness};
use super::parts::Reach;
use super::prepare::written_value;
use super::questions::AskedFunction;
use super::reader::Reader;
use super::scope::{FileScope, View};
use super::trace::{FileRead, OutputAsked, Touched};
use super::unit::{
    EdgePurpose, ExcludeRule, IncludedFile, OutputRead, StateFact, Unit, Upstream, UpstreamTarget,
};
use crate::model::UnitPath;
use crate::model::paths::absolute;

/// Looks at units one by one.
pub(crate) struct Examiner<'e> {
    pub(crate) reader: &'e Reader<'e>,
    pub(crate) options: &'e LoadOptions,
    pub(crate) accounts: &'e AccountTable,
}

/// What is missing because a question was put off.
#[derive(Default)]
struct Missing {
    answer: bool,
}

impl Examiner<'_> {
    /// The unit whose own file this is. Its upstreams have no numbers yet.
    pub(crate) fn examine(&self, file: &Utf8Path, external: bool) -> Unit {
        let asks = self.options.questions == Questions::Asked;
        let (mut unit, missing) = self.attempt(file, external, asks);
        let put_off = std::mem::take(&mut unit.asked);
        if !missing.answer {
            return unit;
        }
        if self.options.questions == Questions::Refused {
            return refused(unit, put_off);
        }
        let (mut unit, _) = self.attempt(file, external, true);
        unit.asked = put_off;
        unit
    }

    fn attempt(&self, file: &Utf8Path, external: bool, asks: bool) -> (Unit, Missing) {
        let folder = crate::model::paths::folder_of(file);
        let mut unit = blank(file, folder, external);
        let mut missing = Missing::default();
        let parsed = match self.reader.file(file) {
            Ok(parsed) => parsed,
            Err(error) => {
                let shown = self.reader.shown(file);
                unit.diagnostics.push(
                    Diagnostic::error("Unreadable file").detail(format!("{shown}: {error}.")),
                );
                return (unit, missing);
            }
        };
        let mode = Mode {
            asks,
            lenient: false,
        };
        let evaluation = Evaluation::new(self.reader, self.options, folder, &NoOutputsYet, mode);
        let scope = FileScope::own(parsed);
        let view = View::new(&evaluation, &scope);
        let mut look = Look {
            view,
            unit: &mut unit,
            missing: &mut missing,
        };
        look.at_files();
        look.at_edges();
        look.at_facts(self.options.facts);
        note_touched(&mut unit, evaluation.trace.take());
        // What an edge needed is known by now. For whatever is beyond, nobody is asked.
        let asks_too_much = asks && self.options.questions != Questions::Asked;
        let quiet = asks_too_much.then(|| {
            let mode = Mode {
                asks: false,
                ..mode
            };
            Evaluation::new(self.reader, self.options, folder, &NoOutputsYet, mode)
        });
        let further = quiet.as_ref().unwrap_or(&evaluation);
        let view = View::new(further, &scope);
        if self.options.thoroughness == Thoroughness::AllLocals {
            let mut look = Look {
                view,
                unit: &mut unit,
                missing: &mut missing,
            };
            look.at_locals();
            note_further(&mut unit, further.trace.take());
        }
        // After what the unit itself reads was noted: it does not read its account file by this.
        if self.options.facts.contains(Facts::ACCOUNT) {
            unit.account = view.account_folder(self.accounts);
        }
        if self.options.facts.contains(Facts::OUTPUT_READS) {
            let further = reads_of(view.all_output_reads());
            unit.output_reads.extend(further);
            in_order(&mut unit.output_reads);
        }
        if self.options.facts.contains(Facts::MODULE_FILES) {
            self.note_module(view, &mut unit);
        }
        unit.diagnostics.sort();
        (unit, missing)
    }
}

impl View<'_> {
    /// The outputs that evaluating everything asks for. What goes wrong on the way is told when it
    /// is evaluated in earnest.
    fn all_output_reads(self) -> BTreeSet<OutputAsked> {
        let files = self.readable_includes();
        let included = files.iter().map(|include| include.scope.clone());
        let scopes: Vec<_> = included.chain(self.readable_auto_include()).collect();
        drop(self.all_locals());
        for scope in &scopes {
            drop(self.of(scope).all_locals());
        }
        let own = std::iter::once(self.scope);
        let asks = |scope: &Rc<FileScope>| {
            let file = &scope.file;
            file.block("dependency").is_some() || file.reads_outside_locals()
        };
        if own.chain(&scopes).any(asks) {
            drop(self.configuration(Reach::Merged));
        }
        self.evaluation.trace.take().outputs
    }
}

impl Examiner<'_> {
    fn note_module(&self, view: View<'_>, unit: &mut Unit) {
        let Ok(Some(source)) = view.source() else {
            return;
        };
        let Some(source) = source.value.as_str() else {
            return;
        };
        let limit = self.options.limits.module_files;
        let files = module_files(self.reader, source, &unit.folder, limit);
        unit.files.extend(files);
        unit.files.sort_unstable();
    }
}

/// A unit of which something cannot be known, because nobody may ask for it.
fn refused(mut unit: Unit, put_off: Vec<AskedFunction>) -> Unit {
    for question in put_off {
        let place = question.place;
        unit.diagnostics.push(
            Diagnostic::error("Question to the world is refused")
                .detail(format!(
                    "An edge, a role or a state location needs what {}() says, and processes are \
                     forbidden while reading.",
                    question.function
                ))
                .at(&place.source, place.span),
        );
    }
    unit
}

fn blank(file: &Utf8Path, folder: &Utf8Path, external: bool) -> Unit {
    Unit {
        path: UnitPath::new(folder),
        folder: folder.to_owned(),
        file: file.to_owned(),
        external,
        upstreams: Vec::new(),
        output_reads: Vec::new(),
        includes: Vec::new(),
        role_claims: Vec::new(),
        state: StateFact::NotRead,
        account: None,
        source: None,
        exclude: None,
        prevent_destroy: None,
        terraform_binary: None,
        terraform_version_constraint: None,
        terragrunt_version_constraint: None,
        files: Vec::new(),
        asked: Vec::new(),
        diagnostics: Diagnostics::new(),
    }
}

fn note_touched(unit: &mut Unit, touched: Touched) {
    unit.asked = touched.questions;
    unit.output_reads = reads_of(touched.outputs);
    let mut files: Vec<FileRead> = touched.files.into_iter().collect();
    files.sort_unstable();
    unit.files = files;
}

/// Files and outputs that belong to the unit although no fact of it needs them.
fn note_further(unit: &mut Unit, touched: Touched) {
    unit.output_reads.extend(reads_of(touched.outputs));
    in_order(&mut unit.output_reads);
    unit.files.extend(touched.files);
    unit.files.sort_unstable();
    unit.files.dedup();
}

fn in_order(reads: &mut Vec<OutputRead>) {
    reads.sort_by(|a, b| (&a.named, &a.label).cmp(&(&b.named, &b.label)));
    reads.dedup();
}

fn reads_of(asked: BTreeSet<OutputAsked>) -> Vec<OutputRead> {
    let read = |asked: OutputAsked| OutputRead {
        target: UpstreamTarget::Missing,
        named: asked.target.to_path_buf(),
        label: asked.label,
    };
    asked.into_iter().map(read).collect()
}

/// One look at one unit.
struct Look<'l> {
    view: View<'l>,
    unit: &'l mut Unit,
    missing: &'l mut Missing,
}

impl Look<'_> {
    fn complain(&mut self, problems: impl IntoIterator<Item = Diagnostic>) {
        self.unit.diagnostics.extend(problems);
    }

    /// Syntax of all files, and which files there are.
    fn at_files(&mut self) {
        let own = &self.view.scope.file;
        self.complain(own.problems.clone());
        match self.view.includes() {
            Ok(includes) => {
                for include in includes.iter() {
                    let file = &include.scope.file;
                    self.complain(file.problems.clone());
                    if file.block("include").is_some() {
                        let nested = self.view.of(&include.scope).includes();
                        self.complain(nested.err().into_iter().flatten());
                    }
                    self.unit.includes.push(IncludedFile {
                        label: include.label.clone(),
                        path: file.path.clone(),
                    });
                }
            }
            Err(problems) => self.complain(problems),
        }
        match self.view.auto_include() {
            Ok(Some(auto)) => self.complain(auto.file.problems.clone()),
            Ok(None) => {}
            Err(problems) => self.complain(problems),
        }
    }

    fn at_edges(&mut self) {
        match self.view.dependencies_for_edges() {
            Ok((dependencies, replaced)) => {
                for dependency in dependencies.iter() {
                    self.edge_of_dependency(dependency, EdgePurpose::Outputs);
                }
                for dependency in &replaced {
                    self.edge_of_dependency(dependency, EdgePurpose::OrderOnly);
                }
            }
            Err(problems) => self.complain(problems),
        }
        match self.view.merged_dependency_paths() {
            Ok(Some(block)) => self.edges_of_paths(&block),
            Ok(None) => {}
            Err(problems) => self.complain(problems),
        }
        let limit = self.view.evaluation.options.limits.edges_per_unit;
        if self.unit.upstreams.len() > limit {
            self.unit.upstreams.truncate(limit);
            self.complain([Diagnostic::error("Too many upstreams").detail(format!(
                "{} waits for more than {limit} units, which is the limit.",
                self.view.evaluation.reader.shown(&self.unit.folder)
            ))]);
        }
    }

    fn edge_of_dependency(&mut self, dependency: &Dependency, purpose: EdgePurpose) {
        let is_open = ["config_path", "enabled"]
            .map(|name| self.waits(dependency.block.get(name)))
            .contains(&true);
        if is_open {
            return;
        }
        let Some(target) = &dependency.target else {
            return;
        };
        if !dependency.is_enabled() {
            return;
        }
        self.unit.upstreams.push(Upstream {
            target: UpstreamTarget::Missing,
            named: target.to_path_buf(),
            label: Some(dependency.label().clone()),
            purpose,
            place: dependency.place().clone(),
        });
    }

    /// Whether an edge cannot be known yet. One that waits for an answer is looked at again; one
    /// that waits for outputs can never be known in time, which is said here.
    fn waits(&mut self, decisive: Option<&Located<Value>>) -> bool {
        let Some(Located { value, place }) = decisive.filter(|d| d.value.contains_unknown()) else {
            return false;
        };
        let marks = value.deep_marks();
        if marks.contains(marks::PENDING_ANSWER) {
            self.missing.answer = true;
        }
        if !marks.contains(marks::PENDING_ANSWER) || marks.contains(marks::PENDING_OUTPUTS) {
            self.complain([Diagnostic::error("Edge depends on outputs")
                .detail(
                    "Whom a unit waits for must be known before any unit has run, and this is made \
                     of another unit's outputs.",
                )
                .at(&place.source, place.span)
                .help("write the path, or make it of values that the files hold")]);
        }
        true
    }

    fn edges_of_paths(&mut self, block: &DecodedBlock) {
        if self.waits(block.get("paths")) {
            return;
        }
        let place = block.place_of("paths");
        for path in block.strings("paths").unwrap_or_default() {
            let named = absolute(&self.view.scope.folder, path);
            let is_known = |known: &Upstream| known.named.as_str() == named.as_str();
            if self.unit.upstreams.iter().any(is_known) {
                continue;
            }
            self.unit.upstreams.push(Upstream {
                target: UpstreamTarget::Missing,
                named,
                label: None,
                purpose: EdgePurpose::OrderOnly,
                place: place.clone(),
            });
        }
    }

    fn at_facts(&mut self, facts: Facts) {
        if facts.contains(Facts::ROLES) {
            self.at_roles();
        }
        if facts.contains(Facts::STATE) {
            let found = self.view.state();
            self.complain(found.problems);
            self.missing.answer |= found.needs_answer;
            self.unit.state = found.fact;
        }
        if facts.contains(Facts::CONDITIONS) {
            self.at_conditions();
        }
        if facts.contains(Facts::SOURCE) {
            match self.view.source() {
                Ok(source) => self.unit.source = source.as_ref().and_then(written_value),
                Err(problems) => self.complain(problems),
            }
        }
    }

    /// The role claims, and the edges to those units whose outputs name a role.
    fn at_roles(&mut self) {
        let trace = &self.view.evaluation.trace;
        let (claims, recording) = trace.record(|| self.view.role_claims());
        self.complain(claims.problems);
        self.missing.answer |= claims.needs_answer;
        self.unit.role_claims = claims.found;
        if !claims.after_outputs {
            return;
        }
        for asked in &recording.touched.outputs {
            let same = |known: &&mut Upstream| known.named == *asked.target;
            if let Some(upstream) = self.unit.upstreams.iter_mut().find(same) {
                upstream.purpose = EdgePurpose::Identity;
            }
        }
    }

    fn at_conditions(&mut self) {
        match self.view.exclude(Reach::Merged) {
            Ok(block) => self.unit.exclude = block.as_ref().map(exclude_rule),
            Err(problems) => self.complain(problems),
        }
        let mut scalar = |name| match self.view.scalar(name, Reach::Merged) {
            Ok(value) => value,
            Err(problems) => {
                self.unit.diagnostics.extend(problems);
                None
            }
        };
        let prevents = scalar("prevent_destroy");
        let binary = scalar("terraform_binary");
        let terraform = scalar("terraform_version_constraint");
        let terragrunt = scalar("terragrunt_version_constraint");
        self.unit.prevent_destroy = prevents
            .filter(|value| value.value.as_bool() == Some(true))
            .map(|value| value.place);
        self.unit.terraform_binary = binary.as_ref().and_then(written_value);
        self.unit.terraform_version_constraint = terraform.as_ref().and_then(written_value);
        self.unit.terragrunt_version_constraint = terragrunt.as_ref().and_then(written_value);
    }

    /// All locals of all files, and the names that may be wrong.
    fn at_locals(&mut self) {
        let own = self.view;
        let mut problems = own.scope.file.all_problems().clone();
        problems.extend(own.all_locals().err().into_iter().flatten());
        for include in own.readable_includes().iter() {
            let view = own.of(&include.scope);
            problems.extend(include.scope.file.all_problems().clone());
            problems.extend(view.all_locals().err().into_iter().flatten());
        }
        if let Some(auto) = own.readable_auto_include() {
            problems.extend(auto.file.all_problems().clone());
            problems.extend(own.of(&auto).all_locals().err().into_iter().flatten());
        }
        self.complain(problems);
    }
}

fn exclude_rule(block: &DecodedBlock) -> ExcludeRule {
    ExcludeRule {
        when: block.bool("if").unwrap_or(false),
        actions: block.strings("actions").unwrap_or_default(),
        exclude_dependencies: block.bool("exclude_dependencies"),
        no_run: block.bool("no_run"),
        place: block.place.clone(),
    }
}

/// The folder that a path to a unit means: itself, or that of the file it names.
pub(crate) fn unit_folder_of(reader: &Reader<'_>, named: &Utf8Path) -> Utf8PathBuf {
    let names_file = named.extension().is_some_and(|e| e == "hcl" || e == "json");
    if names_file && reader.is_file(named) {
        return crate::model::paths::folder_of(named).to_owned();
    }
    named.to_owned()
}
