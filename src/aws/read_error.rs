//! Why outputs could not be read: each way in its own words, since each has its own remedy.

use std::fmt;

use super::state_document::DocumentError;
use super::{AwsError, SessionError};
use crate::model::{NotReadDirectly, RoleChain, S3State, StateLocation};

/// Why the outputs at a location could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadOutputsError {
    pub location: StateLocation,
    /// As whom.
    pub chain: RoleChain,
    pub problem: ReadProblem,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadProblem {
    /// There is no state yet. The one problem that mocks may stand in for.
    NeverApplied,
    /// Only the engine can read this state.
    NeedsEngine(NeedsEngine),
    /// There is no session to read with.
    Session(SessionError),
    Denied(Denied),
    /// The object may be read, its key may not be used.
    KeyDenied {
        message: String,
    },
    NoBucket,
    WrongRegion {
        asked: Option<String>,
        really: Option<String>,
    },
    /// The object is there and has no bytes.
    Empty {
        version_id: Option<String>,
    },
    NotJson {
        offset: usize,
        size: u64,
        version_id: Option<String>,
        detail: String,
    },
    /// The object breaks off in the middle.
    HalfWritten {
        size: u64,
        version_id: Option<String>,
    },
    NotAState {
        version_id: Option<String>,
    },
    NewerVersion {
        version: u64,
    },
    OlderVersion {
        version: u64,
    },
    DuplicateOutput {
        name: String,
    },
    TooDeep {
        name: String,
    },
    TooLarge {
        size: u64,
        limit: u64,
    },
    /// The object was written again and again while it was read.
    Unsteady,
    Throttled,
    /// The session ended, and a new one was refused as well.
    Expired,
    Unreachable {
        detail: String,
    },
    Other {
        code: String,
        message: String,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NeedsEngine {
    OtherBackend {
        kind: String,
    },
    Backend(NotReadDirectly),
    /// Encrypted by `OpenTofu` itself.
    Encrypted,
}

/// What a 403 of S3 means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Denied {
    /// The object is there, or S3 names the missing action.
    Object { action: String },
    /// Without `s3:ListBucket`, S3 answers the same for a missing key as for a forbidden one.
    CannotTell { message: String },
}

impl ReadProblem {
    /// Reads S3's answer; what a plain 403 means has to be found out by another call.
    pub(super) fn of(error: &AwsError, state: &S3State) -> Self {
        let Some(answer) = error.answer() else {
            return Self::Unreachable {
                detail: error.to_string(),
            };
        };
        let message = answer.message.clone();
        if error.is_throttled() {
            return Self::Throttled;
        }
        if error.is_expired() {
            return Self::Expired;
        }
        match answer.code.as_str() {
            "NoSuchKey" => Self::NeverApplied,
            "NoSuchBucket" => Self::NoBucket,
            "InvalidRange" => Self::Empty { version_id: None },
            "PermanentRedirect"
            | "AuthorizationHeaderMalformed"
            | "TemporaryRedirect"
            | "IllegalLocationConstraintException" => Self::WrongRegion {
                asked: state.region.clone(),
                really: answer
                    .bucket_region
                    .clone()
                    .or_else(|| expected_region(&message)),
            },
            "AccessDenied" | "AllAccessDisabled" if message.contains("kms:") => {
                Self::KeyDenied { message }
            }
            code if code.starts_with("KMS.") => Self::KeyDenied { message },
            "AccessDenied" if message.contains("s3:GetObject") => Self::Denied(Denied::Object {
                action: "s3:GetObject".into(),
            }),
            "AccessDenied" | "AllAccessDisabled" => Self::Denied(Denied::CannotTell { message }),
            code => Self::Other {
                code: code.to_owned(),
                message,
            },
        }
    }

    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Denied(_))
    }

    pub(super) fn of_document(error: DocumentError, size: u64, version_id: Option<String>) -> Self {
        match error {
            DocumentError::NotJson { offset, detail } => Self::NotJson {
                offset,
                size,
                version_id,
                detail,
            },
            DocumentError::HalfWritten => Self::HalfWritten { size, version_id },
            DocumentError::NotAState => Self::NotAState { version_id },
            DocumentError::Newer { version } => Self::NewerVersion { version },
            DocumentError::Older { version } => Self::OlderVersion { version },
            DocumentError::Encrypted => Self::NeedsEngine(NeedsEngine::Encrypted),
            DocumentError::DuplicateOutput { name } => Self::DuplicateOutput { name },
            DocumentError::TooDeep { name } => Self::TooDeep { name },
        }
    }
}

/// The region in S3's `… the region 'us-east-1' is wrong; expecting 'eu-central-1'`.
fn expected_region(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("expecting '")?;
    rest.split('\'').next().map(ToOwned::to_owned)
}

