//! Many callers at once: nobody's answer is lost, and nobody gets another's.

use std::thread;

use crate::client::{BUCKET, Program, STATE, landing_zone};

#[test]
fn many_callers_at_once_each_get_their_own_answers() {
    let lab = landing_zone();
    let keys = Program::in_role(&lab, STATE).keys.expect("a session");
    lab.clear_record();
    let (callers, calls) = (100, 20);
    thread::scope(|scope| {
        for caller in 0..callers {
            let mut program = Program::new(&lab, Some(keys.clone()));
            scope.spawn(move || {
                for call in 0..calls {
                    let (path, body) = (format!("/{caller}/state"), format!("{caller}:{call}"));
                    assert_eq!(program.put(&path, &body).status, 200);
                    assert_eq!(program.get(&path).text(), body);
                }
            });
        }
    });
    assert_eq!(lab.calls().succeeding().len(), 2 * callers * calls);
    assert_eq!(lab.object_keys(BUCKET).len(), callers);
}

#[test]
fn labs_do_not_know_each_other() {
    let (one, other) = (landing_zone(), landing_zone());
    let keys = Program::in_role(&one, STATE).keys;
    let refused = Program::new(&other, keys).get("/key");
    assert_eq!(refused.code(), "InvalidAccessKeyId");
    assert_ne!(one.endpoint(), other.endpoint());
}
