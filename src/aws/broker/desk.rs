//! Where children's questions are answered: who asks, for what, and whether they get it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;

use super::grants::{Grants, OpenGrant, Wanted};
use super::guard::{NotTheEngine, Process, ProcessMark};
use super::runtime_folder::RuntimeFolder;
use super::{
    BrokerSettings, GrantError, HELPER_SUBCOMMAND, connections, document, guard, processes,
};
use crate::aws::grant::{
    ChildCredentials, GrantId, GrantRequest, GrantedVariables, HELPER_TOKEN, HUB_PROFILE,
    STATE_PROFILE,
};
use crate::aws::profiles::{self, CopiedProfiles};
use crate::aws::{Aws, CredentialEvent, Live, RoleSessions, SessionError};
use crate::model::{RoleChain, Secret, Session, shell_word};

#[derive(Debug)]
pub(super) struct Desk<A> {
    sessions: RoleSessions<A>,
    grants: Grants,
    folder: RuntimeFolder,
    endpoint: Result<SocketAddr, String>,
    told_of_no_endpoint: Cell<bool>,
    helper: PathBuf,
    profiles: CopiedProfiles,
    events: UnboundedSender<CredentialEvent>,
}

/// A question that is not answered with credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refused {
    pub(super) message: String,
    /// Asking again later may help.
    pub(super) is_passing: bool,
}

/// Who is on the other end of the socket, as the kernel says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Peer {
    pub(super) uid: u32,
    pub(super) pid: Option<u32>,
}

const NO_SUCH_GRANT: &str =
    "this token opens nothing: the child that it was made for has ended, or it was never made";

