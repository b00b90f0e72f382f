//! What the names of paths, schemas, fields and parameters are made of, and what some words mean.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use heck::ToSnakeCase;

use crate::model::name::singular;

/// Whether a word is one of a list.
pub(super) fn among(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

fn any_among(words: &[String], list: &str) -> bool {
    words.iter().any(|word| among(word, list))
}

/// Spellings and words that were asked for before. A document has few names, and the rules ask for each of them
/// again and again.
#[derive(Default)]
struct Known {
    plain: HashMap<String, String>,
    words: HashMap<String, Rc<[String]>>,
}

/// More names than this are forgotten, so that a long-lived process does not keep those of every document.
const MAX_KNOWN: usize = 100_000;

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// A name in one spelling: `postId`, `post-id` and `PostID` are `post_id`.
pub(super) fn plain(name: &str) -> String {
    KNOWN.with_borrow_mut(|known| {
        if let Some(plain) = known.plain.get(name) {
            return plain.clone();
        }
        if known.plain.len() >= MAX_KNOWN {
            known.plain.clear();
        }
        let plain = name.to_snake_case();
        known.plain.insert(name.to_owned(), plain.clone());
        plain
    })
}

/// A thing's name in one spelling, in the singular: `/blog-posts` and `BlogPost` are `blog_post`.
pub(super) fn thing(name: &str) -> String {
    let name = plain(name);
    match name.rsplit_once('_') {
        Some((head, last)) => format!("{head}_{}", singular(last)),
        None => singular(&name),
    }
}

/// The words of a name, each in the singular: `count-task-runs` is `count`, `task`, `run`.
pub(super) fn words(name: &str) -> Vec<String> {
    known_words(name).to_vec()
}

fn known_words(name: &str) -> Rc<[String]> {
    if let Some(words) = KNOWN.with_borrow(|known| known.words.get(name).cloned()) {
        return words;
    }
    let words: Rc<[String]> = plain(name).split('_').filter(|word| !word.is_empty()).map(singular).collect();
    KNOWN.with_borrow_mut(|known| {
        if known.words.len() >= MAX_KNOWN {
            known.words.clear();
        }
        known.words.insert(name.to_owned(), words.clone());
    });
    words
}

/// Whether a name speaks of a thing: its words stand in it, one after the other.
pub(super) fn mentions(name: &[String], thing: &str) -> bool {
    let thing = known_words(thing);
    !thing.is_empty() && name.windows(thing.len()).any(|window| window == &*thing)
}

/// Whether a path that ends so only reads, although it is a `POST`: `search`, `_search`, `count-by-state`,
/// `flow_runs_history`.
pub(super) fn only_reads(literal: &str) -> bool {
    const FIRST: &str = "search query filter count paginate lookup validate find get list read fetch browse";
    const LAST: &str = "search query filter count paginate lookup validate aggregate history get list stat statistic";
    let words = words(literal);
    let is = |word: Option<&String>, list: &str| word.is_some_and(|word| among(word, list));
    let writes = makes(literal) || removes(literal) || is(words.first(), "set update save put change");
    !writes && (is(words.first(), FIRST) || is(words.last(), LAST))
}

/// Whether an operation that goes by such an id only reads: `findPosts`, `read_posts_filter`.
pub(super) fn asks(id: &str) -> bool {
    const FIRST: &str = "search query count paginate lookup find get list read fetch";
    !makes(id) && !removes(id) && words(id).first().is_some_and(|word| among(word, FIRST))
}

/// Whether a schema's name is of an answer that tells how it went: `Result`, `Message`, `Error`.
pub(super) fn says_how_it_went(family: &str) -> bool {
    among(family, "result response message error ack acknowledgement ok success empty object data body")
}

/// Words that say how a collection is listed and nothing of what is in it.
pub(super) fn says_how(literal: &str) -> bool {
    const WORDS: &str = "search query filter paginate lookup find get list read fetch browse all next full page bulk \
        batch";
    words(literal).iter().all(|word| among(word, WORDS))
}

/// Whether a name speaks of a number of things.
pub(super) fn counts(name: &str) -> bool {
    any_among(&known_words(name), "count total number")
}

/// Whether a name is of a view that tells of whatever happens: a log, a history, a feed.
pub(super) fn is_journal(name: &str) -> bool {
    const WORDS: &str = "history log audit activity event feed timeline recent change changelog notification inbox \
        journal trail revision alert news stream";
    any_among(&known_words(name), WORDS)
}

/// Whether a name is of a view that looks at many things together: a search, statistics, a dashboard.
pub(super) fn is_overview(name: &str) -> bool {
    const WORDS: &str = "search stat statistic metric summary dashboard overview report usage count insight analytics \
        total";
    any_among(&known_words(name), WORDS)
}

/// Whether a name is of a view that sums up how one thing is.
pub(super) fn is_state(name: &str) -> bool {
    is_overview(name) || any_among(&known_words(name), "status health state export dump backup")
}

/// Whether a name is of what is set up once: configuration, permissions, descriptions.
pub(super) fn is_settled(name: &str) -> bool {
    const WORDS: &str = "config configuration setting version info schema capability permission option plugin \
        country currency language locale timezone template provider license icon enum emoji scope region";
    any_among(&known_words(name), WORDS)
}

/// Whether a name counts a thing: `comment_count`, `num_tasks`, `number_of_open_tasks`; not `token_count_prompt`.
pub(super) fn counts_thing(said: &[String], thing: &str) -> bool {
    let thing = words(thing);
    let at = said.windows(thing.len().max(1)).position(|window| window == thing);
    at.is_some_and(|at| {
        let after = said.get(at + thing.len()).is_some_and(|word| among(word, "count counter total number"));
        let before = said[..at].iter().any(|word| among(word, "num number total count n"));
        after || (before && said[..at].iter().all(|word| among(word, "num number total count n of open closed active")))
    })
}

/// Whether a field that speaks of what belongs to a thing says nothing of it: where it is, how much may be.
pub(super) fn says_nothing_of(name: &str) -> bool {
    const WORDS: &str = "url uri href link limit max min maximum minimum default type per enable enabled allow allowed \
        id uuid format style template mode setting config schema show hide skip require auto use";
    any_among(&known_words(name), WORDS)
}

/// Whether a verb speaks of many things, or of all.
pub(super) fn is_sweeping(name: &str) -> bool {
    any_among(&known_words(name), "batch bulk import upload restore sync purge migrate rollback transaction load")
}

/// Whether what is posted there is something to do, of whatever kind: `/actions`, `/commands`.
pub(super) fn performs(name: &str) -> bool {
    words(name).last().is_some_and(|word| among(word, "action command execute invoke rpc operation perform"))
}

/// Whether a verb tells how a part is doing, and so how the whole is: a heartbeat.
pub(super) fn reports(name: &str) -> bool {
    any_among(&known_words(name), "heartbeat activity report checkin alive")
}

/// Whether a verb brings many things back to what they were.
pub(super) fn resets(name: &str) -> bool {
    const WORDS: &str = "reset restore rollback revert wipe reload";
    any_among(&known_words(name), WORDS)
}

/// Whether a thing is another as it was once.
pub(super) fn is_copy(name: &str) -> bool {
    any_among(&known_words(name), "snapshot backup revision version checkpoint savepoint")
}

/// Whether a verb touches no data: it signs in, tests, translates.
pub(super) fn touches_nothing(name: &str) -> bool {
    const WORDS: &str = "token refresh verify test ping echo render preview convert translate health check login logout \
        signin signout auth authenticate oauth csrf embed shutdown";
    any_among(&known_words(name), WORDS)
}

/// Whether a verb takes things away.
pub(super) fn removes(name: &str) -> bool {
    const WORDS: &str = "delete remove purge clear destroy prune empty";
    any_among(&known_words(name), WORDS)
}

/// Whether a field of an answer holds the ids of what was touched.
pub(super) fn says_ids(field: &str) -> bool {
    const WORDS: &str = "id deleted removed updated changed affected succeeded success";
    words(field).last().is_some_and(|word| among(word, WORDS))
}

/// Whether a verb makes another thing of the same kind.
pub(super) fn doubles(name: &str) -> bool {
    any_among(&known_words(name), "clone copy duplicate fork")
}

/// Whether a verb makes things.
pub(super) fn makes(name: &str) -> bool {
    const WORDS: &str = "create add import upload insert new register invite clone copy duplicate";
    any_among(&known_words(name), WORDS)
}

/// Whether a word tells what a thing did: `silenced` and `silenced_by` of a silence.
pub(super) fn done_by(said: &[String], thing: &str) -> bool {
    said.iter().any(|word| word.ends_with("ed") && !thing.contains('_') && same_stem(thing, word))
}

/// Whether a verb and a field speak of the same change: `favorite` and `favorited`, `close` and `closed_at`.
pub(super) fn same_stem(verb: &str, field: &str) -> bool {
    let (verb, field) = (plain(verb), plain(field));
    let verb = verb.strip_prefix("un").filter(|rest| rest.len() > 3).unwrap_or(&verb);
    let stem = &verb[..verb.len() - usize::from(verb.ends_with('e'))];
    stem.len() > 3 && field.starts_with(stem)
}

/// Names of schemas, in one spelling, without what tells the forms of one thing apart: `FlowRunResponse`,
/// `GetFlowRun` and `FlowRun`. A name that `known`, the things that paths speak of, has is not cut down further.
pub(super) fn core(schema: &str, known: &BTreeSet<String>) -> String {
    const ENDS: &str = "response resource read out dto detail full summary brief representation serializer simple \
        minimal public short compact base details partial nested resp body create created update updated";
    const STARTS: &str = "gettable postable updatable get read ui full base simple minimal public short nested basic list \
        detailed brief compact create update patch new";
    // `io.k8s.api.core.v1.Pod` is a pod.
    let last = schema.rsplit(['.', '/']).next().filter(|last| last.chars().any(char::is_alphabetic));
    let name = plain(last.unwrap_or(schema));
    // `TraceWithDetails` is a trace.
    let name = name.find("_with_").map_or(name.as_str(), |with| &name[..with]);
    let mut words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let version = |word: &str| word.strip_prefix('v').is_some_and(|rest| rest.parse::<u32>().is_ok());
    let said = |words: &[&str]| known.contains(&thing(&words.join("_")));
    // A version, too; one word is always left.
    while words.len() > 1 && !said(&words) && words.last().is_some_and(|last| among(last, ENDS) || version(last)) {
        words.pop();
    }
    while words.len() > 1 && !said(&words) && words.first().is_some_and(|first| among(first, STARTS) || version(first))
    {
        words.remove(0);
    }
    // Some call every schema an object.
    if words.len() > 1 && !said(&words) && words.last() == Some(&"object") {
        words.pop();
    }
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_meet_the_fields_they_change() {
        assert!(same_stem("favorite", "favorited"));
        assert!(same_stem("unfavorite", "favorited"));
        assert!(same_stem("archive", "archived_at"));
        assert!(!same_stem("run", "runner"));
        assert!(!same_stem("favourite", "author_id"));
    }

    #[test]
    fn forms_of_one_thing_have_one_core() {
        for name in ["FlowRun", "FlowRunResponse", "UiFlowRun", "FlowRunV2", "GetFlowRunResponse", "FlowRunWithTasks"] {
            assert_eq!(core(name, &BTreeSet::new()), "flow_run", "{name}");
        }
        let core = |name| core(name, &BTreeSet::from(["project_brief".to_owned()]));
        assert_eq!(core("Response"), "response", "what is left is never nothing");
        assert_eq!(core("BlockType"), "block_type");
        assert_eq!(core("io.k8s.api.core.v1.Pod"), "pod");
        assert_eq!(core("ProjectBriefResponse"), "project_brief", "`/project_briefs` are no projects");
    }

    #[test]
    fn names_mention_things_by_whole_words() {
        assert!(mentions(&words("count-task-runs"), "task_run"));
        assert!(mentions(&words("total_annotations_number"), "annotation"));
        assert!(!mentions(&words("multitask"), "task"));
        assert!(!mentions(&words("task"), "task_run"));
    }

    #[test]
    fn reading_is_told_from_writing_by_the_first_and_the_last_word() {
        for name in ["search", "_search", "count-task-runs", "flow_runs_history", "filter", "get"] {
            assert!(only_reads(name), "{name}");
        }
        for name in ["set_state", "create", "createWithList", "blacklist_user", "research", "update_count"] {
            assert!(!only_reads(name), "{name}");
        }
    }
}
