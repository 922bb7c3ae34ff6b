//! The handle of a running lab.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use tokio::runtime;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::cloud::{Cloud, PolicyOf};
use crate::fault::{Fault, Faults};
use crate::front::{self, Shared};
use crate::http::server;
use crate::identity::jwt::TokenAlgorithm;
use crate::identity::keyring::Keys;
use crate::record::{Call, Calls, Record};
use crate::seed::{Lock, SeedError};
use crate::service::new_token;
use crate::world::sources::{Refreshable, SignedIn};
use crate::world::{World, WorldError};

/// Two threads keep hundreds of terraform processes busy; more would take the tests' own time.
const WORKERS: usize = 2;

/// What `aws sso login` gets and keeps in its cache.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub access_token: String,
    pub refresh_token: String,
    pub client_id: String,
    pub client_secret: String,
    pub ends: Timestamp,
}

/// A running lab. Its port closes when this is dropped.
#[derive(Debug)]
pub struct Lab {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Lab {
    /// Opens the world on a free port of the loopback address.
    pub fn start(world: World) -> io::Result<Self> {
        let cloud = Cloud::open(world).map_err(io::Error::other)?;
        let shared = Arc::new(Shared {
            cloud: Mutex::new(cloud),
            faults: Mutex::new(Faults::default()),
            record: Mutex::new(Record::default()),
            clock: Clock::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("lab-worker")
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let answering = Arc::clone(&shared);
        let serving = async move {
            let listener = tokio::net::TcpListener::from_std(listener)
                .expect("the listener was made non-blocking");
            let answer = move |request| front::answer(Arc::clone(&answering), request);
            server::serve(listener, answer, stopped).await;
        };
        let thread = thread::Builder::new()
            .name("lab".to_owned())
            .spawn(move || {
                runtime.block_on(serving);
                runtime.shutdown_background();
            })?;
        Ok(Self {
            shared,
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`; by address, since SDKs would put bucket names before a host name.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The variables that lead a program's AWS calls to this lab. They hold no identity.
    pub fn environment(&self) -> Vec<(String, String)> {
        let region = self.shared.cloud().region.clone();
        vec![
            ("AWS_ENDPOINT_URL".to_owned(), self.endpoint()),
            ("AWS_REGION".to_owned(), region.clone()),
            ("AWS_DEFAULT_REGION".to_owned(), region),
            ("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()),
        ]
    }

    /// The keys of whoever sits at the keyboard.
    ///
    /// # Panics
    /// If the world names no operator.
    pub fn operator(&self) -> Keys {
        self.shared
            .cloud()
            .operator
            .clone()
            .expect("the world names an operator")
    }

    /// The keys of the world with this id.
    pub fn keys(&self, access_key_id: &str) -> Option<Keys> {
        let cloud = self.shared.cloud();
        cloud
            .keyring
            .find(access_key_id)
            .map(|credential| credential.keys.clone())
    }

    /// All keys that the lab ever gave out, with the ARN of whom they stand for.
    pub fn all_keys(&self) -> Vec<(String, Keys)> {
        let cloud = self.shared.cloud();
        let all = cloud.keyring.all();
        all.map(|credential| (credential.caller.arn.clone(), credential.keys.clone()))
            .collect()
    }

    /// All calls so far.
    pub fn record(&self) -> Vec<Call> {
        self.shared.record().since(0)
    }

    /// All calls so far, to ask about.
    pub fn calls(&self) -> Calls {
        Calls::new(self.record())
    }

    pub fn clear_record(&self) {
        self.shared.record().clear();
    }

    pub fn add_fault(&self, fault: Fault) {
        self.shared.faults().add(fault);
    }

    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// Lets new sessions last so long at most, far below AWS's shortest; or as long as asked.
    pub fn set_session_seconds(&self, seconds: Option<u32>) {
        let longest = seconds.map(|seconds| SignedDuration::from_secs(seconds.into()));
        self.shared.cloud().longest_session = longest;
    }

    /// Ends all running sessions of the roles that the pattern covers; gives their number.
    pub fn expire(&self, role: &str) -> usize {
        self.shared
            .cloud()
            .keyring
            .expire(role, self.shared.clock.now())
    }

    /// Puts the lab's clock ahead of the machine's, or behind it. Sessions age with it.
    pub fn set_clock_skew(&self, skew: SignedDuration) {
        self.shared.clock.set_skew(skew);
    }

    /// The lab's time.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Adds a statement to policies while the lab runs; gives the number of policies it reached.
    pub fn add_statement(&self, of: PolicyOf<'_>, statement: &Value) -> Result<usize, WorldError> {
        self.shared.cloud().add_statement(of, statement)
    }

    /// Takes away statements by their `Sid`; gives their number.
    pub fn remove_statement(&self, of: PolicyOf<'_>, sid: &str) -> usize {
        self.shared.cloud().remove_statement(of, sid)
    }

    /// Signs a web-identity token as an issuer whose keys the lab holds. `iss`, `iat` and `exp`
    /// (five minutes from now) are filled in where the claims lack them.
    pub fn web_identity_token(
        &self,
        issuer: &str,
        algorithm: TokenAlgorithm,
        claims: &Value,
    ) -> Option<String> {
        let now = self.now().as_second();
        let mut all = json!({"iss": issuer, "iat": now, "exp": now + 300});
        for (name, value) in claims.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let cloud = self.shared.cloud();
        let mut providers = cloud.providers.values();
        let provider = providers.find(|provider| provider.issuer == issuer)?;
        provider.keys.sign(algorithm, &all)
    }

    /// Signs a person in at the access portal, until then.
    pub fn sign_in(&self, user: &str, ends: Timestamp) -> SignIn {
        let sign_in = SignIn {
            access_token: new_token("access"),
            refresh_token: new_token("refresh"),
            client_id: new_token("client"),
            client_secret: new_token("client-secret"),
            ends,
        };
        let (client_id, client_secret) = (&sign_in.client_id, &sign_in.client_secret);
        let refreshable = Refreshable {
            user: user.to_owned(),
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
        };
        let user = user.to_owned();
        let portal = &mut self.shared.cloud().sources.portal;
        let tokens = (&sign_in.access_token, &sign_in.refresh_token);
        portal
            .signed_in
            .insert(tokens.0.clone(), SignedIn { user, ends });
        portal.refreshable.insert(tokens.1.clone(), refreshable);
        sign_in
    }

    /// Puts an object past all permissions; gives the id of its version, if there are versions.
    pub fn put_object(
        &self,
        bucket: &str,
        key: &str,
        body: impl Into<Vec<u8>>,
    ) -> Result<Option<String>, SeedError> {
        let body = body.into().into();
        self.shared
            .cloud()
            .put_object(bucket, key, body, self.shared.clock.now())
    }

    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.shared.cloud().object(bucket, key).map(Vec::from)
    }

    pub fn object_keys(&self, bucket: &str) -> Vec<String> {
        self.shared.cloud().object_keys(bucket)
    }

    pub fn delete_object(&self, bucket: &str, key: &str) -> Result<(), SeedError> {
        let now = self.shared.clock.now();
        self.shared.cloud().bucket_named(bucket)?.delete(key, now);
        Ok(())
    }

    /// Puts an item, in DynamoDB's own JSON, past all permissions and conditions.
    pub fn put_item(&self, table: &str, item: Map<String, Value>) -> Result<(), SeedError> {
        self.shared.cloud().put_item(table, item)
    }

    pub fn items(&self, table: &str) -> Vec<Value> {
        self.shared.cloud().items(table)
    }

    /// The terraform locks that are held, in tables and in buckets.
    pub fn locks(&self) -> Vec<Lock> {
        self.shared.cloud().locks()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended already, and then nobody listens.
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed; a second one here would hide it.
            thread.join().ok();
        }
    }
}
