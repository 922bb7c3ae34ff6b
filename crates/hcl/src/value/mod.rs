//! Values: immutable, cheap to clone, with marks.
//!
//! Collections are shared, never changed. Each knows in advance how large and deep it is, whether
//! something in it is unknown, and which marks are in it, so that these questions cost nothing.
//! Objects and maps are ordered by key, sets as [`order`] says.

mod access;
mod elements;
mod equality;
mod hcl;
mod json;
mod marks;
mod merge;
mod order;
mod preview;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::number::Number;
use crate::ty::Type;
use crate::{Text, convert};
use elements::{Contents, Mapping, Sequence};

pub use access::AccessError;
pub use json::{DecodeError, EncodeError};
pub use marks::Marks;
pub(crate) use merge::{merge_entries, sort_by_key};

/// A value of the language.
#[derive(Clone)]
pub struct Value(Repr);

/// Marks stand in each variant, beside the tag, where they need no room of their own. Tag and marks
/// are half a word each, so that values are moved by words.
#[derive(Clone)]
#[repr(u32)]
enum Repr {
    Null(Marks, Type),
    Unknown(Marks, Type),
    Bool(Marks, bool),
    Number(Marks, Number),
    String(Marks, Text),
    List(Marks, Sequence),
    Set(Marks, Sequence),
    Tuple(Marks, Sequence),
    Map(Marks, Mapping),
    Object(Marks, Mapping),
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
        Self(Repr::Null(Marks::NONE, ty))
    }

    /// A value of which nothing is known.
    pub fn unknown() -> Self {
        Self::unknown_of(Type::Dynamic)
    }

    /// A value of which only the type is known.
    pub fn unknown_of(ty: Type) -> Self {
        Self(Repr::Unknown(Marks::NONE, ty))
    }

    pub fn bool(value: bool) -> Self {
        Self(Repr::Bool(Marks::NONE, value))
    }

    pub fn number(number: impl Into<Number>) -> Self {
        Self(Repr::Number(Marks::NONE, number.into()))
    }

    /// A string, normalised to NFC.
    pub fn string(text: impl AsRef<str>) -> Self {
        Self::text(normalized(text.as_ref()))
    }

    /// A string that is in NFC already.
    pub(crate) fn text(text: Text) -> Self {
        Self(Repr::String(Marks::NONE, text))
    }

    pub fn tuple(items: impl IntoIterator<Item = Value>) -> Self {
        let items = Sequence::collected(Type::Dynamic, items.into_iter(), |_| {});
        Self(Repr::Tuple(Marks::NONE, items))
    }

    /// The last of two attributes with the same name wins.
    pub fn object<K: Into<Text>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Self {
        let attributes = attributes.into_iter();
        let attributes = attributes.map(|(name, value)| (normalized_text(name.into()), value));
        let mut has_twins = false;
        let attributes = Mapping::collected(Type::Dynamic, attributes, |attributes| {
            has_twins = merge::order_entries(attributes);
        });
        if has_twins {
            return Self::object_from(attributes.all().to_vec());
        }
        Self(Repr::Object(Marks::NONE, attributes))
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
        Self(Repr::List(Marks::NONE, Sequence::of(element, items)))
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
        Self(Repr::Set(contents.marks, Sequence::of(element, items)))
    }

    /// An object whose names are in NFC and in order already.
    pub(crate) fn object_in_order(attributes: Vec<(Text, Value)>) -> Self {
        debug_assert!(attributes.is_sorted_by(|(a, _), (b, _)| a < b));
        let attributes = Mapping::of(Type::Dynamic, attributes);
        Self(Repr::Object(Marks::NONE, attributes))
    }

    /// The same; the vector keeps its memory.
    pub(crate) fn object_drained(attributes: &mut Vec<(Text, Value)>) -> Self {
        debug_assert!(attributes.is_sorted_by(|(a, _), (b, _)| a < b));
        let attributes = Mapping::drained(Type::Dynamic, attributes);
        Self(Repr::Object(Marks::NONE, attributes))
    }

    /// A tuple; the vector keeps its memory.
    pub(crate) fn tuple_drained(items: &mut Vec<Value>) -> Self {
        Self(Repr::Tuple(
            Marks::NONE,
            Sequence::drained(Type::Dynamic, items),
        ))
    }

    /// A map of elements that are of this type already.
    pub(crate) fn map_from(element: Type, entries: Vec<(Text, Value)>) -> Self {
        Self::map_drained(element, &mut sort_by_key(entries))
    }

    /// A map of elements that are of this type and in order already; the vector keeps its memory.
    pub(crate) fn map_drained(element: Type, entries: &mut Vec<(Text, Value)>) -> Self {
        debug_assert!(entries.is_sorted_by(|(a, _), (b, _)| a < b));
        Self(Repr::Map(Marks::NONE, Mapping::drained(element, entries)))
    }
}

