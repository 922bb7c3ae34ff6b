//! The wire types say how one value is written; these macros carry that over to a box, an option
//! or a list of it. Each makes a module for serde's `with`.

macro_rules! boxed {
    ($module:ident: $type:ident as $wire:literal) => {
        mod $module {
            #[derive(serde::Serialize)]
            struct Borrowed<'a>(#[serde(with = $wire)] &'a super::$type);

            #[derive(serde::Deserialize)]
            struct Owned(#[serde(with = $wire)] super::$type);

            pub(super) fn serialize<S: serde::Serializer>(
                value: &super::$type,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&Borrowed(value), to)
            }

            pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
                from: D,
            ) -> Result<Box<super::$type>, D::Error> {
                let Owned(value) = serde::Deserialize::deserialize(from)?;
                Ok(Box::new(value))
            }
        }
    };
}

macro_rules! optional {
    ($module:ident: $type:ident as $wire:literal) => {
        mod $module {
            #[derive(serde::Serialize)]
            struct Borrowed<'a>(#[serde(with = $wire)] &'a super::$type);

            #[derive(serde::Deserialize)]
            struct Owned(#[serde(with = $wire)] super::$type);

            /// serde hands over a reference to the field as it is.
            type Optional = Option<super::$type>;

            pub(super) fn serialize<S: serde::Serializer>(
                value: &Optional,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&value.as_ref().map(Borrowed), to)
            }

            pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
                from: D,
            ) -> Result<Optional, D::Error> {
                let value: Option<Owned> = serde::Deserialize::deserialize(from)?;
                Ok(value.map(|Owned(value)| value))
            }
        }
    };
}

macro_rules! listed {
    ($module:ident: $type:ident as $wire:literal) => {
        mod $module {
            #[derive(serde::Serialize)]
            struct Borrowed<'a>(#[serde(with = $wire)] &'a super::$type);

            #[derive(serde::Deserialize)]
            struct Owned(#[serde(with = $wire)] super::$type);

            pub(super) fn serialize<S: serde::Serializer>(
                values: &[super::$type],
                to: S,
            ) -> Result<S::Ok, S::Error> {
                to.collect_seq(values.iter().map(Borrowed))
            }

            pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
                from: D,
            ) -> Result<Vec<super::$type>, D::Error> {
                let values: Vec<Owned> = serde::Deserialize::deserialize(from)?;
                Ok(values.into_iter().map(|Owned(value)| value).collect())
            }
        }
    };
}

pub(super) use {boxed, listed, optional};
