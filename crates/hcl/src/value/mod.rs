//! Values: immutable, cheap to clone, with marks.
//!
//! Collections are shared, never changed. Each knows in advance how large and deep it is, whether
//! something in it is unknown, and which marks are in it, so that these questions cost nothing.
//! Objects and maps are ordered by key, sets as [`order`] says.

mod access;
mod equality;
mod hcl;
mod json;
mod marks;
mod order;
mod preview;

use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::number::Number;
use crate::ty::Type;
use crate::{Text, convert};

pub use access::AccessError;
pub use json::{DecodeError, EncodeError};
pub use marks::Marks;

/// A value of the language.
#[derive(Clone)]
pub struct Value {
    repr: Repr,
    marks: Marks,
}

#[derive(Clone)]
enum Repr {
    Null(Type),
    Unknown(Type),
    Bool(bool),
    Number(Number),
    String(Text),
    List(Arc<Sequence>),
    Set(Arc<Sequence>),
    Tuple(Arc<Sequence>),
    Map(Arc<Mapping>),
    Object(Arc<Mapping>),
}

/// The elements of a list, set or tuple; the element type of a tuple is not looked at.
struct Sequence {
    element: Type,
    items: Vec<Value>,
    contents: Contents,
}

/// The entries of a map or object, ordered by key; the element type of an object is not looked at.
struct Mapping {
    element: Type,
    entries: Vec<(Text, Value)>,
    contents: Contents,
}

/// What is known of a collection's elements, all levels down.
#[derive(Clone, Copy, Default)]
struct Contents {
    bytes: u64,
    depth: u32,
    has_unknown: bool,
    marks: Marks,
}

/// How large a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// With all that it contains, shared parts counted each time they occur.
    pub bytes: u64,
    /// Without what it contains.
    pub own_bytes: u64,
    /// Levels of collections, 0 for what is none.
    pub depth: u32,
}

