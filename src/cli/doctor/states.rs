//! Buckets of states and their locks, as whoever opens them sees them.

use futures_util::future::join_all;

use super::check::{Addition, Check, Status, counted};
use super::hops::Trials;
use super::survey::{Bucket, Survey, paths};
use crate::aws::{
    Broker, BucketFacts, BucketQuestion, ListingExtent, LockTableProblem, LookCalls, LookError,
    ReadProblem, SessionError, StatesFound, Versioning,
};
use crate::cli::aws_access::wait_for;
use crate::identity::policy::{Actor, Home, LOCK_ITEM_ACTIONS, Statement};
use crate::model::{RoleChain, harmless};

/// Looks at every bucket that can be reached.
pub(super) fn checks(
    survey: &Survey<'_>,
    trials: &Trials<'_>,
    broker: &Broker,
) -> (Vec<Check>, LookCalls) {
    let reached = |bucket: &&Bucket<'_>| trials.is_reached(&bucket.chain);
    let questions: Vec<(BucketQuestion, RoleChain)> = survey
        .buckets
        .iter()
        .filter(reached)
        .map(|bucket| (bucket.question.clone(), bucket.chain.clone()))
        .collect();
    let looks = questions
        .iter()
        .map(|(question, chain)| broker.look(question, chain));
    let mut answers = wait_for(join_all(looks)).into_iter();

    let mut checks = Vec::new();
    let mut calls = LookCalls::default();
    for bucket in &survey.buckets {
        let look = Look {
            bucket,
            who: survey.role_at(&bucket.chain, "the base identity"),
        };
        if !reached(&bucket) {
            checks.push(look.out_of_reach());
            continue;
        }
        match answers.next().expect("each question has its answer") {
            Ok(facts) => {
                calls.s3 += facts.calls.s3;
                calls.dynamodb += facts.calls.dynamodb;
                checks.extend(look.checks(&facts));
            }
            Err(error) => checks.push(look.no_session(&error)),
        }
    }
    (checks, calls)
}

/// One bucket, and who looked.
struct Look<'l> {
    bucket: &'l Bucket<'l>,
    who: String,
}

