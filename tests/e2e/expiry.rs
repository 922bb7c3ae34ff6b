//! Sessions that end while terraform works.

use crate::estate::Estate;

/// Longer than a session; everything else of the test is done meanwhile.
const LONG: &str = r#"
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "sleep 20"
  }
}
"#;

#[test]
fn an_apply_that_outlives_its_sessions_saves_every_state() {
    let Some(estate) = Estate::of_the_example() else {
        return;
    };
    estate.lab.set_session_seconds(Some(5));
    estate.append("modules/eks/main.tf", LONG);
    estate.succeeds("run-all apply --non-interactive");
    estate.nobody_strayed();
    for environment in ["1-dev", "2-stage", "3-prod"] {
        let targets = estate.outputs_in_state(&format!("{environment}/eks_controllers"));
        assert!(targets["targets"]["value"]["fluent-bit"].is_string());
    }
    // Sessions were renewed, and not at every turn.
    let assumed = estate.lab.calls().of("sts:AssumeRole").len();
    assert!((7..100).contains(&assumed), "{assumed} AssumeRole");
}
