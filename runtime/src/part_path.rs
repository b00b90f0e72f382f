//! Paths to a part of a result, checked by the compiler: [`path!`](crate::path).

use std::collections::{BTreeMap, HashMap};

use crate::nullable::Nullable;

/// What has elements: `[]` in a path.
pub trait EachOfPath {
    /// An element.
    type Item;
    /// The elements, those of a map without their names.
    fn each_of_path(&self) -> impl Iterator<Item = &Self::Item>;
}

impl<T> EachOfPath for [T] {
    type Item = T;

    fn each_of_path(&self) -> impl Iterator<Item = &T> {
        self.iter()
    }
}

impl<T> EachOfPath for Vec<T> {
    type Item = T;

    fn each_of_path(&self) -> impl Iterator<Item = &T> {
        self.iter()
    }
}

impl<K, V> EachOfPath for BTreeMap<K, V> {
    type Item = V;

    fn each_of_path(&self) -> impl Iterator<Item = &V> {
        self.values()
    }
}

impl<K, V, S> EachOfPath for HashMap<K, V, S> {
    type Item = V;

    fn each_of_path(&self) -> impl Iterator<Item = &V> {
        self.values()
    }
}

/// What may be absent: `?` in a path.
pub trait ThereOnPath {
    /// What may be there.
    type Item;
    /// What is there.
    fn there_on_path(&self) -> Option<&Self::Item>;
}

impl<T> ThereOnPath for Option<T> {
    type Item = T;

    fn there_on_path(&self) -> Option<&T> {
        self.as_ref()
    }
}

impl<T> ThereOnPath for Nullable<T> {
    type Item = T;

    fn there_on_path(&self) -> Option<&T> {
        self.get()
    }
}

