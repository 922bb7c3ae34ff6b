//! One unit's identities, for people: a row for each of them, with the reason below it.

use std::fmt::Write as _;

use super::{Portrait, is_capped, lasting};
use crate::cli::identities::Actors;
use crate::identity::{Acting, ClaimField, Identity, Rejected, WhyRejected};
use crate::model::{ClaimSource, RoleChain, SessionDuration};

/// The column in which values begin.
const INDENT: usize = 18;

pub(super) fn text(portrait: &Portrait<'_>, actors: &Actors, base: &str) -> String {
    let mut sheet = Sheet {
        text: title(portrait),
        base,
    };
    if actors.are_one() {
        sheet.doer("plan and apply", portrait, &actors.plan);
    } else {
        sheet.doer("plan", portrait, &actors.plan);
        sheet.doer("apply", portrait, &actors.apply);
    }
    sheet.state(portrait, &actors.apply);
    sheet.reads(portrait, &actors.apply);
    sheet.hub(&actors.apply);
    sheet.providers(portrait);
    sheet.lost(actors);
    sheet.text
}

fn title(portrait: &Portrait<'_>) -> String {
    let path = &portrait.name;
    match &portrait.account {
        Some(account) => format!("{path}  {} ({})\n\n", account.account, account.place),
        None => format!("{path}  its account is not known\n\n"),
    }
}

struct Sheet<'s> {
    text: String,
    base: &'s str,
}

impl Sheet<'_> {
    fn row(&mut self, label: &str, lines: impl IntoIterator<Item = String>) {
        let mut label = label;
        for line in lines {
            writeln!(self.text, "{label:<INDENT$}{line}").expect("a string takes everything");
            label = "";
        }
    }

    fn doer(&mut self, label: &str, portrait: &Portrait<'_>, identity: &Identity) {
        let reason = identity.because.doer.to_string();
        let lines = match &identity.doer {
            Acting::As(chain) => {
                let mut lines = self.chain(chain);
                lines.push(reason + &session(chain, Some(identity)));
                lines
            }
            Acting::AfterOutputs(source) => {
                let units = portrait.role_named_by.join(", ");
                vec![
                    format!("a role that is an output of {units}"),
                    format!("known once that has been applied ({source})"),
                ]
            }
        };
        self.row(label, lines);
    }

    fn state(&mut self, portrait: &Portrait<'_>, identity: &Identity) {
        let mut lines = self.reached(&identity.state_management, &identity.doer);
        let chain = identity.state_management.chain();
        let beside = chain.filter(|_| identity.state_management != identity.doer);
        let session = beside.map(|chain| session(chain, None)).unwrap_or_default();
        lines.push(identity.because.state.to_string() + &session);
        if let Some(state) = portrait.unit.state.in_s3() {
            let region = state.region.as_ref().map(|region| format!("  {region}"));
            lines.push(format!("{state}{}", region.unwrap_or_default()));
            let table = state.lock.dynamodb_table.as_ref();
            lines.extend(table.map(|table| format!("locked in the DynamoDB table {table}")));
            if state.lock.lock_file {
                lines.push("locked by a file beside it".to_owned());
            }
        }
        self.row("own state, lock", lines);
    }

    fn reads(&mut self, portrait: &Portrait<'_>, identity: &Identity) {
        for (reader, units) in &portrait.reads {
            let mut lines = if *reader == identity.state_management {
                vec!["the same session".to_owned()]
            } else {
                self.reached(reader, &identity.doer)
            };
            lines.push(format!("reads the states of {}", units.join(", ")));
            self.row("upstream outputs", lines);
        }
    }

    fn hub(&mut self, identity: &Identity) {
        let mut lines = self.chain(&identity.hub);
        lines.push(match &identity.because.hub {
            Some(source) => format!("named by {source}{}", session(&identity.hub, None)),
            None => "nobody names another hub".to_owned(),
        });
        self.row("hub", lines);
    }

    fn providers(&mut self, portrait: &Portrait<'_>) {
        for provider in &portrait.provider_roles {
            let lines = [
                provider.shown_from("whoever applies"),
                format!("by itself, at {}", provider.place),
            ];
            self.row(&format!("provider {}", provider.name()), lines);
        }
        let unknown = portrait.unknown_code.iter();
        let unknown = unknown.map(|why| format!("there may be more: {why}"));
        self.row("providers", unknown);
    }

    fn lost(&mut self, actors: &Actors) {
        let is_beaten = |lost: &&Rejected| match lost.why {
            WhyRejected::BeatenBy(_) => true,
            // It counts where the other row says so.
            WhyRejected::OtherPurpose => false,
        };
        let mut lost: Vec<&Rejected> = actors.plan.rejected.iter().filter(is_beaten).collect();
        for other in actors.apply.rejected.iter().filter(is_beaten) {
            if !lost.contains(&other) {
                lost.push(other);
            }
        }
        self.row("lost", lost.iter().map(ToString::to_string));
    }

    fn reached(&self, acting: &Acting, doer: &Acting) -> Vec<String> {
        match acting {
            Acting::As(_) if acting == doer => vec!["whoever applies".to_owned()],
            Acting::As(chain) => self.chain(chain),
            Acting::AfterOutputs(_) => vec!["whoever applies, once that is known".to_owned()],
        }
    }

    /// The role, and below it the hops to it.
    fn chain(&self, chain: &RoleChain) -> Vec<String> {
        match chain.role() {
            Some(role) => vec![role.to_string(), chain.shown_from(self.base)],
            None => vec![chain.shown_from(self.base)],
        }
    }
}

/// `; session terrane-jane, 1 h`, with whoever decided it where somebody did.
fn session(chain: &RoleChain, decided: Option<&Identity>) -> String {
    let Some(last) = chain.last() else {
        return String::new();
    };
    let by = |field: ClaimField| {
        let decided = decided.map(|identity| identity.because.decided.iter());
        let mut decided = decided.into_iter().flatten();
        decided
            .find(|decided| decided.field == field)
            .map(|decided| &decided.source)
    };
    let named = |source: Option<&ClaimSource>| {
        source.map_or_else(String::new, |source| format!(" ({source})"))
    };
    let cap = if is_capped(chain) && last.duration > SessionDuration::ONE_HOUR {
        "; AWS gives a chained role 1 h, which is renewed"
    } else {
        ""
    };
    let external_id = last.external_id.as_ref();
    let external_id = external_id.map(|id| format!("; external id {id}"));
    format!(
        "; session {}{}, {}{}{cap}{}",
        last.session_name,
        named(by(ClaimField::SessionName)),
        lasting(last.duration),
        named(by(ClaimField::Duration)),
        external_id.unwrap_or_default(),
    )
}
