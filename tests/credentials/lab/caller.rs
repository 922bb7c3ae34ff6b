//! What AWS tells a session about itself and its account.

use terrane::aws::CallerQuestion;
use terrane_lab::Fault;

use super::{DEV, Estate, doer};

async fn answer(estate: &Estate, question: CallerQuestion) -> Result<String, String> {
    let answer = estate.broker.ask_caller(question, &doer(DEV)).await;
    answer.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_session_has_the_user_id_of_its_role() {
    let estate = Estate::new();
    let id = answer(&estate, CallerQuestion::UserId)
        .await
        .expect("an id");
    let (role, session) = id
        .split_once(':')
        .expect("a role's id and a session's name");
    assert!(role.starts_with("AROA"), "{id}");
    assert_eq!(session, "terrane");
}

#[tokio::test]
async fn an_account_has_the_first_of_its_aliases_or_none() {
    let estate = Estate::new();
    let aliases = |members: &str| {
        let body = format!(
            "<ListAccountAliasesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <ListAccountAliasesResult><IsTruncated>false</IsTruncated>\
             <AccountAliases>{members}</AccountAliases></ListAccountAliasesResult>\
             </ListAccountAliasesResponse>"
        );
        Fault::on("iam:ListAccountAliases")
            .by("*doer-role*")
            .saying(&body)
    };
    estate
        .lab
        .add_fault(aliases("<member>acme-dev</member>").once());
    let alias = answer(&estate, CallerQuestion::AccountAlias).await;
    assert_eq!(alias.as_deref(), Ok("acme-dev"));
    estate.lab.add_fault(aliases(""));
    let alias = answer(&estate, CallerQuestion::AccountAlias).await;
    assert_eq!(alias.as_deref(), Ok(""));
}

#[tokio::test]
async fn a_session_that_may_not_ask_for_the_alias_is_told_so_in_iams_words() {
    let estate = Estate::new();
    let message = "User: doer is not authorized to perform: iam:ListAccountAliases";
    let refused = Fault::on("iam:ListAccountAliases").answering_with(403, "AccessDenied", message);
    estate.lab.add_fault(refused);
    let alias = answer(&estate, CallerQuestion::AccountAlias).await;
    assert_eq!(alias, Err(message.to_owned()));
}
