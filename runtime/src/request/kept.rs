//! A request as JSON, for one that outlives the program.

use std::collections::{BTreeSet, HashMap};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderName, HeaderValue, Method};
use serde_json::{Value as Json, json};

use super::Request;
use super::path::Path;
use super::rare::Content;
use crate::credential::Security;

impl Request {
    /// The request as it can be kept, or why it must not be: a record holds no secrets. What the client adds when it is sent,
    /// such as credentials, is not in it.
    pub(crate) fn to_kept(&self) -> Result<Json, String> {
        let rare = self.rare();
        if let Some(problem) = &rare.problem {
            return Err(problem.to_string());
        }
        if rare.sending.as_ref().is_some_and(|sending| sending.transport.is_some()) {
            return Err("it has a transport of its own".to_owned());
        }
        if rare.content.as_ref().is_some_and(|content| content.stream.is_some()) {
            return Err("its body is sent as it comes".to_owned());
        }
        if !rare.cookies.as_given().is_empty() {
            return Err("it has cookies of its own, which may be secret".to_owned());
        }
        let names = rare.headers.iter().map(|(name, _)| name.as_str()).chain(rare.query.names());
        if let Some(name) = names.into_iter().find(|name| may_be_secret(name)) {
            return Err(format!("its parameter {name} may be secret"));
        }
        let mut headers = Vec::new();
        for (name, value) in &rare.headers {
            let value = value.to_str().map_err(|_| format!("its header {name} is no text"))?;
            headers.push(json!([name.as_str(), value]));
        }
        let query: Vec<[&str; 2]> = rare.query.named().collect();
        let body = rare.content.as_ref().map(|content| {
            json!({ "type": content.content_type.to_str().unwrap_or_default(), "base64": BASE64.encode(&content.body) })
        });
        Ok(json!({
            "operation": self.common.operation,
            "method": self.method().as_str(),
            "template": self.common.template,
            "path": self.path(),
            "query": query,
            "headers": headers,
            "body": body,
            "accept": self.common.accept,
            "security": rare.security,
            "server": rare.server,
            "idempotency_header": rare.sending.as_ref().and_then(|sending| sending.idempotency_header),
        }))
    }

    /// The request that [`to_kept`](Self::to_kept) wrote, or nothing if it is none.
    pub(crate) fn from_kept(kept: &Json) -> Option<Request> {
        let text = |name: &str| kept.get(name)?.as_str();
        let optional = |name: &str| match kept.get(name)? {
            Json::Null => Some(None),
            value => Some(Some(lasting(value.as_str()?)?)),
        };
        let method = Method::from_bytes(text("method")?.as_bytes()).ok()?;
        let mut request = Request::new(method, lasting(text("operation")?)?, lasting(text("template")?)?);
        request.common.accept = optional("accept")?;
        request.args.path = Some(Path::of(text("path")?));
        for pair in kept.get("query")?.as_array()? {
            let (name, text) = (lasting(pair.get(0)?.as_str()?)?, pair.get(1)?.as_str()?);
            request.rare_mut().query.add(name, text.to_owned());
        }
        for pair in kept.get("headers")?.as_array()? {
            let name = HeaderName::try_from(pair.get(0)?.as_str()?).ok()?;
            let mut value = HeaderValue::try_from(pair.get(1)?.as_str()?).ok()?;
            value.set_sensitive(true);
            request.rare_mut().set_header(name, value);
        }
        if let Some(body) = kept.get("body").filter(|body| !body.is_null()) {
            let content_type = HeaderValue::try_from(body.get("type")?.as_str()?).ok()?;
            let bytes = BASE64.decode(body.get("base64")?.as_str()?).ok()?;
            request.rare_mut().content =
                Some(Box::new(Content { content_type, body: bytes.into(), key: None, stream: None }));
        }
        if let Some(security) = kept.get("security").filter(|security| !security.is_null()) {
            request.rare_mut().security = Some(lasting_security(security)?);
        }
        if let Some(server) = optional("server")? {
            request.rare_mut().server = Some(server);
        }
        if let Some(header) = optional("idempotency_header")? {
            request.sending_mut().idempotency_header = Some(header);
        }
        Some(request)
    }
}

/// Whether a parameter of this name may hold what must not be written down.
fn may_be_secret(name: &str) -> bool {
    const WORDS: [&str; 21] = [
        "auth",
        "authentication",
        "authorization",
        "apikey",
        "bearer",
        "cookie",
        "credential",
        "credentials",
        "csrf",
        "jwt",
        "key",
        "nonce",
        "otp",
        "passwd",
        "password",
        "secret",
        "session",
        "signature",
        "token",
        "totp",
        "xsrf",
    ];
    let name = name.to_ascii_lowercase();
    let is_word = |part: &str| WORDS.contains(&part) || part.ends_with("token") || part.ends_with("secret");
    !name.replace(['-', '_'], "").ends_with("idempotencykey") && name.split(['-', '_', '.']).any(is_word)
}

