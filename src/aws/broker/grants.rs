//! The grants that are open, and what has been handed out by each.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use super::guard::ProcessMark;
use super::token::{Token, random_hex};
use crate::aws::Live;
use crate::aws::grant::{GrantId, GrantRequest};

/// What a helper may ask for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Wanted {
    State,
    Hub,
    /// A profile of the user's that holds keys.
    Profile(String),
}

/// One child's grant.
#[derive(Debug)]
pub(super) struct OpenGrant {
    pub(super) request: GrantRequest,
    pub(super) endpoint_token: Token,
    pub(super) helper_token: Token,
    child: watch::Sender<Option<ProcessMark>>,
    engine: Cell<Option<ProcessMark>>,
    handed_out: RefCell<BTreeMap<Wanted, Live>>,
    told: RefCell<BTreeSet<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotAgain {
    /// Another process was the engine before.
    AnotherEngine,
    /// The engine has its credentials, and they are far from their end.
    HandedOutAlready,
}

#[derive(Debug, Default)]
pub(super) struct Grants(RefCell<BTreeMap<GrantId, Rc<OpenGrant>>>);

/// How long a helper waits to be told which process its child is.
const CHILD_IS_KNOWN_WITHIN: Duration = Duration::from_secs(10);

impl Grants {
    pub(super) fn open(&self, request: GrantRequest) -> (GrantId, Rc<OpenGrant>) {
        let id = GrantId(random_hex::<16>());
        let grant = Rc::new(OpenGrant {
            request,
            endpoint_token: Token::new(),
            helper_token: Token::new(),
            child: watch::Sender::new(None),
            engine: Cell::new(None),
            handed_out: RefCell::default(),
            told: RefCell::default(),
        });
        self.0.borrow_mut().insert(id.clone(), Rc::clone(&grant));
        (id, grant)
    }

    pub(super) fn close(&self, id: &GrantId) {
        self.0.borrow_mut().remove(id);
    }

    pub(super) fn get(&self, id: &str) -> Option<Rc<OpenGrant>> {
        self.0.borrow().get(&GrantId(id.to_owned())).cloned()
    }
}

impl OpenGrant {
    pub(super) fn child_is(&self, child: ProcessMark) {
        self.child.send_replace(Some(child));
    }

    /// The child's process; the helper may be quicker than the word of its start.
    pub(super) async fn child(&self) -> Option<ProcessMark> {
        let mut known = self.child.subscribe();
        let known = tokio::time::timeout(CHILD_IS_KNOWN_WITHIN, known.wait_for(Option::is_some));
        *known.await.ok()?.ok()?
    }

    /// Takes note that the engine is given these credentials, unless it has had them.
    ///
    /// An engine asks once, at its start, before it runs any plugin or provisioner, and again when
    /// its session nears its end. So whoever asks in between is somebody else, even where the
    /// processes look alike.
    pub(super) fn hand_out(
        &self,
        wanted: Wanted,
        engine: ProcessMark,
        live: &Live,
        now: SystemTime,
    ) -> Result<(), NotAgain> {
        if self.engine.get().is_some_and(|known| known != engine) {
            return Err(NotAgain::AnotherEngine);
        }
        let mut handed_out = self.handed_out.borrow_mut();
        if handed_out
            .get(&wanted)
            .is_some_and(|last| last.left(now) > last.margin())
        {
            return Err(NotAgain::HandedOutAlready);
        }
        self.engine.set(Some(engine));
        handed_out.insert(wanted, live.clone());
        Ok(())
    }

    /// Whether this is the first time that such a thing is told of this grant.
    pub(super) fn tells_first(&self, what: &str) -> bool {
        self.told.borrow_mut().insert(what.to_owned())
    }
}

impl Wanted {
    /// Reads the helper's word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "state" => Some(Self::State),
            "hub" => Some(Self::Hub),
            word => word
                .strip_prefix("profile:")
                .map(|name| Self::Profile(name.to_owned())),
        }
    }

    pub(super) fn word(&self) -> String {
        match self {
            Self::State => "state".to_owned(),
            Self::Hub => "hub".to_owned(),
            Self::Profile(name) => format!("profile:{name}"),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State => f.write_str("state-management"),
            Self::Hub => f.write_str("hub"),
            Self::Profile(name) => write!(f, "profile {name:?}"),
        }
    }
}

impl fmt::Display for NotAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnotherEngine => "another process was the engine before",
            Self::HandedOutAlready => "the engine has its credentials already",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::grant::ChildCredentials;
    use crate::model::{Principal, RoleChain, Secret, Session};

    const ENGINE: ProcessMark = ProcessMark { pid: 7, started: 1 };

    fn grant() -> Rc<OpenGrant> {
        let request = GrantRequest {
            unit: "dev/vpc".into(),
            doer: RoleChain::base(),
            account: None,
            state_management: Some(RoleChain::base()),
            hub: None,
            region: None,
            delivery: ChildCredentials::Endpoint,
        };
        Grants::default().open(request).1
    }

    fn hour_from(taken: SystemTime) -> Live {
        let secret = || Secret::new(String::new());
        let session = Session {
            access_key_id: secret(),
            secret_access_key: secret(),
            session_token: None,
            expires_at: Some(taken + Duration::from_hours(1)),
        };
        let arn = "arn:aws:sts::000000000000:assumed-role/state/x";
        Live::new(session, Principal::parse(arn).expect("an ARN"), taken)
    }

    #[test]
    fn credentials_are_handed_out_once_and_again_near_their_end() {
        let grant = grant();
        let start = SystemTime::UNIX_EPOCH;
        let minute = |minutes| start + Duration::from_mins(minutes);
        let hand_out = |now, live: &Live| grant.hand_out(Wanted::State, ENGINE, live, now);
        let first = hour_from(start);
        assert_eq!(hand_out(minute(0), &first), Ok(()));
        assert_eq!(hand_out(minute(1), &first), Err(NotAgain::HandedOutAlready));
        assert_eq!(
            hand_out(minute(54), &first),
            Err(NotAgain::HandedOutAlready)
        );
        let second = hour_from(minute(55));
        assert_eq!(hand_out(minute(55), &second), Ok(()));
        assert_eq!(
            hand_out(minute(56), &second),
            Err(NotAgain::HandedOutAlready)
        );
    }

    #[test]
    fn the_first_engine_stays_the_engine() {
        let grant = grant();
        let now = SystemTime::UNIX_EPOCH;
        let live = hour_from(now);
        assert_eq!(grant.hand_out(Wanted::State, ENGINE, &live, now), Ok(()));
        let other = ProcessMark { pid: 8, ..ENGINE };
        let again = grant.hand_out(Wanted::Hub, other, &live, now);
        assert_eq!(again, Err(NotAgain::AnotherEngine));
        assert_eq!(grant.hand_out(Wanted::Hub, ENGINE, &live, now), Ok(()));
    }
}
