//! A bucket of states, looked at by one identity before anybody depends on it: is it there and
//! here, may its states be listed and read, does it keep versions, can locks be taken.
//!
//! It only reads. Whether the identity may also write is for the first apply to tell.

use std::collections::HashSet;
use std::time::SystemTime;

use super::{
    Aws, AwsError, KeyListing, ListedKey, Live, ObjectRange, ReadProblem, RoleSessions,
    SessionError, Versioning, read_error::Denied,
};
use crate::model::{RoleChain, S3State};

/// What is to be looked at, by one identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BucketQuestion {
    /// One state of the bucket, which tells how the bucket is reached.
    pub state: S3State,
    /// The keys of all states that the units have in it.
    pub keys: Vec<String>,
    pub lock_tables: Vec<String>,
}

/// What was seen. Where the bucket itself is out of reach, nothing else was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BucketFacts {
    pub states: Result<StatesFound, LookError>,
    pub versioning: Option<Result<Versioning, LookError>>,
    /// In the order of the question.
    pub lock_tables: Vec<Result<(), LockTableProblem>>,
    /// How many calls it took, to S3 and to `DynamoDB`.
    pub calls: LookCalls,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LookCalls {
    pub s3: usize,
    pub dynamodb: usize,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StatesFound {
    /// How many of the keys there are.
    pub there: usize,
    /// Lock files of the units' states: somebody is at work, or was and did not come back.
    pub locks: Vec<ListedKey>,
    pub extent: ListingExtent,
    /// Whether one of them could be read; `None` where there is none to try.
    pub readable: Option<Result<(), LookError>>,
}

/// How far the listing went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ListingExtent {
    #[default]
    Whole,
    /// The bucket holds too many other objects to look at them all.
    CutShort,
    /// Only the keys themselves may be listed, and only one was tried.
    OneKey,
}

/// Why something could not be seen, with AWS's own words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LookError {
    pub problem: ReadProblem,
    pub said: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LockTableProblem {
    Missing,
    /// The table is there and its key is not the one that engines use.
    OtherKey,
    Denied {
        said: String,
    },
    Unreachable {
        detail: String,
    },
    Other {
        code: String,
        message: String,
    },
}

/// A page has a thousand keys.
const MOST_PAGES: usize = 20;
const LOCK_FILE: &str = ".tflock";

/// Looks at a bucket as that chain's identity.
pub(super) async fn look<A: Aws + 'static>(
    sessions: &RoleSessions<A>,
    chain: &RoleChain,
    question: &BucketQuestion,
) -> Result<BucketFacts, SessionError> {
    let live = sessions.session(chain).await?;
    let mut look = Look {
        aws: sessions.aws(),
        now: sessions.clock().now(),
        live,
        question,
        calls: LookCalls::default(),
    };
    let states = look.states().await;
    let mut versioning = None;
    let mut lock_tables = Vec::new();
    if !states.as_ref().is_err_and(LookError::is_about_the_bucket) {
        versioning = Some(look.versioning().await);
        for table in &question.lock_tables {
            lock_tables.push(look.lock_table(table).await);
        }
    }
    Ok(BucketFacts {
        states,
        versioning,
        lock_tables,
        calls: look.calls,
    })
}

struct Look<'l, A> {
    aws: &'l A,
    now: SystemTime,
    live: Live,
    question: &'l BucketQuestion,
    calls: LookCalls,
}