/// How many texts are held, and how long each may be. An API has far fewer.
const MOST: (usize, usize) = (20_000, 4096);

/// The text for as long as the program runs, as those are that the program's own code holds. Each is held once.
fn lasting(text: &str) -> Option<&'static str> {
    static HELD: LazyLock<Mutex<BTreeSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut held = lock_std(&HELD);
    if let Some(held) = held.get(text) {
        return Some(held);
    }
    if MOST.0 <= held.len() || MOST.1 < text.len() {
        return None;
    }
    let text: &'static str = Box::leak(text.into());
    held.insert(text);
    Some(text)
}

/// As [`lasting`], for the schemes that an operation accepts.
fn lasting_security(json: &Json) -> Option<Security> {
    static HELD: LazyLock<Mutex<HashMap<String, Security>>> = LazyLock::new(Mutex::default);
    let written = json.to_string();
    if let Some(security) = lock_std(&HELD).get(&written) {
        return Some(security);
    }
    let schemes = |all: &Json| -> Option<&'static [&'static str]> {
        let all: Vec<&'static str> =
            all.as_array()?.iter().map(|name| lasting(name.as_str()?)).collect::<Option<_>>()?;
        Some(all.leak())
    };
    let security: Vec<&'static [&'static str]> = json.as_array()?.iter().map(schemes).collect::<Option<_>>()?;
    let mut held = lock_std(&HELD);
    if MOST.0 <= held.len() || MOST.1 < written.len() {
        return None;
    }
    Some(*held.entry(written).or_insert_with(|| security.leak()))
}

/// As all locks of this crate, but of what stands outside of every client.
fn lock_std<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_comes_back_as_it_was() {
        let request = Request::post("createPost", "/users/{id}/posts")
            .path_param("id", "a/ü")
            .query_param("b", "2 3")
            .query_param("a", &["x", "y"])
            .header_param("If-Match", "\"7\"")
            .idempotency_key_param("Idempotency-Key", "k")
            .json(&serde_json::json!({ "title": "Quinces" }))
            .accept("application/json")
            .security(&[&["user", "app"], &[]])
            .server("https://other.example/v2");
        let kept = request.to_kept().unwrap();
        let back = Request::from_kept(&kept).unwrap();
        assert_eq!(back.to_kept().unwrap(), kept);
        let built = |request: &Request| {
            let built = request.build("https://a.example", &[]).unwrap();
            let headers = built.headers().clone();
            (built.method().clone(), built.uri().clone(), headers, built.into_body())
        };
        assert_eq!(built(&request), built(&back));
        assert!(std::ptr::eq(back.operation(), Request::from_kept(&kept).unwrap().operation()), "it is held once");
        let plain = Request::delete("deletePost", "/posts/1");
        assert_eq!(built(&Request::from_kept(&plain.to_kept().unwrap()).unwrap()), built(&plain));
    }

    #[test]
    fn what_may_be_secret_is_not_written_down() {
        let post = || Request::post("post", "/");
        for name in
            ["Authorization", "X-Api-Key", "X-Auth-Token", "X-CSRF-Token", "Proxy-Authorization", "x-accesstoken"]
        {
            let problem = post().header_param(name, "s3cret").to_kept().unwrap_err();
            assert!(!problem.contains("s3cret") && problem.contains(&name.to_lowercase()), "{problem}");
        }
        assert!(post().query_param("api_key", "s3cret").to_kept().is_err());
        assert!(post().cookie_param("sid", "s3cret").to_kept().is_err());
        for name in ["If-Match", "Idempotency-Key", "X-Idempotency-Key", "Stripe-Version", "X-Author", "Prefer"] {
            assert!(post().header_param(name, "v").to_kept().is_ok(), "{name}");
        }
        assert!(Request::get("get", "/{id}").path_param("id", "").to_kept().is_err(), "it can never be sent");
    }

    #[test]
    fn what_is_no_request_is_none() {
        let good = Request::post("post", "/").json("x").to_kept().unwrap();
        for (name, bad) in [("method", json!("a b")), ("path", json!(1)), ("query", json!([1])), ("body", json!({}))] {
            let mut kept = good.clone();
            kept[name] = bad;
            assert!(Request::from_kept(&kept).is_none(), "{name}");
        }
        assert!(Request::from_kept(&json!({})).is_none() && Request::from_kept(&json!(null)).is_none());
    }
}
