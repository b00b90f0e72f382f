//! From the document's names to names that a Rust developer would have chosen.

use std::collections::HashSet;

use heck::{ToPascalCase, ToSnakeCase};

/// Names that generated code uses itself.
const TAKEN_TYPES: &[&str] = &[
    "BTreeMap",
    "Base64",
    "Box",
    "Bytes",
    "Clone",
    "Copy",
    "Date",
    "DateTime",
    "Debug",
    "Default",
    "Deserialize",
    "Eq",
    "Err",
    "FilePart",
    "From",
    "Hash",
    "Into",
    "Json",
    "Mutation",
    "None",
    "Nullable",
    "Ok",
    "Option",
    "Part",
    "PartialEq",
    "Query",
    "RawResponse",
    "Request",
    "Result",
    "Self",
    "Send",
    "Serialize",
    "Some",
    "String",
    "Style",
    "TagType",
    "Tags",
    "Uuid",
    "Vec",
];

/// Names given so far in one scope.
#[derive(Debug, Default)]
pub(super) struct Scope {
    taken: HashSet<String>,
}

impl Scope {
    /// `name`, or the first of `name2`, `name3`, … that is free.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        let mut number = 2;
        while !self.taken.insert(candidate.clone()) {
            candidate = format!("{name}{number}");
            number += 1;
        }
        candidate
    }

    /// `name` if it is free, else `other` made unique.
    pub(super) fn prefer(&mut self, name: &str, other: &str) -> String {
        if self.taken.insert(name.to_owned()) { name.to_owned() } else { self.unique(other) }
    }

    /// Keeps `name` from being given.
    pub(super) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }
}

/// The name of a type.
pub(super) fn type_name(wire: &str) -> String {
    let name = pascal(wire);
    if TAKEN_TYPES.contains(&name.as_str()) { format!("{name}Data") } else { name }
}

/// The name of a variant of an enum.
pub(super) fn variant_name(value: &str) -> String {
    match pascal(value).as_str() {
        "Self" => "SelfValue".to_owned(),
        // `Unknown` holds what the document does not list.
        "Unknown" => "UnknownValue".to_owned(),
        name => name.to_owned(),
    }
}

/// The part of an operation's id after its group's name, which the module says already: `get` for `posts/get` or
/// `posts_get`. `searchPosts` is a verb and its object, whatever its group is called.
pub(super) fn without_group<'i>(id: &'i str, module: &str) -> Option<&'i str> {
    let groups = [module.to_owned(), singular(module)];
    id.char_indices().filter(|(_, c)| "_-/.:".contains(*c)).find_map(|(at, c)| {
        let rest = &id[at + c.len_utf8()..];
        // What is left has to be a name that reads as it is.
        let reads = rest.starts_with(char::is_alphabetic) && !snake_name(rest).starts_with("r#");
        (reads && groups.contains(&snake_name(&id[..at]))).then_some(rest)
    })
}

/// The name of a variant inside `owner`: what repeats the owner's name says nothing there.
pub(super) fn variant_within(owner: &str, value: &str) -> String {
    let name = variant_name(value);
    let starts_word = |rest: &str| rest.starts_with(char::is_uppercase);
    let shorter = match (name.strip_prefix(owner), name.strip_suffix(owner)) {
        (Some(rest), _) if starts_word(rest) => rest,
        (_, Some(rest)) if starts_word(rest) => rest,
        _ => return name,
    };
    if is_identifier(shorter) { variant_name(shorter) } else { name }
}

/// The name of a function, field, argument or module; keywords are raw.
pub(super) fn snake_name(wire: &str) -> String {
    let name = spelled(wire).to_snake_case();
    let name = if name.starts_with(|first: char| first.is_ascii_digit()) { format!("n{name}") } else { name };
    let name = if name.is_empty() { "empty".to_owned() } else { name };
    if is_identifier(&name) {
        return name;
    }
    let raw = format!("r#{name}");
    if is_identifier(&raw) {
        return raw;
    }
    let suffixed = format!("{name}_");
    if is_identifier(&suffixed) { suffixed } else { "unnamed".to_owned() }
}

fn pascal(wire: &str) -> String {
    let name = spelled(wire).to_pascal_case();
    let name = if name.starts_with(|first: char| first.is_ascii_digit()) { format!("N{name}") } else { name };
    if name.is_empty() {
        return "Empty".to_owned();
    }
    if is_identifier(&name) || name == "Self" { name } else { "Unnamed".to_owned() }
}

/// Abbreviations in the plural as one word: `userIDs` as `userIds`.
fn whole_plurals(wire: &str) -> String {
    let chars: Vec<char> = wire.chars().collect();
    let mut words = String::with_capacity(wire.len());
    for (at, c) in chars.iter().enumerate() {
        let rest = &chars[at..];
        let more = rest.iter().take_while(|c| c.is_ascii_uppercase()).count();
        let within = at > 0 && chars[at - 1].is_ascii_uppercase() && c.is_ascii_uppercase();
        let ends = rest.get(more) == Some(&'s') && !rest.get(more + 1).is_some_and(|next| next.is_lowercase());
        words.push(if within && ends { c.to_ascii_lowercase() } else { *c });
    }
    words
}

