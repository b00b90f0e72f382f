//! The shell under schedules of threads: `shuttle` chooses at each lock who runs next, and tells of those that wait for ever.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use ::http::Response;
use futures_core::Stream as _;
use shuttle::future::{block_on, yield_now};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use shuttle::thread;
use shuttle::{Config, Runner};

use crate::guard::lock;
use crate::sync::Mutex;
use crate::{
    BoxFuture, Bytes, Client, Event, Json, Mutation, Query, Request, ResponseBody, TagType, Transport, TransportError,
};

const POST: TagType = TagType::new("Post");

fn get_post(id: u64) -> Query<Json> {
    Query::new(Request::get("getPost", "/posts/{id}").path_param("id", &id)).provides(POST.id(id))
}

fn count_up(id: u64) -> Mutation<Json> {
    Mutation::new(Request::post("countUp", "/posts/{id}").path_param("id", &id)).invalidates(POST.id(id))
}

/// A number on a server: `POST` counts it up, `GET` tells it.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicU64>);

impl Transport for Counter {
    fn send(&self, request: ::http::Request<Bytes>) -> BoxFuture<Result<Response<ResponseBody>, TransportError>> {
        let counter = self.0.clone();
        Box::pin(async move {
            yield_now().await;
            let value = match request.method().as_str() {
                "POST" => counter.fetch_add(1, Ordering::SeqCst) + 1,
                _ => counter.load(Ordering::SeqCst),
            };
            yield_now().await;
            Ok(Response::new(value.to_string().into()))
        })
    }
}

fn client() -> (Client, Counter) {
    let counter = Counter::default();
    (Client::builder("https://a.example").transport(counter.clone()).build().unwrap(), counter)
}

/// Tries schedules by chance, and then such that let a thread wait for long.
fn check(test: impl Fn() + Send + Sync + Clone + 'static) {
    let often = std::env::var("LARDER_SCHEDULES").ok().and_then(|often| often.parse().ok()).unwrap_or(10_000);
    let mut config = Config::new();
    // What a request's task holds is more than the usual stack of a thread there.
    config.stack_size = 1 << 20;
    Runner::new(RandomScheduler::new(often), config.clone()).run(test.clone());
    Runner::new(PctScheduler::new(3, often), config).run(test);
}

