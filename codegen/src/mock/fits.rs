//! Whether the generated types can read a value, and read it as what the document says it is.

use serde_json::{Map, Value};

use crate::model::{Api, EnumVariant, Field, TaggedVariant, Type, TypeKind};

/// Whether a type can read a value.
pub(super) fn fits(api: &Api, ty: &Type, value: &Value) -> bool {
    match ty {
        Type::Bool => value.is_boolean(),
        Type::I32 => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        Type::I64 => value.is_i64(),
        Type::U32 => value.as_u64().is_some_and(|number| u32::try_from(number).is_ok()),
        Type::U64 => value.is_u64(),
        Type::F64 => value.is_number(),
        Type::String | Type::Text(_) => value.is_string(),
        Type::Json => true,
        Type::Unit => value.is_null(),
        Type::Bytes | Type::File => false,
        Type::List(element) => value.as_array().is_some_and(|all| all.iter().all(|value| fits(api, element, value))),
        Type::Tuple(types) => value.as_array().is_some_and(|all| {
            all.len() == types.len() && types.iter().zip(all).all(|(ty, value)| fits(api, ty, value))
        }),
        Type::Map(element) => {
            value.as_object().is_some_and(|members| members.values().all(|value| fits(api, element, value)))
        }
        Type::Nullable(ty) => value.is_null() || fits(api, ty, value),
        Type::Boxed(ty) | Type::Shared(ty) => fits(api, ty, value),
        Type::Named(id) => fits_declared(api, &api.def(*id).kind, value),
    }
}

fn fits_declared(api: &Api, kind: &TypeKind, value: &Value) -> bool {
    match kind {
        TypeKind::Struct { fields, additional } => {
            value.as_object().is_some_and(|members| fits_struct(api, fields, additional.as_ref(), members))
        }
        TypeKind::StringEnum(variants) => value.as_str().is_some_and(|text| known(variants, |value| value == text)),
        TypeKind::IntegerEnum(variants) => {
            value.as_i64().is_some_and(|number| known(variants, |value| *value == number))
        }
        TypeKind::TaggedUnion { property, variants } => {
            let tag = value.get(property).and_then(Value::as_str).unwrap_or_default();
            variants.iter().any(|variant| is_tagged(variant, tag) && fits(api, &variant.ty, value))
        }
        TypeKind::UntaggedUnion(variants) => variants.iter().any(|variant| fits(api, &variant.ty, value)),
        TypeKind::ByStatus { .. } => false,
    }
}

fn known<T>(variants: &[EnumVariant<T>], is: impl Fn(&T) -> bool) -> bool {
    variants.iter().any(|variant| is(&variant.value))
}

fn is_tagged(variant: &TaggedVariant, tag: &str) -> bool {
    variant.values.iter().any(|value| value == tag)
}

fn fits_struct(api: &Api, fields: &[Field], additional: Option<&Type>, members: &Map<String, Value>) -> bool {
    let fits_field = |field: &Field| match members.get(&field.wire) {
        None => !field.required,
        Some(value) => {
            let is_always = field.always.as_deref().is_none_or(|text| value.as_str() == Some(text));
            is_always && fits(api, &field.ty, value)
        }
    };
    let more = members.iter().filter(|(name, _)| !fields.iter().any(|field| field.wire == **name));
    fields.iter().all(fits_field) && additional.is_none_or(|ty| more.into_iter().all(|(_, value)| fits(api, ty, value)))
}
