//! A small AWS for tests: it keeps a record of calls, ends sessions, and fails when told to.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use super::{
    Assumed, Aws, AwsAnswer, AwsError, KeyListing, KeyPage, ListedKey, ObjectPart, ObjectRange,
    Versioning, WallClock,
};
use crate::model::{
    Assumption, BaseIdentity, Principal, S3State, Secret, Session, SessionDuration,
};

#[derive(Clone, Debug)]
pub(super) struct FakeAws(Rc<World>);

#[derive(Debug)]
struct World {
    clock: WallClock,
    base: RefCell<String>,
    base_life: Cell<Option<Duration>>,
    longest: Cell<Duration>,
    ahead: Cell<Duration>,
    calls: RefCell<Vec<String>>,
    faults: RefCell<Vec<Fault>>,
    sessions: RefCell<HashMap<String, Issued>>,
    objects: RefCell<HashMap<String, (Vec<u8>, u32)>>,
    lies: RefCell<HashMap<String, String>>,
}

#[derive(Debug)]
struct Fault {
    call: String,
    error: AwsError,
    times: usize,
}

#[derive(Clone, Debug)]
struct Issued {
    principal: String,
    ends: Option<SystemTime>,
}

/// What a call takes.
const LATENCY: Duration = Duration::from_millis(40);

impl FakeAws {
    /// The base identity is a user with keys that do not end.
    pub(super) fn new(clock: WallClock) -> Self {
        Self(Rc::new(World {
            clock,
            base: RefCell::new("arn:aws:iam::000000000000:user/jane".into()),
            base_life: Cell::new(None),
            longest: Cell::new(Duration::from_hours(12)),
            ahead: Cell::default(),
            calls: RefCell::default(),
            faults: RefCell::default(),
            sessions: RefCell::default(),
            objects: RefCell::default(),
            lies: RefCell::default(),
        }))
    }

    /// Who the base identity is from now on, and how long its sessions last.
    pub(super) fn base_is(&self, arn: &str, life: Option<Duration>) {
        *self.0.base.borrow_mut() = arn.to_owned();
        self.0.base_life.set(life);
    }

    /// No session lasts longer than that, whatever is asked for.
    pub(super) fn sessions_last(&self, longest: Duration) {
        self.0.longest.set(longest);
    }

    /// Its clock is ahead of ours: by ours, its sessions seem to last longer than they do.
    pub(super) fn clock_is_ahead(&self, by: Duration) {
        self.0.ahead.set(by);
    }

    /// A session of that role turns out to be somebody else.
    pub(super) fn role_is_really(&self, role: &str, arn: &str) {
        self.0.lies.borrow_mut().insert(role.into(), arn.into());
    }

    /// The next calls whose record begins like that fail with that answer.
    pub(super) fn fail(&self, call: &str, times: usize, code: &str, message: &str) {
        let error = AwsError::Answered(Box::new(AwsAnswer {
            status: 400,
            code: code.into(),
            message: message.into(),
            ..AwsAnswer::default()
        }));
        self.fail_with(call, times, error);
    }

    pub(super) fn fail_with(&self, call: &str, times: usize, error: AwsError) {
        self.0.faults.borrow_mut().push(Fault {
            call: call.into(),
            error,
            times,
        });
    }

    pub(super) fn put(&self, bucket: &str, key: &str, body: &[u8]) {
        let mut objects = self.0.objects.borrow_mut();
        let object = objects.entry(format!("{bucket}/{key}")).or_default();
        *object = (body.to_vec(), object.1 + 1);
    }

    /// Every call so far: `AssumeRole doer`, `GetObject bucket/key 0-131071`.
    pub(super) fn calls(&self) -> Vec<String> {
        self.0.calls.borrow().clone()
    }

    pub(super) fn count(&self, call: &str) -> usize {
        self.0
            .calls
            .borrow()
            .iter()
            .filter(|record| record.starts_with(call))
            .count()
    }

