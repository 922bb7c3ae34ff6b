//! Against an AWS that enforces identities: the SDK's side, and the real terraform's.

mod base;
mod caller;
mod engine;
mod sdk;

use std::net::Ipv4Addr;
use std::time::SystemTime;

use terrane::aws::{
    Broker, BrokerSettings, CredentialEvent, Patience, SdkAws, SdkOptions, UserProfiles, WallClock,
};
use terrane::model::{Assumption, RoleChain, S3State, Secret, Session, StateLocation};
use terrane_lab::{Lab, World};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::bench;

pub(crate) const SHARED: &str = "123456789011";
pub(crate) const DEV: &str = "234567890123";
pub(crate) const BUCKET: &str = "terraform-state-123456789011";

/// A lab, and a broker that starts from its operator's keys.
pub(crate) struct Estate {
    pub(crate) lab: Lab,
    pub(crate) broker: Broker,
    pub(crate) events: UnboundedReceiver<CredentialEvent>,
}

impl Estate {
    pub(crate) fn new() -> Self {
        let lab = Lab::start(World::landing_zone()).expect("a lab");
        let keys = lab.operator();
        let base = Session {
            access_key_id: Secret::new(keys.access_key_id),
            secret_access_key: Secret::new(keys.secret_access_key),
            session_token: keys.session_token.map(Secret::new),
            expires_at: None,
        };
        let options = SdkOptions {
            base: Some(base),
            ..SdkOptions::default()
        };
        Self::begun_from(lab, options)
    }

    /// A broker that starts from what the options say.
    pub(crate) fn begun_from(lab: Lab, options: SdkOptions) -> Self {
        let options = SdkOptions {
            endpoint: Some(lab.endpoint()),
            environment_region: Some("us-east-1".into()),
            ..options
        };
        let settings = BrokerSettings {
            clock: WallClock::reading(SystemTime::now),
            loopback: Ipv4Addr::LOCALHOST,
            runtime_parents: vec![std::env::temp_dir()],
            helper: bench::example("credential_helper"),
            user_profiles: UserProfiles::default(),
            patience: Patience::default(),
        };
        let (broker, events) =
            Broker::start(settings, async move || SdkAws::load(options).await).expect("a broker");
        Self {
            lab,
            broker,
            events,
        }
    }

    /// Every event that is no session taken, one a line.
    pub(crate) fn told(&mut self) -> String {
        let mut told = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            if !matches!(event, CredentialEvent::SessionTaken { .. }) {
                told.push(event.to_string());
            }
        }
        told.join("\n")
    }
}

pub(crate) fn hub() -> RoleChain {
    RoleChain::base().then(bench::assumption(SHARED, "infrastructure-assumer-role"))
}

pub(crate) fn doer(account: &str) -> RoleChain {
    hub().then(bench::assumption(account, "doer-role"))
}

pub(crate) fn state_management() -> RoleChain {
    hub().then(bench::assumption(SHARED, "state-mgmt-role"))
}

/// A doer that nobody has assumed yet, because its session has this name.
pub(crate) fn doer_named(name: &str) -> RoleChain {
    let assumption = bench::assumption(DEV, "doer-role");
    let session_name = terrane::model::SessionName::clean(name);
    hub().then(Assumption {
        session_name,
        ..assumption
    })
}

pub(crate) fn location(key: &str) -> StateLocation {
    let mut state = S3State::new(BUCKET, key);
    state.region = Some("us-east-1".into());
    state.owner = SHARED.parse().ok();
    StateLocation::S3(Box::new(state))
}
