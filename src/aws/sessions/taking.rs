//! How a session is taken: the calls to AWS for one chain, and patience with them.
//!
//! It holds no session: what becomes of one that was taken is up to the caller. The session that
//! a role is assumed from is asked for first, and has a patience of its own, so that whoever does
//! not answer is named rightly.

use std::cell::RefCell;

use tokio::time::Instant;

use super::RoleSessions;
use crate::aws::session_error::AskedWith;
use crate::aws::{
    Assumed, Aws, AwsError, CredentialEvent, DurationCut, Live, Refusal, SessionError,
};
use crate::model::{Assumption, Principal, RoleArn, RoleChain, SessionDuration, SessionLimits};

/// One session on its way.
pub(super) struct Taking<'t, A> {
    sessions: &'t RoleSessions<A>,
    chain: &'t RoleChain,
    began: Instant,
    /// What AWS said last, for whoever is told that nothing came of it.
    last: RefCell<Option<AwsError>>,
}

/// Whether a base identity that cannot be found is looked for again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BaseWas {
    /// It was there before in this run, so whatever gave it may come back.
    Found,
    NeverFound,
}

impl<'t, A: Aws + 'static> Taking<'t, A> {
    pub(super) fn new(sessions: &'t RoleSessions<A>, chain: &'t RoleChain) -> Self {
        Self {
            sessions,
            chain,
            began: Instant::now(),
            last: RefCell::new(None),
        }
    }

    pub(super) async fn take(mut self, base: BaseWas) -> Result<Live, SessionError> {
        match (self.chain.last(), self.chain.source()) {
            (Some(assumption), _) if assumption.web_identity_token.is_some() => {
                self.in_time(self.buy(assumption)).await
            }
            (Some(assumption), Some(source)) => {
                let from = Box::pin(self.sessions.session(&source)).await?;
                self.began = Instant::now();
                self.in_time(self.assume(assumption, &source, from)).await
            }
            (None, _) | (_, None) => {
                let stands_for = self.sessions.0.aws.stands_for(self.chain.base_identity());
                let stands_for =
                    stands_for.map_err(|error| self.refused(None, AskedWith::Session, &error))?;
                match stands_for {
                    Some(way) => Box::pin(self.sessions.session(&way)).await,
                    None => self.in_time(self.find_base(base)).await,
                }
            }
        }
    }

    async fn in_time(
        &self,
        work: impl Future<Output = Result<Live, SessionError>>,
    ) -> Result<Live, SessionError> {
        let patience = self.sessions.0.patience.within();
        if let Ok(done) = tokio::time::timeout(patience, work).await {
            return done;
        }
        let silence = || AwsError::NoAnswer {
            detail: format!("nothing within {} s", patience.as_secs()),
        };
        let last = self.last.take().unwrap_or_else(silence);
        Err(self.refused(None, AskedWith::Session, &last))
    }

    async fn find_base(&self, base: BaseWas) -> Result<Live, SessionError> {
        let aws = &self.sessions.0.aws;
        let may_come_back = |error: &AwsError| {
            let is_gone = match error {
                AwsError::NoCredentials(why) => why.may_come_back(),
                AwsError::Answered(_) | AwsError::NoAnswer { .. } | AwsError::NoToken { .. } => {
                    false
                }
            };
            error.is_passing() || (base == BaseWas::Found && is_gone)
        };
        let find = || aws.base_session(self.chain.base_identity());
        let session = self.again_while(may_come_back, find).await;
        let session = session.map_err(|error| self.refused(None, AskedWith::Session, &error))?;
        let asked_with = AskedWith::Base {
            ends: session.expires_at,
        };
        let principal = self
            .patiently(|| self.sessions.counted().caller_identity(&session))
            .await;
        let principal = principal.map_err(|error| self.refused(None, asked_with, &error))?;
        Ok(Live::new(session, principal, self.sessions.0.clock.now()))
    }

    async fn buy(&self, assumption: &Assumption) -> Result<Live, SessionError> {
        let mut duration = assumption.duration;
        loop {
            let aws = || self.sessions.counted();
            let call = || aws().assume_role_with_web_identity(assumption, duration);
            match self.patiently(call).await {
                Err(error) if is_too_long(&error, duration) => {
                    duration = self.cut(assumption, DurationCut::RoleMaximum);
                }
                Err(error) => return Err(self.refused(None, AskedWith::Token, &error)),
                Ok(assumed) => return self.proved(assumed, duration, None).await,
            }
        }
    }

    async fn assume(
        &self,
        assumption: &Assumption,
        source: &RoleChain,
        mut from: Live,
    ) -> Result<Live, SessionError> {
        // What carries marks or less rights than its role is another session.
        if from.principal.is_session_of(&assumption.role)
            && assumption.limits == SessionLimits::default()
        {
            return Ok(from);
        }
        if from.principal.is_root() {
            return Err(self.error(Some(from.principal), Refusal::RootUser));
        }
        let mut duration = assumption.duration;
        if from.principal.is_role_session() && duration > SessionDuration::ONE_HOUR {
            duration = self.cut(assumption, DurationCut::Chained);
        }
        let mut renewed = false;
        loop {
            let aws = || self.sessions.counted();
            let call = || aws().assume_role(&from.session, assumption, duration);
            match self.patiently(call).await {
                Err(error) if is_too_long(&error, duration) => {
                    duration = self.cut(assumption, DurationCut::RoleMaximum);
                }
                Err(error) if error.is_expired() && !renewed => {
                    renewed = true;
                    let anew = self.sessions.instead_of(source, &from.session);
                    from = Box::pin(anew).await?;
                }
                Err(error) => {
                    let asked_with = match source.role() {
                        None => AskedWith::Base {
                            ends: from.session.expires_at,
                        },
                        Some(_) => AskedWith::Session,
                    };
                    return Err(self.refused(Some(from.principal), asked_with, &error));
                }
                Ok(assumed) => return self.proved(assumed, duration, Some(from.principal)).await,
            }
        }
    }

    /// Asks the session itself who it is, and holds it against the role's account.
    async fn proved(
        &self,
        assumed: Assumed,
        asked: SessionDuration,
        caller: Option<Principal>,
    ) -> Result<Live, SessionError> {
        let mut session = assumed.session;
        let taken = self.sessions.0.clock.now();
        // By our clock a session never lasts longer than it was asked for: where it seems to, our
        // clock is behind, and AWS would end the session before we do.
        let latest = taken + asked.as_duration();
        session.expires_at = session.expires_at.map(|ends| ends.min(latest));
        let principal = self
            .patiently(|| self.sessions.counted().caller_identity(&session))
            .await;
        let principal = match principal {
            Err(error) => return Err(self.refused(caller, AskedWith::Session, &error)),
            Ok(principal) => principal,
        };
        match self.chain.role().map(RoleArn::account) {
            Some(expected) if principal.account() != expected => {
                let got = principal;
                Err(self.error(caller, Refusal::WrongAccount { expected, got }))
            }
            Some(_) | None => Ok(Live::new(session, principal, taken)),
        }
    }

    /// Calls again, with growing pauses, while AWS is busy or out of reach.
    async fn patiently<T, F>(&self, call: impl Fn() -> F) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, AwsError>>,
    {
        self.again_while(AwsError::is_passing, call).await
    }

    async fn again_while<T, F>(
        &self,
        may_pass: impl Fn(&AwsError) -> bool,
        call: impl Fn() -> F,
    ) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, AwsError>>,
    {
        let inner = &self.sessions.0;
        let asks_again_for = inner.patience.asks_again_for();
        let mut pauses = crate::aws::pauses(self.chain);
        loop {
            let permit = inner.calls.acquire().await;
            let permit = permit.expect("the semaphore is never closed");
            let answer = call().await;
            drop(permit);
            let error = match answer {
                Err(error) if may_pass(&error) && self.began.elapsed() < asks_again_for => error,
                answer => return answer,
            };
            let Some(pause) = pauses.next() else {
                return Err(error);
            };
            self.tell_waiting(&error);
            self.last.replace(Some(error));
            tokio::time::sleep(pause).await;
        }
    }

    fn refused(
        &self,
        caller: Option<Principal>,
        asked_with: AskedWith,
        error: &AwsError,
    ) -> SessionError {
        let inner = &self.sessions.0;
        let refusal = Refusal::of(error, asked_with, inner.clock.now());
        let refusal = match refusal {
            Refusal::RegionDisabled { message, .. } => Refusal::RegionDisabled {
                message,
                region: inner.aws.region().map(ToOwned::to_owned),
            },
            other => other,
        };
        self.error(caller, refusal)
    }

    fn error(&self, caller: Option<Principal>, refusal: Refusal) -> SessionError {
        SessionError {
            chain: self.chain.clone(),
            caller,
            refusal,
        }
    }

    /// An hour instead of what was asked for, which is told once per role.
    fn cut(&self, assumption: &Assumption, why: DurationCut) -> SessionDuration {
        let given = SessionDuration::ONE_HOUR;
        let inner = &self.sessions.0;
        let role = assumption.role.clone();
        if inner.told_cut.borrow_mut().insert(role.clone()) {
            self.sessions.tell(CredentialEvent::DurationCut {
                role,
                asked: assumption.duration,
                given,
                why,
            });
        }
        given
    }

    /// That somebody has to be waited for, once until a session of that chain is taken.
    fn tell_waiting(&self, error: &AwsError) {
        let inner = &self.sessions.0;
        if inner.told_trouble.borrow_mut().insert(self.chain.clone()) {
            let code = error.code();
            let why = if code.is_empty() {
                error.to_string()
            } else {
                format!("{code}: {error}")
            };
            self.sessions.tell(CredentialEvent::Waiting {
                who: RoleSessions::<A>::name_of(self.chain),
                why,
            });
        }
    }
}

/// AWS refuses the length that was asked for, and an hour has not been tried yet.
fn is_too_long(error: &AwsError, asked: SessionDuration) -> bool {
    asked > SessionDuration::ONE_HOUR
        && error.code() == "ValidationError"
        && error.to_string().contains("DurationSeconds")
}
