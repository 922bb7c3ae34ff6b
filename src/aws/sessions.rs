//! One session per chain: taken once, shared by all who need it, renewed before it ends.
//!
//! Who asks while a session is on its way waits for that same one. A session with less than its
//! margin left is not handed out; a new one is taken first. It knows no unit and no child.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use super::session_error::AskedWith;
use super::single_flight::SingleFlight;
use super::{
    Assumed, Aws, AwsError, CredentialEvent, DurationCut, Refusal, SessionError, WallClock,
};
use crate::model::{
    AccountId, Assumption, Principal, RoleArn, RoleChain, Session, SessionDuration,
};

/// How much an answer of AWS is worth to whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Patience {
    /// A run: it waits while AWS is busy or out of reach, and asks again for the next unit.
    #[default]
    OfARun,
    /// Whoever only looks is told at once what cannot be had, and asks no more for a minute.
    OfALook,
}

/// All sessions of a run. Cheap to clone; all clones share.
#[derive(Debug)]
pub struct RoleSessions<A>(Rc<Inner<A>>);

/// A session and who it turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Live {
    pub session: Session,
    pub principal: Principal,
    taken: SystemTime,
}

#[derive(Debug)]
struct Inner<A> {
    aws: A,
    clock: WallClock,
    patience: Patience,
    held: RefCell<HashMap<RoleChain, Held>>,
    on_their_way: SingleFlight<RoleChain, Result<Live, SessionError>>,
    told_cut: RefCell<HashSet<RoleArn>>,
    events: UnboundedSender<CredentialEvent>,
    calls: Semaphore,
    calls_made: Cell<usize>,
}

#[derive(Clone, Debug)]
enum Held {
    Live(Live),
    /// A no that will not change by itself; asking again at once would only cost calls.
    Refused(SessionError, SystemTime),
}

/// The longest margin: a session is renewed when less than this is left.
const MARGIN: Duration = Duration::from_mins(5);
/// How long AWS may take over one identity, retries included.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a refusal is remembered.
const REFUSAL_HOLDS: Duration = Duration::from_mins(1);
/// Calls to STS at one time.
const CALLS_AT_ONCE: usize = 16;

