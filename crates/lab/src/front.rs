//! The way of one request through the lab: who sent it, what for, does a fault strike, what is
//! the answer; and the line in the record, whichever way it went.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use hyper::header::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, http_date};
use crate::cloud::Cloud;
use crate::control;
use crate::fault::{FaultEffect, Faults};
use crate::http::answer::Answer;
use crate::http::delivery::Delivery;
use crate::http::request::Request;
use crate::identity::Caller;
use crate::identity::signature::{Claim, Rejection};
use crate::record::{Call, Record};
use crate::service::refusal::Refusal;
use crate::service::{Operation, Served, Service, Visit, enter};

/// What all requests and the handle share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) cloud: Mutex<Cloud>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) record: Mutex<Record>,
    pub(crate) clock: Clock,
}

/// A request that has been understood, with whoever sent it as far as that was proved.
struct Arrival {
    request: Request,
    service: Service,
    operation: Operation,
    standing: Standing,
    access_key_id: Option<String>,
    region: String,
    now: Timestamp,
    began: Instant,
}

/// What a request proved about its sender.
enum Standing {
    Proven(Arc<Caller>),
    /// Known, and refused: the session is over.
    Ended(Arc<Caller>),
    Unproven(Rejection),
}

impl Standing {
    fn caller(&self) -> Option<&Caller> {
        match self {
            Self::Proven(caller) | Self::Ended(caller) => Some(caller),
            Self::Unproven(_) => None,
        }
    }
}

impl Shared {
    pub(crate) fn cloud(&self) -> MutexGuard<'_, Cloud> {
        enter(&self.cloud)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults
            .lock()
            .expect("nobody panics while holding the faults")
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.record
            .lock()
            .expect("nobody panics while holding the record")
    }
}

pub(crate) async fn answer(shared: Arc<Shared>, request: Request) -> Delivery {
    if let Some(what) = control::asked_for(&request) {
        return Delivery::Whole(control::serve(&shared, &what, &request));
    }
    let arrival = receive(&shared, request);
    let effect = {
        let principal = arrival.standing.caller().map_or("", |caller| &caller.arn);
        let operation = &arrival.operation;
        shared
            .faults()
            .strike(&operation.action(), principal, &operation.resource())
    };
    if let Some(FaultEffect::Delay { ms }) = effect {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    settle(&shared, &arrival, effect.as_ref())
}

/// Finds out who calls and what for. Nothing is changed yet.
fn receive(shared: &Shared, mut request: Request) -> Arrival {
    let (began, now) = (Instant::now(), shared.clock.now());
    // A source of keys has a token of its own where others have a signature.
    let claim = if Service::is_source(&request) {
        Err(Rejection::Unsigned)
    } else {
        Claim::read(&request)
    };
    let standing = match &claim {
        Ok(claim) => identify(shared, claim, &mut request, now).unwrap_or_else(Standing::Unproven),
        Err(rejection) => Standing::Unproven(rejection.clone()),
    };
    let claim = claim.ok();
    let service = match &claim {
        Some(claim) => Service::named(&claim.service),
        None => Service::guessed(&request),
    };
    let region = match &claim {
        Some(claim) => claim.region.clone(),
        None => shared.cloud().region.clone(),
    };
    let account = standing.caller().map_or("", Caller::account);
    let operation = service.operation(&request, &region, account);
    let access_key_id = claim.map(|claim| claim.access_key_id);
    Arrival {
        request,
        service,
        operation,
        standing,
        access_key_id,
        region,
        now,
        began,
    }
}

/// Proves the claim, and puts the decoded body in the place of one that was sent in chunks.
fn identify(
    shared: &Shared,
    claim: &Claim,
    request: &mut Request,
    now: Timestamp,
) -> Result<Standing, Rejection> {
    let credential = {
        let cloud = shared.cloud();
        cloud
            .keyring
            .find(&claim.access_key_id)
            .cloned()
            .ok_or(Rejection::UnknownKey)?
    };
    if claim.token != credential.keys.session_token {
        return Err(Rejection::WrongToken);
    }
    claim.check_time(now)?;
    let decoded = claim.verify(request, &credential.keys.secret_access_key)?;
    if let Some(decoded) = decoded {
        request.body = decoded.body.into();
        for (name, value) in decoded.trailers {
            let header = (HeaderName::try_from(name), HeaderValue::try_from(value));
            if let (Ok(name), Ok(value)) = header {
                request.headers.insert(name, value);
            }
        }
    }
    let is_over = credential.expires.is_some_and(|end| now >= end);
    let caller = credential.caller;
    Ok(if is_over {
        Standing::Ended(caller)
    } else {
        Standing::Proven(caller)
    })
}

/// Handles the request as far as the fault lets it, and files the record.
fn settle(shared: &Shared, arrival: &Arrival, effect: Option<&FaultEffect>) -> Delivery {
    let Arrival {
        request, service, ..
    } = arrival;
    let result = match effect {
        Some(FaultEffect::DropBefore) => None,
        Some(FaultEffect::Answer {
            status,
            code,
            message,
            headers,
        }) => {
            let mut refusal = Refusal::new(*status, code, message.as_str());
            refusal.headers.extend(headers.clone());
            Some(Err(refusal))
        }
        Some(FaultEffect::Say { body }) => Some(Ok((Answer::xml(200, body), None))),
        Some(FaultEffect::Expire) => {
            end_session(shared, arrival);
            Some(Err(service.refuse(&Rejection::Expired, request)))
        }
        Some(
            FaultEffect::Delay { .. }
            | FaultEffect::DropAfter
            | FaultEffect::Truncate { .. }
            | FaultEffect::Slow { .. }
            | FaultEffect::Garbage
            | FaultEffect::SkewDate { .. },
        )
        | None => Some(handle(shared, arrival)),
    };
    file(shared, arrival, result.as_ref(), effect);
    match result {
        Some(Ok((answer, _))) => deliver(shared, answer, effect),
        Some(Err(refusal)) => {
            let answer = service.protocol(request).write(&refusal, request);
            deliver(shared, answer, effect)
        }
        None => Delivery::Lost,
    }
}

fn handle(shared: &Shared, arrival: &Arrival) -> Result<Served, Refusal> {
    let Arrival {
        request,
        service,
        operation,
        region,
        now,
        ..
    } = arrival;
    match &arrival.standing {
        Standing::Proven(caller) => {
            let visit = Visit {
                caller,
                request,
                region,
                now: *now,
            };
            operation.serve(&shared.cloud, visit)
        }
        Standing::Ended(_) => Err(service.refuse(&Rejection::Expired, request)),
        Standing::Unproven(Rejection::Unsigned) => {
            let served = operation.serve_unsigned(&shared.cloud, *now);
            served.unwrap_or_else(|| Err(service.refuse(&Rejection::Unsigned, request)))
        }
        Standing::Unproven(rejection) => Err(service.refuse(rejection, request)),
    }
}

fn end_session(shared: &Shared, arrival: &Arrival) {
    if let Some(id) = &arrival.access_key_id {
        shared.cloud().keyring.end_session(id, arrival.now);
    }
}

fn deliver(shared: &Shared, answer: Answer, effect: Option<&FaultEffect>) -> Delivery {
    let skew = if let Some(FaultEffect::SkewDate { seconds }) = effect {
        SignedDuration::from_secs(*seconds)
    } else {
        SignedDuration::ZERO
    };
    let date = shared
        .clock
        .now()
        .saturating_add(skew)
        .unwrap_or(Timestamp::MAX);
    let answer = answer.with("date", http_date(date));
    match effect {
        Some(FaultEffect::DropAfter) => Delivery::Lost,
        Some(FaultEffect::Truncate { bytes }) => Delivery::Truncated(answer, *bytes),
        Some(FaultEffect::Slow { bytes_per_second }) => Delivery::Slow(answer, *bytes_per_second),
        Some(FaultEffect::Garbage) => Delivery::Whole(garbage(&answer)),
        Some(
            FaultEffect::Answer { .. }
            | FaultEffect::Say { .. }
            | FaultEffect::Delay { .. }
            | FaultEffect::DropBefore
            | FaultEffect::Expire
            | FaultEffect::SkewDate { .. },
        )
        | None => Delivery::Whole(answer),
    }
}

/// What a proxy with a mind of its own might say instead.
fn garbage(answer: &Answer) -> Answer {
    let date = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "date")
        .cloned();
    let mut garbage = Answer::new(200).with("content-type", "text/html");
    garbage.headers.extend(date);
    garbage.with_body(&b"<html><body>Sign in to this network\x00\xff\xfe{\"</body>"[..])
}