    async fn record(&self, call: String, with: Option<&Session>) -> Result<(), AwsError> {
        self.0.calls.borrow_mut().push(call.clone());
        tokio::time::sleep(LATENCY).await;
        let mut faults = self.0.faults.borrow_mut();
        let due = faults
            .iter_mut()
            .find(|fault| fault.times > 0 && call.starts_with(&fault.call));
        if let Some(fault) = due {
            fault.times -= 1;
            return Err(fault.error.clone());
        }
        if let Some(session) = with {
            let sessions = self.0.sessions.borrow();
            let issued = sessions.get(session.access_key_id.expose());
            let ends = issued.expect("a session that this AWS issued").ends;
            if ends.is_some_and(|ends| ends <= self.0.clock.now()) {
                return Err(answer(403, "ExpiredToken", "The security token is expired"));
            }
        }
        Ok(())
    }

    fn issue(&self, principal: &str, life: Option<Duration>) -> Session {
        let mut sessions = self.0.sessions.borrow_mut();
        let key = format!("ASIAFAKE{:012}", sessions.len());
        let ends = life.map(|life| self.0.clock.now() + life.min(self.0.longest.get()));
        sessions.insert(
            key.clone(),
            Issued {
                principal: principal.into(),
                ends,
            },
        );
        Session {
            access_key_id: Secret::new(key.clone()),
            secret_access_key: Secret::new(format!("canary-secret-{key}")),
            session_token: Some(Secret::new(format!("canary-token-{key}"))),
            expires_at: ends.map(|ends| ends + self.0.ahead.get()),
        }
    }

    fn principal(&self, session: &Session) -> Principal {
        let sessions = self.0.sessions.borrow();
        let issued = &sessions[session.access_key_id.expose()];
        Principal::parse(&issued.principal).expect("a caller's ARN")
    }

    fn assumed(&self, assumption: &Assumption, duration: SessionDuration) -> Assumed {
        let (role, name) = (&assumption.role, &assumption.session_name);
        let arn = format!(
            "arn:aws:sts::{}:assumed-role/{}/{name}",
            role.account(),
            role.name()
        );
        let lie = self.0.lies.borrow().get(role.name()).cloned();
        let session = self.issue(lie.as_ref().unwrap_or(&arn), Some(duration.as_duration()));
        Assumed {
            principal: self.principal(&session),
            session,
        }
    }
}

impl Aws for FakeAws {
    fn region(&self) -> Option<&str> {
        None
    }

    async fn base_session(&self, _: &BaseIdentity) -> Result<Session, AwsError> {
        self.record("BaseSession".into(), None).await?;
        let arn = self.0.base.borrow().clone();
        Ok(self.issue(&arn, self.0.base_life.get()))
    }

    async fn assume_role(
        &self,
        source: &Session,
        assumption: &Assumption,
        duration: SessionDuration,
    ) -> Result<Assumed, AwsError> {
        self.record(
            format!("AssumeRole {}", assumption.role.name()),
            Some(source),
        )
        .await?;
        if self.principal(source).is_role_session() && duration > SessionDuration::ONE_HOUR {
            let message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
            return Err(answer(400, "ValidationError", message));
        }
        Ok(self.assumed(assumption, duration))
    }

    async fn assume_role_with_web_identity(
        &self,
        assumption: &Assumption,
        duration: SessionDuration,
    ) -> Result<Assumed, AwsError> {
        let call = format!("AssumeRoleWithWebIdentity {}", assumption.role.name());
        self.record(call, None).await?;
        Ok(self.assumed(assumption, duration))
    }

    async fn caller_identity(&self, session: &Session) -> Result<Principal, AwsError> {
        let principal = self.principal(session);
        let name = principal
            .arn()
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        self.record(format!("GetCallerIdentity {name}"), Some(session))
            .await?;
        Ok(principal)
    }

    async fn user_id(&self, session: &Session) -> Result<String, AwsError> {
        self.record("GetCallerIdentity".to_owned(), Some(session))
            .await?;
        Ok("AROA:terrane".to_owned())
    }

