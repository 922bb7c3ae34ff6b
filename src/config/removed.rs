//! Attributes that Terragrunt 1.0 removed, as the blocks that have taken their place.
//!
//! Trees that were written for older versions still have them. Each is told of with the lines to
//! write instead, by `schema_check`; here they take effect.

use terrane_hcl::{Diagnostics, Text, Type, Value, convert};

use super::block::{DecodedBlock, Decoder, Located};
use super::schema::{AttributeSchema, BlockSchema, ERRORS, EXCLUDE, RETRY};
use super::scope::View;
use crate::model::engine_facts::{
    DEFAULT_RETRY_ATTEMPTS, DEFAULT_RETRY_SLEEP, DEFAULT_RETRYABLE_ERRORS,
};

impl View<'_> {
    /// `skip = true`, as an `exclude` block.
    pub(crate) fn skip_as_exclude(&self) -> Result<Option<DecodedBlock>, Diagnostics> {
        let Some(skip) = self.removed("skip", wanted(&EXCLUDE, "if"))? else {
            return Ok(None);
        };
        let place = skip.place.clone();
        let mut block = DecodedBlock::new(&EXCLUDE, Text::new(), place.clone());
        block.set("if", skip);
        let all = strings([Value::from("all")]);
        let place_of = |value| Located {
            value,
            place: place.clone(),
        };
        block.set("actions", place_of(all));
        block.set("no_run", place_of(Value::from(true)));
        Ok(Some(block))
    }

    /// `retryable_errors` and its companions, as an `errors` block.
    pub(crate) fn retries_as_errors(&self) -> Result<Option<DecodedBlock>, Diagnostics> {
        let patterns = self.removed("retryable_errors", wanted(&RETRY, "retryable_errors"))?;
        let attempts = self.removed("retry_max_attempts", wanted(&RETRY, "max_attempts"))?;
        let sleep = self.removed(
            "retry_sleep_interval_sec",
            wanted(&RETRY, "sleep_interval_sec"),
        )?;
        let first = [&patterns, &attempts, &sleep].into_iter().flatten().next();
        let Some(place) = first.map(|located| located.place.clone()) else {
            return Ok(None);
        };
        let or = |given: Option<Located<Value>>, default: Value| {
            given.unwrap_or_else(|| Located {
                value: default,
                place: place.clone(),
            })
        };
        let defaults = strings(
            DEFAULT_RETRYABLE_ERRORS
                .iter()
                .map(|&pattern| pattern.into()),
        );
        let seconds = i64::try_from(DEFAULT_RETRY_SLEEP.as_secs()).unwrap_or(i64::MAX);
        let mut retry = DecodedBlock::new(&RETRY, Text::from("default"), place.clone());
        retry.set("retryable_errors", or(patterns, defaults));
        retry.set(
            "max_attempts",
            or(attempts, i64::from(DEFAULT_RETRY_ATTEMPTS).into()),
        );
        retry.set("sleep_interval_sec", or(sleep, seconds.into()));
        let mut block = DecodedBlock::new(&ERRORS, Text::new(), place);
        block.blocks.push(retry);
        Ok(Some(block))
    }

    fn removed(
        &self,
        name: &str,
        wanted: &AttributeSchema,
    ) -> Result<Option<Located<Value>>, Diagnostics> {
        let Some(attribute) = self.scope.file.body.attribute(name) else {
            return Ok(None);
        };
        let decoder = Decoder {
            file: &self.scope.file,
            evaluate: &|expression| self.evaluate(expression),
        };
        let value = decoder.attribute(attribute, wanted)?;
        Ok((!value.value.is_null()).then_some(value))
    }
}

fn wanted(block: &'static BlockSchema, name: &str) -> &'static AttributeSchema {
    block.attribute(name).expect("the schema has it")
}

fn strings(items: impl IntoIterator<Item = Value>) -> Value {
    let items = Value::tuple(items);
    convert(&items, &Type::list(Type::String)).expect("they are strings")
}