impl<A: Aws> Look<'_, A> {
    async fn states(&mut self) -> Result<StatesFound, LookError> {
        let found = match self.list().await {
            Err(error) if error.problem.is_denied() => self.list_one_key().await.map_err(|_| error),
            answer => answer,
        };
        let (mut found, first) = found?;
        if let Some(key) = first {
            found.readable = Some(self.read(&key).await);
        }
        Ok(found)
    }

    /// The states and lock files below the folder that all keys share.
    async fn list(&mut self) -> Result<(StatesFound, Option<String>), LookError> {
        let wanted: HashSet<&str> = self.question.keys.iter().map(String::as_str).collect();
        let prefix = shared_folder(&self.question.keys);
        let mut found = StatesFound::default();
        let mut first = None;
        let mut after = None;
        for _ in 0..MOST_PAGES {
            let wanted_page = KeyListing {
                state: &self.question.state,
                prefix,
                after,
            };
            self.calls.s3 += 1;
            let page = self.aws.list_keys(&self.live.session, &wanted_page).await;
            let page = page.map_err(|error| self.error(&error, "s3:ListBucket"))?;
            for listed in page.keys {
                let of_lock = listed.key.strip_suffix(LOCK_FILE);
                if of_lock.is_some_and(|key| wanted.contains(key)) {
                    found.locks.push(listed);
                } else if wanted.contains(listed.key.as_str()) {
                    found.there += 1;
                    first.get_or_insert(listed.key);
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok((found, first));
            }
        }
        found.extent = ListingExtent::CutShort;
        Ok((found, first))
    }

    /// A policy may allow listing below some prefixes only.
    async fn list_one_key(&mut self) -> Result<(StatesFound, Option<String>), LookError> {
        let state = &self.question.state;
        self.calls.s3 += 1;
        let exists = self.aws.key_exists(&self.live.session, state).await;
        let exists = exists.map_err(|error| self.error(&error, "s3:ListBucket"))?;
        let found = StatesFound {
            there: usize::from(exists),
            extent: ListingExtent::OneKey,
            ..StatesFound::default()
        };
        Ok((found, exists.then(|| state.object_key())))
    }

    /// The first byte of a state: enough to know that the object and its key may be used.
    async fn read(&mut self, key: &str) -> Result<(), LookError> {
        let state = S3State {
            key: key.to_owned(),
            workspace: None,
            ..self.question.state.clone()
        };
        let wanted = ObjectRange {
            state: &state,
            bytes: 0..=0,
            if_match: None,
        };
        self.calls.s3 += 1;
        match self.aws.get_object(&self.live.session, &wanted).await {
            Ok(_) => Ok(()),
            // An empty object has no first byte, and could be read nevertheless.
            Err(error) if error.code() == "InvalidRange" => Ok(()),
            Err(error) => Err(self.error(&error, "s3:GetObject")),
        }
    }

    async fn versioning(&mut self) -> Result<Versioning, LookError> {
        self.calls.s3 += 1;
        let state = &self.question.state;
        let answer = self.aws.bucket_versioning(&self.live.session, state).await;
        answer.map_err(|error| self.error(&error, "s3:GetBucketVersioning"))
    }

    async fn lock_table(&mut self, table: &str) -> Result<(), LockTableProblem> {
        self.calls.dynamodb += 1;
        let state = &self.question.state;
        let session = &self.live.session;
        let answer = self
            .aws
            .look_into_lock_table(session, state, table, self.now);
        answer.await.map_err(|error| LockTableProblem::of(&error))
    }

    fn error(&self, error: &AwsError, action: &str) -> LookError {
        let problem = match ReadProblem::of(error, &self.question.state) {
            ReadProblem::Denied(_) => ReadProblem::Denied(Denied::Object {
                action: action.to_owned(),
            }),
            problem => problem,
        };
        LookError {
            problem,
            said: error.to_string(),
        }
    }
}

impl LookError {
    /// It is not about who asks: nobody would get further.
    fn is_about_the_bucket(&self) -> bool {
        matches!(
            self.problem,
            ReadProblem::NoBucket
                | ReadProblem::WrongRegion { .. }
                | ReadProblem::Unreachable { .. }
        )
    }
}

impl LockTableProblem {
    fn of(error: &AwsError) -> Self {
        let said = error.to_string();
        let Some(answer) = error.answer() else {
            return Self::Unreachable { detail: said };
        };
        match answer.code.as_str() {
            "ResourceNotFoundException" => Self::Missing,
            "AccessDeniedException" | "AccessDenied" => Self::Denied { said },
            "ValidationException" if said.contains("schema") => Self::OtherKey,
            code => Self::Other {
                code: code.to_owned(),
                message: said,
            },
        }
    }
}

/// The longest folder that all keys lie in, with its `/`.
fn shared_folder(keys: &[String]) -> &str {
    let Some((first, others)) = keys.split_first() else {
        return "";
    };
    let same = |other: &String| {
        let pairs = first.bytes().zip(other.bytes());
        pairs.take_while(|(one, two)| one == two).count()
    };
    let length = others.iter().map(same).min().unwrap_or(first.len());
    let end = first.as_bytes()[..length]
        .iter()
        .rposition(|byte| *byte == b'/');
    end.map_or("", |slash| &first[..=slash])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listing_begins_in_the_folder_that_all_keys_share() {
        let shared = |keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            shared_folder(&keys).to_owned()
        };
        assert_eq!(shared(&["live/dev/a/s", "live/dev/b/s"]), "live/dev/");
        assert_eq!(shared(&["live/dev/s", "live/devel/s"]), "live/");
        assert_eq!(shared(&["live/dev/s"]), "live/dev/");
        assert_eq!(shared(&["äx/s", "äy/s"]), "");
        assert_eq!(shared(&["a", "b"]), "");
        assert_eq!(shared(&[]), "");
    }
}