/// What a value is, to match on. Marks are not part of it: ask for them with [`Value::marks`].
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    Null,
    Unknown,
    Bool(bool),
    Number(&'a Number),
    String(&'a str),
    List(&'a [Value]),
    Set(&'a [Value]),
    Tuple(&'a [Value]),
    Map(&'a [(Text, Value)]),
    Object(&'a [(Text, Value)]),
}

/// Constructors.
impl Value {
    /// `null` as it is written: of no type yet.
    pub fn null() -> Self {
        Self::null_of(Type::Dynamic)
    }

    pub fn null_of(ty: Type) -> Self {
        Repr::Null(ty).into()
    }

    /// A value of which nothing is known.
    pub fn unknown() -> Self {
        Self::unknown_of(Type::Dynamic)
    }

    /// A value of which only the type is known.
    pub fn unknown_of(ty: Type) -> Self {
        Repr::Unknown(ty).into()
    }

    pub fn bool(value: bool) -> Self {
        Repr::Bool(value).into()
    }

    pub fn number(number: impl Into<Number>) -> Self {
        Repr::Number(number.into()).into()
    }

    /// A string, normalised to NFC.
    pub fn string(text: impl AsRef<str>) -> Self {
        Self::text(normalized(text.as_ref()))
    }

    /// A string that is in NFC already.
    pub(crate) fn text(text: Text) -> Self {
        Repr::String(text).into()
    }

    pub fn tuple(items: impl IntoIterator<Item = Value>) -> Self {
        let items: Vec<Value> = items.into_iter().collect();
        Repr::Tuple(Arc::new(Sequence::new(Type::Dynamic, items))).into()
    }

    /// The last of two attributes with the same name wins.
    pub fn object<K: Into<Text>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Self {
        let attributes = attributes.into_iter();
        let attributes = attributes.map(|(name, value)| (normalized_text(name.into()), value));
        Self::object_from(attributes.collect())
    }

    /// An object whose names are in NFC already.
    pub(crate) fn object_from(attributes: Vec<(Text, Value)>) -> Self {
        Self::object_in_order(sort_by_key(attributes))
    }

    /// A list; the elements are converted to one type.
    pub fn list(
        element: Type,
        items: impl IntoIterator<Item = Value>,
    ) -> Result<Self, convert::Mismatch> {
        convert::convert(&Self::tuple(items), &Type::list(element))
    }

    /// A set; the elements are converted to one type, and equal ones are one.
    pub fn set(
        element: Type,
        items: impl IntoIterator<Item = Value>,
    ) -> Result<Self, convert::Mismatch> {
        convert::convert(&Self::tuple(items), &Type::set(element))
    }

    /// A map; the elements are converted to one type.
    pub fn map<K: Into<Text>>(
        element: Type,
        entries: impl IntoIterator<Item = (K, Value)>,
    ) -> Result<Self, convert::Mismatch> {
        convert::convert(&Self::object(entries), &Type::map(element))
    }

    /// A list of elements that are of this type already.
    pub(crate) fn list_from(element: Type, items: Vec<Value>) -> Self {
        Repr::List(Arc::new(Sequence::new(element, items))).into()
    }

    /// A set of elements that are of this type already. Their marks become those of the set. As
    /// long as an element is unknown, so is which of them are equal, and hence the whole set.
    pub(crate) fn set_from(element: Type, items: Vec<Value>) -> Self {
        let contents = Contents::of(items.iter(), 0);
        if contents.has_unknown {
            return Self::unknown_of(Type::set(element)).with_marks(contents.marks);
        }
        let items = if contents.marks.is_empty() {
            items
        } else {
            items.iter().map(|item| item.unmark_deep().0).collect()
        };
        let items = order::ordered_set(items);
        let set: Self = Repr::Set(Arc::new(Sequence::new(element, items))).into();
        set.with_marks(contents.marks)
    }

    /// An object whose names are in NFC and in order already.
    pub(crate) fn object_in_order(attributes: Vec<(Text, Value)>) -> Self {
        debug_assert!(attributes.is_sorted_by(|(a, _), (b, _)| a < b));
        Repr::Object(Arc::new(Mapping::new(Type::Dynamic, attributes))).into()
    }

    /// A map of elements that are of this type already.
    pub(crate) fn map_from(element: Type, entries: Vec<(Text, Value)>) -> Self {
        Repr::Map(Arc::new(Mapping::new(element, sort_by_key(entries)))).into()
    }
}

/// Questions. None of them looks at marks but those that say so.
impl Value {
    pub fn kind(&self) -> Kind<'_> {
        match &self.repr {
            Repr::Null(_) => Kind::Null,
            Repr::Unknown(_) => Kind::Unknown,
            Repr::Bool(value) => Kind::Bool(*value),
            Repr::Number(number) => Kind::Number(number),
            Repr::String(text) => Kind::String(text),
            Repr::List(list) => Kind::List(&list.items),
            Repr::Set(set) => Kind::Set(&set.items),
            Repr::Tuple(tuple) => Kind::Tuple(&tuple.items),
            Repr::Map(map) => Kind::Map(&map.entries),
            Repr::Object(object) => Kind::Object(&object.entries),
        }
    }

    /// The type. Made anew for tuples and objects, so it costs as much as they are large.
    pub fn ty(&self) -> Type {
        match &self.repr {
            Repr::Null(ty) | Repr::Unknown(ty) => ty.clone(),
            Repr::Bool(_) => Type::Bool,
            Repr::Number(_) => Type::Number,
            Repr::String(_) => Type::String,
            Repr::List(list) => Type::list(list.element.clone()),
            Repr::Set(set) => Type::set(set.element.clone()),
            Repr::Map(map) => Type::map(map.element.clone()),
            Repr::Tuple(tuple) => Type::tuple(tuple.items.iter().map(Value::ty).collect()),
            Repr::Object(object) => Type::object(
                object
                    .entries
                    .iter()
                    .map(|(name, value)| (name.clone(), value.ty())),
            ),
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.repr, Repr::Null(_))
    }

    /// Whether the value itself is unknown; see [`Value::contains_unknown`] for what is in it.
    pub fn is_unknown(&self) -> bool {
        matches!(self.repr, Repr::Unknown(_))
    }

    /// Whether the value or something in it is unknown.
    pub fn contains_unknown(&self) -> bool {
        self.is_unknown() || self.contents().has_unknown
    }

    /// Whether nothing is known of the value, not even its type.
    pub fn is_dynamic(&self) -> bool {
        matches!(self.repr, Repr::Unknown(Type::Dynamic))
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Repr::Bool(value) = &self.repr {
            Some(*value)
        } else {
            None
        }
    }

    pub fn as_number(&self) -> Option<&Number> {
        if let Repr::Number(number) = &self.repr {
            Some(number)
        } else {
            None
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(Text::as_str)
    }

    pub(crate) fn as_text(&self) -> Option<&Text> {
        if let Repr::String(text) = &self.repr {
            Some(text)
        } else {
            None
        }
    }

    /// The elements of a list, set or tuple.
    pub fn items(&self) -> Option<&[Value]> {
        if let Repr::List(sequence) | Repr::Set(sequence) | Repr::Tuple(sequence) = &self.repr {
            Some(&sequence.items)
        } else {
            None
        }
    }

    /// The entries of a map or object, ordered by key.
    pub fn entries(&self) -> Option<&[(Text, Value)]> {
        match &self.repr {
            Repr::Map(mapping) | Repr::Object(mapping) => Some(&mapping.entries),
            _ => None,
        }
    }

    /// One entry of a map or object, with its own marks only. [`Value::get_attr`] is the
    /// language's way.
    pub fn entry(&self, key: &str) -> Option<&Value> {
        let entries = self.entries()?;
        if entries.len() <= Self::LOOKED_THROUGH {
            let found = entries.iter().find(|(other, _)| other == key);
            return found.map(|(_, value)| value);
        }
        let at = entries.binary_search_by(|(other, _)| other.as_str().cmp(key));
        at.ok().map(|index| &entries[index].1)
    }

    /// Among so few entries, keys of another length are passed over before a search has begun.
    const LOOKED_THROUGH: usize = 8;

    /// The element type of a list, set or map that is there.
    pub(crate) fn element_type(&self) -> Option<&Type> {
        match &self.repr {
            Repr::List(sequence) | Repr::Set(sequence) => Some(&sequence.element),
            Repr::Map(mapping) => Some(&mapping.element),
            _ => None,
        }
    }

    pub fn size(&self) -> Size {
        let contents = self.contents();
        let own_bytes = match &self.repr {
            Repr::String(text) => text.len() as u64,
            Repr::List(sequence) | Repr::Set(sequence) | Repr::Tuple(sequence) => {
                sequence.own_bytes()
            }
            Repr::Map(mapping) | Repr::Object(mapping) => mapping.own_bytes(),
            Repr::Null(_) | Repr::Unknown(_) | Repr::Bool(_) | Repr::Number(_) => 0,
        };
        Size {
            bytes: own_bytes.saturating_add(contents.bytes),
            own_bytes,
            depth: contents.depth,
        }
    }

    fn contents(&self) -> Contents {
        match &self.repr {
            Repr::List(sequence) | Repr::Set(sequence) | Repr::Tuple(sequence) => sequence.contents,
            Repr::Map(mapping) | Repr::Object(mapping) => mapping.contents,
            Repr::Null(_)
            | Repr::Unknown(_)
            | Repr::Bool(_)
            | Repr::Number(_)
            | Repr::String(_) => Contents::default(),
        }
    }
}

impl Sequence {
    fn new(element: Type, items: Vec<Value>) -> Self {
        let contents = Contents::of(items.iter(), 1);
        Self {
            element,
            items,
            contents,
        }
    }

    fn own_bytes(&self) -> u64 {
        (size_of::<Self>() + self.items.len() * size_of::<Value>()) as u64
    }
}

impl Mapping {
    fn new(element: Type, entries: Vec<(Text, Value)>) -> Self {
        let contents = Contents::of(entries.iter().map(|(_, value)| value), 1);
        Self {
            element,
            entries,
            contents,
        }
    }

    fn own_bytes(&self) -> u64 {
        (size_of::<Self>() + self.entries.len() * size_of::<(Text, Value)>()) as u64
    }
}

impl Contents {
    fn of<'a>(values: impl Iterator<Item = &'a Value>, levels: u32) -> Self {
        let mut all = Self {
            depth: levels,
            ..Self::default()
        };
        for value in values {
            all.marks |= value.marks;
            match &value.repr {
                Repr::Null(_) | Repr::Bool(_) | Repr::Number(_) => {}
                Repr::Unknown(_) => all.has_unknown = true,
                Repr::String(text) => all.bytes = all.bytes.saturating_add(text.len() as u64),
                Repr::List(sequence) | Repr::Set(sequence) | Repr::Tuple(sequence) => {
                    all.add(&sequence.contents, sequence.own_bytes(), levels);
                }
                Repr::Map(mapping) | Repr::Object(mapping) => {
                    all.add(&mapping.contents, mapping.own_bytes(), levels);
                }
            }
        }
        all
    }

    /// Adds a collection so many levels further in.
    fn add(&mut self, inner: &Self, own_bytes: u64, levels: u32) {
        let bytes = own_bytes.saturating_add(inner.bytes);
        self.bytes = self.bytes.saturating_add(bytes);
        self.depth = self.depth.max(levels + inner.depth);
        self.has_unknown |= inner.has_unknown;
        self.marks |= inner.marks;
    }
}

impl From<Repr> for Value {
    fn from(repr: Repr) -> Self {
        Self {
            repr,
            marks: Marks::NONE,
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::number(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::bool(value)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(text)
    }
}

/// Text in NFC, which all strings and keys of values are in.
pub(crate) fn normalized(text: &str) -> Text {
    if is_normalized(text) {
        Text::from(text)
    } else {
        text.nfc().collect()
    }
}

fn normalized_text(text: Text) -> Text {
    if is_normalized(&text) {
        text
    } else {
        text.nfc().collect()
    }
}

fn is_normalized(text: &str) -> bool {
    text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes
}

/// Orders entries by key; the last of those with the same key stays.
pub(crate) fn sort_by_key<T>(mut entries: Vec<(Text, T)>) -> Vec<(Text, T)> {
    if entries.is_sorted_by(|(a, _), (b, _)| a < b) {
        return entries;
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    entries.dedup_by(|(later, value), (earlier, kept)| {
        let is_same = later == earlier;
        if is_same {
            std::mem::swap(value, kept);
        }
        is_same
    });
    entries
}

#[cfg(test)]
mod tests;
