//! Flags about terraform itself and about who acts.

use camino::Utf8PathBuf;
use clap::Args;

use super::reading::name_and_value;

/// Terraform or tofu, and where modules come from.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Terraform")]
pub struct EngineArgs {
    /// The program to run [default: tofu, else terraform, as found in PATH]
    #[arg(long, value_name = "PATH")]
    pub tf_path: Option<String>,

    /// Take modules from here instead of where the files say
    ///
    /// For one unit the module itself; for several the folder that holds all modules.
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,

    /// Take one source for another; may be given several times
    #[arg(long, value_name = "FROM=TO", value_parser = name_and_value, hide_short_help = true)]
    pub source_map: Vec<(String, String)>,

    /// Fetch modules anew
    #[arg(long, hide_short_help = true)]
    pub source_update: bool,

    /// Where working folders lie [default: .terragrunt-cache in each unit]
    #[arg(long, value_name = "DIR")]
    pub download_dir: Option<Utf8PathBuf>,
}

/// Who acts. Flags win over variables, and those over files.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Identity")]
pub struct RoleArgs {
    /// The doer role, in place of every `iam_role` [env: TERRANE_ROLE, TG_IAM_ASSUME_ROLE]
    #[arg(long, value_name = "ARN", visible_alias = "iam-assume-role")]
    pub role: Option<String>,

    /// The role that doers and state-management are assumed from: the hub
    ///
    /// Without it the base identity is the hub. [env: TERRANE_ASSUMER_ROLE]
    #[arg(long, value_name = "ARN")]
    pub assumer_role: Option<String>,

    /// The token that buys the hub's session: the token, a file that holds it, or `github`
    ///
    /// With `github` a job of GitHub Actions asks GitHub for it; its workflow needs the permission
    /// `id-token: write`.
    #[arg(long, value_name = "TOKEN", hide_short_help = true)]
    pub assumer_web_identity_token: Option<String>,

    /// Let each session of state-management open the state of one unit only
    ///
    /// By a policy of the session's own; it costs one session per unit instead of one per role.
    /// --confine-state=false goes without it where terrane.hcl asks for it.
    #[arg(long, hide_short_help = true)]
    pub confine_state: bool,

    /// The name of the doer's session
    #[arg(
        long,
        value_name = "NAME",
        visible_alias = "iam-assume-role-session-name",
        hide_short_help = true
    )]
    pub role_session_name: Option<String>,

    /// How long the doer's session may last, in seconds
    #[arg(
        long,
        value_name = "SECONDS",
        visible_alias = "iam-assume-role-duration",
        hide_short_help = true
    )]
    pub role_duration: Option<String>,

    /// The token that buys the doer's session: the token, a file that holds it, or `github`
    #[arg(
        long,
        value_name = "TOKEN",
        visible_alias = "iam-assume-role-web-identity-token",
        hide_short_help = true
    )]
    pub role_web_identity_token: Option<String>,

    /// The AWS profile of the base identity, in place of AWS_PROFILE and of keys in the environment
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub aws_profile: Option<String>,

    /// How long AWS may take over one identity, retries included [default: 30]
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3600),
        hide_short_help = true
    )]
    pub aws_patience: Option<u64>,

    /// Pass over keys and tokens of AWS in the environment, so that the profile counts
    #[arg(long, hide_short_help = true)]
    pub ignore_env_credentials: bool,

    /// A program that says who acts: it prints Terragrunt's JSON
    #[arg(long, value_name = "COMMAND", hide_short_help = true)]
    pub auth_provider_cmd: Option<String>,

    /// Do not ask that program while units are being found
    #[arg(long, hide_short_help = true)]
    pub no_discovery_auth_provider_cmd: bool,
}
