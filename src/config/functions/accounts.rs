//! Who AWS says we are, as the unit's role.

use terrane_hcl::{Arguments, CallError, Value};

use super::{Called, Function};
use crate::config::parts::Reach;
use crate::config::questions::put_off;
use crate::config::scope::{FileScope, View};
use crate::config::surroundings::IdentityQuestion;
use crate::config::trace::Dependence;
use crate::model::RoleArn;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "get_aws_account_alias",
        usage: "get_aws_account_alias()",
        about: "The alias of the account that the unit's role belongs to.",
        body: |view, arguments| ask(view, arguments, IdentityQuestion::AccountAlias),
    },
    Function {
        name: "get_aws_account_id",
        usage: "get_aws_account_id()",
        about: "The number of the account that the unit's role belongs to.",
        body: |view, arguments| ask(view, arguments, IdentityQuestion::AccountId),
    },
    Function {
        name: "get_aws_caller_identity_arn",
        usage: "get_aws_caller_identity_arn()",
        about: "The ARN of the session that the unit's role gives.",
        body: |view, arguments| ask(view, arguments, IdentityQuestion::Arn),
    },
    Function {
        name: "get_aws_caller_identity_user_id",
        usage: "get_aws_caller_identity_user_id()",
        about: "The user id of the session that the unit's role gives.",
        body: |view, arguments| ask(view, arguments, IdentityQuestion::UserId),
    },
];

fn ask(view: &View<'_>, arguments: &Arguments<'_>, question: IdentityQuestion) -> Called {
    arguments.expect_count(0..=0)?;
    view.evaluation
        .trace
        .depends_on(Dependence::UNIT | Dependence::ORIGINAL);
    let function = match question {
        IdentityQuestion::AccountAlias => "get_aws_account_alias",
        IdentityQuestion::AccountId => "get_aws_account_id",
        IdentityQuestion::Arn => "get_aws_caller_identity_arn",
        IdentityQuestion::UserId => "get_aws_caller_identity_user_id",
    };
    if let Some(later) = put_off(view, arguments, function) {
        return Ok(later);
    }
    let role = role_of(view)?;
    let answer = view.evaluation.reader.identity(question, role.as_ref());
    Ok(Value::from(answer?))
}

/// The role that the unit's files name. It is found apart from the evaluation that asks, in which
/// half of the locals may be waiting for this very answer; a role that is itself made of the answer
/// is none.
fn role_of(view: &View<'_>) -> Result<Option<RoleArn>, CallError> {
    let evaluation = view.evaluation;
    if evaluation.seeks_role {
        return Ok(None);
    }
    let scope = FileScope::own(view.scope.owner().file.clone());
    let apart = evaluation.apart_to_seek_role();
    let role = View::new(&apart, &scope).scalar("iam_role", Reach::Merged);
    let Some(role) = role? else {
        return Ok(None);
    };
    match role.value.as_str() {
        None | Some("") => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|error| CallError::failed(format!("The unit's iam_role: {error}."))),
    }
}
