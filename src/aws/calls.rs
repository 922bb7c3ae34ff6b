//! What terrane asks of AWS, as one trait, and how AWS says no.

use std::ops::RangeInclusive;
use std::time::SystemTime;

use thiserror::Error;

use super::NoCredentials;
use crate::model::{
    Assumption, BaseIdentity, Principal, RoleChain, S3State, Session, SessionDuration,
};

/// Everything that terrane asks of AWS. The real one is `SdkAws`.
///
/// Each call is given the session that it is made with. Nothing here caches, shares or retries
/// beyond a few quick attempts; that is for those who call.
#[expect(
    async_fn_in_trait,
    reason = "one thread: no caller needs its futures to be `Send`"
)]
pub trait Aws {
    /// The region that the base identity's environment or profile names.
    fn region(&self) -> Option<&str>;

    /// The chain that the base identity stands for, where the environment or a profile leads to
    /// it by a way of its own. Each role on it gets a session of its own.
    fn stands_for(&self, _base: &BaseIdentity) -> Result<Option<RoleChain>, AwsError> {
        Ok(None)
    }

    /// Finds the keys of a base identity anew that stands for no other chain.
    async fn base_session(&self, base: &BaseIdentity) -> Result<Session, AwsError>;

    async fn assume_role(
        &self,
        source: &Session,
        assumption: &Assumption,
        duration: SessionDuration,
    ) -> Result<Assumed, AwsError>;

    /// Like `assume_role`, bought by the assumption's web identity token alone.
    async fn assume_role_with_web_identity(
        &self,
        assumption: &Assumption,
        duration: SessionDuration,
    ) -> Result<Assumed, AwsError>;

    async fn caller_identity(&self, session: &Session) -> Result<Principal, AwsError>;

    /// The id by which AWS's own conditions know the caller.
    async fn user_id(&self, session: &Session) -> Result<String, AwsError>;

    /// The alias of the session's account, where it has one. `now` goes into the signature.
    async fn account_alias(
        &self,
        session: &Session,
        principal: &Principal,
        now: SystemTime,
    ) -> Result<Option<String>, AwsError>;

    async fn get_object(
        &self,
        session: &Session,
        wanted: &ObjectRange<'_>,
    ) -> Result<ObjectPart, AwsError>;

    /// Whether a key exists, asked by listing. Unlike reading, this tells a missing key from a
    /// forbidden one.
    async fn key_exists(&self, session: &Session, state: &S3State) -> Result<bool, AwsError>;

    /// One page of the keys that begin with a prefix, in their order.
    async fn list_keys(
        &self,
        session: &Session,
        wanted: &KeyListing<'_>,
    ) -> Result<KeyPage, AwsError>;

    async fn bucket_versioning(
        &self,
        session: &Session,
        state: &S3State,
    ) -> Result<Versioning, AwsError>;

    /// Looks into a lock table for the lock of a state, as an engine does before it takes it. What
    /// it finds is not told; whether it may look is. `now` goes into the signature.
    async fn look_into_lock_table(
        &self,
        session: &Session,
        state: &S3State,
        table: &str,
        now: SystemTime,
    ) -> Result<(), AwsError>;

    /// What AWS's clock says.
    async fn server_time(&self, session: &Session) -> Result<Option<SystemTime>, AwsError>;
}

/// Which keys of a bucket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyListing<'a> {
    /// The bucket, and how it is reached; its key does not count.
    pub state: &'a S3State,
    pub prefix: &'a str,
    /// Where the page before ended.
    pub after: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyPage {
    pub keys: Vec<ListedKey>,
    /// To be given back for the next page.
    pub next: Option<String>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ListedKey {
    pub key: String,
    pub last_modified: Option<SystemTime>,
}

/// Whether a bucket keeps what is overwritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Versioning {
    Enabled,
    Suspended,
    Never,
}

/// What AWS gives for a role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assumed {
    pub session: Session,
    pub principal: Principal,
}

/// A piece of a state object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectRange<'a> {
    pub state: &'a S3State,
    pub bytes: RangeInclusive<u64>,
    /// The object must still be this one.
    pub if_match: Option<&'a str>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectPart {
    pub bytes: Vec<u8>,
    /// The whole object's size, not this piece's.
    pub total_bytes: u64,
    pub etag: Option<String>,
    pub version_id: Option<String>,
    pub last_modified: Option<SystemTime>,
}

/// How a call failed: the facts, which [`SessionError`](super::SessionError) and
/// [`ReadOutputsError`](super::ReadOutputsError) read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum AwsError {
    #[error("{}", .0.message)]
    Answered(Box<AwsAnswer>),
    /// Nobody answered: no connection, no name, no handshake, or not in time.
    #[error("{detail}")]
    NoAnswer { detail: String },
    /// The base identity could not be found.
    #[error("{0}")]
    NoCredentials(NoCredentials),
    /// The web identity token's file could not be read.
    #[error("{detail}")]
    NoToken { detail: String },
}

/// An error that AWS answered with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AwsAnswer {
    pub status: u16,
    /// AWS's own word, such as `AccessDenied`.
    pub code: String,
    pub message: String,
    /// AWS's clock, from the answer's `Date`.
    pub server_time: Option<SystemTime>,
    /// Where S3 says that the bucket really is.
    pub bucket_region: Option<String>,
}

impl AwsError {
    pub fn code(&self) -> &str {
        self.answer().map_or("", |answer| &answer.code)
    }

    pub fn answer(&self) -> Option<&AwsAnswer> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::NoAnswer { .. } | Self::NoCredentials(_) | Self::NoToken { .. } => None,
        }
    }

    /// AWS says that there were too many calls.
    pub fn is_throttled(&self) -> bool {
        let code = self.code();
        code.contains("Throttl")
            || matches!(
                code,
                "SlowDown"
                    | "RequestLimitExceeded"
                    | "TooManyRequestsException"
                    | "BandwidthLimitExceeded"
            )
    }

    /// AWS says that the session that was used has ended.
    pub fn is_expired(&self) -> bool {
        matches!(
            self.code(),
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired"
        )
    }

    /// Trying again may help: nobody answered, or somebody was busy.
    pub fn is_passing(&self) -> bool {
        let busy = self.answer().is_some_and(|answer| answer.status >= 500);
        let in_flux = matches!(self.code(), "RequestTimeout" | "ConditionalRequestConflict");
        matches!(self, Self::NoAnswer { .. }) || busy || in_flux || self.is_throttled()
    }
}
