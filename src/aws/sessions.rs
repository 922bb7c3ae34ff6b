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

use super::single_flight::SingleFlight;
use super::{Aws, CredentialEvent, Refusal, SessionError, WallClock};
use crate::model::{AccountId, Principal, RoleArn, RoleChain, Session};

mod taking;

use taking::{BaseWas, Taking};

/// How much an answer of AWS is worth to whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// A run: it waits while AWS is busy or out of reach, and asks again for the next unit. AWS may
    /// take that long over one identity, retries included.
    OfARun { within: Duration },
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
    told_trouble: RefCell<HashSet<RoleChain>>,
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
/// How long AWS may take over one identity where nobody says otherwise.
const USUAL_PATIENCE: Duration = Duration::from_secs(30);
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
            told_trouble: RefCell::default(),
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
        self.take_for_all(chain).await
    }

    /// A session for somebody who cannot be given another one: at least half of its life is left.
    async fn lasting_session(&self, chain: &RoleChain) -> Result<Live, SessionError> {
        let live = self.session(chain).await?;
        let now = self.0.clock.now();
        if live.left(now) >= live.left(live.taken) / 2 {
            return Ok(live);
        }
        self.take_for_all(chain).await
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
        match elsewhere(&live, account) {
            Some(refusal) => Err(SessionError::without_caller(chain, refusal)),
            None => Ok(live),
        }
    }

    /// Like [`Self::prove`], for somebody who cannot be given another session.
    pub async fn prove_lasting(
        &self,
        chain: &RoleChain,
        account: Option<AccountId>,
    ) -> Result<Live, SessionError> {
        let live = self.lasting_session(chain).await?;
        match elsewhere(&live, account) {
            Some(refusal) => Err(SessionError::without_caller(chain, refusal)),
            None => Ok(live),
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

    /// One call for all who ask at the same time.
    async fn take_for_all(&self, chain: &RoleChain) -> Result<Live, SessionError> {
        let (this, wanted) = (self.clone(), chain.clone());
        self.0
            .on_their_way
            .join(chain, || async move { this.take(&wanted).await })
            .await
    }

    async fn take(&self, chain: &RoleChain) -> Result<Live, SessionError> {
        let base = match self.0.held.borrow().get(chain) {
            Some(Held::Live(_)) => BaseWas::Found,
            Some(Held::Refused(..)) | None => BaseWas::NeverFound,
        };
        let error = match Taking::new(self, chain).take(base).await {
            Ok(live) => {
                self.took(chain, &live);
                return Ok(live);
            }
            Err(error) => error,
        };
        let now = self.0.clock.now();
        let before = self.0.held.borrow().get(chain).cloned();
        let may_pass = error.refusal.is_passing() || error.refusal.is_about_the_base();
        if let Some(Held::Live(live)) = before
            && may_pass
            && self.0.patience != Patience::OfALook
            && live.left(now) > live.margin() / 5
        {
            // Some life is better than none while there is nothing better to be had.
            self.tell_not_renewed(chain, &error, &live);
            return Ok(live);
        }
        let holds = match self.0.patience {
            Patience::OfARun { within } if error.refusal.is_passing() => within / 2,
            Patience::OfARun { .. } | Patience::OfALook => REFUSAL_HOLDS,
        };
        let refused = Held::Refused(error.clone(), now + holds);
        self.0.held.borrow_mut().insert(chain.clone(), refused);
        Err(error)
    }

    fn took(&self, chain: &RoleChain, live: &Live) {
        let taken = Held::Live(live.clone());
        let before = self.0.held.borrow_mut().insert(chain.clone(), taken);
        self.0.told_trouble.borrow_mut().remove(chain);
        if let Some(role) = chain.role() {
            self.tell(CredentialEvent::SessionTaken {
                role: role.clone(),
                ends: live.session.expires_at,
                renewed: matches!(before, Some(Held::Live(_))),
            });
        }
    }

    /// Once for each time that a session could not be renewed, however often it is asked for.
    fn tell_not_renewed(&self, chain: &RoleChain, error: &SessionError, live: &Live) {
        if self.0.told_trouble.borrow_mut().insert(chain.clone()) {
            self.tell(CredentialEvent::NotRenewed {
                who: Self::name_of(chain),
                why: error.to_string(),
                ends: live.session.expires_at,
            });
        }
    }

    fn name_of(chain: &RoleChain) -> String {
        match chain.role() {
            Some(role) => role.to_string(),
            None => chain.base_identity().shown("the base identity"),
        }
    }

    fn tell(&self, event: CredentialEvent) {
        // Nobody listening is no reason to stop handing out credentials.
        let _ = self.0.events.send(event);
    }
}

/// What is wrong with a session of another account than that.
fn elsewhere(live: &Live, account: Option<AccountId>) -> Option<Refusal> {
    let expected = account.filter(|account| live.principal.account() != *account)?;
    let got = live.principal.clone();
    Some(Refusal::WrongAccount { expected, got })
}

impl Patience {
    /// How long AWS may take over one identity.
    fn within(self) -> Duration {
        match self {
            Self::OfARun { within } => within,
            Self::OfALook => USUAL_PATIENCE,
        }
    }

    /// How long calls that may go better are made again.
    fn asks_again_for(self) -> Duration {
        match self {
            // Giving up in time keeps AWS's own words for the report.
            Self::OfARun { within } => within / 2,
            Self::OfALook => Duration::ZERO,
        }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self::OfARun {
            within: USUAL_PATIENCE,
        }
    }
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