/// A function from a result to a part of it, by a path that the compiler checks: `items[].author?.name`.
///
/// `.name` is a field, `[]` each element of a list or each value of a map, `?` what is there of an `Option` or a
/// [`Nullable`](crate::Nullable). The part is a copy: a `Vec` where the path has `[]`, with what is there; else an `Option` where
/// it has `?`; else the value itself. Entities in lists, each a [`Part`](crate::Part), are shared and not copied.
///
/// ```
/// # #[derive(Clone)] struct User { name: String }
/// # #[derive(Clone)] struct Post { id: i64, author: Option<User> }
/// # struct PostPage { items: Vec<larder::Part<Post>>, total: u64 }
/// # fn run(client: larder::Client, list_posts: larder::Query<PostPage>) {
/// use larder::path;
///
/// let total = client.watch(list_posts.clone()).select(path!(total));                  // a u64
/// let names = client.watch(list_posts.clone()).select(path!(items[].author?.name));   // a Vec<String>
/// // Of a result that is a list itself, `path!([].id)`.
/// // Where nothing around it tells the type of the result, the path does.
/// let ids = path!(PostPage => items[].id);
/// let ids = list_posts.select(ids);
/// # drop((total, names, ids));
/// # }
/// ```
///
/// A path that leads nowhere does not compile:
///
/// ```compile_fail
/// struct Post { title: String }
/// let title = larder::path!(Post => titel);
/// ```
#[macro_export]
macro_rules! path {
    // Goes along the path, and puts what is at its end into `$out`.
    (@walk $out:ident $place:expr ;) => {
        $out.push(::std::clone::Clone::clone(&$place))
    };
    (@walk $out:ident $place:expr ; . $field:tt $($rest:tt)*) => {
        $crate::path!(@walk $out $place.$field ; $($rest)*)
    };
    (@walk $out:ident $place:expr ; [] $($rest:tt)*) => {
        for each in $place.each_of_path() {
            $crate::path!(@walk $out (*each) ; $($rest)*);
        }
    };
    (@walk $out:ident $place:expr ; ? $($rest:tt)*) => {
        if let ::std::option::Option::Some(there) = $place.there_on_path() {
            $crate::path!(@walk $out (*there) ; $($rest)*);
        }
    };
    // Finds what the path brings: a list if there is a `[]`, else an option if there is a `?`.
    (@kind $kind:ident ($($whole:tt)+) [] $($rest:tt)*) => { $crate::path!(@bring many $($whole)+) };
    (@kind $kind:ident ($($whole:tt)+) ? $($rest:tt)*) => { $crate::path!(@kind maybe ($($whole)+) $($rest)*) };
    (@kind $kind:ident ($($whole:tt)+) $other:tt $($rest:tt)*) => { $crate::path!(@kind $kind ($($whole)+) $($rest)*) };
    (@kind $kind:ident ($($whole:tt)+)) => { $crate::path!(@bring $kind $($whole)+) };
    (@bring one $whole:ident $($path:tt)+) => {
        ::std::clone::Clone::clone(&$whole $($path)+)
    };
    (@bring many $whole:ident $($path:tt)+) => {{
        #[allow(unused_imports)]
        use $crate::__private::{EachOfPath as _, ThereOnPath as _};
        let mut out = ::std::vec::Vec::new();
        $crate::path!(@walk out (*$whole) ; $($path)+);
        out
    }};
    (@bring maybe $whole:ident $($path:tt)+) => {
        // At most one is there.
        $crate::path!(@bring many $whole $($path)+).pop()
    };
    // The whole itself is the list.
    (@start $whole:ident [] $($rest:tt)*) => { $crate::path!(@kind one ($whole [] $($rest)*) [] $($rest)*) };
    (@start $whole:ident ? $($rest:tt)*) => { $crate::path!(@kind maybe ($whole ? $($rest)*) $($rest)*) };
    (@start $whole:ident $($path:tt)+) => { $crate::path!(@kind one ($whole . $($path)+) . $($path)+) };
    // Neither is the beginning of a type, which the next rule would insist on.
    ([] $($path:tt)*) => {
        |whole| $crate::path!(@start whole [] $($path)*)
    };
    (? $($path:tt)*) => {
        |whole| $crate::path!(@start whole ? $($path)*)
    };
    ($whole:ty => $($path:tt)+) => {
        |whole: &$whole| $crate::path!(@start whole $($path)+)
    };
    ($($path:tt)+) => {
        |whole| $crate::path!(@start whole $($path)+)
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::{Nullable, Part};

    #[derive(Clone, Debug, PartialEq)]
    struct User {
        name: String,
        nick: Nullable<String>,
    }

    #[derive(Clone)]
    struct Post {
        id: i64,
        author: Option<Box<User>>,
    }

    struct Page {
        items: Vec<Part<Post>>,
        by_name: BTreeMap<String, Vec<i64>>,
        next: Option<(u8, Option<u8>)>,
        total: u64,
    }

    fn page() -> Page {
        let user = |name: &str, nick| Some(Box::new(User { name: name.to_owned(), nick }));
        let items = [user("Ada", Nullable::Value("a".to_owned())), None, user("Bob", Nullable::Null)];
        let post = |(id, author)| Part::from(Post { id, author });
        Page {
            items: (1..).zip(items).map(post).collect(),
            by_name: BTreeMap::from([("x".to_owned(), vec![1, 2]), ("y".to_owned(), vec![3])]),
            next: Some((7, None)),
            total: 3,
        }
    }

    // B6
    #[test]
    fn b6_a_path_leads_through_fields_lists_maps_and_what_may_be_absent() {
        let page = page();
        assert_eq!(path!(Page => total)(&page), 3);
        assert_eq!(path!(Page => items[].id)(&page), [1, 2, 3]);
        assert_eq!(path!(Page => items[].author?.name)(&page), ["Ada", "Bob"]);
        assert_eq!(path!(Page => items[].author?.nick?)(&page), ["a"]);
        assert_eq!(path!(Page => by_name[][])(&page), [1, 2, 3]);
        assert_eq!(path!(Page => next?.0)(&page), Some(7));
        assert_eq!(path!(Page => next?.1?)(&page), None);
        assert_eq!(path!(Vec<i64> => [])(&vec![4, 5]), [4, 5]);
        let ids: fn(&Vec<Part<Post>>) -> Vec<i64> = path!([].id);
        assert_eq!(ids(&page.items), [1, 2, 3]);
        let first: fn(&Option<Post>) -> Option<i64> = path!(?.id);
        assert_eq!(first(&Some(Post { id: 7, author: None })), Some(7));
        // Entities are shared and not copied.
        assert!(Part::ptr_eq(&path!(Page => items[])(&page)[0], &page.items[0]));
    }
}
