//! What was typed, as the runner of units and the fetcher of sources take it.

use camino::Utf8PathBuf;

use super::aws_access::AwsAccess;
use super::disk;
use super::exit::CommandError;
use super::options::{Approval, ChildCredentials, Options, OutputsFrom, RunOptions, Stream, Units};
use super::run_folder::RunFolder;
use crate::aws::{self, TfCliArgs};
use crate::process::Environment;
use crate::run::unit_run::{self, Automatic, PlanFolders, RunSettings};
use crate::source::fetch::{SourceOptions, Sources};
use crate::source::overrides::{Extent, SourceOverrides};
use crate::source::registry::{Registries, TokenFiles};
use crate::terraform::command::TerraformCommand;

/// Where modules come from when an address names no host.
const REGISTRY: &str = "registry.terraform.io";

pub(super) fn run_settings(
    options: &Options,
    run: &RunOptions,
    command: TerraformCommand,
    aws: &AwsAccess<'_>,
) -> Result<RunSettings, CommandError> {
    Ok(RunSettings {
        command,
        own_flags: own_flags(options),
        extent: extent_of(run),
        approval: match run.approval {
            Approval::Ask | Approval::Given | Approval::MustBeTyped => unit_run::Approval::Given,
            Approval::ByTerraform => unit_run::Approval::ByEngine,
        },
        plans: PlanFolders {
            binary: run.plans.binary.clone(),
            json: run.plans.json.clone(),
        },
        outputs_from: match run.outputs_from {
            OutputsFrom::State => unit_run::OutputsFrom::State,
            OutputsFrom::Terraform => unit_run::OutputsFrom::Engine,
            OutputsFrom::Mocks => unit_run::OutputsFrom::Mocks,
        },
        automatic: Automatic {
            init: run.automatic.init,
            retry: run.automatic.retry,
            hooks: run.automatic.hooks,
        },
        inputs_debug: run.inputs_debug,
        tf_cli_args: if run.child.keep_tf_cli_args {
            TfCliArgs::Keep
        } else {
            TfCliArgs::Drop
        },
        credentials: match run.child.credentials {
            ChildCredentials::Broker => aws::ChildCredentials::Endpoint,
            ChildCredentials::Env => aws::ChildCredentials::Environment,
        },
        overrides: SourceOverrides {
            source: run.engine.source.clone(),
            map: run.engine.source_map.clone(),
        },
        download_folder: run.engine.download_folder.clone(),
        roles: aws.roles()?.clone(),
        own_program: None,
    })
}

/// Whether one unit runs or many.
pub(super) fn extent_of(run: &RunOptions) -> Extent {
    match run.units {
        Units::Here => Extent::One,
        Units::InScope | Units::HereAndDownstreams { .. } => Extent::Many,
    }
}

/// Where modules are fetched from, with the tokens that the user has for registries.
pub(super) fn sources(options: &Options, run: &RunOptions, folder: &RunFolder) -> Sources {
    sources_into(folder.sources(), run.engine.source_update, options)
}

/// The same for a scratch folder of the caller's.
pub(super) fn sources_into(scratch: Utf8PathBuf, update: bool, options: &Options) -> Sources {
    let launch = &options.launch;
    let environment: Environment = launch.variables.iter().collect();
    let text = |path: Option<Utf8PathBuf>| String::from_utf8(disk::read(&path?).ok()?).ok();
    let home = launch.home();
    let in_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let login = text(in_home(".terraform.d/credentials.tfrc.json"));
    let named = launch.variable("TF_CLI_CONFIG_FILE").map(Utf8PathBuf::from);
    let configuration = text(named.or_else(|| in_home(".terraformrc")));
    let tokens = TokenFiles {
        login: login.as_deref(),
        configuration: configuration.as_deref(),
    };
    let registries = Registries::new(REGISTRY, &environment, tokens);
    let source_options = SourceOptions {
        scratch,
        environment,
        registries,
        update,
    };
    Sources::new(source_options, None)
}

/// What terrane adds to every command: children write to files, and could not know whether somebody
/// sees colours.
pub(super) fn own_flags(options: &Options) -> Vec<String> {
    let seen = match options.launch.stdout {
        Stream::Terminal { .. } => options.stdout.colour,
        Stream::Other => options.stderr.colour,
    };
    let flag = (!seen).then(|| "-no-color".to_owned());
    flag.into_iter().collect()
}

/// Where engines that can share providers find them.
pub(super) fn plugin_cache(options: &Options) -> Option<Utf8PathBuf> {
    let named = options.launch.variable("XDG_CACHE_HOME");
    let cache = named.map(Utf8PathBuf::from);
    let cache = cache.or_else(|| Some(options.launch.home()?.join(".cache")))?;
    Some(cache.join("terrane").join("providers"))
}