impl<A> Clone for RoleSessions<A> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<A: Aws + 'static> RoleSessions<A> {
    pub fn new(aws: A, clock: WallClock, events: UnboundedSender<CredentialEvent>) -> Self {
        Self::with_patience(Patience::default(), aws, clock, events)
    }

    pub fn with_patience(
        patience: Patience,
        aws: A,
        clock: WallClock,
        events: UnboundedSender<CredentialEvent>,
    ) -> Self {
        Self(Rc::new(Inner {
            aws,
            clock,
            patience,
            held: RefCell::default(),
            on_their_way: SingleFlight::new(),
            told_cut: RefCell::default(),
            events,
            calls: Semaphore::new(CALLS_AT_ONCE),
            calls_made: Cell::default(),
        }))
    }

    /// A session of that chain with at least its margin left.
    pub async fn session(&self, chain: &RoleChain) -> Result<Live, SessionError> {
        let now = self.0.clock.now();
        let held = self.0.held.borrow().get(chain).cloned();
        match held {
            Some(Held::Live(live)) if live.left(now) > live.margin() => return Ok(live),
            Some(Held::Refused(error, until)) if now < until => return Err(error),
            Some(Held::Live(_) | Held::Refused(..)) | None => {}
        }
        let (this, wanted) = (self.clone(), chain.clone());
        self.0
            .on_their_way
            .join(chain, || async move { this.take(&wanted).await })
            .await
    }

    /// A session in place of one that AWS no longer takes.
    pub async fn instead_of(
        &self,
        chain: &RoleChain,
        refused: &Session,
    ) -> Result<Live, SessionError> {
        // The base identity may hold the session of the chain that it stands for.
        let is_it = |held: &Held| matches!(held, Held::Live(live) if live.session == *refused);
        self.0.held.borrow_mut().retain(|_, held| !is_it(held));
        self.session(chain).await
    }

    /// A session of that chain, which must be in that account.
    pub async fn prove(
        &self,
        chain: &RoleChain,
        account: Option<AccountId>,
    ) -> Result<Live, SessionError> {
        let live = self.session(chain).await?;
        match account {
            Some(expected) if live.principal.account() != expected => Err(SessionError {
                chain: chain.clone(),
                caller: None,
                refusal: Refusal::WrongAccount {
                    expected,
                    got: live.principal,
                },
            }),
            Some(_) | None => Ok(live),
        }
    }

    pub fn clock(&self) -> WallClock {
        self.0.clock
    }

    /// How often STS was asked, refusals included.
    pub(super) fn calls_made(&self) -> usize {
        self.0.calls_made.get()
    }

    /// AWS for one call to STS more.
    pub(super) fn counted(&self) -> &A {
        self.0.calls_made.set(self.0.calls_made.get() + 1);
        &self.0.aws
    }

    pub(super) fn aws(&self) -> &A {
        &self.0.aws
    }

    fn waits(&self) -> bool {
        self.0.patience == Patience::OfARun
    }

    async fn take(&self, chain: &RoleChain) -> Result<Live, SessionError> {
        let taken = match tokio::time::timeout(PATIENCE, self.take_once(chain)).await {
            Ok(taken) => taken,
            Err(_) => Err(SessionError {
                chain: chain.clone(),
                caller: None,
                refusal: Refusal::Unreachable {
                    detail: format!("no answer within {} s", PATIENCE.as_secs()),
                },
            }),
        };
        let now = self.0.clock.now();
        let mut held = self.0.held.borrow_mut();
        match taken {
            Ok(live) => {
                let before = held.insert(chain.clone(), Held::Live(live.clone()));
                if let Some(role) = chain.role() {
                    self.tell(CredentialEvent::SessionTaken {
                        role: role.clone(),
                        ends: live.session.expires_at,
                        renewed: matches!(before, Some(Held::Live(_))),
                    });
                }
                Ok(live)
            }
            // A session that still has some life is better than none while AWS is out of reach.
            Err(error) if error.refusal.is_passing() && self.waits() => match held.get(chain) {
                Some(Held::Live(live)) if live.left(now) > live.margin() / 5 => Ok(live.clone()),
                Some(Held::Live(_) | Held::Refused(..)) | None => Err(error),
            },
            Err(error) => {
                held.insert(
                    chain.clone(),
                    Held::Refused(error.clone(), now + REFUSAL_HOLDS),
                );
                Err(error)
            }
        }
    }

    async fn take_once(&self, chain: &RoleChain) -> Result<Live, SessionError> {
        match (chain.last(), chain.source()) {
            (Some(assumption), _) if assumption.web_identity_token.is_some() => {
                self.buy(chain, assumption).await
            }
            (Some(assumption), Some(source)) => self.assume(chain, assumption, &source).await,
            (None, _) | (_, None) => self.find_base(chain).await,
        }
    }

    async fn find_base(&self, chain: &RoleChain) -> Result<Live, SessionError> {
        let base = chain.base_identity();
        let stands_for = self.0.aws.stands_for(base);
        let stands_for =
            stands_for.map_err(|error| self.refused(chain, None, AskedWith::Session, &error))?;
        if let Some(way) = stands_for {
            return Box::pin(self.session(&way)).await;
        }
        let session = self
            .patiently(chain, || self.0.aws.base_session(base))
            .await;
        let session =
            session.map_err(|error| self.refused(chain, None, AskedWith::Session, &error))?;
        let asked_with = AskedWith::Base {
            ends: session.expires_at,
        };
        let principal = self
            .patiently(chain, || self.counted().caller_identity(&session))
            .await;
        let principal = principal.map_err(|error| self.refused(chain, None, asked_with, &error))?;
        Ok(Live::new(session, principal, self.0.clock.now()))
    }

    async fn buy(&self, chain: &RoleChain, assumption: &Assumption) -> Result<Live, SessionError> {
        let mut duration = assumption.duration;
        loop {
            let call = || {
                self.counted()
                    .assume_role_with_web_identity(assumption, duration)
            };
            match self.patiently(chain, call).await {
                Err(error) if is_too_long(&error, duration) => {
                    duration = self.cut(assumption, DurationCut::RoleMaximum);
                }
                Err(error) => return Err(self.refused(chain, None, AskedWith::Token, &error)),
                Ok(assumed) => return self.proved(chain, assumed, duration, None).await,
            }
        }
    }

    async fn assume(
        &self,
        chain: &RoleChain,
        assumption: &Assumption,
        source: &RoleChain,
    ) -> Result<Live, SessionError> {
        let mut from = Box::pin(self.session(source)).await?;
        if from.principal.is_session_of(&assumption.role) {
            return Ok(from);
        }
        if from.principal.is_root() {
            let caller = Some(from.principal);
            return Err(SessionError {
                chain: chain.clone(),
                caller,
                refusal: Refusal::RootUser,
            });
        }
        let mut duration = assumption.duration;
        if from.principal.is_role_session() && duration > SessionDuration::ONE_HOUR {
            duration = self.cut(assumption, DurationCut::Chained);
        }
        let mut renewed = false;
        loop {
            let call = || {
                self.counted()
                    .assume_role(&from.session, assumption, duration)
            };
            match self.patiently(chain, call).await {
                Err(error) if is_too_long(&error, duration) => {
                    duration = self.cut(assumption, DurationCut::RoleMaximum);
                }
                Err(error) if error.is_expired() && !renewed => {
                    renewed = true;
                    from = Box::pin(self.instead_of(source, &from.session)).await?;
                }
                Err(error) => {
                    let asked_with = match source.role() {
                        None => AskedWith::Base {
                            ends: from.session.expires_at,
                        },
                        Some(_) => AskedWith::Session,
                    };
                    return Err(self.refused(chain, Some(from.principal), asked_with, &error));
                }
                Ok(assumed) => {
                    return self
                        .proved(chain, assumed, duration, Some(from.principal))
                        .await;
                }
            }
        }
    }

    /// Asks the session itself who it is, and holds it against the role's account.
    async fn proved(
        &self,
        chain: &RoleChain,
        assumed: Assumed,
        asked: SessionDuration,
        caller: Option<Principal>,
    ) -> Result<Live, SessionError> {
        let mut session = assumed.session;
        let taken = self.0.clock.now();
        // By our clock a session never lasts longer than it was asked for: where it seems to, our
        // clock is behind, and AWS would end the session before we do.
        let latest = taken + asked.as_duration();
        session.expires_at = session.expires_at.map(|ends| ends.min(latest));
        match self
            .patiently(chain, || self.counted().caller_identity(&session))
            .await
        {
            Err(error) => Err(self.refused(chain, caller, AskedWith::Session, &error)),
            Ok(principal) => match chain.role().map(RoleArn::account) {
                Some(expected) if principal.account() != expected => {
                    let refusal = Refusal::WrongAccount {
                        expected,
                        got: principal,
                    };
                    Err(SessionError {
                        chain: chain.clone(),
                        caller,
                        refusal,
                    })
                }
                Some(_) | None => Ok(Live::new(session, principal, taken)),
            },
        }
    }

    /// Calls again, with growing pauses, while AWS is busy or out of reach.
    async fn patiently<T, F>(&self, chain: &RoleChain, call: impl Fn() -> F) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, AwsError>>,
    {
        let mut pauses = super::pauses(chain);
        let began = Instant::now();
        loop {
            let permit = self
                .0
                .calls
                .acquire()
                .await
                .expect("the semaphore is never closed");
            let answer = call().await;
            drop(permit);
            match answer {
                // Giving up in time keeps AWS's own words for the report.
                Err(error)
                    if error.is_passing() && self.waits() && began.elapsed() < PATIENCE / 2 =>
                {
                    match pauses.next() {
                        Some(pause) => tokio::time::sleep(pause).await,
                        None => return Err(error),
                    }
                }
                answer => return answer,
            }
        }
    }

    fn refused(
        &self,
        chain: &RoleChain,
        caller: Option<Principal>,
        asked_with: AskedWith,
        error: &AwsError,
    ) -> SessionError {
        let refusal = Refusal::of(error, asked_with, self.0.clock.now());
        SessionError {
            chain: chain.clone(),
            caller,
            refusal,
        }
    }

    /// An hour instead of what was asked for, which is told once per role.
    fn cut(&self, assumption: &Assumption, why: DurationCut) -> SessionDuration {
        let given = SessionDuration::ONE_HOUR;
        if self.0.told_cut.borrow_mut().insert(assumption.role.clone()) {
            let (role, asked) = (assumption.role.clone(), assumption.duration);
            self.tell(CredentialEvent::DurationCut {
                role,
                asked,
                given,
                why,
            });
        }
        given
    }

    fn tell(&self, event: CredentialEvent) {
        // Nobody listening is no reason to stop handing out credentials.
        let _ = self.0.events.send(event);
    }
}

/// AWS refuses the length that was asked for, and an hour has not been tried yet.
fn is_too_long(error: &AwsError, asked: SessionDuration) -> bool {
    asked > SessionDuration::ONE_HOUR
        && error.code() == "ValidationError"
        && error.to_string().contains("DurationSeconds")
}

impl Live {
    pub(super) fn new(session: Session, principal: Principal, taken: SystemTime) -> Self {
        Self {
            session,
            principal,
            taken,
        }
    }

    /// How much is left of it; forever, where it has no end.
    pub fn left(&self, now: SystemTime) -> Duration {
        match self.session.expires_at {
            None => Duration::MAX,
            Some(ends) => ends.duration_since(now).unwrap_or_default(),
        }
    }

    /// Five minutes, or a third of the life of a session that is short.
    pub fn margin(&self) -> Duration {
        MARGIN.min(self.left(self.taken) / 3)
    }
}

#[cfg(test)]
mod tests;
