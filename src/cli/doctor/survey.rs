//! What there is to try: every distinct hop, every distinct bucket, and the units that need them.
//!
//! Pure. Sessions are asked for as short as AWS gives them.

use std::collections::BTreeMap;

use crate::aws::BucketQuestion;
use crate::cli::identities::{Actors, NoActors};
use crate::config::{Estate, Unit};
use crate::identity::{Acting, DoerReason, Identity, RoleOptions, StateReason};
use crate::model::{AccountId, RoleArn, RoleChain, S3State, SessionDuration, UnitIx};

/// All that the chosen units depend on.
#[derive(Debug, Default)]
pub(super) struct Survey<'e> {
    /// Sources before what is reached from them.
    pub(super) hops: Vec<Hop<'e>>,
    pub(super) buckets: Vec<Bucket<'e>>,
    pub(super) units: Vec<(&'e Unit, Actors)>,
    /// Units for which nobody can act.
    pub(super) without_actors: Vec<(&'e Unit, NoActors)>,
    /// The folders that stand for accounts.
    pub(super) folders: BTreeMap<AccountId, &'e str>,
}

/// A chain that some unit needs.
#[derive(Debug)]
pub(super) struct Hop<'e> {
    pub(super) chain: RoleChain,
    /// The account that it must turn out to be in.
    pub(super) account: Option<AccountId>,
    pub(super) part: Part,
    /// Who named its role.
    pub(super) named_by: Option<String>,
    pub(super) units: Vec<&'e Unit>,
}

/// What a session is for; the order is that in which they are told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Part {
    Base,
    Hub,
    State,
    Doer,
}

/// States in one bucket, reached in one way.
#[derive(Debug)]
pub(super) struct Bucket<'e> {
    pub(super) chain: RoleChain,
    pub(super) question: BucketQuestion,
    pub(super) units: Vec<&'e Unit>,
}

