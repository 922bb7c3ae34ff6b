//! The one thread that owns sessions, and whatever children may ask of it.
//!
//! The thread is called `credentials` and has a runtime of its own: a stuck terminal or a slow
//! reporter never keeps a child from its credentials. The loop talks to it by messages; children
//! ask over loopback HTTP ([`http`], for whatever their environment makes them) and by terrane's
//! own helper over a unix socket ([`socket`], for the backend). A child's grant ends with the
//! child. Here alone tasks are spawned, all of them on this one thread.

mod connections;
mod desk;
mod document;
mod grants;
mod guard;
mod http;
mod processes;
mod runtime_folder;
mod socket;
mod token;

use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::SystemTime;
use std::{fmt, io};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use self::desk::Desk;
use self::runtime_folder::RuntimeFolder;
use super::grant::{Grant, GrantId, GrantRequest, GrantedVariables};
use super::{
    Aws, BucketFacts, BucketQuestion, CallerError, CallerQuestion, CredentialEvent, Live, Patience,
    ReadOutputsError, RoleSessions, SessionError, Skew, StateBucket, UserProfiles, WallClock,
    bucket_look, caller,
};
use crate::model::{AccountId, Outputs, Principal, RoleChain, StateLocation};

/// The name of the hidden subcommand that is the helper: `terrane __credentials SOCKET IDENTITY`.
pub const HELPER_SUBCOMMAND: &str = "__credentials";

/// The handle of the thread. The thread ends with it, so it must outlive the last child.
#[derive(Debug)]
pub struct Broker {
    requests: UnboundedSender<Request>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread has to know from the outside world.
#[derive(Debug)]
pub struct BrokerSettings {
    pub clock: WallClock,
    /// Where children's questions are heard: an address of this machine alone.
    pub loopback: Ipv4Addr,
    /// Where the folder of socket and configuration may lie, the best place first.
    pub runtime_parents: Vec<PathBuf>,
    /// The program that answers [`HELPER_SUBCOMMAND`], which is terrane itself.
    pub helper: PathBuf,
    pub user_profiles: UserProfiles,
    pub patience: Patience,
}

/// Why the thread could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartBrokerError {
    #[error("no folder for the credential socket could be made: {0}")]
    RuntimeFolder(io::Error),
    #[error("nothing can listen on the credential socket: {0}")]
    Socket(io::Error),
    #[error("terrane's own program is not where it was: {0}")]
    Helper(io::Error),
    #[error("the credentials thread could not be started: {0}")]
    Thread(io::Error),
}

/// Why a child gets no grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GrantError {
    Session(SessionError),
    /// The child's AWS configuration could not be written.
    Configuration(String),
}

type Answer<T, E> = oneshot::Sender<Result<T, E>>;

/// What the loop asks of the thread.
#[derive(Debug)]
pub(super) enum Request {
    Prove {
        chain: RoleChain,
        account: Option<AccountId>,
        answer: Answer<Live, SessionError>,
    },
    Grant {
        request: Box<GrantRequest>,
        answer: Answer<(GrantId, GrantedVariables), GrantError>,
    },
    ChildStarted {
        id: GrantId,
        pid: u32,
    },
    Close {
        id: GrantId,
    },
    Read {
        location: StateLocation,
        chain: RoleChain,
        answer: Answer<Outputs, ReadOutputsError>,
    },
    Invalidate {
        location: StateLocation,
    },
    Look {
        question: Box<BucketQuestion>,
        chain: RoleChain,
        answer: Answer<BucketFacts, SessionError>,
    },
    AskCaller {
        question: CallerQuestion,
        chain: RoleChain,
        answer: Answer<String, CallerError>,
    },
    Vitals {
        answer: Answer<Vitals, Infallible>,
    },
    Stop,
}

/// Who a chain turned out to be, and how long its session lasts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    pub principal: Principal,
    /// `None` for keys that do not end, or whose end nobody told us.
    pub ends: Option<SystemTime>,
}

/// How the way to AWS is, beyond single sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vitals {
    /// How far this machine's clock is from AWS's; AWS tells whole seconds.
    pub skew: Option<Skew>,
    /// How often STS was asked so far.
    pub sts_calls: usize,
}

