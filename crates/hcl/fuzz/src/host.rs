//! Variables of every kind, of which two can differ from one evaluation to the next.

use terrane_hcl::{Context, Host, Marks, Reference, Resolved, RootError, Type, Value};

pub struct Variables {
    /// A string, perhaps unknown.
    pub unknown: Value,
    /// What nobody may learn from a result that is not marked.
    pub secret: &'static str,
}

impl Variables {
    pub fn with_unknown(secret: &'static str) -> Self {
        Self {
            unknown: Value::unknown_of(Type::String),
            secret,
        }
    }

    fn find(&self, name: &str) -> Option<Value> {
        let json = |text| Value::from_json(text).expect("it is JSON");
        Some(match name {
            "text" => Value::from("words of text"),
            "number" => Value::from(42),
            "flag" => Value::from(true),
            "list" => json(r#"["a", "b", "", "a"]"#),
            "object" => {
                json(r#"{"a": {"a": 1, "b": [1, 2]}, "b": "b", "name": [{"a": "c"}, {"a": null}]}"#)
            }
            "unknown" => self.unknown.clone(),
            "secret" => Value::from(self.secret).with_marks(Marks::SENSITIVE),
            _ => return None,
        })
    }
}

impl Host for Variables {
    fn root(&self, reference: &Reference<'_>, _: &Context<'_>) -> Result<Resolved, RootError> {
        self.find(reference.name)
            .map(Resolved::whole)
            .ok_or(RootError::Unknown)
    }

    fn root_names(&self) -> Vec<String> {
        [
            "text", "number", "flag", "list", "object", "unknown", "secret",
        ]
        .map(str::to_owned)
        .into()
    }
}