impl ReadOutputsError {
    /// What to do about it, where we know.
    pub fn help(&self) -> Option<String> {
        let who = self.who();
        let text = match &self.problem {
            ReadProblem::NeverApplied => "apply that unit first, or give mock_outputs".into(),
            ReadProblem::Session(error) => return error.help(),
            ReadProblem::Denied(Denied::Object { action }) => {
                format!("allow {action} on this object to {who}")
            }
            ReadProblem::Denied(Denied::CannotTell { .. }) => format!(
                "allow s3:ListBucket on the bucket to {who}, so that S3 tells a missing state \
                 from a forbidden one; and check that the bucket is in the account you mean"
            ),
            ReadProblem::KeyDenied { .. } => {
                format!("allow kms:Decrypt with the bucket's key to {who}")
            }
            ReadProblem::NoBucket => {
                "check the bucket's name; terrane creates none by itself".into()
            }
            ReadProblem::WrongRegion {
                really: Some(really),
                ..
            } => {
                format!("write region = {really:?} in the backend")
            }
            ReadProblem::WrongRegion { really: None, .. } => {
                "write the bucket's own region in the backend".into()
            }
            ReadProblem::Empty { .. }
            | ReadProblem::NotJson { .. }
            | ReadProblem::HalfWritten { .. }
            | ReadProblem::NotAState { .. } => {
                "restore an earlier version of the object, if the bucket keeps versions".into()
            }
            ReadProblem::NewerVersion { .. } => {
                "a newer terraform or tofu wrote it; use a newer terrane".into()
            }
            ReadProblem::OlderVersion { .. } => {
                "apply that unit once with a current terraform or tofu".into()
            }
            ReadProblem::NeedsEngine(_)
            | ReadProblem::DuplicateOutput { .. }
            | ReadProblem::TooDeep { .. }
            | ReadProblem::TooLarge { .. }
            | ReadProblem::Unsteady
            | ReadProblem::Throttled
            | ReadProblem::Expired
            | ReadProblem::Unreachable { .. }
            | ReadProblem::Other { .. } => return None,
        };
        Some(text)
    }

    fn who(&self) -> String {
        self.chain
            .role()
            .map_or_else(|| "the base identity".to_owned(), ToString::to_string)
    }
}

impl fmt::Display for ReadOutputsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let location = &self.location;
        match &self.problem {
            ReadProblem::NeverApplied => write!(f, "not applied yet: {location} does not exist"),
            problem => write!(f, "{location}, read as {}: {problem}", self.who()),
        }
    }
}

impl fmt::Display for ReadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = |id: &Option<String>| match id {
            Some(id) => format!(", object version {id}"),
            None => String::new(),
        };
        match self {
            Self::NeverApplied => f.write_str("it does not exist"),
            Self::NeedsEngine(reason) => write!(f, "only the engine can read it: {reason}"),
            Self::Session(error) => error.fmt(f),
            Self::Denied(Denied::Object { action }) => write!(f, "access denied ({action})"),
            Self::Denied(Denied::CannotTell { message }) => write!(
                f,
                "access denied, and AWS does not tell whether the state is missing or forbidden, \
                 since listing is forbidden too ({message})"
            ),
            Self::KeyDenied { message } => write!(f, "its key may not be used ({message})"),
            Self::NoBucket => f.write_str("there is no such bucket"),
            Self::WrongRegion { asked, really } => {
                let asked = asked.as_deref().unwrap_or("the region of the environment");
                let really = really.as_deref().unwrap_or("another region");
                write!(f, "the bucket is in {really}, not in {asked}")
            }
            Self::Empty { version_id } => {
                write!(
                    f,
                    "the object is empty, which is no state{}",
                    version(version_id)
                )
            }
            Self::NotJson {
                offset,
                size,
                version_id,
                detail,
            } => write!(
                f,
                "it is not JSON from byte {offset} of {size} on{} ({detail})",
                version(version_id)
            ),
            Self::HalfWritten { size, version_id } => {
                write!(f, "it breaks off after {size} bytes{}", version(version_id))
            }
            Self::NotAState { version_id } => {
                write!(f, "it is JSON but no state{}", version(version_id))
            }
            Self::NewerVersion { version } => {
                write!(f, "its format is version {version}, terrane knows 4")
            }
            Self::OlderVersion { version } => {
                write!(f, "its format is version {version}, older than 4")
            }
            Self::DuplicateOutput { name } => write!(f, "it has the output {name:?} twice"),
            Self::TooDeep { name } => write!(f, "its output {name:?} is nested too deeply"),
            Self::TooLarge { size, limit } => {
                write!(
                    f,
                    "its outputs do not come within the first {limit} of {size} bytes"
                )
            }
            Self::Unsteady => f.write_str("it kept changing while it was read"),
            Self::Throttled => f.write_str("S3 is throttling the calls"),
            Self::Expired => f.write_str("the session has ended, and so has the one after it"),
            Self::Unreachable { detail } => write!(f, "S3 did not answer ({detail})"),
            Self::Other { code, message } => write!(f, "{code}: {message}"),
        }
    }
}

impl fmt::Display for NeedsEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherBackend { kind } => write!(f, "its backend is {kind:?}"),
            Self::Backend(reason) => reason.fmt(f),
            Self::Encrypted => f.write_str("OpenTofu has encrypted it"),
        }
    }
}

impl std::error::Error for ReadOutputsError {}
