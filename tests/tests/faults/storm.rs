//! Many callers, and a server that fails as it likes: nothing that was done is unknown to who shows it, nobody is told what is
//! not so, and nothing is done twice.
//!
//! What is asked and what fails follow from a seed; `LARDER_SEED` runs one alone, `LARDER_STORM` is how many calls each makes.

use std::collections::BTreeMap;
use std::env;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use larder::{Client, Error, Event, Outcome, Query, Retry};
use larder_tests::social::comments::{create_comment, delete_comment, list_comments};
use larder_tests::social::posts::{
    create_post, delete_post, favourite_post, get_post, list_posts, unfavourite_post, update_post,
};
use larder_tests::social::types::{ListPosts, NewComment, NewPost, PostPatch, Visibility};

use super::cases;
use super::screen::Screen;
use super::server::{FaultServer, Met};

/// Posts that there are from the beginning.
const POSTS: i64 = 12;
const CALLERS: u64 = 12;

/// How long the answer to a favourite may take: its requests alone are left without one. A limit that is reached because the
/// machine is slow would make a mutation late that nobody waits for any more, which no client could know.
const PATIENCE: Duration = Duration::from_secs(5);

/// No other request takes as long as this on any machine that is not overloaded.
const LIMIT: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b13_whatever_fails_what_is_shown_as_fresh_is_what_the_server_holds() {
    let number = |name| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let calls = number("LARDER_STORM").unwrap_or(1_200);
    let seeds = number("LARDER_SEED").map_or_else(|| vec![1, 2, 3], |seed| vec![seed]);
    let storms: Vec<_> = seeds.into_iter().map(|seed| (seed, tokio::spawn(storm(seed, calls)))).collect();
    for (seed, storm) in storms {
        assert!(storm.await.is_ok(), "the storm of seed {seed} went wrong, as told above");
    }
}

/// What callers were told of what they wrote, by its text.
type Told = Arc<Mutex<BTreeMap<String, Result<(), Error>>>>;

/// How mutations ended, by method and path.
type Ended = Arc<Mutex<Vec<(String, Outcome)>>>;

async fn storm(seed: u64, calls: u64) {
    let server = FaultServer::start().await;
    // A time between tries would add nothing but that time.
    let retry = Retry::times(seed.min(3) as u32 - 1).delay(Duration::ZERO);
    let ended = Ended::default();
    let heard = ended.clone();
    let listen = move |event: &Event| {
        if let Event::MutationSettled { call, outcome, .. } = event {
            heard.lock().expect("nobody panicked").push((format!("{} {}", call.method, call.url), *outcome));
        }
    };
    let client = server.builder().on_event(listen).timeout(LIMIT).retry(retry).max_response_bytes(1 << 20).build();
    let client = client.expect("the address is valid");
    let screen = Screen::open(&client, 1..=POSTS);
    fail_by_chance(&server, seed);

    let told = Told::default();
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (client, told) = (client.clone(), told.clone());
            let chance = fastrand::Rng::with_seed(seed << 8 | caller);
            tokio::spawn(
                Caller { client, told, chance, written: format!("{seed}-{caller}"), ids: Vec::new() }
                    .run(calls / CALLERS),
            )
        })
        .collect();
    for caller in callers {
        caller.await.expect("nobody was told what is not so");
    }
    server.choose(|_| None);

    quiet(&client).await;
    nothing_is_done_twice(&server.take(), &told, &ended);
    let fresh = screen.compare(&server.truth(), false).await;
    // What failed is asked for once more when the network comes back.
    client.online(false);
    client.online(true);
    quiet(&client).await;
    let all = screen.compare(&server.truth(), true).await;
    println!("seed {seed}: {fresh} of {all} were fresh when the storm was over");

    drop(screen);
    let inspection = client.inspect();
    assert!(inspection.entries.is_empty() && inspection.mutations.is_empty(), "{inspection}");
    drop(client);
    server.deserted().await;
}

/// Waits until nothing is on its way any more.
async fn quiet(client: &Client) {
    let mut events = client.events();
    loop {
        let inspection = client.inspect();
        if inspection.mutations.is_empty() && !inspection.entries.iter().any(|entry| entry.is_fetching) {
            return;
        }
        let next = tokio::time::timeout(LIMIT * 2, events.next()).await;
        assert!(next.is_ok(), "something hangs: {inspection}");
    }
}

/// Every third request meets a fault of the table.
fn fail_by_chance(server: &FaultServer, seed: u64) {
    let (slow, quick): (Vec<_>, Vec<_>) = cases::all().into_iter().partition(|case| case.is_late());
    let mut chance = fastrand::Rng::with_seed(seed);
    server.choose(move |request| match chance.u32(..100) {
        0..5 if request.line().ends_with("/favourite") => chance.choice(&slow).map(|case| case.fault.clone()),
        5..35 => chance.choice(&quick).map(|case| case.fault.clone()),
        _ => None,
    });
}

