//! Many roles and many units: each role is assumed once in a run, and each upstream is read once.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use terrane_lab::World;

use crate::estate::{ASSUMER, Estate, example};

/// The landing zone's hub and state, and that many accounts more with a doer each.
fn with_accounts(count: usize) -> Estate {
    let numbers: Vec<String> = (0..count).map(number).collect();
    let statement = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]});
    let allowed = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let trusting = json!({
        "Effect": "Allow", "Principal": {"AWS": ASSUMER}, "Action": "sts:AssumeRole",
    });
    let doers: Vec<Value> = numbers
        .iter()
        .map(|number| {
            json!({
                "arn": format!("arn:aws:iam::{number}:role/doer-role"),
                "trust": statement(trusting.clone()),
                "policies": [statement(allowed.clone())],
            })
        })
        .collect();
    let accounts: BTreeMap<String, &String> = numbers
        .iter()
        .enumerate()
        .map(|(place, number)| (format!("account-{place}"), number))
        .collect();
    let world = World::landing_zone().with(&json!({"accounts": accounts, "roles": doers}));
    let estate = Estate::of(world.expect("a world"));
    let may = json!({
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Resource": "arn:aws:iam::*:role/doer-role",
    });
    estate.add(terrane_lab::PolicyOf::Principals(ASSUMER), &may);
    for (place, number) in numbers.iter().enumerate() {
        estate.account(&format!("account-{place}"), number);
    }
    estate
}

fn number(place: usize) -> String {
    format!("{:012}", 600_000_000_000 + place)
}

/// Every role that the run must assume, once each.
fn once_each(accounts: usize) -> BTreeMap<String, usize> {
    let doers = (0..accounts).map(|place| format!("doer-role@{}", number(place)));
    let hub = ["infrastructure-assumer-role", "state-mgmt-role"];
    let hub = hub.map(|role| format!("{role}@123456789011"));
    doers.chain(hub).map(|role| (role, 1)).collect()
}

#[test]
fn a_hundred_roles_are_a_hundred_sessions() {
    let estate = with_accounts(100);
    for place in 0..100 {
        estate.unit(&format!("account-{place}/vpc"), "");
    }
    let quick = example("quick_engine");
    let quick = [("TERRANE_TF_PATH", quick.to_str().expect("UTF-8"))];
    let done = estate.terrane_with("run-all plan", &quick);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    estate.nothing_is_left(&done);
    assert_eq!(estate.assumed(), once_each(100));
}

#[test]
fn units_of_twelve_accounts_take_one_session_per_role_and_command() {
    // .ci/checks/counts does the same with a thousand units.
    let (accounts, units) = (12, 48);
    let estate = with_accounts(accounts);
    let path = |unit: usize| format!("account-{}/unit-{unit}", unit % accounts);
    for unit in 0..units {
        // Each unit needs two earlier ones, of other accounts mostly.
        let needs: Vec<usize> = [unit / 2, unit / 3]
            .into_iter()
            .filter(|up| *up < unit)
            .collect();
        let blocks = needs.iter().enumerate().map(|(place, upstream)| {
            format!(
                "dependency \"up{place}\" {{\n  config_path = \"../../{}\"\n}}\n",
                path(*upstream)
            )
        });
        let ids: Vec<String> = (0..needs.len())
            .map(|place| format!("dependency.up{place}.outputs.id"))
            .collect();
        let inputs = format!("inputs = {{\n  upstreams = [{}]\n}}\n", ids.join(", "));
        estate.unit(&path(unit), &(blocks.collect::<String>() + &inputs));
        estate.seed(&path(unit));
    }
    let quick = example("quick_engine");
    let quick = [("TERRANE_TF_PATH", quick.to_str().expect("UTF-8"))];
    for command in [
        "run-all plan",
        "run-all apply --non-interactive",
        "run-all output",
        "run-all destroy --non-interactive",
    ] {
        estate.lab.clear_record();
        let done = estate.terrane_with(command, &quick);
        assert_eq!(done.code, Some(0), "{command}: {}", done.stderr);
        estate.nothing_is_left(&done);
        assert_eq!(estate.assumed(), once_each(accounts), "{command}");
        assert!(estate.lab.calls().refused().is_empty(), "{command}");
    }
}
