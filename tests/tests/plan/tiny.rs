//! OpenAPI documents in few words, for tests that need many of them.
//!
//! ```text
//! schema Post { id: int, author_id: int?, tags: text[], author: User }
//! GET /posts ?status:text ?page:int -> Post[]
//! PUT /posts/{id:uuid} <- Post -> Post
//! DELETE /posts/{id}
//! GET /posts/news ~> Post
//! ```
//!
//! `~>` is a stream of events. Types are `int`, `text`, `uuid`, `bool`, `open` (any object) and schemas; `[]` makes an array, `?` nullable.
//! Path parameters are numbers unless they say otherwise.

use std::fmt::Write as _;

/// The document that `text` stands for, as YAML.
///
/// # Panics
/// When a line is not understood.
pub fn document(text: &str) -> String {
    let mut schemas = String::new();
    let mut paths: Vec<(String, String)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("schema ") {
            schemas.push_str(&schema(rest));
            continue;
        }
        let (path, operation) = operation(line);
        match paths.iter_mut().find(|(known, _)| *known == path) {
            Some((_, operations)) => operations.push_str(&operation),
            None => paths.push((path, operation)),
        }
    }
    let paths = paths.iter().fold(String::new(), |text, (path, operations)| format!("{text}  {path}:\n{operations}"));
    let schemas = if schemas.is_empty() { String::new() } else { format!("components:\n  schemas:\n{schemas}") };
    format!("openapi: 3.1.0\ninfo: {{ title: tiny, version: '1' }}\npaths:\n{paths}{schemas}")
}

fn schema(line: &str) -> String {
    let (name, fields) = line.split_once('{').expect("fields in braces");
    let fields = fields.trim().strip_suffix('}').expect("a closing brace");
    let mut text = format!("    {}:\n      type: object\n      properties:\n", name.trim());
    let mut required = Vec::new();
    for field in fields.split(',').map(str::trim).filter(|field| !field.is_empty()) {
        let (name, kind) = field.split_once(':').expect("a field has a type");
        let _ = writeln!(text, "        {}: {}", name.trim(), of(kind.trim()));
        if !kind.trim().ends_with('?') {
            required.push(name.trim());
        }
    }
    let _ = writeln!(text, "      required: [{}]", required.join(", "));
    text
}

fn of(kind: &str) -> String {
    if let Some(kind) = kind.strip_suffix('?') {
        return format!("{{ anyOf: [{}, {{ type: 'null' }}] }}", of(kind));
    }
    if let Some(kind) = kind.strip_suffix("[]") {
        return format!("{{ type: array, items: {} }}", of(kind));
    }
    match kind {
        "int" => "{ type: integer }".to_owned(),
        "text" => "{ type: string }".to_owned(),
        "uuid" => "{ type: string, format: uuid }".to_owned(),
        "bool" => "{ type: boolean }".to_owned(),
        "open" => "{ type: object, additionalProperties: true }".to_owned(),
        schema => format!("{{ $ref: '#/components/schemas/{schema}' }}"),
    }
}

fn operation(line: &str) -> (String, String) {
    let mut words = line.split_whitespace().peekable();
    let method = words.next().expect("a method").to_lowercase();
    let template = words.next().expect("a path");
    let (mut path, mut parameters) = (String::new(), Vec::new());
    for (at, part) in template.split('{').enumerate() {
        if at == 0 {
            path.push_str(part);
            continue;
        }
        let (parameter, rest) = part.split_once('}').expect("a closing brace");
        let (name, kind) = parameter.split_once(':').unwrap_or((parameter, "int"));
        let _ = write!(path, "{{{name}}}{rest}");
        parameters.push(format!("{{ name: {name}, in: path, required: true, schema: {} }}", of(kind)));
    }
    let content = |kind: &str| format!("{{ application/json: {{ schema: {} }} }}", of(kind));
    let (mut body, mut response) = (String::new(), "{ description: done }".to_owned());
    while let Some(word) = words.next() {
        match word {
            "<-" => {
                let kind = words.next().expect("a body");
                body = format!("      requestBody: {{ required: true, content: {} }}\n", content(kind));
            }
            "->" => {
                response = format!("{{ description: ok, content: {} }}", content(words.next().expect("a response")));
            }
            "~>" => {
                let kind = of(words.next().expect("an event"));
                response = format!("{{ description: ok, content: {{ text/event-stream: {{ schema: {kind} }} }} }}");
            }
            word => {
                let word = word.strip_prefix('?').expect("a query parameter");
                let (name, kind) = word.split_once(':').unwrap_or((word, "text"));
                parameters.push(format!("{{ name: {name}, in: query, schema: {} }}", of(kind)));
            }
        }
    }
    let parameters = parameters.join(", ");
    let text =
        format!("    {method}:\n      parameters: [{parameters}]\n{body}      responses: {{ '200': {response} }}\n");
    (path, text)
}
