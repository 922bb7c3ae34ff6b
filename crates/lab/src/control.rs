//! The lab by HTTP, for other processes: what the handle can do, unsigned, below a path that no
//! bucket's name can be.
//!
//! ```text
//! GET    /_lab/record?since=N        calls as JSON lines          DELETE  forgets them
//! GET    /_lab/faults                the rules in force           DELETE  drops them
//! POST   /_lab/faults                {"action": "s3:PutObject", "times": 1, "effect": "drop_after"}
//! PUT    /_lab/session-seconds       8, or null for what is asked for
//! POST   /_lab/expire                {"role": "*doer-role"}
//! PUT    /_lab/clock                 {"skew_seconds": 3600}
//! POST   /_lab/statements            {"of": "principals", "name": "*doer*", "statement": {…}}
//! DELETE /_lab/statements            {"of": "trust", "name": "*doer*", "sid": "…"}
//! GET    /_lab/objects/BUCKET        the keys
//! GET    /_lab/objects/BUCKET/KEY    the body                     PUT, DELETE
//! GET    /_lab/items/TABLE           the items                    PUT  one item
//! GET    /_lab/locks                 terraform's locks
//! ```

use hyper::Method;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cloud::PolicyOf;
use crate::fault::Fault;
use crate::front::Shared;
use crate::http::answer::Answer;
use crate::http::request::Request;

const ROOT: &str = "/_lab/";

/// What a request wants of the control plane, if it is meant for it.
pub(crate) fn asked_for(request: &Request) -> Option<String> {
    request.path().strip_prefix(ROOT).map(str::to_owned)
}

pub(crate) fn serve(shared: &Shared, what: &str, request: &Request) -> Answer {
    let (subject, name) = what.split_once('/').unwrap_or((what, ""));
    let result = match subject {
        "record" => record(shared, request),
        "faults" => faults(shared, request),
        "session-seconds" => session_seconds(shared, request),
        "expire" => expire(shared, request),
        "clock" => clock(shared, request),
        "statements" => statements(shared, request),
        "objects" => objects(shared, name, request),
        "items" => items(shared, name, request),
        "locks" => Ok(ok(&shared.cloud().locks())),
        _ => Err(Problem::Unknown),
    };
    match result {
        Ok(answer) => answer,
        Err(Problem::Unknown) => {
            Answer::json(404, &json!({"error": format!("no such control: {what}")}))
        }
        Err(Problem::Wrong(error)) => Answer::json(400, &json!({ "error": error })),
    }
}

enum Problem {
    /// There is no such control, or not with this method.
    Unknown,
    /// There is, and this is not how to use it.
    Wrong(String),
}

impl<E: std::error::Error> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::Wrong(error.to_string())
    }
}

fn record(shared: &Shared, request: &Request) -> Result<Answer, Problem> {
    let mut record = shared.record();
    match request.method {
        Method::GET => {
            let since = request.query("since").map_or(Ok(0), str::parse)?;
            let mut lines = String::new();
            for call in record.since(since) {
                lines.push_str(&serde_json::to_string(&call)?);
                lines.push('\n');
            }
            Ok(Answer::new(200)
                .with("content-type", "application/jsonl")
                .with_body(lines))
        }
        Method::DELETE => {
            record.clear();
            Ok(done())
        }
        _ => Err(Problem::Unknown),
    }
}

fn faults(shared: &Shared, request: &Request) -> Result<Answer, Problem> {
    let mut faults = shared.faults();
    match request.method {
        Method::GET => {}
        Method::POST => faults.add(serde_json::from_slice::<Fault>(&request.body)?),
        Method::DELETE => faults.clear(),
        _ => return Err(Problem::Unknown),
    }
    Ok(ok(&faults.rules()))
}

fn session_seconds(shared: &Shared, request: &Request) -> Result<Answer, Problem> {
    expect_method(request, &Method::PUT)?;
    let seconds: Option<i64> = serde_json::from_slice(&request.body)?;
    shared.cloud().longest_session = seconds.map(SignedDuration::from_secs);
    Ok(done())
}

fn expire(shared: &Shared, request: &Request) -> Result<Answer, Problem> {
    #[derive(Deserialize)]
    struct Wanted {
        role: String,
    }
    expect_method(request, &Method::POST)?;
    let Wanted { role } = serde_json::from_slice(&request.body)?;
    let expired = shared.cloud().keyring.expire(&role, shared.clock.now());
    Ok(ok(&json!({ "expired": expired })))
}

fn clock(shared: &Shared, request: &Request) -> Result<Answer, Problem> {
    #[derive(Deserialize)]
    struct Wanted {
        skew_seconds: i64,
    }
    expect_method(request, &Method::PUT)?;
    let Wanted { skew_seconds } = serde_json::from_slice(&request.body)?;
    shared
        .clock
        .set_skew(SignedDuration::from_secs(skew_seconds));
    Ok(done())
}

fn statements(shared: &Shared, request: &Request) -> Result<Answer, Problem> {
    #[derive(Deserialize)]
    struct Wanted {
        of: String,
        name: String,
        #[serde(default)]
        statement: Value,
        #[serde(default)]
        sid: String,
    }
    let wanted: Wanted = serde_json::from_slice(&request.body)?;
    let of = match wanted.of.as_str() {
        "principals" => PolicyOf::Principals(&wanted.name),
        "trust" => PolicyOf::Trust(&wanted.name),
        "bucket" => PolicyOf::Bucket(&wanted.name),
        _ => {
            return Err(Problem::Wrong(
                "`of` is principals, trust or bucket".to_owned(),
            ));
        }
    };
    let mut cloud = shared.cloud();
    let changed = match request.method {
        Method::POST => cloud.add_statement(of, &wanted.statement)?,
        Method::DELETE => cloud.remove_statement(of, &wanted.sid),
        _ => return Err(Problem::Unknown),
    };
    Ok(ok(&json!({ "changed": changed })))
}

fn objects(shared: &Shared, name: &str, request: &Request) -> Result<Answer, Problem> {
    let mut cloud = shared.cloud();
    let now = shared.clock.now();
    let Some((bucket, key)) = name.split_once('/') else {
        expect_method(request, &Method::GET)?;
        cloud.bucket_named(name)?;
        return Ok(ok(&cloud.object_keys(name)));
    };
    match request.method {
        Method::GET => match cloud.object(bucket, key) {
            Some(body) => Ok(Answer::new(200).with_body(body)),
            None => Err(Problem::Unknown),
        },
        Method::PUT => {
            let version = cloud.put_object(bucket, key, request.body.clone(), now)?;
            Ok(ok(&json!({ "version": version })))
        }
        Method::DELETE => {
            cloud.bucket_named(bucket)?.delete(key, now);
            Ok(done())
        }
        _ => Err(Problem::Unknown),
    }
}

fn items(shared: &Shared, table: &str, request: &Request) -> Result<Answer, Problem> {
    let mut cloud = shared.cloud();
    match request.method {
        Method::GET => Ok(ok(&cloud.items(table))),
        Method::PUT => {
            cloud.put_item(table, serde_json::from_slice(&request.body)?)?;
            Ok(done())
        }
        _ => Err(Problem::Unknown),
    }
}

fn expect_method(request: &Request, method: &Method) -> Result<(), Problem> {
    if request.method == method {
        Ok(())
    } else {
        Err(Problem::Unknown)
    }
}

fn ok(document: &impl Serialize) -> Answer {
    Answer::json(
        200,
        &serde_json::to_value(document).expect("the lab's own types are JSON"),
    )
}

fn done() -> Answer {
    Answer::json(200, &json!({}))
}
