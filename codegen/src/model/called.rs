//! What operations go by: their ids, without what a framework appended to make them unique.
//!
//! FastAPI makes `list_posts_posts_get` of the function `list_posts`: its name, the path and the method. Other frameworks make
//! `PostsController_list` of a class and its method. The function's own name is enough wherever it is the only one.

use std::collections::{HashMap, HashSet};

use super::name;
use super::operation::group_name;
use crate::normalise::Operation;

/// How often each name is there.
#[derive(Default)]
pub(super) struct Called {
    everywhere: HashMap<String, usize>,
    within: HashMap<(String, String), usize>,
    /// The short names for each id that has such.
    short: HashMap<String, Short>,
}

/// What is left of an id.
struct Short {
    /// In the names of types, which are those of the whole API.
    types: String,
    /// In the name of the function, which is one of a module.
    function: String,
}

impl Called {
    pub(super) fn new(operations: &[Operation]) -> Called {
        let mut called = Called::default();
        for operation in operations {
            let Some(id) = operation.id.as_deref() else { continue };
            let short = without_path(id, &operation.method, &operation.path)
                .map(|name| Short { types: name.to_owned(), function: name.to_owned() })
                .or_else(|| without_class(id));
            let (types, function) =
                short.as_ref().map_or((id, id), |short| (short.types.as_str(), short.function.as_str()));
            *called.everywhere.entry(name::snake_name(types)).or_default() += 1;
            *called.within.entry((group_name(operation), name::snake_name(function))).or_default() += 1;
            if let Some(short) = short {
                called.short.insert(id.to_owned(), short);
            }
        }
        called
    }

    /// The id that the names of types are made of: the short one if no other operation goes by it.
    pub(super) fn of_types<'c>(&'c self, id: &'c str) -> &'c str {
        let short = self.short.get(id).map(|short| short.types.as_str());
        short.filter(|short| self.everywhere.get(&name::snake_name(short)) == Some(&1)).unwrap_or(id)
    }

    /// The id that the function's name is made of: the short one if no other function of the module goes by it.
    pub(super) fn of_function<'c>(&'c self, id: &'c str, group: &str) -> &'c str {
        let Some(short) = self.short.get(id) else { return id };
        let alone = self.within.get(&(group.to_owned(), name::snake_name(&short.function))) == Some(&1);
        // Of two classes in one module each says which it is.
        if alone { &short.function } else { self.of_types(id) }
    }

    /// What component schemas are called in Rust that only say whose body they are: `UploadBody` for
    /// `Body_upload_files_post`. Names that other `components` have are left to those.
    pub(super) fn bodies<'n>(&self, components: impl Iterator<Item = &'n String> + Clone) -> HashMap<String, String> {
        let taken: HashSet<String> = components.clone().map(|name| name::type_name(name)).collect();
        let shorter = components.filter_map(|component| {
            let id = component.strip_prefix("Body_")?;
            let short = Some(self.of_types(id)).filter(|short| *short != id)?;
            let name = name::type_name(&format!("{short}_body"));
            (!taken.contains(&name)).then(|| (component.clone(), name))
        });
        shorter.collect()
    }
}

/// What is before path and method, each letter of the path that is none for a name an underscore.
fn without_path<'i>(id: &'i str, method: &str, path: &str) -> Option<&'i str> {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let appended: String = path.chars().map(plain).chain(['_']).chain(method.to_lowercase().chars()).collect();
    let rest = id.strip_suffix(appended.as_str())?;
    let reads = rest.starts_with(char::is_alphabetic) && !name::snake_name(rest).starts_with("r#");
    reads.then_some(rest)
}

/// An id that begins with the class that a framework found it in: without the word that says so, and the method alone.
/// `AuthSignIn` and `signIn` of `AuthController_signIn`.
fn without_class(id: &str) -> Option<Short> {
    id.char_indices().filter(|(_, c)| "_.".contains(*c)).find_map(|(at, _)| {
        let (class, function) = (id[..at].strip_suffix("Controller")?, &id[at + 1..]);
        let reads = function.starts_with(char::is_alphabetic) && !name::snake_name(function).starts_with("r#");
        let short = || Short { types: format!("{class}_{function}"), function: function.to_owned() };
        (reads && class.starts_with(char::is_alphabetic)).then(short)
    })
}

#[cfg(test)]
mod tests {
    use super::{without_class, without_path};

    #[test]
    fn a_class_is_no_part_of_a_name() {
        for (id, expected) in [
            ("AuthController_signIn", Some(("Auth_signIn", "signIn"))),
            ("app.UsersController.list", Some(("app.Users_list", "list"))),
            ("UsersController.list", Some(("Users_list", "list"))),
            ("Controller_list", None),
            ("UsersController_type", None),
            ("UsersController_2", None),
            ("getController", None),
        ] {
            let without = without_class(id);
            let short = without.as_ref().map(|short| (short.types.as_str(), short.function.as_str()));
            assert_eq!(short, expected, "{id}");
        }
    }

    #[test]
    fn what_is_appended_is_the_whole_path_and_the_method() {
        for (id, method, path, expected) in [
            ("list_posts_posts_get", "GET", "/posts", Some("list_posts")),
            ("create_flow_flows__post", "POST", "/flows/", Some("create_flow")),
            ("get_post_v1_posts__post_id__get", "GET", "/v1/posts/{post_id}", Some("get_post")),
            ("read_root__get", "GET", "/", Some("read_root")),
            ("get_a_b__c__get", "GET", "/a-b/{c}", Some("get")),
            ("list_posts_posts_post", "GET", "/posts", None),
            ("list_posts_get", "GET", "/v1/posts", None),
            ("posts_get", "GET", "/posts", None),
            ("_posts_get", "GET", "/posts", None),
            ("move_posts_get", "GET", "/posts", None),
        ] {
            assert_eq!(without_path(id, method, path), expected, "{id}");
        }
    }
}