/// Files the call; without a result it was never handled.
fn file(
    shared: &Shared,
    arrival: &Arrival,
    result: Option<&Result<Served, Refusal>>,
    effect: Option<&FaultEffect>,
) {
    let caller = arrival.standing.caller();
    let refusal = result.and_then(|result| result.as_ref().err());
    let served = result.and_then(|result| result.as_ref().ok());
    let account = caller.map(|caller| caller.account().to_owned());
    let account_alias = account
        .as_ref()
        .and_then(|account| shared.cloud().accounts.get(account).cloned());
    let status = served
        .map(|(answer, _)| answer.status)
        .or(refusal.map(|refusal| refusal.status));
    let key = arrival.access_key_id.as_deref();
    let call = Call {
        seq: 0,
        time: arrival.now,
        service: arrival.service.name().to_owned(),
        action: arrival.operation.action(),
        resource: arrival.operation.resource(),
        principal: caller.map(|caller| caller.arn.clone()),
        role: caller.map(|caller| caller.principal.name.clone()),
        account,
        account_alias,
        key: key.map(last_four),
        session: caller.and_then(|caller| caller.session),
        issued: served.and_then(|(_, issued)| issued.clone()),
        status,
        error: refusal.map(|refusal| refusal.code.clone()),
        reason: refusal.and_then(|refusal| refusal.reason.as_deref().map(str::to_owned)),
        fault: effect.map(|effect| effect.name().to_owned()),
        ms: milliseconds(arrival.began.elapsed()),
    };
    shared.record().add(call);
}

/// Rounded to microseconds, so that it is the same after a way through JSON.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// What a record may show of an access key id, which is whatever the caller sent.
fn last_four(access_key_id: &str) -> String {
    let length = access_key_id.chars().count();
    access_key_id
        .chars()
        .skip(length.saturating_sub(4))
        .collect()
}
