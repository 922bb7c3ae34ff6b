//! What a session may ask AWS about itself, beyond who it is.

use thiserror::Error;

use super::{Aws, AwsError, RoleSessions, SessionError};
use crate::model::RoleChain;

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallerQuestion {
    /// The session's user id.
    UserId,
    /// The alias of its account, empty where there is none.
    AccountAlias,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum CallerError {
    #[error("{0}")]
    Session(SessionError),
    #[error("{0}")]
    Refused(AwsError),
}

/// Asks as that chain's session.
pub(super) async fn ask<A: Aws + 'static>(
    sessions: &RoleSessions<A>,
    chain: &RoleChain,
    question: CallerQuestion,
) -> Result<String, CallerError> {
    let live = sessions.session(chain).await;
    let live = live.map_err(CallerError::Session)?;
    let answer = match question {
        CallerQuestion::UserId => sessions.counted().user_id(&live.session).await,
        CallerQuestion::AccountAlias => {
            let now = sessions.clock().now();
            let alias = sessions
                .aws()
                .account_alias(&live.session, &live.principal, now)
                .await;
            alias.map(Option::unwrap_or_default)
        }
    };
    answer.map_err(CallerError::Refused)
}