/// Whoever writes a text is told what became of it, and so is whoever deletes.
fn nothing_is_done_twice(met: &[Met], told: &Told, ended: &Ended) {
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    for met in met.iter().filter(|met| met.acted.is_some_and(|status| status < 300)) {
        let body = serde_json::from_slice::<larder::Json>(&met.request.body).unwrap_or_default();
        let text = body["content"].as_str().map(str::to_owned);
        *done.entry(text.unwrap_or_else(|| met.request.line())).or_default() += 1;
    }
    for (line, outcome) in ended.lock().expect("nobody panicked").iter().filter(|(line, _)| line.starts_with("DELETE"))
    {
        let times = done.get(line).copied().unwrap_or_default();
        let told = matches!(outcome, Outcome::Succeeded | Outcome::Unknown);
        assert!(times <= usize::from(told), "{line} was done {times} times, and said to be {outcome:?}");
    }
    for (text, told) in told.lock().expect("nobody panicked").iter() {
        let times = done.get(text).copied().unwrap_or_default();
        match told {
            Ok(()) => assert_eq!(times, 1, "{text} was said to be done"),
            Err(error) if !error.was_sent() => assert_eq!(times, 0, "{text} was said not to be sent: {error}"),
            Err(error) if error.status().is_some_and(|status| status.is_client_error()) => {
                assert_eq!(times, 0, "{text} was said to be refused: {error}");
            }
            Err(error) => assert!(times <= 1, "{text} was done {times} times: {error}"),
        }
    }
}

/// Somebody who calls.
struct Caller {
    client: Client,
    told: Told,
    chance: fastrand::Rng,
    /// What begins every text of this caller.
    written: String,
    /// Posts and comments of this caller, as far as it was told.
    ids: Vec<(i64, Option<i64>)>,
}

impl Caller {
    async fn run(mut self, calls: u64) {
        for call in 0..calls {
            let post = self.chance.i64(1..=POSTS);
            match self.chance.u32(..10) {
                0..2 => self.read(get_post(post), |found| found.id == post).await,
                2 => self.read(list_comments(post), |found| found.iter().all(|comment| comment.post_id == post)).await,
                3 => {
                    let author_id = self.chance.i64(1..=4);
                    let params = ListPosts { author_id: Some(author_id), ..ListPosts::default() };
                    self.read(list_posts(&params), |found| found.items.iter().all(|post| post.author_id == author_id))
                        .await;
                }
                4..7 => self.comment(post, call).await,
                7 => self.post(call).await,
                8 => self.change(post, call).await,
                _ => self.delete().await,
            }
        }
    }

    /// Reads, or gives up before the answer.
    async fn read<T: Send + Sync + 'static>(&mut self, query: Query<T>, is_it: impl Fn(&T) -> bool) {
        let again = self.chance.bool().then(|| self.client.refetch(&query));
        let patience = self.chance.u32(..400);
        let reading = async {
            match again {
                Some(again) => again.await,
                None => self.client.fetch(query).await,
            }
        };
        let give_up = async {
            for _ in 0..patience {
                tokio::task::yield_now().await;
            }
            if patience > 200 {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            result = reading => assert!(result.map_or(true, |found| is_it(&found)), "this is the answer to something else"),
            () = give_up => {}
        }
    }

    fn tell<T>(&self, text: String, result: &Result<T, Error>) {
        let told = result.as_ref().map(drop).map_err(Error::clone);
        let before = self.told.lock().expect("nobody panicked").insert(text, told);
        assert!(before.is_none(), "every text is written once");
    }

    async fn comment(&mut self, post: i64, call: u64) {
        let content = format!("{}-{call}", self.written);
        let new = NewComment { author_id: 1, content: content.clone() };
        let result = self.client.mutate(create_comment(post, &new)).await;
        self.tell(content.clone(), &result);
        if let Ok(comment) = result {
            assert_eq!((comment.post_id, comment.content), (post, content), "this is the answer to something else");
            self.ids.push((post, Some(comment.id)));
        }
    }

    async fn post(&mut self, call: u64) {
        let content = format!("{}-{call}", self.written);
        let author_id = self.chance.i64(1..=4);
        let new = NewPost { author_id, content: content.clone(), visibility: self.visibility(), attachments: None };
        let result = self.client.mutate(create_post(&new)).await;
        self.tell(content.clone(), &result);
        if let Ok(post) = result {
            assert_eq!((post.author_id, post.content), (author_id, content), "this is the answer to something else");
            self.ids.push((post.id, None));
        }
    }

    async fn change(&mut self, post: i64, call: u64) {
        let content = format!("{}-{call}", self.written);
        match self.chance.u32(..3) {
            0 => drop(self.client.mutate(favourite_post(post).timeout(PATIENCE)).await),
            1 => drop(self.client.mutate(unfavourite_post(post)).await),
            _ => {
                let patch =
                    PostPatch { content: Some(content.clone()), visibility: self.visibility(), ..PostPatch::default() };
                let result = self.client.mutate(update_post(post, &patch)).await;
                self.tell(content.clone(), &result);
                if let Ok(changed) = result {
                    assert_eq!((changed.id, changed.content), (post, content), "this is the answer to something else");
                }
            }
        }
    }

    /// Deletes what this caller wrote; nobody waits for it.
    async fn delete(&mut self) {
        let Some(place) = (!self.ids.is_empty()).then(|| self.chance.usize(..self.ids.len())) else { return };
        match self.ids.swap_remove(place) {
            (post, Some(comment)) => drop(self.client.mutate(delete_comment(post, comment))),
            (post, None) => drop(self.client.mutate(delete_post(post))),
        }
    }

    fn visibility(&mut self) -> Option<Visibility> {
        self.chance.choice([None, Some(Visibility::Public), Some(Visibility::Followers), Some(Visibility::Private)])?
    }
}