impl Broker {
    /// Starts the thread. `aws` is made there, since it belongs to that thread's runtime.
    pub fn start<A: Aws + 'static>(
        settings: BrokerSettings,
        aws: impl AsyncFnOnce() -> A + Send + 'static,
    ) -> Result<(Self, UnboundedReceiver<CredentialEvent>), StartBrokerError> {
        let folder = RuntimeFolder::create(&settings.runtime_parents)
            .map_err(StartBrokerError::RuntimeFolder)?;
        // Without an endpoint there is still the socket, and variables for the rest.
        let loopback = TcpListener::bind((settings.loopback, 0));
        // The kernel names a process's program by its real path.
        let helper = settings
            .helper
            .canonicalize()
            .map_err(StartBrokerError::Helper)?;
        let settings = BrokerSettings { helper, ..settings };
        let socket = UnixListener::bind(folder.socket()).map_err(StartBrokerError::Socket)?;
        let (requests, asked) = unbounded_channel();
        let (tell, events) = unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("credentials".to_owned())
            .spawn(move || {
                let ears = Ears {
                    folder,
                    loopback,
                    socket,
                };
                serve(settings, ears, aws, asked, tell);
            })
            .map_err(StartBrokerError::Thread)?;
        Ok((
            Self {
                requests,
                thread: Some(thread),
            },
            events,
        ))
    }

    /// Takes the chain's session, and says who it is. With an account, it must be in that one.
    pub async fn prove(
        &self,
        chain: &RoleChain,
        account: Option<AccountId>,
    ) -> Result<Principal, SessionError> {
        let proof = self.proof(chain, account).await?;
        Ok(proof.principal)
    }

    /// The same, and until when the session lasts.
    pub async fn proof(
        &self,
        chain: &RoleChain,
        account: Option<AccountId>,
    ) -> Result<Proof, SessionError> {
        let chain = chain.clone();
        let live = self
            .ask(|answer| Request::Prove {
                chain,
                account,
                answer,
            })
            .await?;
        Ok(Proof {
            principal: live.principal,
            ends: live.session.expires_at,
        })
    }

    /// Looks at a bucket of states as that chain's identity. Nothing is written.
    pub async fn look(
        &self,
        question: &BucketQuestion,
        chain: &RoleChain,
    ) -> Result<BucketFacts, SessionError> {
        let (question, chain) = (Box::new(question.clone()), chain.clone());
        self.ask(|answer| Request::Look {
            question,
            chain,
            answer,
        })
        .await
    }

    /// What AWS tells that chain's session about itself.
    pub async fn ask_caller(
        &self,
        question: CallerQuestion,
        chain: &RoleChain,
    ) -> Result<String, CallerError> {
        let chain = chain.clone();
        self.ask(|answer| Request::AskCaller {
            question,
            chain,
            answer,
        })
        .await
    }

    /// AWS's clock against ours, and how much was asked so far.
    pub async fn vitals(&self) -> Vitals {
        let vitals = self.ask(|answer| Request::Vitals { answer }).await;
        vitals.unwrap_or_else(|never| match never {})
    }

    /// Gives a child the right to ask. All its sessions are taken and proved first, so that what
    /// can fail has failed before the child starts.
    pub async fn grant(&self, request: GrantRequest) -> Result<Grant, GrantError> {
        let request = Box::new(request);
        let (id, variables) = self
            .ask(|answer| Request::Grant { request, answer })
            .await?;
        Ok(Grant {
            id,
            variables,
            requests: self.requests.clone(),
        })
    }

    /// The outputs at that location: read once, shared, and kept until it is invalidated.
    pub async fn read_outputs(
        &self,
        location: &StateLocation,
        chain: &RoleChain,
    ) -> Result<Outputs, ReadOutputsError> {
        let (location, chain) = (location.clone(), chain.clone());
        self.ask(|answer| Request::Read {
            location,
            chain,
            answer,
        })
        .await
    }

    /// The unit whose state lies there was applied: the next reader reads anew.
    pub fn invalidate(&self, location: &StateLocation) {
        self.send(Request::Invalidate {
            location: location.clone(),
        });
    }

    async fn ask<T, E>(&self, request: impl FnOnce(Answer<T, E>) -> Request) -> Result<T, E> {
        let (answer, answered) = oneshot::channel();
        self.send(request(answer));
        answered
            .await
            .expect("the credentials thread answers as long as its handle lives")
    }

    fn send(&self, request: Request) {
        self.requests
            .send(request)
            .expect("the credentials thread lives as long as its handle");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.requests.send(Request::Stop);
        if let Some(thread) = self.thread.take() {
            // If the thread panicked, it has said so; there is nothing to add here.
            let _ = thread.join();
        }
    }
}

/// What the thread listens on.
struct Ears {
    folder: RuntimeFolder,
    loopback: io::Result<TcpListener>,
    socket: UnixListener,
}

