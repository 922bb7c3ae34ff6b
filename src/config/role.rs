//! Which role a unit's files wish for, file by file: who wins is decided in `identity`.

use terrane_hcl::{Diagnostic, Diagnostics, Location, Number, Value};

use super::block::Located;
use super::marks;
use super::scope::View;
use super::unit::place_of;
use crate::model::{
    ClaimSource, ClaimedRole, RoleArn, RoleClaim, SessionDuration, SessionName, WebIdentityToken,
};

/// What the files claim, and what is missing to know it.
#[derive(Default)]
pub(crate) struct Claims {
    pub(crate) found: Vec<RoleClaim>,
    pub(crate) problems: Diagnostics,
    /// Whether a claim waits for an answer from the world.
    pub(crate) needs_answer: bool,
    /// Whether a role waits for outputs.
    pub(crate) after_outputs: bool,
}

impl View<'_> {
    /// The claims of the own file, of the autoinclude file, and of the included files, the nearest
    /// first.
    pub(crate) fn role_claims(&self) -> Claims {
        let mut claims = Claims::default();
        if let Some(auto) = self.readable_auto_include() {
            self.of(&auto).claim(true, &mut claims);
        }
        self.claim(true, &mut claims);
        for include in self.readable_includes().iter().rev() {
            if include.strategy != super::include::Strategy::NoMerge {
                self.of(&include.scope).claim(false, &mut claims);
            }
        }
        claims
    }

    fn claim(&self, is_own: bool, claims: &mut Claims) {
        let mut seen = Seen {
            claims,
            place: None,
        };
        let role = seen.read(self.own_attribute("iam_role"), |value| {
            parse_role(value).map(ClaimedRole::Known)
        });
        let role = role.or_else(|| {
            let waits = std::mem::take(&mut seen.claims.after_outputs);
            waits.then_some(ClaimedRole::AfterOutputs)
        });
        let waits = matches!(role, Some(ClaimedRole::AfterOutputs));
        let session_name = seen.read(self.own_attribute("iam_assume_role_session_name"), |text| {
            Ok(SessionName::clean(text))
        });
        let duration = seen.read_value(self.own_attribute("iam_assume_role_duration"), |value| {
            let number = value.as_number().and_then(Number::as_i64);
            let text = number
                .map(|seconds| seconds.to_string())
                .unwrap_or_default();
            text.parse::<SessionDuration>().map_err(|e| e.to_string())
        });
        let token = seen.read(self.own_attribute("iam_web_identity_token"), |text| {
            Ok(WebIdentityToken::from_value(text))
        });
        let place = seen.place.take();
        claims.after_outputs |= waits;
        let Some(place) = place else {
            return;
        };
        let source = if is_own {
            ClaimSource::OwnFile(place_of(&place))
        } else {
            ClaimSource::IncludedFile(place_of(&place))
        };
        let mut claim = RoleClaim::new(source);
        claim.role = role;
        claim.session_name = session_name;
        claim.duration = duration;
        claim.web_identity_token = token;
        claims.found.push(claim);
    }
}

/// One file's claim while it is read.
struct Seen<'c> {
    claims: &'c mut Claims,
    /// Of the first attribute that says something.
    place: Option<Location>,
}

impl Seen<'_> {
    fn read<T>(
        &mut self,
        attribute: Result<Option<Located<Value>>, Diagnostics>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.read_value(attribute, |value| {
            parse(value.as_str().expect("it was converted to a string"))
        })
    }

    fn read_value<T>(
        &mut self,
        attribute: Result<Option<Located<Value>>, Diagnostics>,
        parse: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let attribute = match attribute {
            Ok(attribute) => attribute?,
            Err(problems) => {
                self.claims.problems.extend(problems);
                return None;
            }
        };
        let value = &attribute.value;
        if value.as_str() == Some("") {
            return None;
        }
        self.place.get_or_insert_with(|| attribute.place.clone());
        if value.is_unknown() {
            if value.marks().contains(marks::PENDING_ANSWER) {
                self.claims.needs_answer = true;
            } else {
                self.claims.after_outputs = true;
            }
            return None;
        }
        match parse(value) {
            Ok(parsed) => Some(parsed),
            Err(problem) => {
                let place = &attribute.place;
                self.claims.problems.push(
                    Diagnostic::error("Unsuitable role")
                        .detail(format!("{}.", capitalised(&problem)))
                        .at(&place.source, place.span),
                );
                None
            }
        }
    }
}

fn parse_role(text: &str) -> Result<RoleArn, String> {
    text.parse()
        .map_err(|error: crate::model::RoleArnError| error.to_string())
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