    async fn account_alias(
        &self,
        session: &Session,
        _: &Principal,
        _: SystemTime,
    ) -> Result<Option<String>, AwsError> {
        self.record("ListAccountAliases".to_owned(), Some(session))
            .await?;
        Ok(None)
    }

    async fn get_object(
        &self,
        session: &Session,
        wanted: &ObjectRange<'_>,
    ) -> Result<ObjectPart, AwsError> {
        let name = format!("{}/{}", wanted.state.bucket, wanted.state.object_key());
        let (first, last) = (*wanted.bytes.start(), *wanted.bytes.end());
        // S3 decides what it sends when the question arrives.
        let object = self.0.objects.borrow().get(&name).cloned();
        self.record(format!("GetObject {name} {first}-{last}"), Some(session))
            .await?;
        let Some((body, version)) = object else {
            return Err(answer(
                404,
                "NoSuchKey",
                "The specified key does not exist.",
            ));
        };
        let etag = format!("\"v{version}\"");
        if wanted.if_match.is_some_and(|wanted| wanted != etag) {
            return Err(answer(412, "PreconditionFailed", "the object has changed"));
        }
        let index = |at: u64| {
            usize::try_from(at)
                .expect("a test's object is small")
                .min(body.len())
        };
        Ok(ObjectPart {
            bytes: body[index(first)..index(last + 1)].to_vec(),
            total_bytes: body.len() as u64,
            etag: Some(etag),
            version_id: Some(format!("version-{version}")),
            last_modified: None,
        })
    }

    async fn key_exists(&self, session: &Session, state: &S3State) -> Result<bool, AwsError> {
        let name = format!("{}/{}", state.bucket, state.object_key());
        self.record(format!("ListObjects {name}"), Some(session))
            .await?;
        let keys: HashSet<String> = self.0.objects.borrow().keys().cloned().collect();
        Ok(keys.contains(&name))
    }

    async fn list_keys(
        &self,
        session: &Session,
        wanted: &KeyListing<'_>,
    ) -> Result<KeyPage, AwsError> {
        let bucket = &wanted.state.bucket;
        let call = format!("ListKeys {bucket}/{}", wanted.prefix);
        self.record(call, Some(session)).await?;
        let objects = self.0.objects.borrow();
        let mut keys: Vec<ListedKey> = objects
            .keys()
            .filter_map(|name| name.strip_prefix(&format!("{bucket}/")))
            .filter(|key| key.starts_with(wanted.prefix))
            .map(|key| ListedKey {
                key: key.to_owned(),
                last_modified: None,
            })
            .collect();
        keys.sort();
        // A page of this AWS holds one key.
        let rest = keys.into_iter().skip_while(|key| {
            let after = wanted.after.as_ref();
            after.is_some_and(|after| key.key <= *after)
        });
        let mut rest = rest.peekable();
        let page: Vec<ListedKey> = rest.next().into_iter().collect();
        let next = rest.peek().and(page.last()).map(|last| last.key.clone());
        Ok(KeyPage { keys: page, next })
    }

    async fn bucket_versioning(
        &self,
        session: &Session,
        state: &S3State,
    ) -> Result<Versioning, AwsError> {
        let call = format!("GetBucketVersioning {}", state.bucket);
        self.record(call, Some(session)).await?;
        Ok(Versioning::Enabled)
    }

    async fn look_into_lock_table(
        &self,
        session: &Session,
        _: &S3State,
        table: &str,
        _: SystemTime,
    ) -> Result<(), AwsError> {
        self.record(format!("GetLock {table}"), Some(session)).await
    }

    async fn server_time(&self, session: &Session) -> Result<Option<SystemTime>, AwsError> {
        self.record("ServerTime".into(), Some(session)).await?;
        Ok(Some(self.0.clock.now() + self.0.ahead.get()))
    }
}

pub(super) fn answer(status: u16, code: &str, message: &str) -> AwsError {
    AwsError::Answered(Box::new(AwsAnswer {
        status,
        code: code.into(),
        message: message.into(),
        ..AwsAnswer::default()
    }))
}
