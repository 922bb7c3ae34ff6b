//! Who touches the state, beside the doer.

use super::*;

#[test]
fn doer_and_state_management_are_siblings_of_one_hub() {
    let unit = UnitClaims {
        backend_role: backend_role(SHARED, "state-mgmt-role"),
        ..unit(vec![claim(included(), "doer-role")])
    };
    insta::assert_snapshot!(shown(&unit, &with_assumer()), @r"
    doer   base → assumer → doer-role, named by root.hcl:9
    state  base → assumer → state-mgmt-role, named by the backend at root.hcl:2
    ThroughProfile
    ");
    insta::assert_snapshot!(shown(&unit, &options()), @r"
    doer   base → doer-role, named by root.hcl:9
    state  base → state-mgmt-role, named by the backend at root.hcl:2
    ThroughProfile
    ");
}

#[test]
fn a_tree_may_say_that_its_doers_assume_the_state_role() {
    let unit = UnitClaims {
        backend_role: backend_role(SHARED, "state-mgmt-role"),
        ..unit(vec![claim(included(), "doer-role")])
    };
    let options = RoleOptions {
        state_from: StateFrom::Doer,
        ..with_assumer()
    };
    insta::assert_snapshot!(shown(&unit, &options), @r"
    doer   base → assumer → doer-role, named by root.hcl:9
    state  base → assumer → doer-role → state-mgmt-role, named by the backend, assumed by the doer (state_from) at root.hcl:2
    ThroughProfile
    ");
}

#[test]
fn a_backend_without_a_role_uses_the_doer_as_under_terragrunt() {
    let unit = unit(vec![claim(own(), "doer-role")]);
    insta::assert_snapshot!(shown(&unit, &options()), @r"
    doer   base → doer-role, named by 1-dev/vpc/terragrunt.hcl:4
    state  base → doer-role, the backend names no role
    AsWritten
    ");
}

#[test]
fn a_state_role_without_a_doer_leaves_the_backend_as_written() {
    let unit = UnitClaims {
        backend_role: backend_role(SHARED, "state"),
        ..unit(vec![])
    };
    insta::assert_snapshot!(shown(&unit, &options()), @r"
    doer   base, nobody names a role
    state  base → state, named by the backend at root.hcl:2
    AsWritten
    ");
    assert!(
        resolve(&unit, &options())
            .expect("an identity")
            .assumes_nothing()
    );
}

#[test]
fn a_backend_that_names_the_doer_shares_its_session() {
    let unit = UnitClaims {
        backend_role: backend_role(DEV, "doer-role"),
        ..unit(vec![claim(own(), "doer-role")])
    };
    insta::assert_snapshot!(shown(&unit, &with_assumer()), @r"
    doer   base → assumer → doer-role, named by 1-dev/vpc/terragrunt.hcl:4
    state  base → assumer → doer-role, the backend names the doer's role at root.hcl:2
    ThroughProfile
    ");
}

#[test]
fn a_profile_of_the_backend_is_its_own_base() {
    let mut unit = UnitClaims {
        backend_profile: Some("tfstate".into()),
        ..unit(vec![claim(own(), "doer-role")])
    };
    insta::assert_snapshot!(shown(&unit, &with_assumer()), @r#"
    doer   base → assumer → doer-role, named by 1-dev/vpc/terragrunt.hcl:4
    state  profile tfstate, the backend names profile "tfstate"
    AsWritten
    "#);
    unit.backend_role = backend_role(SHARED, "state");
    insta::assert_snapshot!(shown(&unit, &with_assumer()), @r"
    doer   base → assumer → doer-role, named by 1-dev/vpc/terragrunt.hcl:4
    state  profile tfstate → state, named by the backend at root.hcl:2
    AsWritten
    ");
}
