//! What a path template says by its shape.

use super::field::is_bare_id;
use super::words::{plain, says_how, thing};

/// A path template in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// A segment that is one parameter.
    Parameter(String),
    /// Literals and parameters in one segment.
    Mixed(String),
}

impl Path {
    /// Splits a template; `/things/{id}:verb` has `verb` as a segment of its own. A query string in it says nothing of
    /// what is there.
    pub(super) fn parse(template: &str) -> Path {
        let template = template.split('?').next().unwrap_or(template);
        let mut segments = Vec::new();
        for segment in template.split('/').filter(|segment| !segment.is_empty()) {
            let (segment, verb) = match segment.rsplit_once(':') {
                Some((segment, verb)) if is_word(verb) => (segment, Some(verb)),
                _ => (segment, None),
            };
            let parameter = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            match parameter.filter(|name| !name.contains(['{', '}'])) {
                Some(name) => segments.push(Segment::Parameter(name.to_owned())),
                None if segment.contains('{') => segments.push(Segment::Mixed(segment.to_owned())),
                None if segment.is_empty() => {}
                None => segments.push(Segment::Literal(segment.to_owned())),
            }
            segments.extend(verb.map(|verb| Segment::Literal(verb.to_owned())));
        }
        Path { segments }
    }

    /// The path of the collection and the parameters that pick a member, if the
    /// path ends in parameters: `/repos/{owner}/{repo}` is a member of `/repos`.
    pub(super) fn member(&self) -> Option<(Path, Vec<&str>)> {
        let picks = self.segments.iter().rev().take_while(|segment| matches!(segment, Segment::Parameter(_))).count();
        let (collection, picks) = self.segments.split_at(self.segments.len() - picks);
        if picks.is_empty() || collection.is_empty() {
            return None;
        }
        let names = picks.iter().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(name.as_str()),
            _ => None,
        });
        Some((Path { segments: collection.to_vec() }, names.collect()))
    }

    /// The path with every parameter alike, and without its version: two templates of one place are equal.
    pub(super) fn key(&self) -> String {
        let versioned = self.segments.iter().filter(|segment| !segment.is_version()).count() > 0;
        let kept = self.segments.iter().filter(|segment| !(versioned && segment.is_version()));
        kept.fold(String::new(), |mut key, segment| {
            key.push('/');
            key.push_str(match segment {
                Segment::Literal(text) | Segment::Mixed(text) => text,
                Segment::Parameter(_) => "{}",
            });
            key
        })
    }

    /// The collection that a path reads in some way: `/posts/search` reads `/posts`.
    pub(super) fn read_collection(&self) -> Option<Path> {
        match self.segments.split_last()? {
            (Segment::Literal(last), rest) if !rest.is_empty() && says_how(last) => {
                Some(Path { segments: rest.to_vec() })
            }
            _ => None,
        }
    }

    /// The collection itself, where this is the collection by another name of its members:
    /// `/posts/by-slug/{slug}` picks a member of `/posts`, as `/posts/{id}` does.
    pub(super) fn aliased(&self, picks: &[&str]) -> Option<Path> {
        let (Segment::Literal(last), rest) = self.segments.split_last()? else { return None };
        let [first, ..] = picks else { return None };
        let (last, first) = (plain(last), plain(first));
        let bare = last.strip_prefix("by_").unwrap_or(&last);
        let says_which = is_bare_id(bare) || bare == first || (bare != last && first.ends_with(bare));
        let collection = matches!(rest.last(), Some(Segment::Literal(_)));
        (says_which && collection).then(|| Path { segments: rest.to_vec() })
    }

    /// Every proper beginning, the longest first.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = Path> + '_ {
        (1..self.segments.len()).rev().map(|end| Path { segments: self.segments[..end].to_vec() })
    }

    /// The literals after those of `beginning`: `publish` in `/posts/{id}/publish` and in `/posts/publish/{id}`, after
    /// `/posts/{id}`.
    pub(super) fn literals_after(&self, beginning: &Path) -> Vec<&str> {
        let known = beginning.segments.iter().filter_map(Segment::literal).count();
        self.segments.iter().filter_map(Segment::literal).skip(known).collect()
    }

    /// Whether it begins as `beginning` does, parameter for parameter.
    pub(super) fn begins_with(&self, beginning: &Path) -> bool {
        self.segments.starts_with(&beginning.segments)
    }

    /// Literals, but for versions.
    pub(super) fn literals(&self) -> Vec<&str> {
        self.segments.iter().filter(|segment| !segment.is_version()).filter_map(Segment::literal).collect()
    }

    /// The first segments of it as a template, without the last `drop`.
    pub(super) fn template(&self, drop: usize) -> String {
        let kept = self.segments.len().saturating_sub(drop);
        self.segments[..kept].iter().fold(String::new(), |template, segment| match segment {
            Segment::Literal(text) | Segment::Mixed(text) => template + "/" + text,
            Segment::Parameter(name) => template + "/{" + name + "}",
        })
    }

    /// Whether no parameter is in it.
    pub(super) fn is_fixed(&self) -> bool {
        self.segments.iter().all(|segment| matches!(segment, Segment::Literal(_)))
    }

    /// The longest proper beginning that ends in a parameter: the member that a nested path belongs to.
    pub(super) fn parent_member(&self) -> Option<Path> {
        let end = self.segments.iter().rposition(|segment| matches!(segment, Segment::Parameter(_)))?;
        let parent = &self.segments[..=end];
        (parent.len() < self.segments.len() && parent.len() > 1).then(|| Path { segments: parent.to_vec() })
    }

    /// The path as far as one of its parameters.
    pub(super) fn up_to(&self, parameter: &str) -> Path {
        let is = |segment: &Segment| matches!(segment, Segment::Parameter(name) if name == parameter);
        let end = self.segments.iter().position(is).map_or(self.segments.len(), |at| at + 1);
        Path { segments: self.segments[..end].to_vec() }
    }

    pub(super) fn ends_in_literal(&self) -> bool {
        matches!(self.segments.last(), Some(Segment::Literal(_)))
    }

    /// The last literal segment.
    pub(super) fn last_literal(&self) -> Option<&str> {
        self.segments.iter().rev().find_map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// What the last literal calls a thing.
    pub(super) fn thing(&self) -> Option<String> {
        self.last_literal().map(thing)
    }

    /// Each parameter with the literal before it: `/posts/{id}` gives `("posts", "id")`.
    pub(super) fn parameters(&self) -> Vec<(Option<&str>, &str)> {
        let mut literal = None;
        let mut found = Vec::new();
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => literal = Some(text.as_str()),
                Segment::Parameter(name) => found.push((literal, name.as_str())),
                Segment::Mixed(_) => {}
            }
        }
        found
    }
}

impl Segment {
    fn literal(&self) -> Option<&str> {
        match self {
            Segment::Literal(text) => Some(text),
            _ => None,
        }
    }

    /// `v1`, `2.0`, `api`: where the API stands, not what it speaks of.
    fn is_version(&self) -> bool {
        let Some(text) = self.literal() else { return false };
        let number = text.strip_prefix('v').unwrap_or(text);
        let version = number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().all(|c| c.is_ascii_digit() || c == '.' || "alphabetrc".contains(c));
        version || ["api", "rest"].contains(&text)
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_parents_are_seen() {
        let member = Path::parse("/repos/{owner}/{repo}");
        let (collection, picks) = member.member().unwrap();
        assert_eq!((collection.key().as_str(), picks), ("/repos", vec!["owner", "repo"]));
        assert_eq!(Path::parse("/posts").member(), None);
        assert_eq!(Path::parse("/{tenant}").member(), None);
        assert_eq!(Path::parse("/posts/{id}/comments").parent_member(), Some(Path::parse("/posts/{id}")));
        assert_eq!(Path::parse("/posts/{id}:archive"), Path::parse("/posts/{id}/archive"));
        assert_eq!(Path::parse("/posts/{a}").key(), Path::parse("/posts/{b}/").key());
    }
}
