//! Paging: how pages are found, held and refetched, with a server whose list changes.

mod bounds;
mod kinds;
mod lists;
mod races;
mod resuming;
mod simulation;

use std::collections::BTreeSet;

use super::*;
use crate::{Page, Pages, Paging, Retry, Watcher};

/// A server with one list of numbers, which it shows in every way of paging. It answers a while after it was asked, with what
/// is on the list then.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    items: Vec<i64>,
    size: usize,
    /// What was asked for, in order.
    asked: Vec<String>,
    under_way: BTreeSet<String>,
    /// Which of the next requests fail.
    failing: VecDeque<bool>,
    /// How long answers take, one after the other; a millisecond when there is no more.
    delays: VecDeque<Duration>,
}

impl Book {
    fn of(items: impl IntoIterator<Item = i64>) -> Book {
        let book = Book::default();
        book.change(|shelf| (shelf.items, shelf.size) = (items.into_iter().collect(), 2));
        book
    }

    fn change<R>(&self, change: impl FnOnce(&mut Shelf) -> R) -> R {
        change(&mut lock(&self.0))
    }

    /// What was asked for since the last time.
    fn asked(&self) -> Vec<String> {
        self.change(|shelf| std::mem::take(&mut shelf.asked))
    }

    fn client(&self) -> Client {
        Client::builder("https://api.example.com/v1").transport(self.clone()).retry(Retry::none()).build().unwrap()
    }
}

impl Transport for Book {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<Answer> {
        let url = request.uri().to_string().trim_start_matches("https://api.example.com/v1").to_owned();
        let (delay, fails) = self.change(|shelf| {
            shelf.asked.push(url.clone());
            assert!(shelf.under_way.insert(url.clone()), "{url} is asked for twice at a time");
            let fails = shelf.failing.pop_front().unwrap_or(false);
            (shelf.delays.pop_front().unwrap_or(Duration::from_millis(1)), fails)
        });
        let under_way = UnderWay(self.clone(), url.clone());
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            let answer = under_way.0.change(|shelf| shelf.answer(&url));
            drop(under_way);
            if fails { Ok(Response::builder().status(503).body("".into()).unwrap()) } else { Ok(answer) }
        })
    }
}

/// A request that was not answered yet. It may be given up.
struct UnderWay(Book, String);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.change(|shelf| shelf.under_way.remove(&self.1));
    }
}

impl Shelf {
    fn answer(&self, url: &str) -> Response<ResponseBody> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<i64>().ok())
        };
        let (all, size) = (&self.items, self.size);
        let number = value("page").unwrap_or(1).max(1) as usize;
        let start = match path {
            "/cursor" => match (value("after"), value("before")) {
                (_, Some(before)) => all.iter().filter(|item| **item < before).count().saturating_sub(size),
                (after, None) => all.iter().filter(|item| Some(**item) <= after).count(),
            },
            "/offset" => value("offset").unwrap_or(0) as usize,
            _ => (number - 1) * size,
        };
        let end = (start + size).min(all.len());
        let start = start.min(end);
        let end = value("before").map_or(end, |before| all.iter().filter(|item| **item < before).count().min(end));
        let (items, more) = (&all[start..end], end < all.len());
        let next = items.last().filter(|_| more);
        let previous = items.first().filter(|_| start > 0);
        let url = |on: bool, page: usize| on.then(|| format!("https://api.example.com/v1{path}?page={page}&q=a"));
        let body = match path {
            "/link" | "/bare" => serde_json::json!(items),
            "/url" => {
                serde_json::json!({ "items": items, "next": url(more, number + 1), "previous": url(start > 0, number - 1) })
            }
            _ => {
                serde_json::json!({ "items": items, "next": next, "previous": previous, "total": all.len(), "more": more })
            }
        };
        let links = [("next", url(more, number + 1)), ("prev", url(start > 0, number - 1))];
        let links = links.into_iter().filter_map(|(relation, url)| Some(format!("<{}>; rel={relation}", url?)));
        let link = links.collect::<Vec<_>>().join(", ");
        Response::builder()
            .header("link", if path == "/link" { link } else { String::new() })
            .body(body.to_string().into())
            .unwrap()
    }
}

/// The list at a path, with tags of its list and of each number.
fn list(path: &'static str, paging: Paging<Json>) -> Query<Json> {
    Query::new(Request::get("list", path))
        .provides(POST.list())
        .provides_from(|page: &Json| numbers(page).into_iter().map(|number| POST.id(number)).collect())
        .paged(paging)
}

fn by_cursor() -> Query<Json> {
    list("/cursor", Paging::cursor("after").next_at("/next").previous_param("before").previous_at("/previous"))
}

fn numbers(page: &Json) -> Vec<i64> {
    let items = page.get("items").unwrap_or(page).as_array().into_iter().flatten();
    items.filter_map(Json::as_i64).collect()
}

fn on(page: &Page<Json>) -> Vec<i64> {
    numbers(page.data())
}

/// The numbers of a list, page by page.
fn shown(pages: &Pages<Json>) -> Vec<Vec<i64>> {
    pages.iter().map(on).collect()
}

/// What a watcher sees.
fn seen(watcher: &Watcher<Pages<Json>>) -> Vec<Vec<i64>> {
    watcher.snapshot().data.map(|pages| shown(&pages)).unwrap_or_default()
}

/// Lets everything happen that is due within this time.
async fn after(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    yield_often().await;
}

/// A watcher of a list of so many pages.
async fn watched(client: &Client, query: Query<Json>, pages: usize) -> Watcher<Pages<Json>> {
    let mut watcher = client.watch_pages(query);
    watcher.ready().await.unwrap();
    for _ in 1..pages {
        watcher.fetch_next().await.unwrap();
    }
    assert_eq!(seen(&watcher).len(), pages);
    watcher
}
