//! A base identity that is itself a role, by a profile.

use terrane::aws::{BaseSurroundings, SdkOptions, UserProfiles};
use terrane::model::{Assumption, RoleChain, Secret, SessionName};
use terrane_lab::{Lab, World};

use super::{DEV, Estate, SHARED};
use crate::bench;

/// The operator's keys in one profile, and in another the hub that they lead to.
fn assumer() -> Estate {
    let lab = Lab::start(World::landing_zone()).expect("a lab");
    let keys = lab.operator();
    let token = keys.session_token.expect("the operator has a session");
    let credentials = format!(
        "[shared]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {token}\n",
        keys.access_key_id, keys.secret_access_key
    );
    let config = format!(
        "[profile assumer]\nsource_profile = shared\n\
         role_arn = arn:aws:iam::{SHARED}:role/infrastructure-assumer-role\n"
    );
    let surroundings = BaseSurroundings {
        profile: Some("assumer".into()),
        user_profiles: UserProfiles {
            config: Some(config),
            credentials: Some(Secret::new(credentials)),
        },
        ..BaseSurroundings::default()
    };
    let options = SdkOptions {
        surroundings,
        ..SdkOptions::default()
    };
    Estate::begun_from(lab, options)
}

/// A doer that nobody has assumed yet, because its session has this name.
fn doer_from_base(name: &str) -> RoleChain {
    RoleChain::base().then(Assumption {
        session_name: SessionName::clean(name),
        ..bench::assumption(DEV, "doer-role")
    })
}

#[tokio::test]
async fn a_profiles_role_is_taken_once_and_anew_when_aws_has_ended_it() {
    let estate = assumer();
    let prove = async |name: &str| {
        let proved = estate.broker.prove(&doer_from_base(name), None).await;
        proved.map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(prove("one").await, Ok(()));
    assert_eq!(prove("two").await, Ok(()));
    let taken = || {
        let calls = estate.lab.calls().of("sts:AssumeRole").succeeding();
        calls.on("*infrastructure-assumer-role").len()
    };
    assert_eq!(taken(), 1);
    assert!(estate.lab.expire("*infrastructure-assumer-role") >= 1);
    assert_eq!(prove("three").await, Ok(()));
    assert_eq!(taken(), 2);
}
