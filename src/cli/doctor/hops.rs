//! Every hop, really tried: what AWS said, and what to do where it said no.

use std::time::SystemTime;

use futures_util::future::join_all;

use super::check::{Check, Status, counted};
use super::remedy;
use super::survey::{Hop, Part, Survey, paths};
use crate::aws::{BaseSource, Broker, DeniedSide, Proof, Refusal, SessionError};
use crate::cli::aws_access::wait_for;
use crate::config::Unit;
use crate::model::{AccountId, RoleArn, RoleChain, harmless};

/// What came of all hops.
#[derive(Debug)]
pub(super) struct Trials<'s> {
    survey: &'s Survey<'s>,
    /// Beside the hops of the survey.
    answers: Vec<Answer>,
    /// Where the base identity comes from, if that can be told.
    base: Option<BaseSource>,
    now: SystemTime,
}

type Answer = Result<Proof, SessionError>;

/// How the base identity is called where hops begin with it.
const BASE: &str = "base";

/// The other way to a state role, and whether it is open.
struct OtherWay {
    from: String,
    is_open: bool,
}

impl<'s> Trials<'s> {
    /// Tries all hops side by side. What several are reached through is taken once.
    pub(super) fn of(
        survey: &'s Survey<'s>,
        broker: &Broker,
        base: Option<BaseSource>,
        now: SystemTime,
    ) -> Self {
        let hops = survey.hops.iter();
        let wanted: Vec<_> = hops.map(|hop| (hop.chain.clone(), hop.account)).collect();
        Self {
            survey,
            answers: try_all(&wanted, broker),
            base,
            now,
        }
    }

    /// Whether a chain's session could be taken.
    pub(super) fn is_reached(&self, chain: &RoleChain) -> bool {
        let hops = self.survey.hops.iter().zip(&self.answers);
        hops.into_iter()
            .any(|(hop, answer)| hop.chain == *chain && answer.is_ok())
    }

    pub(super) fn checks(&self, broker: &Broker) -> Vec<Check> {
        let hops = self.survey.hops.iter().zip(&self.answers);
        hops.map(|(hop, answer)| match answer {
            Ok(proof) => self.works(hop, proof),
            // A profile may have roles of its own, which are part of the base identity.
            Err(error) if hop.part != Part::Base && error.chain != hop.chain => {
                self.out_of_reach(hop, error)
            }
            Err(error) => {
                let check = self.fails(hop, error);
                match hop.part {
                    Part::State => self.with_other_ways(check, hop, error, broker),
                    Part::Base | Part::Hub | Part::Doer => check,
                }
            }
        })
        .collect()
    }

    fn works(&self, hop: &Hop<'_>, proof: &Proof) -> Check {
        if hop.part == Part::Base {
            return self.base_works(proof);
        }
        let check = Check::new(id(hop.part), Status::Ok, self.subject(hop));
        let units = counted(hop.units.len(), "unit");
        check.detail(match hop.part {
            Part::Hub if proof.principal.is_role_session() => {
                "AWS caps sessions from here on at 1 h".to_owned()
            }
            Part::State => format!("state of {units}"),
            Part::Base | Part::Hub | Part::Doer => units,
        })
    }

    fn base_works(&self, proof: &Proof) -> Check {
        let principal = &proof.principal;
        let assumes = self
            .survey
            .hops
            .iter()
            .any(|hop| hop.chain.role().is_some());
        if principal.is_root() && assumes {
            let check = Check::new("base", Status::Failed, BASE).detail(format!(
                "{principal}: AWS lets the root user assume no role"
            ));
            return check
                .fix("take a user or a role of that account instead of root")
                .blocks(self.all_units());
        }
        let left = proof.ends.map(|ends| ends.duration_since(self.now));
        let left = left.map(Result::unwrap_or_default);
        let source = self.base.as_ref().map(|source| source.shown(left));
        let detail = format!("{principal}  {}", source.unwrap_or_default());
        Check::new("base", Status::Ok, BASE).detail(detail.trim_end())
    }

    fn out_of_reach(&self, hop: &Hop<'_>, error: &SessionError) -> Check {
        let source = match error.chain.role() {
            Some(role) => role.name().to_owned(),
            None => "the base identity".to_owned(),
        };
        Check::new(id(hop.part), Status::Skipped, self.subject(hop))
            .detail(format!("{source} is out of reach"))
    }

    fn fails(&self, hop: &Hop<'_>, error: &SessionError) -> Check {
        let blocked = format!("{} blocked", counted(hop.units.len(), "unit"));
        let check = Check::new(id(hop.part), Status::Failed, self.subject(hop))
            .detail(blocked)
            .blocks(paths(&hop.units));
        let check = match &hop.named_by {
            Some(source) => check.fact("named by", source),
            None => check,
        };
        let is_base = hop.part == Part::Base;
        let check = match &self.base {
            Some(source) if is_base => check.fact("tried", source.to_string()),
            Some(_) | None => check,
        };
        let Refusal::Denied { side, message, .. } = &error.refusal else {
            let check = check.fact("reason", harmless(&error.refusal.to_string()));
            return error.help().into_iter().fold(check, Check::fix);
        };
        let mut check = check
            .fact("AWS says", harmless(message))
            .fact("side", side_in_words(*side));
        check.statements = remedy::additions(error, *side);
        if !is_base && matches!(side, DeniedSide::Unknown | DeniedSide::Trust) {
            check = with_external_id(check, error);
        }
        if *side == DeniedSide::Unknown {
            check = check.fact(
                "note",
                "AWS says the same when there is no such role: check its name first",
            );
        }
        if !is_base && hop.part != Part::Hub && remedy::is_login(error) {
            check = check.fact(
                "note",
                "people of a login are best let in by one role only: name it as assumer_role in \
                 terrane.hcl, and let the others trust that one",
            );
        }
        check
    }

