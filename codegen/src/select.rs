//! Which operations are generated: what `--only` and `only` say.

use std::collections::HashSet;

use crate::diagnostic::Diagnostic;
use crate::load::Span;
use crate::model::{self, Api};
use crate::normalise::Outline;
use crate::plan::Plan;
use crate::problem_kind::ProblemKind;
use crate::settings::Settings;

/// How alike two names are before one is suggested for the other.
const ALIKE: f32 = 0.6;

/// Names of this many things are shown where nothing is alike.
const SHOWN: usize = 8;

/// One selector, such as `tag:posts`.
#[derive(Debug)]
struct Selector<'a> {
    text: &'a str,
    pattern: Pattern<'a>,
}

#[derive(Debug)]
enum Pattern<'a> {
    Tag(&'a str),
    Id(&'a str),
    Path { method: Option<&'a str>, path: &'a str },
}

/// The operations that were selected, by method and path, and their ids.
#[derive(Debug)]
pub(crate) struct Selected {
    calls: HashSet<(String, String)>,
    ids: HashSet<String>,
}

/// Finds what `selectors` name among the operations of a document, those included that were left out.
///
/// # Errors
/// When one of them names nothing; each such selector is told of.
pub(crate) fn find(selectors: &[String], api: &Api, outlines: Vec<Outline>) -> Result<Selected, Vec<Diagnostic>> {
    let candidates = candidates(api, outlines);
    let mut selected = Selected { calls: HashSet::new(), ids: HashSet::new() };
    let mut problems = Vec::new();
    for text in selectors {
        let selector = Selector::new(text);
        let found: Vec<&Outline> = candidates.iter().filter(|each| selector.pattern.fits(each)).collect();
        if found.is_empty() {
            problems.push(selector.unknown(&candidates));
        }
        for candidate in found {
            selected.calls.insert((candidate.method.clone(), candidate.path.clone()));
            selected.ids.insert(candidate.id.clone());
        }
    }
    if problems.is_empty() { Ok(selected) } else { Err(problems) }
}

/// Every operation with its tags. What the outline does not have goes by its group.
fn candidates(api: &Api, mut outlines: Vec<Outline>) -> Vec<Outline> {
    let known: HashSet<(String, String)> =
        outlines.iter().map(|outline| (outline.method.clone(), outline.path.clone())).collect();
    for operation in &api.operations {
        let group = || api.groups.get(operation.group).map(|group| group.name.clone());
        if known.contains(&(operation.method.clone(), operation.written.clone())) {
            continue;
        }
        outlines.push(Outline {
            id: operation.id.clone(),
            method: operation.method.clone(),
            path: operation.written.clone(),
            tags: group().into_iter().collect(),
        });
    }
    outlines
}

impl Selected {
    /// Whether the operation with this method and path was selected.
    pub(crate) fn has(&self, method: &str, path: &str) -> bool {
        self.calls.contains(&(method.to_owned(), path.to_owned()))
    }

    /// Whether a problem may belong to what was selected; one that names no operation does not where it stands
    /// `elsewhere`.
    pub(crate) fn concerns(&self, problem: &Diagnostic, elsewhere: &HashSet<Span>) -> bool {
        match problem.operation_id() {
            Some(id) => self.ids.contains(id),
            None => problem.span().is_none_or(|span| !elsewhere.contains(&span)),
        }
    }

    /// Drops every other operation from `api` and from its plan. The names of all that stays are those of the whole.
    pub(crate) fn apply(&mut self, api: &mut Api, plan: &mut Plan, settings: Settings) {
        let kept: Vec<bool> =
            api.operations.iter().map(|operation| self.has(&operation.method, &operation.written)).collect();
        let mut keep = kept.iter();
        api.operations.retain(|_| *keep.next().unwrap_or(&false));
        let mut keep = kept.iter();
        plan.operations.retain(|_| *keep.next().unwrap_or(&false));
        let ids: HashSet<String> = plan.operations.iter().map(|operation| operation.id.clone()).collect();
        for operation in &mut plan.operations {
            operation.writes.retain(|write| ids.contains(&write.operation));
        }
        plan.warnings.retain(|warning| ids.contains(&warning.operation));
        let tags = plan.operations.iter().flat_map(|operation| operation.provides.iter().chain(&operation.invalidates));
        let used: HashSet<String> = tags.map(|tag| tag.tag_type.clone()).collect();
        plan.tag_types.retain(|tag_type| used.contains(&tag_type.name));
        model::trim_errors(api);
        model::directions(api, settings);
        self.ids.extend(ids);
    }
}

impl<'a> Selector<'a> {
    fn new(text: &'a str) -> Selector<'a> {
        let is_method = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphabetic() || c == '*');
        let pattern = if let Some(tag) = text.strip_prefix("tag:") {
            Pattern::Tag(tag)
        } else if let Some(path) = text.strip_prefix("path:") {
            Pattern::Path { method: None, path }
        } else if let Some((method, path)) = text.split_once(' ')
            && is_method(method)
        {
            Pattern::Path { method: Some(method), path: path.trim_start() }
        } else {
            Pattern::Id(text.strip_prefix("id:").unwrap_or(text))
        };
        Selector { text, pattern }
    }

    fn unknown(&self, candidates: &[Outline]) -> Diagnostic {
        let (what, wanted, prefix, names): (_, _, _, Vec<&str>) = match self.pattern {
            Pattern::Tag(tag) => {
                let tags = candidates.iter().flat_map(|candidate| &candidate.tags).map(String::as_str);
                ("tags", tag, "tag:", tags.collect())
            }
            Pattern::Id(id) => ("operations", id, "", candidates.iter().map(|each| each.id.as_str()).collect()),
            Pattern::Path { method: None, path } => {
                ("paths", path, "path:", candidates.iter().map(|each| each.path.as_str()).collect())
            }
            Pattern::Path { method: Some(method), path } => {
                let of_method = candidates.iter().filter(|each| each.method.eq_ignore_ascii_case(method));
                let paths: Vec<&str> = of_method.map(|each| each.path.as_str()).collect();
                ("paths with that method", path, "", paths)
            }
        };
        let (shown, more) = nearest(wanted, names);
        let method = match self.pattern {
            Pattern::Path { method: Some(method), .. } => format!("{method} "),
            _ => String::new(),
        };
        let listed: Vec<String> = shown.iter().map(|name| format!("`{method}{prefix}{name}`")).collect();
        let help = match (listed.as_slice(), more) {
            ([], _) => format!("the document has no {what}"),
            (_, None) => format!("did you mean {}?", listed.join(" or ")),
            (_, Some(0)) => format!("its {what} are {}", listed.join(", ")),
            (_, Some(more)) => format!("its {what} are {}, and {more} more", listed.join(", ")),
        };
        Diagnostic::error(format!("`{}` selects no operation of this document", self.text))
            .kind(ProblemKind::Selection)
            .help(help)
    }
}

/// Those of `names` that are like `wanted`; without one the first few, and how many more there are.
fn nearest<'a>(wanted: &str, mut names: Vec<&'a str>) -> (Vec<&'a str>, Option<usize>) {
    names.sort_unstable();
    names.dedup();
    let close = crate::suggest::close(wanted, &names, ALIKE);
    if !close.is_empty() {
        return (close, None);
    }
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    (names, Some(more))
}

