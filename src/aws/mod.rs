//! Sessions and states: "a session for this chain", "the outputs at this location".
//!
//! Sessions are taken once per chain, shared, and renewed before they end; outputs are read once
//! per run. It knows no unit's order and starts no process. Nothing of a session is ever written
//! to disk, and only `sdk.rs` imports the AWS SDK.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

mod auth_provider;
mod base_source;
mod broker;
mod bucket_look;
mod caller;
mod calls;
mod clock;
mod event;
#[cfg(test)]
mod fake;
mod github_token;
mod grant;
mod no_credentials;
mod profiles;
mod read_error;
mod sdk;
mod session_error;
mod sessions;
mod single_flight;
mod state_bucket;
mod state_document;

pub use auth_provider::Provided;
pub use base_source::{BaseOrigin, BaseSource, BaseSurroundings, EnvironmentCredentials};
pub use broker::{
    Broker, BrokerSettings, GrantError, HELPER_SUBCOMMAND, Proof, StartBrokerError, Vitals,
};
pub use bucket_look::{
    BucketFacts, BucketQuestion, ListingExtent, LockTableProblem, LookCalls, LookError, StatesFound,
};
pub use caller::{CallerError, CallerQuestion};
pub use calls::{
    Assumed, Aws, AwsAnswer, AwsError, KeyListing, KeyPage, ListedKey, ObjectPart, ObjectRange,
    Versioning,
};
pub use clock::WallClock;
pub use event::{CredentialEvent, DurationCut};
pub use grant::{
    ChildCredentials, ChildEnvironment, EnvironmentWarning, Grant, GrantRequest, GrantedVariables,
    HELPER_TOKEN, HUB_PROFILE, IDENTITY_VARIABLES, STATE_PROFILE, TfCliArgs, child_environment,
};
pub use no_credentials::NoCredentials;
pub use profiles::UserProfiles;
pub use read_error::{Denied, NeedsEngine, ReadOutputsError, ReadProblem};
pub use sdk::{SdkAws, SdkOptions};
pub use session_error::{DeniedSide, Refusal, SessionError, Skew};
pub use sessions::{Live, Patience, RoleSessions};
pub use state_bucket::StateBucket;

/// The pauses between attempts: a quarter of a second, doubling up to five, for about 20 seconds
/// in all. Each key has its own, so that those who were refused together do not return together.
fn pauses(key: &impl Hash) -> impl Iterator<Item = Duration> {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let spread = hasher.finish();
    (0..8_u32).map(move |attempt| {
        let longest = Duration::from_millis(250 << attempt).min(Duration::from_secs(5));
        let part = u32::try_from(spread.rotate_left(attempt * 8) & 0xff).expect("a byte");
        longest / 2 + longest * part / 512
    })
}
