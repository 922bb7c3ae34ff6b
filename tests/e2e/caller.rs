//! Terragrunt's functions about who we are in AWS.

use terrane_lab::Fault;

use crate::estate::Estate;

#[test]
fn functions_that_ask_aws_who_we_are_ask_as_the_units_role() {
    let Some(estate) = Estate::of_the_example() else {
        return;
    };
    let aliases = "<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases>\
        <member>acme-dev</member></AccountAliases></ListAccountAliasesResult>\
        </ListAccountAliasesResponse>";
    let aliases = Fault::on("iam:ListAccountAliases")
        .by("*:assumed-role/doer-role/*")
        .saying(aliases);
    estate.lab.add_fault(aliases);
    let says = |function: &str| estate.succeeds(&format!("eval -C 1-dev/vpc {function}()"));
    assert_eq!(says("get_aws_account_id"), "\"234567890123\"\n");
    assert_eq!(says("get_aws_account_alias"), "\"acme-dev\"\n");
    let doer = "arn:aws:sts::234567890123:assumed-role/doer-role/";
    assert!(says("get_aws_caller_identity_arn").contains(doer));
    assert!(says("get_aws_caller_identity_user_id").starts_with("\"AROA"));
}
