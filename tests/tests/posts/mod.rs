//! A small plan as `--format json` writes it, so that no change of the inference changes tests of what is said of it.

use larder_codegen::plan::Plan;
use serde_json::{Value, json};

/// Posts, and statistics of which nothing is known.
pub fn posts() -> Value {
    let post =
        json!({ "type": "Post", "id": [{ "in": "path", "name": "postId" }], "why": "its path picks one `Post`" });
    let with = |tag: &Value, more: Value| {
        let mut tag = tag.clone();
        let fields = more.as_object().expect("an object").clone();
        tag.as_object_mut().expect("an object").extend(fields);
        tag
    };
    let shown =
        json!({ "type": "Post", "id": [{ "in": "response", "pointer": "/items/*/id" }], "why": "it lists `Post`" });
    let by_status = json!({ "type": "Post", "list": { "status": { "in": "query", "name": "status" } }, "from_args": true,
                            "why": "it lists `Post`" });
    let operation = |id: &str, kind: &str, call: &str, key: &str, tags: Value| {
        let (method, path) = call.split_once(' ').expect("a method and a path");
        let mut operation = json!({ "id": id, "kind": kind, "method": method, "path": path,
                                    "function": format!("posts::{}", id.to_lowercase()), "why": [] });
        operation[key] = tags;
        operation
    };
    let mut update = operation(
        "updatePost",
        "mutation",
        "PATCH /posts/{postId}",
        "invalidates",
        json!([
            with(&post, json!({ "why": "it changes one `Post`" })),
            { "type": "Post", "list": { "status": { "in": "body", "pointer": "/status" } }, "filtered": true,
              "confidence": 0.8, "why": "lists filtered by status may gain it" },
        ]),
    );
    update["writes"] = json!([{ "operation": "getPost", "args": { "postId": { "in": "path", "name": "postId" } },
                                "pointer": "" }]);
    json!({
        "larder": 1, "title": "Posts", "version": "1",
        "tag_types": [
            { "name": "Post", "collections": ["/posts"], "members": ["/posts/{postId}"], "schemas": ["Post"], "id": ["id"] },
            { "name": "Stats", "collections": [], "members": [], "schemas": [], "id": [] },
        ],
        "operations": [
            operation("listPosts", "query", "GET /posts", "provides", json!([by_status, shown])),
            operation("getPost", "query", "GET /posts/{postId}", "provides", json!([with(&post, json!({ "from_args": true }))])),
            operation("getStats", "query", "GET /stats", "provides", json!([
                { "type": "Stats", "from_args": true, "confidence": 0.3, "why": "nothing says what it shows" }])),
            operation("createPost", "mutation", "POST /posts", "invalidates", json!([
                { "type": "Post", "list": {}, "why": "it creates one `Post`" },
                { "type": "Stats", "confidence": 0.3, "why": "its group shows it" }])),
            update,
            operation("deletePost", "mutation", "DELETE /posts/{postId}", "invalidates", json!([
                with(&post, json!({ "gone": true, "reference": true, "why": "it deletes one `Post`" }))])),
        ],
        "warnings": [{ "operation": "getStats", "message": "its tags are a guess by group" }],
    })
}

/// The plan that such JSON is.
pub fn plan(value: &Value) -> Plan {
    serde_json::from_value(value.clone()).expect("it is a plan")
}
