//! A header's text in OpenAPI's style `simple`, read as the type that asks for it.

use std::fmt;
use std::slice;

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Reads the values of all headers of one name.
///
/// # Errors
/// What they should have been.
pub(super) fn simple<T: DeserializeOwned>(values: &[&str]) -> Result<T, &'static str> {
    T::deserialize(Simple(values)).map_err(|unfit| unfit.0)
}

/// What a text should have been. It never holds the text.
#[derive(Debug)]
struct Unfit(&'static str);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is not {}", self.0)
    }
}

impl std::error::Error for Unfit {}

impl de::Error for Unfit {
    fn custom<T: fmt::Display>(_said: T) -> Unfit {
        // What a type says of itself may quote the value.
        Unfit("a value of its type")
    }
}

/// The values of the headers of one name. What is one value is in the first.
#[derive(Clone, Copy)]
struct Simple<'v>(&'v [&'v str]);

impl<'v> Simple<'v> {
    fn text(self) -> &'v str {
        self.0.first().map_or("", |value| value.trim())
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $what:literal),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
            visitor.$visit(self.text().parse().map_err(|_| Unfit($what))?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Simple<'_> {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_str(self.text())
    }

    numbers! {
        deserialize_i8 visit_i8 "a whole number",
        deserialize_i16 visit_i16 "a whole number",
        deserialize_i32 visit_i32 "a whole number",
        deserialize_i64 visit_i64 "a whole number",
        deserialize_u8 visit_u8 "a whole number",
        deserialize_u16 visit_u16 "a whole number",
        deserialize_u32 visit_u32 "a whole number",
        deserialize_u64 visit_u64 "a whole number",
        deserialize_f32 visit_f32 "a number",
        deserialize_f64 visit_f64 "a number",
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        // Some languages write it with a capital letter.
        match self.text() {
            text if text.eq_ignore_ascii_case("true") => visitor.visit_bool(true),
            text if text.eq_ignore_ascii_case("false") => visitor.visit_bool(false),
            _ => Err(Unfit("`true` or `false`")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        let items = self.0.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty());
        let items: Vec<&str> = items.collect();
        visitor.visit_seq(SeqDeserializer::new(items.iter().map(|item| Simple(slice::from_ref(item)))))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_enum(StrDeserializer::new(self.text()))
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Unfit> for Simple<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
