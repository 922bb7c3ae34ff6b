//! The helper's side: who gets state-management, and who does not.

use std::fs;
use std::path::Path;

use terrane::aws::{GrantRequest, HELPER_TOKEN, UserProfiles};
use terrane::model::Secret;

use crate::bench::{Bench, assumption, request, shells};

const OURS: &str = "terrane-state";

#[tokio::test]
async fn the_engine_gets_state_management_by_any_shell() {
    let mut bench = Bench::new();
    let applet = bench.place.path().join("sh");
    for shell in shells() {
        // A busybox is the shell that it is called as.
        let called = if shell.ends_with("busybox") {
            std::os::unix::fs::symlink(shell, &applet).expect("a link");
            applet.to_str().expect("a path")
        } else {
            shell
        };
        let said = bench.engine(called, &["backend", OURS]).await;
        assert_eq!(said, "backend terrane-state: ASIA0state\n", "{shell}");
    }
    assert_eq!(bench.refusals(), "");
    assert_eq!(bench.assumed(), 3, "hub, doer, state-management");
}

#[tokio::test]
async fn a_provisioner_that_looks_like_the_engine_comes_too_late() {
    let mut bench = Bench::new();
    for shell in ["/bin/sh", "/bin/bash"] {
        let said = bench
            .engine(shell, &["backend", OURS, "provisioner", OURS])
            .await;
        let (first, second) = said.split_once('\n').expect("two answers");
        assert_eq!(first, "backend terrane-state: ASIA0state");
        assert!(
            second.contains("go to the engine only, once at its start"),
            "{second}"
        );
        assert!(!second.contains("ASIA"));
    }
    insta::assert_snapshot!(bench.refusals(), @r"
        dev/vpc: refused state-management credentials to a program that the engine started: the engine has its credentials already
        dev/vpc: refused state-management credentials to a program that the engine started: the engine has its credentials already
        ");
}

#[tokio::test]
async fn a_plugin_is_refused_before_and_after_the_engine() {
    let mut bench = Bench::new();
    bench.program("terraform-provider-aws_v5.100.0_x5");
    for shell in ["/bin/sh", "/bin/bash"] {
        let said = bench
            .engine(shell, &["plugin", OURS, "backend", OURS, "plugin", OURS])
            .await;
        let answers: Vec<&str> = said.lines().collect();
        assert!(
            answers[0].contains("another program than the engine asks"),
            "{said}"
        );
        assert_eq!(answers[1], "backend terrane-state: ASIA0state");
        assert!(
            answers[2].contains("another program than the engine asks"),
            "{said}"
        );
    }
    assert!(
        bench
            .refusals()
            .contains("terraform-provider-aws_v5.100.0_x5")
    );
}

#[tokio::test]
async fn a_wrapper_that_forks_its_engine_is_passed_over() {
    let mut bench = Bench::new();
    let (wrapper, engine) = (bench.program("tenv"), bench.program("terraform"));
    let script = bench.place.path().join("tofu-wrapper");
    let text = format!("{} \"$@\"\nexit $?\n", engine.display());
    fs::write(&script, text).expect("a script");
    let (engine, script) = (
        engine.to_str().expect("a path"),
        script.to_str().expect("a path"),
    );
    for (program, steps) in [
        (
            wrapper.as_path(),
            vec![
                "/bin/sh",
                "engine",
                engine,
                "backend",
                OURS,
                "provisioner",
                OURS,
            ],
        ),
        (
            Path::new("/bin/bash"),
            vec![script, "/bin/sh", "backend", OURS, "provisioner", OURS],
        ),
    ] {
        let grant = bench.grant().await;
        let said = bench.start(&grant, program, &steps).said();
        let (first, second) = said.split_once('\n').expect("two answers");
        assert_eq!(first, "backend terrane-state: ASIA0state");
        assert!(
            second.contains("the engine has its credentials already"),
            "{second}"
        );
    }
    assert!(
        bench
            .refusals()
            .contains("refused state-management credentials")
    );
}

#[tokio::test]
async fn an_engine_that_is_run_by_the_engine_is_refused() {
    let bench = Bench::new();
    let engine = bench.program("terraform");
    let steps = [
        "backend",
        OURS,
        "engine",
        engine.to_str().expect("a path"),
        "backend",
        OURS,
    ];
    let said = bench.engine("/bin/sh", &steps).await;
    let (first, second) = said.split_once('\n').expect("two answers");
    assert_eq!(first, "backend terrane-state: ASIA0state");
    assert!(
        second.contains("another program than the engine asks"),
        "{second}"
    );
}

#[tokio::test]
async fn whoever_takes_another_childs_token_is_refused() {
    let mut bench = Bench::new();
    let (mine, other) = (bench.grant().await, bench.grant().await);
    let sleeper = bench.start(&mine, "/bin/sleep".as_ref(), &["0"]);
    // Started with the token of the first child, and told to be the second's.
    let engine = bench.program("terraform");
    let mut environment = bench.environment_of(mine.variables());
    let stolen = environment
        .remove(std::ffi::OsStr::new(HELPER_TOKEN))
        .expect("a token");
    let thief = std::process::Command::new(engine)
        .args(["/bin/sh", "backend", OURS])
        .env_clear()
        .envs(bench.environment_of(other.variables()))
        .env(HELPER_TOKEN, stolen)
        .output()
        .expect("the thief runs");
    sleeper.said();
    let said = String::from_utf8_lossy(&thief.stdout);
    assert!(
        said.contains("it was not started by the engine that terrane started"),
        "{said}"
    );
    assert!(
        bench
            .refusals()
            .contains("dev/vpc: refused state-management credentials")
    );
}

#[tokio::test]
async fn a_token_that_is_only_half_known_opens_nothing() {
    let bench = Bench::new();
    let grant = bench.grant().await;
    let environment = bench.environment_of(grant.variables());
    let token = environment[std::ffi::OsStr::new(HELPER_TOKEN)]
        .to_str()
        .expect("text");
    let (id, _) = token.split_once('.').expect("two halves");
    let forged = std::process::Command::new(bench.program("terraform"))
        .args(["/bin/sh", "backend", OURS])
        .env_clear()
        .envs(&environment)
        .env(HELPER_TOKEN, format!("{id}.{}", "0".repeat(64)))
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&forged.stdout);
    assert!(said.contains("this token opens nothing"), "{said}");
}

