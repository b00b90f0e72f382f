//! A server in memory: numbers that are counted up and told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use larder::http::{Request, Response};
use larder::{BoxFuture, Bytes, Json, Mutation, Query, ResponseBody, TagType, Transport, TransportError};

/// How many numbers there are.
pub const NUMBERS: u64 = 64;

const NUMBER: TagType = TagType::new("Number");

pub fn get_number(id: u64) -> Query<Json> {
    Query::new(larder::Request::get("getNumber", "/numbers/{id}").path_param("id", &id)).provides(NUMBER.id(id))
}

pub fn list_numbers() -> Query<Vec<u64>> {
    Query::new(larder::Request::get("listNumbers", "/numbers"))
        .provides(NUMBER.list())
        .provides_from(|numbers: &Vec<u64>| (0..).zip(numbers).map(|(id, _)| NUMBER.id(id)).collect())
}

pub fn count_up(id: u64) -> Mutation<Json> {
    Mutation::new(larder::Request::post("countUp", "/numbers/{id}").path_param("id", &id)).invalidates(NUMBER.id(id))
}

pub fn tag(id: u64) -> larder::Tag {
    NUMBER.id(id)
}

/// A server in memory. Each answer takes a few turns of the scheduler; one in a hundred fails.
#[derive(Clone)]
pub struct Server {
    numbers: Arc<[AtomicU64; NUMBERS as usize]>,
    asked: Arc<AtomicU64>,
}

impl Default for Server {
    fn default() -> Self {
        Server { numbers: Arc::new(std::array::from_fn(|_| AtomicU64::new(0))), asked: Arc::default() }
    }
}

impl Server {
    pub fn number(&self, id: u64) -> u64 {
        self.numbers.get(id as usize).map_or(0, |number| number.load(Ordering::SeqCst))
    }

    fn answer(&self, request: &Request<Bytes>) -> String {
        let id = request.uri().path().rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
        match id.and_then(|id| self.numbers.get(id as usize)) {
            Some(number) if request.method() == "POST" => (number.fetch_add(1, Ordering::SeqCst) + 1).to_string(),
            Some(number) => number.load(Ordering::SeqCst).to_string(),
            None => {
                let all: Vec<String> = (0..NUMBERS).map(|id| self.number(id).to_string()).collect();
                format!("[{}]", all.join(","))
            }
        }
    }
}

impl Transport for Server {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<Result<Response<ResponseBody>, TransportError>> {
        let server = self.clone();
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            for _ in 0..asked % 3 {
                tokio::task::yield_now().await;
            }
            if asked % 100 == 99 {
                return Err(TransportError::lost("lost on purpose"));
            }
            let body = server.answer(&request);
            tokio::task::yield_now().await;
            Ok(Response::new(body.into()))
        })
    }
}
