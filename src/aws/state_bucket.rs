//! The outputs at a location: read once, straight from the bucket, shared by all who ask.
//!
//! No init and no engine: one ranged GET as state-management. A location is read again only after
//! it was invalidated, which whoever applies the unit does.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::read_error::{Denied, NeedsEngine};
use super::single_flight::SingleFlight;
use super::state_document::{self, StateDocument};
use super::{
    Aws, AwsError, Live, ObjectPart, ObjectRange, ReadOutputsError, ReadProblem, RoleSessions,
    SessionError,
};
use crate::model::{Outputs, RoleChain, S3State, StateLocation, StateVersion};

/// All states of a run. Cheap to clone; all clones share.
#[derive(Debug)]
pub struct StateBucket<A>(Rc<Inner<A>>);

#[derive(Debug)]
struct Inner<A> {
    sessions: RoleSessions<A>,
    read: RefCell<HashMap<Key, Read>>,
    on_their_way: SingleFlight<(Key, u64), Read>,
    /// How often a location was invalidated: what was begun before does not count after.
    round: RefCell<HashMap<StateLocation, u64>>,
}

/// Who may read decides what is read, so the identity belongs to the key.
type Key = (StateLocation, RoleChain);
type Read = Result<Outputs, ReadOutputsError>;

/// What is asked for at first. The outputs of nearly every state come within it.
const FIRST_BYTES: u64 = 128 * 1024;
/// How much of a state is read in search of its outputs.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// How often reading starts over because the state was written meanwhile.
const RESTARTS: usize = 3;
/// How often one call is made.
const ATTEMPTS: usize = 5;

impl<A> Clone for StateBucket<A> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<A: Aws + 'static> StateBucket<A> {
    pub fn new(sessions: RoleSessions<A>) -> Self {
        Self(Rc::new(Inner {
            sessions,
            read: RefCell::default(),
            on_their_way: SingleFlight::new(),
            round: RefCell::default(),
        }))
    }

    /// The outputs at that location, as that chain's identity sees them.
    pub async fn read(&self, location: &StateLocation, chain: &RoleChain) -> Read {
        let key = (location.clone(), chain.clone());
        if let Some(read) = self.0.read.borrow().get(&key) {
            return read.clone();
        }
        let round = self.round(location);
        let (this, wanted) = (self.clone(), key.clone());
        let read = self
            .0
            .on_their_way
            .join(&(key.clone(), round), || async move {
                this.fetch(&wanted.0, &wanted.1).await
            })
            .await;
        let is_final = match &read {
            Ok(_) => true,
            Err(error) => error.problem == ReadProblem::NeverApplied,
        };
        if is_final && round == self.round(location) {
            self.0.read.borrow_mut().insert(key, read.clone());
        }
        read
    }

    /// Forgets what was read there: the unit has been applied.
    pub fn invalidate(&self, location: &StateLocation) {
        *self
            .0
            .round
            .borrow_mut()
            .entry(location.clone())
            .or_default() += 1;
        self.0.read.borrow_mut().retain(|(of, _), _| of != location);
    }

    fn round(&self, location: &StateLocation) -> u64 {
        self.0
            .round
            .borrow()
            .get(location)
            .copied()
            .unwrap_or_default()
    }

    async fn fetch(&self, location: &StateLocation, chain: &RoleChain) -> Read {
        let outcome = match location {
            StateLocation::Other { kind } => {
                Err(ReadProblem::NeedsEngine(NeedsEngine::OtherBackend {
                    kind: kind.clone(),
                }))
            }
            StateLocation::S3(state) => match state.not_directly {
                Some(reason) => Err(ReadProblem::NeedsEngine(NeedsEngine::Backend(reason))),
                None => self.fetch_object(state, chain).await,
            },
        };
        outcome.map_err(|problem| ReadOutputsError {
            location: location.clone(),
            chain: chain.clone(),
            problem,
        })
    }

    async fn fetch_object(
        &self,
        state: &S3State,
        chain: &RoleChain,
    ) -> Result<Outputs, ReadProblem> {
        let mut reader = Reader {
            sessions: &self.0.sessions,
            state,
            chain,
            live: self
                .0
                .sessions
                .session(chain)
                .await
                .map_err(ReadProblem::Session)?,
        };
        for _ in 0..RESTARTS {
            if let Some(outputs) = reader.read_object().await? {
                return Ok(outputs);
            }
        }
        Err(ReadProblem::Unsteady)
    }
}