/// Questions. None of them looks at marks but those that say so.
impl Value {
    pub fn kind(&self) -> Kind<'_> {
        match &self.0 {
            Repr::Null(..) => Kind::Null,
            Repr::Unknown(..) => Kind::Unknown,
            Repr::Bool(_, value) => Kind::Bool(*value),
            Repr::Number(_, number) => Kind::Number(number),
            Repr::String(_, text) => Kind::String(text),
            Repr::List(_, list) => Kind::List(list.all()),
            Repr::Set(_, set) => Kind::Set(set.all()),
            Repr::Tuple(_, tuple) => Kind::Tuple(tuple.all()),
            Repr::Map(_, map) => Kind::Map(map.all()),
            Repr::Object(_, object) => Kind::Object(object.all()),
        }
    }

    /// The type. Made anew for tuples and objects, so it costs as much as they are large.
    pub fn ty(&self) -> Type {
        match &self.0 {
            Repr::Null(_, ty) | Repr::Unknown(_, ty) => ty.clone(),
            Repr::Bool(..) => Type::Bool,
            Repr::Number(..) => Type::Number,
            Repr::String(..) => Type::String,
            Repr::List(_, list) => Type::list(list.element().clone()),
            Repr::Set(_, set) => Type::set(set.element().clone()),
            Repr::Map(_, map) => Type::map(map.element().clone()),
            Repr::Tuple(_, tuple) => Type::tuple(tuple.all().iter().map(Value::ty).collect()),
            Repr::Object(_, object) => Type::object(
                object
                    .all()
                    .iter()
                    .map(|(name, value)| (name.clone(), value.ty())),
            ),
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.0, Repr::Null(..))
    }

    /// Whether the value itself is unknown; see [`Value::contains_unknown`] for what is in it.
    pub fn is_unknown(&self) -> bool {
        matches!(self.0, Repr::Unknown(..))
    }

    /// Whether the value or something in it is unknown.
    pub fn contains_unknown(&self) -> bool {
        self.is_unknown() || self.contents().has_unknown
    }

    /// Whether nothing is known of the value, not even its type.
    pub fn is_dynamic(&self) -> bool {
        matches!(self.0, Repr::Unknown(_, Type::Dynamic))
    }

    /// Whether both are bools, numbers or strings that are there and known.
    pub(crate) fn is_of_same_primitive_type(&self, other: &Self) -> bool {
        matches!(
            (&self.0, &other.0),
            (Repr::Bool(..), Repr::Bool(..))
                | (Repr::Number(..), Repr::Number(..))
                | (Repr::String(..), Repr::String(..))
        )
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Repr::Bool(_, value) = &self.0 {
            Some(*value)
        } else {
            None
        }
    }

    pub fn as_number(&self) -> Option<&Number> {
        if let Repr::Number(_, number) = &self.0 {
            Some(number)
        } else {
            None
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(Text::as_str)
    }

    pub(crate) fn as_text(&self) -> Option<&Text> {
        if let Repr::String(_, text) = &self.0 {
            Some(text)
        } else {
            None
        }
    }

    /// The elements of a list, set or tuple.
    pub fn items(&self) -> Option<&[Value]> {
        if let Repr::List(_, sequence) | Repr::Set(_, sequence) | Repr::Tuple(_, sequence) = &self.0
        {
            Some(sequence.all())
        } else {
            None
        }
    }

    /// The entries of a map or object, ordered by key.
    pub fn entries(&self) -> Option<&[(Text, Value)]> {
        match &self.0 {
            Repr::Map(_, mapping) | Repr::Object(_, mapping) => Some(mapping.all()),
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
        let at = entries.binary_search_by(|(other, _)| merge::key_order(other, key));
        at.ok().map(|index| &entries[index].1)
    }

    /// Among so few entries, keys of another length are passed over before a search has begun.
    const LOOKED_THROUGH: usize = 8;

    /// The element type of a list, set or map that is there.
    pub(crate) fn element_type(&self) -> Option<&Type> {
        match &self.0 {
            Repr::List(_, sequence) | Repr::Set(_, sequence) => Some(sequence.element()),
            Repr::Map(_, mapping) => Some(mapping.element()),
            _ => None,
        }
    }

    #[inline]
    pub fn size(&self) -> Size {
        let of_collection = |own_bytes: u64, contents: &Contents| Size {
            bytes: own_bytes.saturating_add(contents.bytes),
            own_bytes,
            depth: contents.depth,
        };
        let of_other = |bytes: u64| Size {
            bytes,
            own_bytes: bytes,
            depth: 0,
        };
        match &self.0 {
            Repr::String(_, text) => of_other(text.len() as u64),
            Repr::List(_, sequence) | Repr::Set(_, sequence) | Repr::Tuple(_, sequence) => {
                of_collection(sequence.own_bytes(), sequence.contents())
            }
            Repr::Map(_, mapping) | Repr::Object(_, mapping) => {
                of_collection(mapping.own_bytes(), mapping.contents())
            }
            Repr::Null(..) | Repr::Unknown(..) | Repr::Bool(..) | Repr::Number(..) => of_other(0),
        }
    }

    fn contents(&self) -> Contents {
        match &self.0 {
            Repr::List(_, sequence) | Repr::Set(_, sequence) | Repr::Tuple(_, sequence) => {
                *sequence.contents()
            }
            Repr::Map(_, mapping) | Repr::Object(_, mapping) => *mapping.contents(),
            Repr::Null(..)
            | Repr::Unknown(..)
            | Repr::Bool(..)
            | Repr::Number(..)
            | Repr::String(..) => Contents::default(),
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
    let is_ascii = is_ascii(text.as_bytes());
    let text = Text::from(text);
    if is_ascii { text } else { composed(text) }
}

#[inline]
fn normalized_text(text: Text) -> Text {
    if is_ascii(text.as_bytes()) {
        text
    } else {
        composed(text)
    }
}

#[cold]
fn composed(text: Text) -> Text {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        text.nfc().collect()
    }
}

/// As in the standard library, but with few looks also where there are few bytes.
#[inline]
fn is_ascii(text: &[u8]) -> bool {
    let all = if let Some(last) = text.last_chunk() {
        let (chunks, _) = text.as_chunks();
        let chunks = chunks.iter().chain([last]);
        chunks.fold(0, |all, chunk| all | u64::from_ne_bytes(*chunk))
    } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        u64::from(u32::from_ne_bytes(*first) | u32::from_ne_bytes(*last))
    } else {
        text.iter().fold(0, |all, byte| all | u64::from(*byte))
    };
    all & 0x8080_8080_8080_8080 == 0
}

#[cfg(test)]
mod tests;