/// Signs in words where letters and digits alone would lose a difference.
fn spelled(wire: &str) -> String {
    let wire = &whole_plurals(wire);
    let bare = !wire.chars().any(char::is_alphanumeric);
    let mut words = String::with_capacity(wire.len());
    for (at, c) in wire.chars().enumerate() {
        let word = match c {
            '+' if at == 0 || bare => "Plus",
            '-' if at == 0 || bare => "Minus",
            '*' => "Star",
            '<' => "Less",
            '>' => "Greater",
            '=' if bare => "Equal",
            '!' => "Not",
            '~' if bare => "Tilde",
            '&' if bare => "And",
            '|' if bare => "Or",
            '/' if bare => "Slash",
            '.' if bare => "Dot",
            '_' if bare => "Underscore",
            ' ' if bare => "Space",
            '%' => "Percent",
            '@' if bare => "At",
            '#' => "Hash",
            c if c.is_alphanumeric() => {
                words.push(c);
                continue;
            }
            _ => {
                words.push(' ');
                continue;
            }
        };
        words.push(' ');
        words.push_str(word);
        words.push(' ');
    }
    words
}

fn is_identifier(name: &str) -> bool {
    name != "_" && syn::parse_str::<syn::Ident>(name).is_ok()
}

/// The last word in the singular: `categories` to `category`, `post_pages` to `post_page`.
///
/// English has exceptions without end; a wrong guess costs a plainer name and
/// never a wrong tag, since both sides of a comparison are guessed alike.
pub(crate) fn singular(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let cut = |count: usize, ending: &str| format!("{}{ending}", &word[..word.len() - count]);
    match lower.as_str() {
        "people" => return "person".to_owned(),
        "children" => return "child".to_owned(),
        "caches" => return "cache".to_owned(),
        "series" | "news" | "species" | "status" | "address" | "access" | "process" | "analysis" | "alias" | "bias"
        | "canvas" | "atlas" | "gas" | "lens" | "sms" | "dns" | "https" | "kubernetes" => return word.to_owned(),
        _ => {}
    }
    if lower.ends_with("ies") && lower.len() > 4 {
        cut(3, "y")
    } else if ["sses", "shes", "ches", "xes", "zes", "uses", "iases"].iter().any(|ending| lower.ends_with(ending)) {
        cut(2, "")
    } else if lower.ends_with('s')
        && !["ss", "us", "is"].iter().any(|ending| lower.ends_with(ending))
        && lower.len() > 2
    {
        cut(1, "")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_a_person_would_write() {
        for (wire, expected) in [
            ("post", "Post"),
            ("post_page", "PostPage"),
            ("HTTPServer", "HttpServer"),
            ("+1", "Plus1"),
            ("-1", "Minus1"),
            ("2fa", "N2fa"),
            ("", "Empty"),
            ("*", "Star"),
            ("<=", "LessEqual"),
            ("größe", "Größe"),
            ("名前", "名前"),
            ("Option", "OptionData"),
            ("self", "SelfData"),
            ("\u{202e}evil", "Evil"),
            ("a\"b", "AB"),
        ] {
            assert_eq!(type_name(wire), expected, "{wire:?}");
        }
        for (wire, expected) in [
            ("postId", "post_id"),
            ("userIDs", "user_ids"),
            ("IDs", "ids"),
            ("APIsUsed", "apis_used"),
            ("type", "r#type"),
            ("self", "self_"),
            ("crate", "crate_"),
            ("200", "n200"),
            ("$ref", "r#ref"),
            ("@timestamp", "timestamp"),
            ("", "empty"),
            ("_", "underscore"),
        ] {
            assert_eq!(snake_name(wire), expected, "{wire:?}");
        }
    }

    #[test]
    fn a_variant_does_not_repeat_its_owner() {
        for (owner, value, expected) in [
            ("Pet", "PetCat", "Cat"),
            ("Pet", "CatPet", "Cat"),
            ("Pet", "Petrol", "Petrol"),
            ("Pet", "Pet", "Pet"),
            ("ItemType", "ITEM_TYPE_UNKNOWN", "UnknownValue"),
            ("Level", "Level2", "Level2"),
        ] {
            assert_eq!(variant_within(owner, value), expected, "{value} in {owner}");
        }
    }

    #[test]
    fn a_function_does_not_repeat_its_group() {
        for (id, module, expected) in [
            ("posts_get", "posts", Some("get")),
            ("post.getAll", "posts", Some("getAll")),
            ("blogPosts/list", "blog_posts", Some("list")),
            ("blog_posts_list", "blog_posts", Some("list")),
            ("searchPosts", "search", None),
            ("list_posts", "posts", None),
            ("posts_move", "posts", None),
            ("posts_2", "posts", None),
            ("posts", "posts", None),
            ("postscript_get", "posts", None),
        ] {
            assert_eq!(without_group(id, module), expected, "{id} in {module}");
        }
    }

    #[test]
    fn every_name_is_an_identifier() {
        for wire in ["🦀", "\0", "a b", "\u{0301}", "r#", "async", "yield", "gen", "try", "'a", "//", "٣"] {
            for name in [type_name(wire), snake_name(wire), variant_name(wire)] {
                assert!(syn::parse_str::<syn::Ident>(&name).is_ok(), "{wire:?} became {name:?}");
            }
        }
    }

    #[test]
    fn plurals_become_singular() {
        for (plural, one) in [
            ("posts", "post"),
            ("categories", "category"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("status", "status"),
            ("people", "person"),
            ("buses", "bus"),
            ("aliases", "alias"),
            ("dns", "dns"),
        ] {
            assert_eq!(singular(plural), one);
        }
    }
}
