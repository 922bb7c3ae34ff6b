//! A broker over a small AWS, and engines that ask it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use terrane::aws::{
    Assumed, Aws, AwsAnswer, AwsError, Broker, BrokerSettings, ChildCredentials, CredentialEvent,
    Grant, GrantRequest, GrantedVariables, KeyListing, KeyPage, ObjectPart, ObjectRange, Patience,
    TfCliArgs, UserProfiles, Versioning, WallClock, child_environment,
};
use terrane::model::{
    Assumption, BaseIdentity, Principal, RoleChain, S3State, Secret, Session, SessionDuration,
    SessionLimits, SessionName,
};
use tokio::sync::mpsc::UnboundedReceiver;

pub(crate) struct Bench {
    pub(crate) broker: Broker,
    pub(crate) events: UnboundedReceiver<CredentialEvent>,
    pub(crate) place: TempDir,
    programs: TempDir,
    assumed: Arc<AtomicUsize>,
    environment: BTreeMap<OsString, OsString>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with_profiles(UserProfiles::default())
    }

    pub(crate) fn with_profiles(user_profiles: UserProfiles) -> Self {
        Self::made(user_profiles, Ipv4Addr::LOCALHOST)
    }

    /// On a machine where nothing can listen on that address.
    pub(crate) fn without_endpoint() -> Self {
        // Set aside for documentation: no machine has it.
        Self::made(UserProfiles::default(), Ipv4Addr::new(192, 0, 2, 1))
    }

    fn made(user_profiles: UserProfiles, loopback: Ipv4Addr) -> Self {
        let place = tempfile::tempdir().expect("a place");
        let assumed = Arc::new(AtomicUsize::new(0));
        let aws = SmallAws {
            assumed: Arc::clone(&assumed),
        };
        let settings = BrokerSettings {
            clock: WallClock::reading(SystemTime::now),
            loopback,
            runtime_parents: vec![place.path().to_owned()],
            helper: example("credential_helper"),
            user_profiles,
            patience: Patience::default(),
        };
        let (broker, events) = Broker::start(settings, async move || aws).expect("a broker");
        let environment = std::env::vars_os()
            .filter(|(name, _)| name == "PATH")
            .collect();
        // Links reach no further than the file system of what they link to.
        let programs = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a place");
        Self {
            broker,
            events,
            place,
            programs,
            assumed,
            environment,
        }
    }

    /// How many roles were assumed so far.
    pub(crate) fn assumed(&self) -> usize {
        self.assumed.load(Ordering::SeqCst)
    }

    pub(crate) async fn grant(&self) -> Grant {
        self.broker.grant(request()).await.expect("a grant")
    }

    /// The stand-in under another name, which makes it another program. A link, since a copy that
    /// is still open for writing in one test cannot be started by another.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let link = self.programs.path().join(name);
        if !link.exists() {
            fs::hard_link(example("stand_in_engine"), &link).expect("a link");
        }
        link
    }

    /// The environment of a child with that grant.
    pub(crate) fn environment_of(
        &self,
        granted: &GrantedVariables,
    ) -> BTreeMap<OsString, OsString> {
        child_environment(&self.environment, Some(granted), TfCliArgs::Drop).variables
    }

    /// A program with that grant, which has been told of it.
    pub(crate) fn start(&self, grant: &Grant, program: &Path, arguments: &[&str]) -> Started {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment_of(grant.variables()));
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = child.expect("the program starts");
        grant.child_started(child.id());
        Started(child)
    }

    /// What an engine says that takes these steps, with a grant of its own.
    pub(crate) async fn engine(&self, shell: &str, steps: &[&str]) -> String {
        let grant = self.grant().await;
        let engine = self.program("terraform");
        self.start(&grant, &engine, &[&[shell], steps].concat())
            .said()
    }

    /// The refusals that were told, one a line.
    pub(crate) fn refusals(&mut self) -> String {
        let mut told = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            if let CredentialEvent::Refused { .. } = event {
                told.push(event.to_string());
            }
        }
        told.join("\n")
    }
}

pub(crate) struct Started(std::process::Child);

impl Started {
    /// Its whole output, once it has ended well.
    pub(crate) fn said(self) -> String {
        let output = self.0.wait_with_output().expect("it ends");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {errors}", output.status);
        String::from_utf8(output.stdout).expect("text")
    }
}

pub(crate) fn request() -> GrantRequest {
    let hub = RoleChain::base().then(assumption("000000000000", "hub"));
    GrantRequest {
        unit: "dev/vpc".into(),
        doer: hub.then(assumption("111111111111", "doer")),
        account: "111111111111".parse().ok(),
        state_management: Some(hub.then(assumption("000000000000", "state"))),
        hub: None,
        region: None,
        delivery: ChildCredentials::Endpoint,
    }
}