// B35
#[test]
fn b35_effects_run_once_in_order_and_one_at_a_time() {
    check(|| {
        let heard: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
        let (hearing, is_heard) = (heard.clone(), AtomicBool::new(false));
        let client = Client::builder("https://a.example")
            .transport(Counter::default())
            .on_event(move |event| {
                assert!(!is_heard.swap(true, Ordering::SeqCst), "one at a time");
                if let Event::Written { entry, .. } = event {
                    let at = entry.url.rsplit('/').next().and_then(|id| id.parse::<u64>().ok()).unwrap();
                    lock(&hearing).push((at / 10, at % 10));
                }
                is_heard.store(false, Ordering::SeqCst);
            })
            .build()
            .unwrap();
        let threads: Vec<_> = (0..3)
            .map(|thread| {
                let client = client.clone();
                thread::spawn(move || {
                    for round in 0..3 {
                        client.set(&get_post(thread * 10 + round), Json::Null).unwrap();
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let heard = lock(&heard).clone();
        assert_eq!(heard.len(), 9, "nothing is left, nothing is told twice: {heard:?}");
        for thread in 0..3 {
            let own: Vec<_> = heard.iter().filter(|(by, _)| *by == thread).map(|(_, round)| *round).collect();
            assert_eq!(own, [0, 1, 2], "{heard:?}");
        }
    });
}

// B5
#[test]
fn b5_no_change_is_lost_to_a_task_that_waits() {
    check(|| {
        let (client, _) = client();
        client.set(&get_post(1), Json::from(0)).unwrap();
        let mut watcher = client.watch(get_post(1));
        let mut part = watcher.select(|post| post.as_u64().map(|number| number / 2));
        let mut stream = client.watch(get_post(1)).into_stream();
        let writing = thread::spawn(move || {
            for number in 1..=3 {
                client.set(&get_post(1), Json::from(number)).unwrap();
            }
            client
        });
        let selecting = thread::spawn(move || {
            block_on(async {
                // Four numbers make two parts.
                while part.snapshot().data.as_deref() != Some(&Some(1)) {
                    part.changed().await;
                }
            });
        });
        let streaming = thread::spawn(move || {
            block_on(async {
                let mut is_last = false;
                while !is_last {
                    let next = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await;
                    is_last = next.and_then(|state| state.data).is_some_and(|data| *data == 3);
                }
            });
        });
        block_on(async { while *watcher.data_changed().await.data.unwrap() != 3 {} });
        drop(writing.join().unwrap());
        selecting.join().unwrap();
        streaming.join().unwrap();
    });
}

// B5
#[test]
fn b5_callbacks_that_come_meanwhile_hear_the_last() {
    check(|| {
        let (client, _) = client();
        client.set(&get_post(1), Json::from(0)).unwrap();
        let watcher = client.watch(get_post(1));
        let writer = client.clone();
        let writing = thread::spawn(move || writer.set(&get_post(1), Json::from(1)).unwrap());
        let before = watcher.snapshot();
        let last = Arc::new(Mutex::new(before.data));
        let hearing = last.clone();
        let guard = watcher.on_change(move |state| *lock(&hearing) = state.data);
        let at_registration = watcher.snapshot();
        let part = watcher.select(|post| post.clone());
        writing.join().unwrap();
        // What runs the queue may be the other thread, which is through now.
        let heard = lock(&last).clone();
        assert!(heard.as_deref() == Some(&Json::from(1)) || at_registration.data.as_deref() == Some(&Json::from(1)));
        assert_eq!(part.snapshot().data.as_deref(), Some(&Json::from(1)));
        drop((guard, client));
    });
}

// B13, B17
#[test]
fn b17_a_caller_reads_what_it_wrote() {
    check(|| {
        let (client, counter) = client();
        let mut watcher = client.watch(get_post(1));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let client = client.clone();
                thread::spawn(move || {
                    block_on(async {
                        let own = client.mutate(count_up(1)).await.unwrap().as_u64().unwrap();
                        let seen = client.fetch(get_post(1)).await.unwrap().as_u64().unwrap();
                        assert!(own <= seen, "{own} and {seen}");
                    });
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let last = counter.0.load(Ordering::SeqCst);
        block_on(async {
            let mut state = watcher.snapshot();
            while state.is_fetching || state.is_stale || state.data.as_deref() != Some(&Json::from(last)) {
                state = watcher.changed().await;
            }
        });
    });
}

// B9, B25, B36
#[test]
fn b36_all_who_come_and_go_leave_nothing_behind() {
    check(|| {
        let (client, _) = client();
        let shared = Arc::downgrade(client.shared());
        let (one, two, three) = (client.clone(), client.clone(), client.clone());
        let threads = [
            thread::spawn(move || {
                block_on(async {
                    let fetching = one.fetch(get_post(1));
                    let given_up = one.fetch(get_post(1));
                    drop(one);
                    let mut given_up = Box::pin(given_up);
                    let _ = poll_fn(|context| Poll::Ready(given_up.as_mut().poll(context).is_ready())).await;
                    drop(given_up);
                    fetching.await.unwrap();
                });
            }),
            thread::spawn(move || {
                let watcher = two.watch(get_post(1));
                let part = watcher.select(|post| post.clone());
                watcher.set_query(get_post(2));
                drop(watcher);
                two.invalidate(POST.id(1));
                drop((two, part));
            }),
            thread::spawn(move || {
                drop(three.mutate(count_up(1)));
                drop(three.watch(get_post(1)));
                drop(three);
            }),
        ];
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        block_on(async {
            assert!(client.fetch(get_post(1)).await.is_ok());
            // The mutation keeps the client until it has settled.
            for _ in 0..100 {
                yield_now().await;
            }
        });
        let subscribers: usize = client.inspect().entries.iter().map(|entry| entry.subscribers).sum();
        assert_eq!(subscribers, 0);
        drop(client);
        block_on(async {
            while shared.strong_count() != 0 {
                yield_now().await;
            }
        });
    });
}