impl<A: Aws + 'static> Desk<A> {
    pub(super) fn new(
        sessions: RoleSessions<A>,
        folder: RuntimeFolder,
        endpoint: Result<SocketAddr, String>,
        settings: &BrokerSettings,
        events: UnboundedSender<CredentialEvent>,
    ) -> Self {
        let helper = settings.helper.clone();
        let socket = folder.socket();
        let profiles = profiles::copy(&settings.user_profiles, |name| {
            helper_command(&helper, &socket, &Wanted::Profile(name.to_owned()))
        });
        Self {
            sessions,
            grants: Grants::default(),
            folder,
            endpoint,
            told_of_no_endpoint: Cell::new(false),
            helper,
            profiles,
            events,
        }
    }

    pub(super) fn sessions(&self) -> &RoleSessions<A> {
        &self.sessions
    }

    /// Opens a grant. Each of its sessions is taken here, so that a refusal comes before the
    /// child; later they come from those that are held.
    pub(super) async fn open(
        &self,
        request: GrantRequest,
    ) -> Result<(GrantId, GrantedVariables), GrantError> {
        let request = self.deliverable(request);
        // What is handed out once and for all should last.
        let doer = match request.delivery {
            ChildCredentials::Endpoint => self.sessions.prove(&request.doer, request.account).await,
            ChildCredentials::Environment => {
                let lasting = self.sessions.prove_lasting(&request.doer, request.account);
                lasting.await
            }
        };
        let doer = doer.map_err(GrantError::Session)?;
        for chain in [&request.state_management, &request.hub]
            .into_iter()
            .flatten()
        {
            self.sessions
                .session(chain)
                .await
                .map_err(GrantError::Session)?;
        }
        let base_region = || self.sessions.aws().region().map(ToOwned::to_owned);
        let region = request.region.clone().or_else(base_region);
        let delivery = request.delivery;
        let (id, grant) = self.grants.open(request);
        let written = self
            .folder
            .write(&config_name(&id), &self.configuration(&grant.request));
        let config = written.map_err(|error| {
            self.grants.close(&id);
            GrantError::Configuration(error.to_string())
        })?;

        let mut added = BTreeMap::from([
            ("AWS_CONFIG_FILE", config.into_os_string()),
            ("AWS_SHARED_CREDENTIALS_FILE", OsString::from("/dev/null")),
            ("AWS_EC2_METADATA_DISABLED", OsString::from("true")),
            (
                HELPER_TOKEN,
                format!("{}.{}", id.0, grant.helper_token.expose()).into(),
            ),
        ]);
        match (delivery, &self.endpoint) {
            (ChildCredentials::Endpoint, Ok(endpoint)) => {
                let url = format!("http://{endpoint}/{}", id.0);
                let token = grant.endpoint_token.expose().to_owned();
                added.insert("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.into());
                added.insert("AWS_CONTAINER_AUTHORIZATION_TOKEN", token.into());
            }
            (ChildCredentials::Environment, _) | (ChildCredentials::Endpoint, Err(_)) => {
                added.extend(as_variables(&doer.session));
            }
        }
        let added = added
            .into_iter()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect();
        Ok((id, GrantedVariables { added, region }))
    }

    /// The request as it can be met: without an endpoint, by variables, which is told once.
    fn deliverable(&self, request: GrantRequest) -> GrantRequest {
        let Err(why) = &self.endpoint else {
            return request;
        };
        if request.delivery == ChildCredentials::Endpoint && !self.told_of_no_endpoint.replace(true)
        {
            let why = why.clone();
            let _ = self.events.send(CredentialEvent::NoEndpoint { why });
        }
        GrantRequest {
            delivery: ChildCredentials::Environment,
            ..request
        }
    }

    pub(super) fn child_started(&self, id: &GrantId, pid: u32) {
        if let (Some(grant), Some(child)) = (self.grants.get(&id.0), processes::mark_of(pid)) {
            grant.child_is(child);
        }
    }

    pub(super) fn close(&self, id: &GrantId) {
        self.grants.close(id);
        self.folder.remove(&config_name(id));
    }

    /// Whether a connection is known to come from another user of this machine.
    pub(super) fn is_another_users(&self, peer: SocketAddr, stream: &TcpStream) -> bool {
        let ours = stream.local_addr().ok();
        let owner = ours.and_then(|ours| connections::owner_of(peer, ours));
        owner.is_some_and(|owner| owner != self.folder.owner())
    }

    /// A child asks for what its environment makes it.
    pub(super) async fn over_http(&self, id: &str, token: &str) -> Result<String, Refused> {
        let Some(grant) = self.grants.get(id) else {
            return Err(refused(NO_SUCH_GRANT));
        };
        if !grant.endpoint_token.is(token) || grant.request.delivery != ChildCredentials::Endpoint {
            let why = "a wrong token";
            self.tell(&grant, "the doer's", "a program on this machine", why);
            return Err(refused(NO_SUCH_GRANT));
        }
        // A session may be a new one, and the base identity somebody else since the child began.
        let GrantRequest { doer, account, .. } = &grant.request;
        let live = self.sessions.prove(doer, *account).await;
        let live = live.map_err(|error| not_given(&error))?;
        Ok(document::for_endpoint(
            &live.session,
            self.sessions.clock().now(),
        ))
    }

    /// The helper asks.
    pub(super) async fn over_socket(
        &self,
        peer: Peer,
        wanted: &str,
        token: &str,
    ) -> Result<String, Refused> {
        if peer.uid != self.folder.owner() {
            return Err(refused(
                "you are another user than the one who runs terrane",
            ));
        }
        let grant = token.split_once('.').and_then(|(id, token)| {
            self.grants
                .get(id)
                .filter(|grant| grant.helper_token.is(token))
        });
        let Some(grant) = grant else {
            return Err(refused(NO_SUCH_GRANT));
        };
        let Some(wanted) = Wanted::parse(wanted) else {
            return Err(refused("the helper asks for something that there is not"));
        };
        let chain = match &wanted {
            Wanted::State => grant.request.state_management.as_ref(),
            Wanted::Hub => grant.request.hub.as_ref(),
            Wanted::Profile(name) => return self.users_own(name),
        };
        let Some(chain) = chain else {
            return Err(refused(&format!(
                "this child was given no {wanted} credentials"
            )));
        };
        let engine = self.engine(&grant, &wanted, peer).await?;
        let live = self.session(chain).await?;
        let now = self.sessions.clock().now();
        if let Err(why) = grant.hand_out(wanted.clone(), engine, &live, now) {
            self.tell(
                &grant,
                &wanted.to_string(),
                "a program that the engine started",
                &why.to_string(),
            );
            return Err(refused(&format!(
                "{wanted} credentials go to the engine only, once at its start and again near \
                 their end, and {why}. What the engine runs (provisioners, data sources, \
                 plugins) has the doer's."
            )));
        }
        Ok(document::for_process(&live.session, now))
    }

    /// The engine on whose behalf the helper asks, told by its ancestors.
    async fn engine(
        &self,
        grant: &Rc<OpenGrant>,
        wanted: &Wanted,
        peer: Peer,
    ) -> Result<ProcessMark, Refused> {
        let child = grant.child().await;
        let (Some(pid), Some(child)) = (peer.pid, child) else {
            return Err(refused("terrane cannot tell which process asks"));
        };
        let ancestry = processes::ancestry(pid, child);
        guard::engine(&ancestry, &self.helper, child).map_err(|why| {
            self.tell(
                grant,
                &wanted.to_string(),
                &named(&ancestry),
                &why.to_string(),
            );
            refused(&remedy(wanted, why, &ancestry))
        })
    }

    /// Keys out of the user's own files: whoever has the token may read those files as well.
    fn users_own(&self, profile: &str) -> Result<String, Refused> {
        let Some(keys) = self.profiles.keys.get(profile) else {
            return Err(refused(&format!(
                "there are no keys in profile {profile:?}"
            )));
        };
        let now = self.sessions.clock().now();
        Ok(document::for_process(keys, now))
    }

    async fn session(&self, chain: &RoleChain) -> Result<Live, Refused> {
        let session = self.sessions.session(chain).await;
        session.map_err(|error| not_given(&error))
    }

    /// The child's AWS configuration. It holds names and commands, and no secret.
    fn configuration(&self, request: &GrantRequest) -> String {
        let mut text = "[default]\n".to_owned();
        let ours = [
            (STATE_PROFILE, Wanted::State, &request.state_management),
            (HUB_PROFILE, Wanted::Hub, &request.hub),
        ];
        for (profile, wanted, chain) in ours {
            if chain.is_some() {
                let command = helper_command(&self.helper, &self.folder.socket(), &wanted);
                write!(
                    text,
                    "\n[profile {profile}]\ncredential_process = {command}\n"
                )
                .expect("a String takes all");
            }
        }
        text.push_str(&self.profiles.text);
        text
    }

    fn tell(&self, grant: &OpenGrant, wanted: &str, by: &str, why: &str) {
        if grant.tells_first(&format!("{wanted} {by} {why}")) {
            let _ = self.events.send(CredentialEvent::Refused {
                unit: grant.request.unit.clone(),
                wanted: wanted.to_owned(),
                by: by.to_owned(),
                why: why.to_owned(),
            });
        }
    }
}