impl<'e> Survey<'e> {
    pub(super) fn of(
        chosen: impl IntoIterator<Item = UnitIx>,
        estate: &'e Estate<'_>,
        roles: &RoleOptions,
    ) -> Self {
        let mut survey = Self {
            hops: vec![Hop {
                chain: RoleChain::base(),
                account: None,
                part: Part::Base,
                named_by: None,
                units: Vec::new(),
            }],
            ..Self::default()
        };
        let accounts = estate.units.values();
        let accounts = accounts.filter_map(|unit| unit.account.as_ref());
        survey.folders = accounts
            .map(|account| (account.id, account.name.as_str()))
            .collect();
        for unit in chosen {
            let unit = estate.unit(unit);
            match Actors::of(unit, Vec::new(), roles) {
                Ok(actors) => survey.add(unit, actors),
                Err(error) => survey.without_actors.push((unit, error)),
            }
        }
        let order = |hop: &Hop<'_>| {
            let folder = hop.chain.role().map(RoleArn::account);
            let folder = folder.and_then(|id| survey.folders.get(&id).copied());
            (hop.chain.assumptions().len(), hop.part, folder)
        };
        survey.hops.sort_by_key(order);
        survey
    }

    fn add(&mut self, unit: &'e Unit, actors: Actors) {
        for identity in [&actors.plan, &actors.apply] {
            let because = &identity.because;
            let hub = because.hub.as_ref().map(ToString::to_string);
            self.add_chain(&identity.hub, Part::Hub, None, hub, unit);
            if let Acting::As(chain) = &identity.doer {
                let account = identity.account.as_ref().map(|account| account.account);
                let named_by = named_by(&because.doer);
                self.add_chain(chain, Part::Doer, account, named_by, unit);
            }
            self.add_state(unit, identity);
        }
        self.units.push((unit, actors));
    }

    fn add_state(&mut self, unit: &'e Unit, identity: &Identity) {
        let Acting::As(chain) = &identity.state_management else {
            return;
        };
        match &identity.because.state {
            StateReason::Backend(place) | StateReason::BackendFromDoer(place) => {
                let place = place.as_ref().map(ToString::to_string);
                self.add_chain(chain, Part::State, None, place, unit);
            }
            StateReason::BackendProfile(_) => {
                self.add_chain(chain, Part::State, None, None, unit);
            }
            // Hub and doer are tried as such.
            StateReason::SameRoleAsDoer(_)
            | StateReason::IsTheHub(_)
            | StateReason::BackendNamesNothing => {}
        }
        if let Some(state) = unit
            .state
            .in_s3()
            .filter(|state| state.not_directly.is_none())
        {
            self.add_bucket(&shortened(chain), state, unit);
        }
    }

    /// A chain and all that it is reached through.
    fn add_chain(
        &mut self,
        chain: &RoleChain,
        part: Part,
        account: Option<AccountId>,
        named_by: Option<String>,
        unit: &'e Unit,
    ) {
        let chain = shortened(chain);
        if let Some(source) = chain.source() {
            self.add_chain(&source, Part::Hub, None, None, unit);
        }
        // A role's account is part of its ARN; whoever starts terrane may be in any.
        let is_base = chain.role().is_none();
        let part = if is_base && account.is_none() {
            Part::Base
        } else {
            part
        };
        let is_same = |hop: &Hop<'_>| hop.chain == chain && (!is_base || hop.account == account);
        let known = self.hops.iter().position(is_same);
        let at = known.unwrap_or_else(|| {
            self.hops.push(Hop {
                chain,
                account,
                part,
                named_by,
                units: Vec::new(),
            });
            self.hops.len() - 1
        });
        let units = &mut self.hops[at].units;
        if !units.last().is_some_and(|last| std::ptr::eq(*last, unit)) {
            units.push(unit);
        }
    }

    fn add_bucket(&mut self, chain: &RoleChain, state: &S3State, unit: &'e Unit) {
        let way = |state: &S3State| S3State {
            key: String::new(),
            lock: crate::model::Lock::default(),
            ..state.clone()
        };
        let is_same = |bucket: &Bucket<'_>| {
            bucket.chain == *chain && way(&bucket.question.state) == way(state)
        };
        let known = self.buckets.iter().position(is_same);
        let at = known.unwrap_or_else(|| {
            self.buckets.push(Bucket {
                chain: chain.clone(),
                question: BucketQuestion {
                    state: state.clone(),
                    keys: Vec::new(),
                    lock_tables: Vec::new(),
                },
                units: Vec::new(),
            });
            self.buckets.len() - 1
        });
        let bucket = &mut self.buckets[at];
        if bucket
            .units
            .last()
            .is_some_and(|last| std::ptr::eq(*last, unit))
        {
            return;
        }
        bucket.units.push(unit);
        bucket.question.keys.push(state.object_key());
        let tables = &mut bucket.question.lock_tables;
        if let Some(table) = state.lock.dynamodb_table.as_ref()
            && !tables.contains(table)
        {
            tables.push(table.clone());
        }
    }

    /// `doer-role @ 1-dev`, or the number of an account without a folder.
    pub(super) fn role_at(&self, chain: &RoleChain, base: &str) -> String {
        let Some(role) = chain.role() else {
            return chain.shown_from(base);
        };
        match self.folders.get(&role.account()) {
            Some(folder) => format!("{} @ {folder}", role.name()),
            None => format!("{} @ {}", role.name(), role.account()),
        }
    }
}

fn named_by(reason: &DoerReason) -> Option<String> {
    match reason {
        DoerReason::Claimed(source)
        | DoerReason::IsTheHub(source)
        | DoerReason::AfterOutputs(source) => Some(source.to_string()),
        DoerReason::ProviderAssumes { claimed_by, .. } => Some(claimed_by.to_string()),
        DoerReason::NobodyNamedOne => None,
    }
}

/// The shortest sessions that AWS gives: they are only tried.
fn shortened(chain: &RoleChain) -> RoleChain {
    chain.lasting(SessionDuration::SHORTEST)
}

/// The paths of units, as programs get them.
pub(super) fn paths(units: &[&Unit]) -> Vec<String> {
    units.iter().map(|unit| unit.path.to_string()).collect()
}
