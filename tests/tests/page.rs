//! The page that `larder explain --html` writes, in a real browser.
//!
//! `LARDER_CHROMIUM` names the browser, or it is found on the `PATH`; without one the tests say that they were left
//! out, and under `CI=true` that is a failure.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use larder_codegen::explain;
use larder_codegen::plan::Plan;
use serde_json::{Value, json};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

fn browser() -> Option<PathBuf> {
    let on_path = || {
        let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
        NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
    };
    let found = env::var_os("LARDER_CHROMIUM").map(PathBuf::from).or_else(on_path);
    if found.is_none() {
        assert!(env::var_os("CI").is_none(), "no Chromium was found: the page must not be left out in CI");
        eprintln!("left out: the page in a browser (no Chromium on the PATH, and LARDER_CHROMIUM is not set)");
    }
    found
}

/// Marks the page if it is ever more than text.
const HOSTILE: &str = "</script><script>document.body.dataset.broken=1</script>\
                       <img src=x onerror=\"document.body.dataset.broken=1\">'\"&";

/// A thousand operations: the mutation `updateN` changes what `getN` and `listAll` show.
fn large() -> Plan {
    let mut operations: Vec<Value> = vec![json!({
        "id": "listAll", "kind": "query", "method": "GET", "path": "/things", "function": "things::list_all", "why": [],
        "provides": [{ "type": "Thing", "id": [{ "in": "response", "pointer": "/*/id" }], "why": HOSTILE }],
    })];
    for number in 0..500 {
        let value = json!([{ "value": format!("{number}") }]);
        operations.push(json!({
            "id": format!("get{number}"), "kind": "query", "method": "GET", "path": format!("/things/{number}"),
            "function": format!("things::get{number}"), "why": [],
            "provides": [{ "type": "Thing", "id": value, "from_args": true, "confidence": 0.4 }],
        }));
        operations.push(json!({
            "id": format!("update{number}"), "kind": "mutation", "method": "PUT", "path": format!("/things/{number}"),
            "function": format!("things::update{number}"), "why": [format!("it is said to be number-{number}-alone")],
            "invalidates": [{ "type": "Thing", "id": value }],
        }));
    }
    let plan = json!({
        "larder": 1, "title": HOSTILE, "version": "1", "operations": operations,
        "tag_types": [{ "name": "Thing", "collections": ["/things"], "members": [HOSTILE], "schemas": [], "id": ["id"] }],
        "warnings": [{ "operation": "listAll", "message": HOSTILE }],
    });
    serde_json::from_value(plan).expect("it is a plan")
}

/// What the browser made of the page at `#/…`.
fn shown(page: &str, at: &str) -> Option<String> {
    let browser = browser()?;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.html");
    std::fs::write(&file, page).expect("the page can be written");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}{at}", file.display()))
        .output()
        .expect("the browser runs");
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(dom.contains("</html>"), "{}", String::from_utf8_lossy(&output.stderr));
    // The script's own text would answer for what it made.
    let (before, rest) = dom.split_once("<script type=\"application/json\"").expect("the data is there");
    assert!(rest.contains("<script>\"use strict\";"), "the page's own script is there");
    assert!(!before.contains("data-broken"), "text of the document was run");
    Some(before.to_owned())
}

/// The ids of the operations that the list shows.
fn listed(dom: &str) -> Vec<&str> {
    let rows = dom.split("<a class=\"op ").skip(1).map(|row| row.split("</a>").next().unwrap_or_default());
    let visible = rows.filter(|row| !row.split('>').next().unwrap_or_default().contains("hidden"));
    visible.filter_map(|row| row.split("<span class=\"id\">").nth(1)?.split('<').next()).collect()
}

#[test]
fn a_search_finds_operations_by_name_path_and_reason() {
    let page = explain::html(&large());
    for (words, expected) in [
        (
            "update47",
            vec![
                "update47",
                "update470",
                "update471",
                "update472",
                "update473",
                "update474",
                "update475",
                "update476",
                "update477",
                "update478",
                "update479",
            ],
        ),
        ("put%20/things/123", vec!["update123"]),
        ("NUMBER-7-alone", vec!["update7"]),
        ("nothing-of-it", vec![]),
    ] {
        let Some(dom) = shown(&page, &format!("#/find/{words}")) else { return };
        assert_eq!(listed(&dom), expected, "{words}");
        assert!(dom.contains(&format!(">{} of 1001 operations<", expected.len())), "{words}: it says how many");
    }
}

#[test]
fn a_mutation_is_drawn_with_the_queries_that_it_reaches() {
    let page = explain::html(&large());
    let Some(dom) = shown(&page, "#/op/update7") else { return };
    assert_eq!(listed(&dom).len(), 1001);
    assert_eq!(dom.matches("<path d=").count(), 2, "a line for each query");
    assert_eq!(dom.matches("class=\"refetches unsure\"").count(), 1, "the less sure one is drawn as such");
    for text in ["Reaches 2 queries", "href=\"#/op/get7\"", "href=\"#/op/listAll\"", "[api.operations.update7]"] {
        assert!(dom.contains(text), "{text}");
    }
}

#[test]
fn a_page_without_scripts_is_a_table() {
    let page = explain::html(&large());
    let table = page.split("<noscript>").nth(1).and_then(|rest| rest.split("</noscript>").next()).expect("a table");
    assert_eq!(table.matches("<tr><td>").count(), 1002, "a row for each operation, and one for the warning");
    assert!(table.contains("refetches get7: always: it is the one `Thing` (40%)"));
    assert!(table.contains("it is said to be number-7-alone"));
}
