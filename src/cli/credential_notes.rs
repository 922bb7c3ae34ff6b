//! What the credentials thread has to tell, said as soon as there is somebody to say it.

use std::cell::RefCell;

use tokio::sync::mpsc::UnboundedReceiver;

use super::aws_access::AwsAccess;
use super::options::{LogLevel, Options};
use super::screen;
use crate::aws::CredentialEvent;

/// Passes on what the credentials thread tells, once it has been started.
pub(super) struct CredentialNotes<'n> {
    aws: &'n AwsAccess<'n>,
    options: &'n Options,
    events: RefCell<Option<UnboundedReceiver<CredentialEvent>>>,
}

impl<'n> CredentialNotes<'n> {
    pub(super) fn new(aws: &'n AwsAccess<'n>, options: &'n Options) -> Self {
        Self {
            aws,
            options,
            events: RefCell::new(None),
        }
    }

    /// Says what was told since the last time.
    pub(super) fn say_new(&self) {
        let mut events = self.events.borrow_mut();
        if events.is_none() {
            *events = self.aws.events();
        }
        let Some(events) = events.as_mut() else {
            return;
        };
        while let Ok(event) = events.try_recv() {
            if self.options.talk >= level(&event) {
                screen::say(&format!("credentials: {event}\n"));
            }
        }
    }
}

fn level(event: &CredentialEvent) -> LogLevel {
    match event {
        CredentialEvent::SessionTaken { .. } => LogLevel::Debug,
        CredentialEvent::DurationCut { .. } | CredentialEvent::Waiting { .. } => LogLevel::Info,
        CredentialEvent::NotRenewed { .. }
        | CredentialEvent::NoEndpoint { .. }
        | CredentialEvent::Refused { .. } => LogLevel::Warn,
    }
}
