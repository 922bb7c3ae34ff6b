//! The types of values.
//!
//! A type can be printed for people, and read from and written to the JSON form that terraform uses
//! in states: `"string"`, `["list","string"]`, `["object",{"a":"number"}]`.

use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::Text;

/// The type of a value, cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// Any type; as the type of a value: not known yet.
    Dynamic,
    Bool,
    Number,
    String,
    List(Arc<Type>),
    Set(Arc<Type>),
    Map(Arc<Type>),
    Tuple(Arc<Vec<Type>>),
    Object(Arc<ObjectType>),
}

/// The attributes of an object type, ordered by name.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ObjectType {
    attributes: Vec<(Text, Type)>,
}

impl ObjectType {
    pub fn get(&self, name: &str) -> Option<&Type> {
        let at = self
            .attributes
            .binary_search_by(|(other, _)| other.as_str().cmp(name));
        at.ok().map(|index| &self.attributes[index].1)
    }

    pub fn len(&self) -> usize {
        self.attributes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, (Text, Type)> {
        self.attributes.iter()
    }

    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.attributes.iter().map(|(_, ty)| ty)
    }
}

impl FromIterator<(Text, Type)> for ObjectType {
    /// The last of two attributes with the same name wins.
    fn from_iter<I: IntoIterator<Item = (Text, Type)>>(attributes: I) -> Self {
        Self {
            attributes: crate::value::sort_by_key(attributes.into_iter().collect()),
        }
    }
}

impl<'a> IntoIterator for &'a ObjectType {
    type Item = &'a (Text, Type);
    type IntoIter = std::slice::Iter<'a, (Text, Type)>;

    fn into_iter(self) -> Self::IntoIter {
        self.attributes.iter()
    }
}

impl Type {
    pub fn list(element: Type) -> Self {
        Self::List(Arc::new(element))
    }

    pub fn set(element: Type) -> Self {
        Self::Set(Arc::new(element))
    }

    pub fn map(element: Type) -> Self {
        Self::Map(Arc::new(element))
    }

    pub fn tuple(elements: Vec<Type>) -> Self {
        Self::Tuple(Arc::new(elements))
    }

    pub fn object(attributes: impl IntoIterator<Item = (Text, Type)>) -> Self {
        Self::Object(Arc::new(attributes.into_iter().collect()))
    }

    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }

    /// The type of the elements of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            Self::Dynamic
            | Self::Bool
            | Self::Number
            | Self::String
            | Self::Tuple(_)
            | Self::Object(_) => None,
        }
    }

    /// Whether some part of it may still be any type.
    pub fn contains_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => {
                element.contains_dynamic()
            }
            Self::Tuple(elements) => elements.iter().any(Type::contains_dynamic),
            Self::Object(object) => object.types().any(Type::contains_dynamic),
        }
    }

    /// Reads the JSON form. `None` if it is not one.
    pub fn from_json(text: &str) -> Option<Self> {
        Self::from_json_value(&serde_json::from_str(text).ok()?)
    }

    fn from_json_value(json: &Json) -> Option<Self> {
        match json {
            Json::String(name) => Some(match name.as_str() {
                "dynamic" => Self::Dynamic,
                "bool" => Self::Bool,
                "number" => Self::Number,
                "string" => Self::String,
                _ => return None,
            }),
            Json::Array(parts) => Self::from_json_parts(parts.first()?.as_str()?, parts.get(1)?),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => None,
        }
    }

    /// Optional attributes, which module types may list in a third part, are read as any others.
    fn from_json_parts(kind: &str, of: &Json) -> Option<Self> {
        match kind {
            "list" => Self::from_json_value(of).map(Self::list),
            "set" => Self::from_json_value(of).map(Self::set),
            "map" => Self::from_json_value(of).map(Self::map),
            "tuple" => {
                let elements = of.as_array()?.iter().map(Self::from_json_value);
                elements.collect::<Option<_>>().map(Self::tuple)
            }
            "object" => {
                let attributes = of.as_object()?.iter();
                let attributes = attributes
                    .map(|(name, ty)| Some((Text::from(name), Self::from_json_value(ty)?)));
                attributes.collect::<Option<Vec<_>>>().map(Self::object)
            }
            _ => None,
        }
    }

    /// The JSON form.
    pub fn to_json(&self) -> String {
        self.to_json_value().to_string()
    }

    fn to_json_value(&self) -> Json {
        let pair = |kind: &str, of: Json| Json::Array(vec![kind.into(), of]);
        match self {
            Self::Dynamic => "dynamic".into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::String => "string".into(),
            Self::List(element) => pair("list", element.to_json_value()),
            Self::Set(element) => pair("set", element.to_json_value()),
            Self::Map(element) => pair("map", element.to_json_value()),
            Self::Tuple(elements) => {
                pair("tuple", elements.iter().map(Type::to_json_value).collect())
            }
            Self::Object(object) => {
                let attributes = object.iter();
                let attributes =
                    attributes.map(|(name, ty)| (name.to_string(), ty.to_json_value()));
                pair("object", Json::Object(attributes.collect()))
            }
        }
    }
}

/// The type in a few words: `list of string`, `object`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dynamic => f.write_str("any type"),
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::List(element) => write!(f, "list of {element}"),
            Self::Set(element) => write!(f, "set of {element}"),
            Self::Map(element) => write!(f, "map of {element}"),
            Self::Tuple(_) => f.write_str("tuple"),
            Self::Object(_) => f.write_str("object"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_form_is_read_back_as_it_was_written() {
        for text in [
            r#""dynamic""#,
            r#"["list","string"]"#,
            r#"["set",["map","bool"]]"#,
            r#"["tuple",["number",["list","dynamic"]]]"#,
            r#"["object",{"a":"number","b":["object",{}]}]"#,
        ] {
            assert_eq!(Type::from_json(text).unwrap().to_json(), text);
        }
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in [
            "",
            "1",
            "null",
            r#""text""#,
            r#"["list"]"#,
            r#"["tuple","string"]"#,
            r#"["box","string"]"#,
        ] {
            assert_eq!(Type::from_json(text), None, "{text}");
        }
    }

    #[test]
    fn types_have_names_for_people() {
        let nested = Type::list(Type::map(Type::object([])));
        assert_eq!(nested.to_string(), "list of map of object");
    }
}
