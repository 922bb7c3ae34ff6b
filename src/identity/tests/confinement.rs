//! Sessions that open one state only.

use super::*;
use crate::model::{S3State, SessionPolicy};

fn s3_state(key: &str) -> Box<S3State> {
    Box::new(S3State::new("states", key))
}

fn confining(options: RoleOptions) -> RoleOptions {
    RoleOptions {
        state_sessions: StateSessions::PerUnit,
        ..options
    }
}

#[test]
fn confined_sessions_are_one_for_each_state() {
    let chain = |key: &str, options: &RoleOptions| {
        let unit = UnitClaims {
            backend_role: backend_role(SHARED, "state-mgmt-role"),
            state: Some(s3_state(key)),
            ..unit(vec![claim(included(), "doer-role")])
        };
        let identity = resolve(&unit, options).expect("an identity");
        identity.state_management.chain().cloned().expect("a chain")
    };
    let (shared, confined) = (with_assumer(), confining(with_assumer()));
    assert_eq!(chain("dev/vpc", &shared), chain("prod/vpc", &shared));
    assert_ne!(chain("dev/vpc", &confined), chain("prod/vpc", &confined));
    assert_eq!(chain("dev/vpc", &confined), chain("dev/vpc", &confined));
    // The hub stays what it is.
    assert_eq!(
        chain("dev/vpc", &confined).source(),
        chain("dev/vpc", &shared).source()
    );
}

#[test]
fn a_confined_backend_goes_through_terrane_even_without_a_doer() {
    let unit = UnitClaims {
        backend_role: backend_role(SHARED, "state"),
        state: Some(s3_state("dev/vpc")),
        ..unit(vec![])
    };
    let identity = resolve(&unit, &confining(options())).expect("an identity");
    assert_eq!(identity.backend, BackendAccess::ThroughProfile);
    assert!(!identity.assumes_nothing());
}

#[test]
fn what_cannot_be_confined_is_said() {
    let remark = |unit: &UnitClaims| {
        let identity = resolve(unit, &confining(with_assumer())).expect("an identity");
        identity.because.confinement.remark().unwrap_or_default()
    };
    let doer_alone = UnitClaims {
        state: Some(s3_state("dev/vpc")),
        ..unit(vec![claim(own(), "doer-role")])
    };
    let with_role = UnitClaims {
        backend_role: backend_role(SHARED, "state"),
        ..doer_alone.clone()
    };
    let nowhere = UnitClaims {
        state: None,
        ..with_role.clone()
    };
    let by_profile = UnitClaims {
        backend_profile: Some("tfstate".into()),
        ..with_role.clone()
    };
    let mut with_policy = with_role.clone();
    if let Some(backend) = &mut with_policy.backend_role {
        backend.limits.policy = Some(SessionPolicy("{}".into()));
    }
    let mut with_managed_policy = with_role.clone();
    if let Some(backend) = &mut with_managed_policy.backend_role {
        let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        backend.limits.policy_arns = vec![arn.into()];
    }
    assert_eq!(remark(&with_role), "");
    assert_eq!(
        remark(&doer_alone),
        "its state is not confined: the backend names no role of its own"
    );
    assert_eq!(
        remark(&nowhere),
        "its state is not confined: its files have no remote_state in s3"
    );
    assert_eq!(
        remark(&by_profile),
        "its state is not confined: the backend names a profile"
    );
    for unit in [with_policy, with_managed_policy] {
        assert_eq!(
            remark(&unit),
            "its state is not confined: the backend gives its session another policy"
        );
    }
}