impl Look<'_> {
    fn checks(&self, facts: &BucketFacts) -> Vec<Check> {
        let bucket = &self.bucket.question.state.bucket;
        let mut checks = vec![match &facts.states {
            Ok(found) => self.found(found, facts.versioning.as_ref()),
            Err(error) => {
                let bucket = self.home().bucket(bucket);
                let allow = Statement::allow("ListStates", ["s3:ListBucket"], bucket);
                self.refused("bucket", error, allow)
            }
        }];
        if let Ok(StatesFound {
            readable: Some(Err(error)),
            ..
        }) = &facts.states
        {
            let states = self.home().object(bucket, "*");
            let allow = Statement::allow("ReadStates", ["s3:GetObject"], states);
            checks.push(self.refused("states", error, allow));
        }
        checks.extend(self.versioning(facts.versioning.as_ref()));
        let locks = facts.states.as_ref().map(|found| &*found.locks);
        for lock in locks.unwrap_or_default() {
            let state = format!("s3://{}/{}", self.bucket.question.state.bucket, lock.key);
            let since = lock.last_modified.map(since);
            checks.push(
                Check::new("lock-held", Status::Warn, state)
                    .detail(format!("held{}", since.unwrap_or_default()))
                    .fix("if nobody is at work there: terrane force-unlock, in that unit"),
            );
        }
        let tables = self.bucket.question.lock_tables.iter();
        for (table, answer) in tables.zip(&facts.lock_tables) {
            checks.push(self.lock_table(table, answer.as_ref().err()));
        }
        checks.extend(self.without_lock());
        checks
    }

    fn check(&self, id: &'static str, status: Status) -> Check {
        let state = &self.bucket.question.state;
        let region = state.region.as_deref();
        let region = region.map(|region| format!("  {region}"));
        Check::new(
            id,
            status,
            format!("s3://{}{}", state.bucket, region.unwrap_or_default()),
        )
    }

    fn found(
        &self,
        found: &StatesFound,
        versioning: Option<&Result<Versioning, LookError>>,
    ) -> Check {
        let keys = self.bucket.question.keys.len();
        let states = match found.extent {
            ListingExtent::Whole => format!("{} of {}", found.there, counted(keys, "state")),
            ListingExtent::CutShort => {
                format!("at least {} of {}", found.there, counted(keys, "state"))
            }
            ListingExtent::OneKey => "listed key by key".to_owned(),
        };
        let versions = match versioning {
            Some(Ok(Versioning::Enabled)) => ", keeps versions",
            Some(Ok(Versioning::Suspended | Versioning::Never) | Err(_)) | None => "",
        };
        self.check("bucket", Status::Ok)
            .detail(format!("{states}{versions}"))
    }

    fn versioning(&self, answer: Option<&Result<Versioning, LookError>>) -> Option<Check> {
        match answer? {
            Ok(Versioning::Enabled) => None,
            Ok(Versioning::Suspended | Versioning::Never) => Some(
                self.check("versioning", Status::Warn)
                    .detail("keeps no versions")
                    .fix("switch on versioning: without it a state that is spoilt is lost"),
            ),
            Err(error) => Some(self.check("versioning", Status::Skipped).detail(format!(
                "whether it keeps versions cannot be seen: {}",
                error.problem
            ))),
        }
    }

    fn lock_table(&self, table: &str, problem: Option<&LockTableProblem>) -> Check {
        let subject = format!("DynamoDB table {table}");
        let Some(problem) = problem else {
            return Check::new("lock-table", Status::Ok, subject).detail("locks can be seen");
        };
        let check = Check::new("lock-table", Status::Failed, subject)
            .detail(self.blocked())
            .blocks(paths(&self.bucket.units));
        match problem {
            LockTableProblem::Missing => check
                .fact("reason", format!("{} sees no such table", self.who))
                .fix(format!(
                    "create it in the account of {} with the key LockID, a string; or lock by \
                     files instead: use_lockfile = true",
                    self.who
                )),
            LockTableProblem::OtherKey => check
                .fact(
                    "reason",
                    "its key is not LockID, the one that terraform uses",
                )
                .fix("make the table anew with the partition key LockID, a string"),
            LockTableProblem::Denied { said } => {
                let mut check = check.fact("AWS says", harmless(said));
                let region = self.bucket.question.state.region.as_ref();
                let table = self.home().lock_table(table, region);
                let allow = Statement::allow("LockItems", LOCK_ITEM_ACTIONS, table);
                check.statements = self.addition(allow);
                check
            }
            LockTableProblem::Unreachable { detail } => check.fact(
                "reason",
                format!("DynamoDB did not answer ({})", harmless(detail)),
            ),
            LockTableProblem::Other { code, message } => {
                check.fact("reason", harmless(&format!("{code}: {message}")))
            }
        }
    }

    /// `allow` is what would have let it be seen.
    fn refused(&self, id: &'static str, error: &LookError, allow: Statement) -> Check {
        let check = self
            .check(id, Status::Failed)
            .detail(self.blocked())
            .blocks(paths(&self.bucket.units));
        match &error.problem {
            ReadProblem::NoBucket => check
                .fact("reason", "there is no such bucket")
                .fix("create it, or correct its name; terrane creates none by itself"),
            ReadProblem::WrongRegion { really, .. } => {
                let check = check.fact("reason", error.problem.to_string());
                check.fix(match really {
                    Some(region) => format!("write region = \"{region}\" in the backend"),
                    None => "write the bucket's own region in the backend".to_owned(),
                })
            }
            problem if problem.is_denied() => {
                let mut check = check.fact("AWS says", harmless(&error.said));
                check.statements = self.addition(allow);
                check
            }
            ReadProblem::KeyDenied { message } => check.fact("AWS says", harmless(message)).fix(
                format!("allow kms:Decrypt with the bucket's key to {}", self.who),
            ),
            problem => check.fact("reason", harmless(&problem.to_string())),
        }
    }

    fn out_of_reach(&self) -> Check {
        self.check("bucket", Status::Skipped)
            .detail(format!("{} is out of reach", self.who))
    }

    fn no_session(&self, error: &SessionError) -> Check {
        self.check("bucket", Status::Failed)
            .detail(self.blocked())
            .fact("reason", harmless(&error.to_string()))
            .blocks(paths(&self.bucket.units))
    }

    /// Units whose state two runs could write at once.
    fn without_lock(&self) -> Option<Check> {
        let units = self.bucket.units.iter().copied();
        let unlocked = units.filter(|unit| {
            let lock = unit.state.in_s3().map(|state| &state.lock);
            lock.is_some_and(|lock| lock.dynamodb_table.is_none() && !lock.lock_file)
        });
        let unlocked: Vec<_> = unlocked.collect();
        (!unlocked.is_empty()).then(|| {
            let subject = format!("the state of {}", counted(unlocked.len(), "unit"));
            Check::new("lock", Status::Warn, subject)
                .detail("nothing keeps two runs from writing it at once")
                .fix("write use_lockfile = true in the backend")
        })
    }

    fn addition(&self, statement: Statement) -> Vec<Addition> {
        let role = self.bucket.chain.role();
        let to = role.map_or_else(|| self.who.clone(), ToString::to_string);
        vec![Addition {
            to: format!("a policy of {to}"),
            statement,
        }]
    }

    fn home(&self) -> Home {
        Home::of(&Actor::end_of(&self.bucket.chain))
    }

    fn blocked(&self) -> String {
        format!("{} blocked", counted(self.bucket.units.len(), "unit"))
    }
}

fn since(time: std::time::SystemTime) -> String {
    jiff::Timestamp::try_from(time).map_or_else(
        |_| String::new(),
        |time| format!(" since {}", time.strftime("%Y-%m-%d %H:%M UTC")),
    )
}