    /// Where a state role does not let its caller in, the sibling may be the one that it trusts.
    fn with_other_ways(
        &self,
        check: Check,
        hop: &Hop<'_>,
        error: &SessionError,
        broker: &Broker,
    ) -> Check {
        let is_denied = matches!(error.refusal, Refusal::Denied { .. });
        let ways = if is_denied {
            self.other_ways(hop, broker)
        } else {
            Vec::new()
        };
        let open: Vec<&str> = ways
            .iter()
            .filter(|way| way.is_open)
            .map(|way| way.from.as_str())
            .collect();
        if open.is_empty() {
            return check;
        }
        let check = check.fact("but", format!("{} may assume it", open.join(", ")));
        if open.len() < ways.len() {
            return check;
        }
        let setting = if self.comes_from_hub(hop) {
            "doer"
        } else {
            "hub"
        };
        let mut check = check.fix(format!(
            "write state_from = \"{setting}\" in terrane.hcl, unless the {} is meant to be let in",
            if setting == "doer" { "hub" } else { "doer" }
        ));
        // That line is the remedy; a trust that is not wanted is none.
        check.statements.clear();
        check
            .facts
            .retain(|(label, _)| !matches!(*label, "side" | "note"));
        check
    }

    fn other_ways(&self, hop: &Hop<'_>, broker: &Broker) -> Vec<OtherWay> {
        let Some(last) = hop.chain.last() else {
            return Vec::new();
        };
        let mut sources: Vec<RoleChain> = Vec::new();
        for (unit, actors) in &self.survey.units {
            if !hop.units.iter().any(|other| std::ptr::eq(*other, *unit)) {
                continue;
            }
            let source = if self.comes_from_hub(hop) {
                actors.apply.doer.chain()
            } else {
                Some(&actors.apply.hub)
            };
            let source = source.map(|chain| chain.lasting(last.duration));
            let source = source.filter(|source| Some(source) != hop.chain.source().as_ref());
            if let Some(source) = source.filter(|source| !sources.contains(source)) {
                sources.push(source);
            }
        }
        let chains = sources
            .iter()
            .map(|source| (source.then(last.clone()), None));
        let answers = try_all(&chains.collect::<Vec<_>>(), broker);
        let ways = sources.iter().zip(answers);
        ways.map(|(source, answer)| OtherWay {
            from: self.survey.role_at(source, BASE),
            is_open: answer.is_ok(),
        })
        .collect()
    }

    fn comes_from_hub(&self, hop: &Hop<'_>) -> bool {
        let source = hop.chain.source();
        let hubs = self
            .survey
            .units
            .iter()
            .map(|(_, actors)| &actors.apply.hub);
        hubs.into_iter().any(|hub| {
            let role = source.as_ref().and_then(RoleChain::role);
            role == hub.role()
        })
    }

    /// `infrastructure-assumer-role → doer-role @ 2-stage`
    fn subject(&self, hop: &Hop<'_>) -> String {
        let to = self.survey.role_at(&hop.chain, BASE);
        match (hop.chain.source(), hop.account) {
            (Some(source), _) => {
                let from = source.role().map(RoleArn::name);
                let from = from.map_or_else(|| source.shown_from(BASE), ToOwned::to_owned);
                format!("{from} → {to}")
            }
            (None, Some(account)) => format!("{to} in {}", self.account(account)),
            (None, None) => to,
        }
    }

    fn account(&self, account: AccountId) -> String {
        let folder = self.survey.folders.get(&account);
        folder.map_or_else(|| account.to_string(), |folder| (*folder).to_owned())
    }

    fn all_units(&self) -> Vec<String> {
        let units: Vec<&Unit> = self.survey.units.iter().map(|(unit, _)| *unit).collect();
        paths(&units)
    }
}

fn try_all(wanted: &[(RoleChain, Option<AccountId>)], broker: &Broker) -> Vec<Answer> {
    let proofs = wanted
        .iter()
        .map(|(chain, account)| broker.proof(chain, *account));
    wait_for(join_all(proofs))
}

fn id(part: Part) -> &'static str {
    match part {
        Part::Base => "base",
        Part::Hub => "hub",
        Part::State => "state-role",
        Part::Doer => "doer",
    }
}

fn side_in_words(side: DeniedSide) -> String {
    match side {
        DeniedSide::Unknown => {
            "AWS does not tell; most likely one of the two below is missing".to_owned()
        }
        DeniedSide::Caller
        | DeniedSide::Trust
        | DeniedSide::SessionPolicy
        | DeniedSide::PermissionsBoundary
        | DeniedSide::Organization => side.to_string(),
    }
}

fn with_external_id(check: Check, error: &SessionError) -> Check {
    let assumption = error.chain.last();
    match assumption.and_then(|assumption| assumption.external_id.as_ref()) {
        Some(id) => check.fact("note", format!("the external id {id} was sent")),
        None => check.fact(
            "note",
            "no external id was sent: if the role demands one, name it in terrane.hcl \
             (external_ids)",
        ),
    }
}