#[tokio::test]
async fn a_child_that_has_ended_opens_nothing() {
    let bench = Bench::new();
    let grant = bench.grant().await;
    let environment = bench.environment_of(grant.variables());
    let config = environment[std::ffi::OsStr::new("AWS_CONFIG_FILE")].clone();
    let engine = bench.program("terraform");
    let kept = bench.place.path().join("kept.config");
    fs::copy(&config, &kept).expect("the configuration");
    drop(grant);
    // Any answer shows that the word of the end has arrived.
    bench.grant().await;
    assert!(!std::path::Path::new(&config).exists());
    let late = std::process::Command::new(engine)
        .args(["/bin/sh", "backend", OURS])
        .env_clear()
        .envs(environment)
        .env("AWS_CONFIG_FILE", kept)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&late.stdout);
    assert!(said.contains("this token opens nothing"), "{said}");
}

#[tokio::test]
async fn a_broker_that_is_gone_is_told_as_such() {
    let bench = Bench::new();
    let grant = bench.grant().await;
    let environment = bench.environment_of(grant.variables());
    let config = environment[std::ffi::OsStr::new("AWS_CONFIG_FILE")].clone();
    let kept = bench.place.path().join("kept.config");
    fs::copy(&config, &kept).expect("the configuration");
    let engine = bench.program("terraform");
    let Bench { broker, place, .. } = bench;
    drop(broker);
    let left: Vec<_> = fs::read_dir(place.path())
        .expect("the place")
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| name.to_string_lossy().starts_with("terrane-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let late = std::process::Command::new(engine)
        .args(["/bin/sh", "backend", OURS])
        .env_clear()
        .envs(environment)
        .env("AWS_CONFIG_FILE", kept)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&late.stdout);
    assert!(
        said.contains("the run that this engine belongs to does not answer"),
        "{said}"
    );
}

#[tokio::test]
async fn the_hub_is_handed_out_where_the_backend_assumes_by_itself() {
    let bench = Bench::new();
    let with_hub = request();
    let hub = with_hub.doer.source();
    let with_hub = GrantRequest {
        hub,
        state_management: None,
        ..with_hub
    };
    let grant = bench.broker.grant(with_hub).await.expect("a grant");
    let engine = bench.program("terraform");
    let steps = [
        "/bin/sh",
        "backend",
        "terrane-hub",
        "provisioner",
        "terrane-hub",
    ];
    let said = bench.start(&grant, &engine, &steps).said();
    assert!(
        said.starts_with("backend terrane-hub: ASIA0hub\n"),
        "{said}"
    );
    assert!(
        said.contains("hub credentials go to the engine only"),
        "{said}"
    );
}

#[tokio::test]
async fn a_role_that_refuses_is_told_before_any_child_starts() {
    let bench = Bench::new();
    for (doer, state) in [("forbidden", "state"), ("doer", "forbidden")] {
        let hub = request().doer.source().expect("the hub");
        let refused = GrantRequest {
            doer: hub.then(assumption("111111111111", doer)),
            state_management: Some(hub.then(assumption("000000000000", state))),
            ..request()
        };
        let error = bench
            .broker
            .grant(refused)
            .await
            .expect_err("one of them refuses");
        assert!(error.to_string().contains("role/forbidden as "), "{error}");
    }
    let elsewhere = GrantRequest {
        account: "222222222222".parse().ok(),
        ..request()
    };
    let error = bench
        .broker
        .grant(elsewhere)
        .await
        .expect_err("another account");
    assert!(
        error
            .to_string()
            .contains("account 222222222222 was expected"),
        "{error}"
    );
}

#[tokio::test]
async fn keys_of_the_users_own_profiles_are_handed_out_and_never_written() {
    let credentials = "[dns]\naws_access_key_id = AKIADNS\naws_secret_access_key = canary-dns\n";
    let profiles = UserProfiles {
        config: Some("[default]\nregion = x\n[profile dns]\nregion = eu-west-1\n".into()),
        credentials: Some(Secret::new(credentials.into())),
    };
    let bench = Bench::with_profiles(profiles);
    let grant = bench.grant().await;
    let environment = bench.environment_of(grant.variables());
    let config = &environment[std::ffi::OsStr::new("AWS_CONFIG_FILE")];
    let text = fs::read_to_string(config).expect("the configuration");
    assert!(text.contains("[profile dns]\nregion = eu-west-1\ncredential_process = "));
    assert!(!text.contains("canary") && !text.contains("region = x"));
    let command = text
        .lines()
        .last()
        .and_then(|line| line.strip_prefix("credential_process = "));
    let asked = std::process::Command::new("/bin/sh")
        .args(["-c", command.expect("a command")])
        .env_clear()
        .envs(environment)
        .output()
        .expect("the shell runs");
    assert!(String::from_utf8_lossy(&asked.stdout).contains("AKIADNS"));
}