impl Pattern<'_> {
    fn fits(&self, outline: &Outline) -> bool {
        match self {
            Pattern::Tag(tag) => outline.tags.iter().any(|name| text_fits(tag, name)),
            Pattern::Id(id) => text_fits(id, &outline.id),
            Pattern::Path { method, path } => {
                let method = method.is_none_or(|method| text_fits(&method.to_ascii_uppercase(), &outline.method));
                method && path_fits(path, &outline.path)
            }
        }
    }
}

/// `*` stands for any characters.
fn text_fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    fits(&pattern, &text, |c| *c == '*', |c, other| c == other)
}

/// `*` stands for any characters of one segment, and a segment `**` for any number of segments, none included.
fn path_fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    fits(&pattern, &path, |segment| *segment == "**", |segment, other| text_fits(segment, other))
}

/// Whether `pattern` fits all of `text`, where a star fits any number of elements. It looks back
/// to the last star alone, so it never takes longer than their lengths multiplied.
fn fits<T>(pattern: &[T], text: &[T], is_star: impl Fn(&T) -> bool, same: impl Fn(&T, &T) -> bool) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(next) = text.get(seen) {
        if pattern.get(at).is_some_and(&is_star) {
            star = Some((at, seen));
            at += 1;
        } else if pattern.get(at).is_some_and(|part| same(part, next)) {
            at += 1;
            seen += 1;
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            at = after + 1;
            seen = from + 1;
        } else {
            return false;
        }
    }
    pattern.iter().skip(at).all(is_star)
}

#[cfg(test)]
mod tests {
    use super::{Outline, Selector};

    #[test]
    fn a_selector_names_what_it_says() {
        let outline = |id: &str, method: &str, path: &str| Outline {
            id: id.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            tags: vec!["blog posts".to_owned(), "public".to_owned()],
        };
        let get = outline("getPost", "GET", "/posts/{id}");
        let nested = outline("GET /posts/{id}/tags", "GET", "/posts/{id}/tags");
        for (text, of_get, of_nested) in [
            ("getPost", true, false),
            ("id:getPost", true, false),
            ("get*", true, false),
            ("*Post", true, false),
            ("getpost", false, false),
            ("tag:blog posts", true, true),
            ("tag:pub*", true, true),
            ("tag:posts", false, false),
            ("GET /posts/*", true, false),
            ("get /posts/{id}", true, false),
            ("POST /posts/*", false, false),
            ("* /posts/**", true, true),
            ("path:/posts/**", true, true),
            ("path:/posts/{id}/**", true, true),
            ("path:/**/tags", false, true),
            ("path:/posts", false, false),
            ("GET /posts/{id}/tags", false, true),
        ] {
            let selector = Selector::new(text);
            assert_eq!(selector.pattern.fits(&get), of_get, "{text}");
            assert_eq!(selector.pattern.fits(&nested), of_nested, "{text}");
        }
    }
}