/// Why a piece was not got.
enum NotGot {
    Aws(AwsError),
    Session(SessionError),
}

/// One read of one object, under way.
struct Reader<'a, A> {
    sessions: &'a RoleSessions<A>,
    state: &'a S3State,
    chain: &'a RoleChain,
    live: Live,
}

impl<A: Aws + 'static> Reader<'_, A> {
    /// Reads piece by piece until the outputs are there; `None` when the object changed meanwhile.
    async fn read_object(&mut self) -> Result<Option<Outputs>, ReadProblem> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut etag: Option<String> = None;
        loop {
            let have = bytes.len() as u64;
            let last = if have == 0 { FIRST_BYTES } else { have * 2 } - 1;
            let part = match self.get(have, last, etag.as_deref()).await {
                Err(NotGot::Aws(error)) if error.code() == "PreconditionFailed" => return Ok(None),
                Err(NotGot::Aws(error)) => return Err(self.explain(&error).await),
                Err(NotGot::Session(error)) => return Err(ReadProblem::Session(error)),
                Ok(part) => part,
            };
            let ObjectPart {
                total_bytes: size,
                version_id,
                ..
            } = &part;
            if *size == 0 {
                return Err(ReadProblem::Empty {
                    version_id: version_id.clone(),
                });
            }
            bytes.extend_from_slice(&part.bytes);
            let is_whole = bytes.len() as u64 >= *size;
            let document = state_document::read(&bytes, is_whole)
                .map_err(|error| ReadProblem::of_document(error, *size, version_id.clone()))?;
            if let Some(document) = document {
                return Ok(Some(outputs(document, part)));
            }
            if bytes.len() as u64 >= MOST_BYTES {
                return Err(ReadProblem::TooLarge {
                    size: *size,
                    limit: MOST_BYTES,
                });
            }
            if part.bytes.is_empty() {
                return Err(ReadProblem::HalfWritten {
                    size: *size,
                    version_id: part.version_id,
                });
            }
            etag = part.etag;
        }
    }

    /// One piece, asked for again while S3 is busy, and once more with a new session when the old
    /// one has ended.
    async fn get(
        &mut self,
        first: u64,
        last: u64,
        if_match: Option<&str>,
    ) -> Result<ObjectPart, NotGot> {
        let wanted = ObjectRange {
            state: self.state,
            bytes: first..=last,
            if_match,
        };
        let mut pauses = super::pauses(&self.state.key).take(ATTEMPTS - 1);
        let mut renewed = false;
        loop {
            match self
                .sessions
                .aws()
                .get_object(&self.live.session, &wanted)
                .await
            {
                Err(error) if error.is_passing() => match pauses.next() {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return Err(NotGot::Aws(error)),
                },
                Err(error) if error.is_expired() && !renewed => {
                    renewed = true;
                    let anew = self
                        .sessions
                        .instead_of(self.chain, &self.live.session)
                        .await;
                    self.live = anew.map_err(NotGot::Session)?;
                }
                answer => return answer.map_err(NotGot::Aws),
            }
        }
    }

    /// Puts a failure in words. A plain 403 takes one more call: who may list can tell.
    async fn explain(&self, error: &AwsError) -> ReadProblem {
        let problem = ReadProblem::of(error, self.state);
        let ReadProblem::Denied(Denied::CannotTell { .. }) = &problem else {
            return problem;
        };
        match self
            .sessions
            .aws()
            .key_exists(&self.live.session, self.state)
            .await
        {
            Ok(_) => ReadProblem::Denied(Denied::Object {
                action: "s3:GetObject".into(),
            }),
            Err(_) => problem,
        }
    }
}

fn outputs(document: StateDocument, part: ObjectPart) -> Outputs {
    Outputs {
        values: document.outputs,
        version: StateVersion {
            serial: document.serial,
            lineage: document.lineage,
            terraform_version: document.terraform_version,
            last_modified: part.last_modified,
            version_id: part.version_id,
            etag: part.etag,
        },
    }
}

#[cfg(test)]
mod tests;
