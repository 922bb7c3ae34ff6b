//! `feature` blocks: defaults from files, values from flags.

use std::rc::Rc;

use terrane_hcl::{Diagnostics, Reference, Resolved, RootError, Text, Type, Value, convert};

use super::block::{DecodedBlock, Decoder};
use super::include::Strategy;
use super::merge::deep::deep_merge;
use super::schema::FEATURE;
use super::scope::View;
use super::stage::Stage;

/// A feature as declared; what a flag says about it is not part of it.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    pub(crate) block: DecodedBlock,
}

impl Feature {
    pub(crate) fn name(&self) -> &Text {
        &self.block.label
    }

    fn default(&self) -> Value {
        self.block
            .value("default")
            .cloned()
            .unwrap_or_else(Value::null)
    }
}

impl View<'_> {
    /// `feature`, or the one feature that is meant.
    pub(crate) fn feature_root(&self, reference: &Reference<'_>) -> Result<Resolved, RootError> {
        let features = self.features().map_err(RootError::Failed)?;
        let object = |name: &str, value: Value| {
            Value::object([("name", Value::from(name)), ("value", value)])
        };
        if let Some(name) = reference.step_name(0) {
            let found = self.feature_value(name, &features);
            return match found.map_err(RootError::Failed)? {
                Some(found) => Ok(Resolved::after(1, object(name, found))),
                None => Err(RootError::NoAttribute {
                    step: 0,
                    names: self.feature_names(&features),
                }),
            };
        }
        let mut all = Vec::new();
        for name in self.feature_names(&features) {
            let found = self.feature_value(&name, &features);
            if let Some(found) = found.map_err(RootError::Failed)? {
                let feature = object(&name, found);
                all.push((name, feature));
            }
        }
        Ok(Resolved::whole(Value::object(all)))
    }

    fn feature_names(&self, features: &[Feature]) -> Vec<String> {
        let declared = features.iter().map(|feature| feature.name().to_string());
        let set = self.evaluation.options.features.keys().cloned();
        declared.chain(set).collect()
    }

    /// What a flag says, as the default's type if that is a bool; else the default.
    pub(crate) fn feature_value(
        &self,
        name: &str,
        features: &[Feature],
    ) -> Result<Option<Value>, Diagnostics> {
        let declared = features.iter().find(|feature| feature.name() == name);
        let Some(text) = self.evaluation.options.features.get(name) else {
            return Ok(declared.map(Feature::default));
        };
        let text = Value::from(text.as_str());
        match declared {
            Some(feature) if feature.default().as_bool().is_some() => {
                let converted = convert(&text, &Type::Bool).map_err(|mismatch| {
                    let place = &feature.block.place;
                    terrane_hcl::Diagnostic::error("Unsuitable feature")
                        .detail(format!(
                            "The feature \"{name}\" is a bool, and the value given for it is none: \
                             {mismatch}."
                        ))
                        .at(&place.source, place.span)
                })?;
                Ok(Some(converted))
            }
            _ => Ok(Some(text)),
        }
    }

    /// The features that this file may speak of: its own, and those that it shares with others.
    pub(crate) fn features(&self) -> Result<Rc<[Feature]>, Diagnostics> {
        let owner = self.scope.owner();
        if Rc::ptr_eq(&owner, self.scope) {
            return self
                .scope
                .memo
                .features
                .get(|| self.merged_features())
                .unwrap_or_else(|| Ok(Rc::from([])));
        }
        let own = self.own_features()?;
        let mut all = own;
        for feature in self.of(&owner).features()?.iter() {
            if all.iter().all(|known| known.name() != feature.name()) {
                all.push(feature.clone());
            }
        }
        Ok(all.into())
    }

    /// The features that stand in this very file.
    pub(crate) fn own_features(&self) -> Result<Vec<Feature>, Diagnostics> {
        let view = self.at(Stage::Include);
        let decoder = Decoder {
            file: &self.scope.file,
            evaluate: &|expression| view.evaluate(expression),
        };
        let mut features = Vec::new();
        for block in self.scope.file.body.blocks_of("feature") {
            let block = decoder.block(block, &FEATURE)?;
            features.push(Feature { block });
        }
        Ok(features)
    }

    fn merged_features(&self) -> Result<Rc<[Feature]>, Diagnostics> {
        let mut merged = self.own_features()?;
        if let Some(auto) = self.auto_include()? {
            let own = std::mem::take(&mut merged);
            merged = merge_features(own, self.of(&auto).own_features()?, Strategy::Shallow)?;
        }
        for include in self.includes()?.iter().rev() {
            let inherited = self.of(&include.scope).own_features()?;
            merged = merge_features(inherited, merged, include.strategy)?;
        }
        Ok(merged.into())
    }
}

/// The features of a parent and a child; the child's win.
fn merge_features(
    parent: Vec<Feature>,
    child: Vec<Feature>,
    strategy: Strategy,
) -> Result<Vec<Feature>, Diagnostics> {
    if strategy == Strategy::NoMerge {
        return Ok(child);
    }
    let mut merged = parent;
    for mut feature in child {
        let Some(inherited) = merged.iter_mut().find(|f| f.name() == feature.name()) else {
            merged.push(feature);
            continue;
        };
        if strategy == Strategy::Deep
            && let (Some(below), Some(above)) =
                (inherited.block.get("default"), feature.block.get("default"))
        {
            let mut default = above.clone();
            default.value = deep_merge(&below.value, &above.value)
                .map_err(|error| error.diagnostic("default", &above.place, &below.place))?;
            feature.block.set("default", default);
        }
        *inherited = feature;
    }
    Ok(merged)
}
