//! Sessions of state-management that open the state of one unit only.

use insta::assert_snapshot;

use crate::estate::{ASSUMER, Done, Estate};

fn that_confines() -> Estate {
    let estate = Estate::new();
    let file = format!("assumer_role = \"{ASSUMER}\"\nconfine_state = true\n");
    estate.write("terrane.hcl", &file);
    estate
}

fn remarks(done: &Done) -> String {
    let lines = done.stderr.lines();
    let lines: Vec<&str> = lines.filter(|line| line.contains("confined")).collect();
    lines.join("\n")
}

#[test]
fn the_command_line_has_the_last_word_on_what_the_file_asks_for() {
    let estate = that_confines();
    let sessions = |line: &str| {
        estate.lab.clear_record();
        let done = estate.terrane(line);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert_eq!(remarks(&done), "");
        estate.nothing_is_left(&done);
        estate.assumed()["state-mgmt-role@123456789011"]
    };
    assert_eq!(sessions("run-all plan"), 3, "one for each unit");
    assert_eq!(sessions("run-all plan --confine-state=false"), 1);
}

#[test]
fn beside_a_managed_policy_of_the_backend_a_session_is_not_confined_and_that_is_said() {
    let estate = that_confines();
    estate.replace(
        "root.hcl",
        "role_arn = \"arn:aws:iam::123456789011:role/state-mgmt-role\"",
        "assume_role = {\n      role_arn    = \"arn:aws:iam::123456789011:role/state-mgmt-role\"\n      \
         policy_arns = [\"arn:aws:iam::aws:policy/AmazonS3FullAccess\"]\n    }",
    );
    // The lab gives no session with a managed policy; what is said comes before any is asked for.
    let done = estate.terrane("run-all plan -C 3-prod");
    assert_snapshot!(remarks(&done), @"warning: 3-prod/vpc: its state is not confined: the backend gives its session another policy");
}