fn refused(message: &str) -> Refused {
    Refused {
        message: message.to_owned(),
        is_passing: false,
    }
}

fn remedy(wanted: &Wanted, why: NotTheEngine, ancestry: &[Process]) -> String {
    let asked = named(ancestry);
    let help = match why {
        NotTheEngine::NotTheHelper | NotTheEngine::NotOurChild => "",
        NotTheEngine::OnlyShells | NotTheEngine::AnotherProgram => {
            " If this is your engine behind a wrapper, name the engine itself (TG_TF_PATH), or let \
             the wrapper become it (exec)."
        }
    };
    format!("{wanted} credentials go to the engine only, and {why} ({asked}).{help}")
}

/// The asker and those above it by their programs' names: `terrane < sh < terraform`.
fn named(ancestry: &[Process]) -> String {
    let names: Vec<&str> = ancestry
        .iter()
        .map(|process| {
            if process.name().is_empty() {
                "?"
            } else {
                process.name()
            }
        })
        .collect();
    names.join(" < ")
}

fn config_name(id: &GrantId) -> String {
    format!("{}.config", id.0)
}

/// A command line that `sh` and the SDKs' own splitting read alike.
fn helper_command(helper: &Path, socket: &Path, wanted: &Wanted) -> String {
    let words = [
        helper.display().to_string(),
        HELPER_SUBCOMMAND.to_owned(),
        socket.display().to_string(),
        wanted.word(),
    ];
    words.map(|word| shell_word(&word)).join(" ")
}