pub(crate) fn assumption(account: &str, name: &str) -> Assumption {
    Assumption {
        role: format!("arn:aws:iam::{account}:role/{name}")
            .parse()
            .expect("a role"),
        session_name: SessionName::clean("terrane"),
        duration: SessionDuration::ONE_HOUR,
        external_id: None,
        web_identity_token: None,
        limits: SessionLimits::default(),
    }
}

/// The shells of this machine by which an engine may ask.
pub(crate) fn shells() -> Vec<&'static str> {
    let known = ["/bin/sh", "/bin/dash", "/bin/bash", "/bin/busybox"];
    known
        .into_iter()
        .filter(|shell| Path::new(shell).exists())
        .collect()
}

/// A program that `cargo test` builds beside the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("our own path");
    let target = test
        .parent()
        .and_then(Path::parent)
        .expect("the target folder");
    let program = target.join("examples").join(name);
    assert!(
        program.exists(),
        "{} is missing: cargo build --examples",
        program.display()
    );
    program
}

/// Gives every role a session whose key names it: `ASIA` and the role's name.
struct SmallAws {
    assumed: Arc<AtomicUsize>,
}

impl SmallAws {
    fn session(name: &str) -> Session {
        Session {
            access_key_id: Secret::new(format!("ASIA{name}")),
            secret_access_key: Secret::new(format!("canary-secret-of-{name}")),
            session_token: Some(Secret::new(format!("canary-token-of-{name}"))),
            expires_at: Some(SystemTime::now() + Duration::from_hours(1)),
        }
    }
}

impl Aws for SmallAws {
    fn region(&self) -> Option<&str> {
        Some("eu-central-1")
    }

    async fn base_session(&self, _: &BaseIdentity) -> Result<Session, AwsError> {
        Ok(Session {
            expires_at: None,
            ..Self::session("base")
        })
    }

    async fn assume_role(
        &self,
        _: &Session,
        assumption: &Assumption,
        _: SessionDuration,
    ) -> Result<Assumed, AwsError> {
        self.assumed.fetch_add(1, Ordering::SeqCst);
        let (role, name) = (&assumption.role, assumption.role.name());
        if name == "forbidden" {
            return Err(AwsError::Answered(Box::new(AwsAnswer {
                code: "AccessDenied".into(),
                message: "not authorized to perform: sts:AssumeRole".into(),
                ..AwsAnswer::default()
            })));
        }
        let arn = format!(
            "arn:aws:sts::{}:assumed-role/{name}/terrane",
            role.account()
        );
        let principal = Principal::parse(&arn).expect("a session's ARN");
        let session = Self::session(&format!("{}{name}", &role.account().as_str()[..1]));
        Ok(Assumed { session, principal })
    }

    async fn assume_role_with_web_identity(
        &self,
        assumption: &Assumption,
        duration: SessionDuration,
    ) -> Result<Assumed, AwsError> {
        self.assume_role(&Self::session("token"), assumption, duration)
            .await
    }

    async fn caller_identity(&self, session: &Session) -> Result<Principal, AwsError> {
        let key = session.access_key_id.expose();
        let name = key
            .trim_start_matches("ASIA")
            .trim_start_matches(|c: char| c.is_ascii_digit());
        let account = key
            .chars()
            .nth(4)
            .filter(char::is_ascii_digit)
            .unwrap_or('0');
        let account = account.to_string().repeat(12);
        let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/terrane");
        Ok(Principal::parse(&arn).expect("a session's ARN"))
    }

    async fn user_id(&self, _: &Session) -> Result<String, AwsError> {
        Ok("AROA:terrane".to_owned())
    }

    async fn account_alias(
        &self,
        _: &Session,
        _: &Principal,
        _: SystemTime,
    ) -> Result<Option<String>, AwsError> {
        Ok(None)
    }

    async fn get_object(&self, _: &Session, _: &ObjectRange<'_>) -> Result<ObjectPart, AwsError> {
        let bytes = br#"{"version": 4, "serial": 1, "lineage": "l", "outputs": {}}"#.to_vec();
        Ok(ObjectPart {
            total_bytes: bytes.len() as u64,
            bytes,
            etag: None,
            version_id: None,
            last_modified: None,
        })
    }

    async fn key_exists(&self, _: &Session, _: &S3State) -> Result<bool, AwsError> {
        Ok(true)
    }

    async fn list_keys(&self, _: &Session, _: &KeyListing<'_>) -> Result<KeyPage, AwsError> {
        Ok(KeyPage::default())
    }

    async fn bucket_versioning(&self, _: &Session, _: &S3State) -> Result<Versioning, AwsError> {
        Ok(Versioning::Enabled)
    }

    async fn look_into_lock_table(
        &self,
        _: &Session,
        _: &S3State,
        _: &str,
        _: SystemTime,
    ) -> Result<(), AwsError> {
        Ok(())
    }

    async fn server_time(&self, _: &Session) -> Result<Option<SystemTime>, AwsError> {
        Ok(None)
    }
}
