//! Where a unit's state lies: the `remote_state` of its files as a location.

use serde_json::{Map, Value as Json};
use terrane_hcl::{Diagnostic, Diagnostics, Value};

use super::block::DecodedBlock;
use super::marks;
use super::parts::Reach;
use super::prepare::remote_state_of;
use super::scope::View;
use super::unit::{KnownState, StateFact};
use crate::model::StateLocation;

/// The state's location, and what is missing to know it.
pub(crate) struct FoundState {
    pub(crate) fact: StateFact,
    pub(crate) problems: Diagnostics,
    pub(crate) needs_answer: bool,
}

impl View<'_> {
    pub(crate) fn state(&self) -> FoundState {
        let mut found = FoundState {
            fact: StateFact::NotDeclared,
            problems: Diagnostics::new(),
            needs_answer: false,
        };
        let block = match self.remote_state(Reach::Merged) {
            Ok(None) => return found,
            Ok(Some(block)) => block,
            Err(problems) => {
                found.fact = StateFact::Broken;
                found.problems = problems;
                return found;
            }
        };
        if let Some(waiting) = waiting_part(&block) {
            found.needs_answer = waiting.deep_marks().contains(marks::PENDING_ANSWER);
            found.fact = StateFact::AfterOutputs(block.place.clone());
            if !found.needs_answer {
                found.problems.push(
                    Diagnostic::warning("State location depends on outputs")
                        .detail(
                            "Where the state lies is known only after another unit has run, so \
                             that terrane cannot read this unit's outputs by itself, nor tell \
                             whether another unit has the same state.",
                        )
                        .at(&block.place.source, block.place.span),
                );
            }
            return found;
        }
        match known_state(&block) {
            Ok(state) => found.fact = StateFact::Known(Box::new(state)),
            Err(problem) => {
                found.fact = StateFact::Broken;
                found.problems.extend(problem);
            }
        }
        found
    }
}

fn waiting_part(block: &DecodedBlock) -> Option<&Value> {
    let values = block.attributes.iter().map(|(_, value)| &value.value);
    values.into_iter().find(|value| value.contains_unknown())
}

fn known_state(block: &DecodedBlock) -> Result<KnownState, Diagnostics> {
    let remote_state = remote_state_of(block)?;
    let location = location_of(&remote_state.backend, block).map_err(|problem| {
        let place = block.place_of("config");
        Diagnostic::error("Unusable backend")
            .detail(format!("{problem}."))
            .at(&place.source, place.span)
    })?;
    Ok(KnownState {
        location,
        remote_state,
    })
}

fn location_of(backend: &str, block: &DecodedBlock) -> Result<StateLocation, String> {
    let arguments =
        block
            .value("config")
            .map_or(Ok(Map::new()), |config| match config.to_json_value() {
                Ok(Json::Object(arguments)) => Ok(arguments),
                Ok(_) => Err("The backend's config is not an object".to_owned()),
                Err(error) => Err(error.to_string()),
            })?;
    StateLocation::from_backend(backend, &arguments).map_err(|error| error.to_string())
}
