//! The organisation itself: every role, and what each may do with each kind of thing.

use serde_json::json;
use terrane_lab::Keys;

use crate::client::{ASSUMER, Program, STATE, TABLE, landing_zone, s3};

const ACCOUNTS: [&str; 4] = [
    "123456789011",
    "234567890123",
    "345678901234",
    "456789012345",
];

#[test]
fn each_role_may_do_its_own_work_and_nothing_else() {
    let lab = landing_zone();
    let mut programs = vec![("assumer", Program::operator(&lab).assuming(ASSUMER))];
    programs.push(("state", Program::in_role(&lab, STATE)));
    for account in ACCOUNTS {
        let doer = format!("arn:aws:iam::{account}:role/doer-role");
        programs.push((account, Program::in_role(&lab, &doer)));
    }
    let mut table = vec!["role          list  write lock  ssm   assume".to_owned()];
    for (name, mut program) in programs {
        let scan = json!({"TableName": TABLE});
        let answers = [
            program.get("?list-type=2"),
            program.call(s3("PUT", "/key").body("{}")),
            program.dynamodb("Scan", &scan),
            program.ssm("DescribeParameters", &json!({})),
            program.assume("arn:aws:iam::234567890123:role/doer-role", &[]),
        ];
        let words = answers.map(|answer| {
            if answer.status == 200 {
                "yes   "
            } else {
                "no    "
            }
        });
        table.push(format!("{name:14}{}", words.concat().trim_end()));
    }
    insta::assert_snapshot!(table.join("\n"), @r"
    role          list  write lock  ssm   assume
    assumer       no    no    no    no    yes
    state         yes   yes   yes   no    no
    123456789011  no    no    no    yes   no
    234567890123  no    no    no    yes   no
    345678901234  no    no    no    yes   no
    456789012345  no    no    no    yes   no
    ");
}

#[test]
fn the_environment_leads_to_the_lab_and_names_nobody() {
    let lab = landing_zone();
    let environment = lab.environment();
    assert!(environment.contains(&("AWS_ENDPOINT_URL".to_owned(), lab.endpoint())));
    assert!(environment.contains(&("AWS_REGION".to_owned(), "us-east-1".to_owned())));
    assert!(
        environment
            .iter()
            .all(|(name, _)| !name.contains("KEY") && !name.contains("TOKEN"))
    );
}

#[test]
fn keys_do_not_show_their_secrets() {
    let keys: Keys = landing_zone().operator();
    let shown = format!("{keys:?}");
    assert!(shown.contains(&keys.access_key_id), "{shown}");
    assert!(!shown.contains(&keys.secret_access_key), "{shown}");
}
