//! Names of fields, parameters and things that mean one another.

use super::words::plain;
use crate::model::name::singular;
use crate::model::{Api, Field, Type, TypeKind};

/// Names that say "the id" without saying of what.
const BARE_IDS: [&str; 9] = ["id", "uuid", "uid", "guid", "pk", "slug", "key", "name", "identifier"];

pub(super) fn is_bare_id(name: &str) -> bool {
    BARE_IDS.contains(&plain(name).as_str())
}

/// The field of an entity that a path's parameter picks it by.
///
/// `things` are the entity's names: of its collection and of its schema.
pub(super) fn id_field<'a>(
    fields: &'a [Field],
    parameter: &str,
    ty: Option<&Type>,
    things: &[String],
) -> Option<&'a Field> {
    let parameter = plain(parameter);
    let named = |name: &str| fields.iter().find(|field| plain(&field.wire) == name && field.ty.is_scalar());
    // A number cannot pick a text, nor the other way round, unless one is opaque.
    let fits = |field: &&Field| ty.is_none_or(|ty| !ty.is_scalar() || field.ty.is_number() == ty.is_number());
    if let Some(field) = named(&parameter) {
        return Some(field);
    }
    // Somebody's `name` is seldom what they sign in by.
    if parameter == "username"
        && let Some(field) = named("login").or_else(|| named("handle"))
    {
        return Some(field);
    }
    for thing in things {
        let rest = parameter.strip_prefix(thing.as_str()).map(|rest| rest.trim_start_matches('_'));
        match rest {
            // `{post}`: the thing itself stands for its id.
            Some("") => break,
            Some(rest) => {
                if let Some(field) = named(rest).filter(fits) {
                    return Some(field);
                }
            }
            None => {
                if let Some(field) = named(&format!("{thing}_{parameter}")).filter(fits) {
                    return Some(field);
                }
            }
        }
    }
    let is_thing = things.contains(&parameter);
    let loose = is_thing || is_bare_id(&parameter) || parameter.ends_with("_id") || parameter.ends_with("_name");
    if !loose {
        return None;
    }
    let ending = parameter.rsplit('_').next().unwrap_or(&parameter);
    let guesses = [ending, "id", "pk", "slug", "uuid", "key", "login", "username", "handle", "name"];
    let known = |guess: &&&str| is_bare_id(guess) || ["login", "username", "handle"].contains(*guess);
    guesses.iter().filter(known).find_map(|guess| named(guess).filter(fits))
}

/// Whether a parameter surely holds what the field does: a number does, and a
/// text when the two are named alike. `{attachment}` may be `7` where the field
/// `name` says `attachments/7`.
pub(super) fn is_exact(field: &Field, parameter: &str, things: &[String]) -> bool {
    let (name, parameter) = (plain(&field.wire), plain(parameter));
    let owned = |thing: &String| parameter == format!("{thing}_{name}") || name == format!("{thing}_{parameter}");
    field.ty.is_number() || name == parameter || things.iter().any(owned)
}

/// The field whose value a parameter of that name and type narrows a list by, and
/// the pointer to the value below the field: `status` by `/status`, `tags` and
/// `tag` by each of `/tags`, or by the names in it.
pub(super) fn narrowing<'a>(
    api: &'a Api,
    fields: &'a [Field],
    name: &str,
    ty: &Type,
) -> Option<(&'a Field, &'static str)> {
    let single = |field: &&Field| plain(&field.wire) == name;
    let many = |field: &&Field| {
        let plain = plain(&field.wire);
        plain == name || singular(&plain) == name || plain == format!("{name}_list")
    };
    let asked = ty.element().unwrap_or(ty);
    if let Some(field) = fields.iter().find(single)
        && comparable(api, asked, &field.ty)
    {
        return Some((field, ""));
    }
    let field = fields.iter().find(many)?;
    let element = field.ty.element()?;
    if comparable(api, asked, element) {
        return Some((field, "/*"));
    }
    let named = api.fields(element).iter().any(|part| part.wire == "name" && part.ty.is_scalar());
    (named && asked.is_text()).then_some((field, "/*/name"))
}

/// Whether a type holds one value that can be compared as text.
pub(super) fn is_comparable(api: &Api, ty: &Type) -> bool {
    comparable(api, ty, ty)
}

/// Whether values of two types can be the same.
fn comparable(api: &Api, a: &Type, b: &Type) -> bool {
    let kind = |ty: &Type| match ty.inner() {
        Type::Bool => Some(0),
        Type::String | Type::Text(_) => Some(1),
        Type::Named(id) => match api.def(*id).kind {
            TypeKind::StringEnum(_) => Some(1),
            TypeKind::IntegerEnum(_) => Some(2),
            _ => None,
        },
        ty => ty.is_number().then_some(2),
    };
    kind(a).is_some() && kind(a) == kind(b)
}

/// Parameters that say how things are shown, and not which.
pub(super) fn says_how_to_show(plain: &str) -> bool {
    const WORDS: [&str; 30] = [
        "field", "fields", "include", "includes", "expand", "embed", "format", "lang", "language", "locale", "pretty",
        "verbose", "with", "show", "sort", "sorting", "order", "ordering", "timezone", "tz", "dry", "view", "depth",
        "detail", "details", "full", "flatten", "page", "limit", "populate",
    ];
    plain.split('_').any(|word| WORDS.contains(&word))
}

/// Parameters that cut or order a list and say nothing of what is in it.
pub(super) fn is_paging(name: &str) -> bool {
    let name = plain(name);
    let words = [
        "page",
        "per_page",
        "page_size",
        "page_token",
        "pagesize",
        "limit",
        "offset",
        "cursor",
        "after",
        "before",
        "skip",
        "take",
        "top",
        "start",
        "count",
        "size",
        "marker",
        "continue",
        "starting_after",
        "ending_before",
        "max_results",
        "start_index",
        "sort",
        "sort_by",
        "order",
        "order_by",
        "ordering",
        "direction",
    ];
    words.contains(&name.trim_start_matches('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(wire: &str, ty: Type) -> Field {
        Field {
            name: wire.to_owned(),
            wire: wire.to_owned(),
            doc: String::new(),
            ty,
            required: true,
            always: None,
            default: None,
            deprecated: false,
        }
    }

    #[test]
    fn parameters_find_their_fields() {
        let fields = [field("id", Type::I64), field("slug", Type::String), field("username", Type::String)];
        let things = ["post".to_owned()];
        let find = |parameter, ty| id_field(&fields, parameter, Some(&ty), &things).map(|field| field.wire.as_str());
        assert_eq!(find("postId", Type::I64), Some("id"));
        assert_eq!(find("id", Type::I64), Some("id"));
        assert_eq!(find("slug", Type::String), Some("slug"));
        assert_eq!(find("post", Type::String), Some("slug"));
        assert_eq!(find("username", Type::String), Some("username"));
        assert_eq!(find("format", Type::String), None);
    }
}