fn serve<A: Aws + 'static>(
    settings: BrokerSettings,
    ears: Ears,
    aws: impl AsyncFnOnce() -> A,
    asked: UnboundedReceiver<Request>,
    tell: UnboundedSender<CredentialEvent>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread can be built");
    LocalSet::new().block_on(&runtime, async move {
        let (aws, clock) = (aws().await, settings.clock);
        let sessions = RoleSessions::with_patience(settings.patience, aws, clock, tell.clone());
        let states = StateBucket::new(sessions.clone());
        let Ears {
            folder,
            loopback,
            socket,
        } = ears;
        let address = |listener: &TcpListener| {
            let address = listener.local_addr();
            address.expect("a bound listener has an address")
        };
        let endpoint = loopback.as_ref().map(address);
        let endpoint = endpoint.map_err(ToString::to_string);
        let desk = Rc::new(Desk::new(sessions, folder, endpoint, &settings, tell));
        if let Ok(loopback) = loopback {
            let host = address(&loopback).to_string();
            spawn(http::serve(listening(loopback), host, Rc::clone(&desk)));
        }
        spawn(socket::serve(listening_on_socket(socket), Rc::clone(&desk)));
        answer_requests(asked, &desk, &states).await;
    });
    // A name that is still being looked up must not hold up the end of the run.
    runtime.shutdown_background();
}

/// Answers the loop, until it says stop or its handle is gone.
async fn answer_requests<A: Aws + 'static>(
    mut asked: UnboundedReceiver<Request>,
    desk: &Rc<Desk<A>>,
    states: &StateBucket<A>,
) {
    while let Some(request) = asked.recv().await {
        match request {
            Request::Prove {
                chain,
                account,
                answer,
            } => {
                let desk = Rc::clone(desk);
                spawn(async move {
                    let _ = answer.send(desk.sessions().prove(&chain, account).await);
                });
            }
            Request::Grant { request, answer } => {
                let desk = Rc::clone(desk);
                spawn(async move {
                    // A grant that nobody waits for any more would never be closed.
                    if let Err(Ok((id, _))) = answer.send(desk.open(*request).await) {
                        desk.close(&id);
                    }
                });
            }
            Request::ChildStarted { id, pid } => desk.child_started(&id, pid),
            Request::Close { id } => desk.close(&id),
            Request::Read {
                location,
                chain,
                answer,
            } => {
                let states = states.clone();
                spawn(async move {
                    let _ = answer.send(states.read(&location, &chain).await);
                });
            }
            Request::Invalidate { location } => states.invalidate(&location),
            Request::Look {
                question,
                chain,
                answer,
            } => {
                let sessions = desk.sessions().clone();
                spawn(async move {
                    let _ = answer.send(bucket_look::look(&sessions, &chain, &question).await);
                });
            }
            Request::AskCaller {
                question,
                chain,
                answer,
            } => {
                let sessions = desk.sessions().clone();
                spawn(async move {
                    let _ = answer.send(caller::ask(&sessions, &chain, question).await);
                });
            }
            Request::Vitals { answer } => {
                let sessions = desk.sessions().clone();
                spawn(async move {
                    let _ = answer.send(Ok(vitals(&sessions).await));
                });
            }
            Request::Stop => return,
        }
    }
}

/// Asks AWS for its time as the base identity, which everything begins with.
async fn vitals<A: Aws + 'static>(sessions: &RoleSessions<A>) -> Vitals {
    let base = sessions.session(&RoleChain::base()).await;
    let theirs = match &base {
        Ok(base) => sessions.counted().server_time(&base.session).await,
        Err(_) => Ok(None),
    };
    let ours = sessions.clock().now();
    let theirs = theirs.ok().flatten();
    Vitals {
        skew: theirs.map(|theirs| Skew::between(ours, theirs)),
        sts_calls: sessions.calls_made(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the credentials thread is the place of tasks"
)]
fn spawn(task: impl Future<Output = ()> + 'static) {
    tokio::task::spawn_local(task);
}

fn listening(listener: TcpListener) -> tokio::net::TcpListener {
    listener
        .set_nonblocking(true)
        .expect("a listener can be made to not block");
    tokio::net::TcpListener::from_std(listener).expect("the runtime takes a listener")
}

fn listening_on_socket(listener: UnixListener) -> tokio::net::UnixListener {
    listener
        .set_nonblocking(true)
        .expect("a listener can be made to not block");
    tokio::net::UnixListener::from_std(listener).expect("the runtime takes a listener")
}

impl fmt::Display for GrantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(error) => error.fmt(f),
            Self::Configuration(detail) => {
                write!(
                    f,
                    "the child's AWS configuration could not be written: {detail}"
                )
            }
        }
    }
}

impl std::error::Error for GrantError {}