fn as_variables(session: &Session) -> Vec<(&'static str, OsString)> {
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID", session.access_key_id.expose().into()),
        (
            "AWS_SECRET_ACCESS_KEY",
            session.secret_access_key.expose().into(),
        ),
    ];
    if let Some(token) = &session.session_token {
        variables.push(("AWS_SESSION_TOKEN", token.expose().into()));
    }
    variables
}

/// Why a session is not given out.
fn not_given(error: &SessionError) -> Refused {
    let help = error
        .help()
        .map(|help| format!("; {help}"))
        .unwrap_or_default();
    Refused {
        message: format!("{error}{help}"),
        is_passing: error.refusal.is_passing(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::aws::fake::FakeAws;
    use crate::aws::{Patience, UserProfiles, WallClock};

    const AN_HOUR: Duration = Duration::from_hours(1);

    fn desk(aws: &FakeAws, clock: WallClock) -> Desk<FakeAws> {
        let (events, _) = unbounded_channel();
        let sessions = RoleSessions::new(aws.clone(), clock, events.clone());
        let settings = BrokerSettings {
            clock,
            loopback: std::net::Ipv4Addr::LOCALHOST,
            runtime_parents: Vec::new(),
            helper: "terrane".into(),
            user_profiles: UserProfiles::default(),
            patience: Patience::default(),
        };
        let folder = RuntimeFolder::create(&[std::env::temp_dir()]).expect("there is a place");
        let endpoint = Ok(SocketAddr::from((settings.loopback, 9)));
        Desk::new(sessions, folder, endpoint, &settings, events)
    }

    #[tokio::test(start_paused = true)]
    async fn a_base_identity_that_is_of_another_account_in_mid_run_is_not_given_to_a_child() {
        let clock = WallClock::starting_at(SystemTime::UNIX_EPOCH + AN_HOUR);
        let aws = FakeAws::new(clock);
        aws.base_is("arn:aws:iam::111111111111:user/jane", Some(AN_HOUR));
        let desk = desk(&aws, clock);
        let request = GrantRequest {
            unit: "dev/vpc".into(),
            doer: RoleChain::base(),
            account: "111111111111".parse().ok(),
            state_management: None,
            hub: None,
            region: None,
            delivery: ChildCredentials::Endpoint,
        };
        let (id, _) = desk.open(request).await.expect("it is the account");
        let grant = desk.grants.get(&id.0).expect("it is open");
        let asked = || desk.over_http(&id.0, grant.endpoint_token.expose());
        assert!(asked().await.is_ok());

        aws.base_is("arn:aws:iam::999999999999:user/jane", Some(AN_HOUR));
        tokio::time::advance(AN_HOUR).await;
        let refused = asked().await.expect_err("it is another account");
        assert_eq!(
            refused.message,
            "the base identity cannot be used: account 111111111111 was expected, but this is \
             arn:aws:iam::999999999999:user/jane; name a role of 111111111111, or correct the \
             folder's account"
        );
        assert!(!refused.is_passing);
    }

    #[test]
    fn the_helpers_command_is_quoted_where_it_must_be() {
        let command = |helper: &str| {
            helper_command(
                Path::new(helper),
                Path::new("/run/t/broker.sock"),
                &Wanted::State,
            )
        };
        assert_eq!(
            command("/usr/bin/terrane"),
            "/usr/bin/terrane __credentials /run/t/broker.sock state"
        );
        assert_eq!(
            command("/home/o'neil/my tools/terrane"),
            r"'/home/o'\''neil/my tools/terrane' __credentials /run/t/broker.sock state"
        );
    }
}
