//! What the program that opened the page is told, and what it said.

use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = larderHost)]
    fn tell(text: &str);
}

fn say(what: &Value) {
    tell(&what.to_string());
}

pub fn begins(number: usize, name: &str) {
    say(&json!({ "say": "begins", "number": number, "name": name }));
}

pub fn passed() {
    say(&json!({ "say": "passed" }));
}

pub fn panicked(why: &str) {
    say(&json!({ "say": "panicked", "why": why }));
}

pub fn end() {
    say(&json!({ "say": "end" }));
}

/// Has the connection taken away from the page, or given back. The browser then tells the page so.
pub fn offline(offline: bool) {
    say(&json!({ "say": "offline", "offline": offline }));
}

/// Makes the page take itself for visible, or for hidden, and tells it to look.
pub fn show(visible: bool) {
    let state = if visible { "visible" } else { "hidden" };
    let script =
        format!("Object.defineProperty(document, 'visibilityState', {{ value: '{state}', configurable: true }})");
    web_sys::js_sys::eval(&script).expect("a page");
    let event = web_sys::Event::new("visibilitychange").expect("an event");
    window().document().expect("a document").dispatch_event(&event).expect("it is told");
}

/// What the program wants of the page.
#[derive(Deserialize)]
pub struct Plan {
    /// The first trial.
    pub from: usize,
    /// Parts of names. None: all.
    wanted: Vec<String>,
    /// The server as another origin.
    pub other: String,
}

impl Plan {
    pub fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| name.contains(wanted.as_str()))
    }
}

/// It is in the page's own address.
pub fn plan() -> Plan {
    let fragment = window().location().hash().expect("an address");
    let text = web_sys::js_sys::decode_uri_component(fragment.trim_start_matches('#')).expect("a fragment");
    serde_json::from_str(&String::from(text)).expect("a plan")
}

pub fn window() -> web_sys::Window {
    web_sys::window().expect("a page")
}

pub fn origin() -> String {
    window().location().origin().expect("an origin")
}
