//! Operations in odd documents: each is generated, as plainly as it must be, and what was done is told.

mod named;

use larder_codegen::{Generated, Generator};

fn generate(paths: &str) -> Generated {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.yaml");
    std::fs::write(&path, format!("openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths:\n{paths}"))
        .expect("it is written");
    Generator::new(path).generate().expect("it generates")
}

/// The generated code as one text without line breaks.
fn code(generated: &Generated) -> String {
    let text: String = generated.files.iter().map(|file| file.text.as_str()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".")
}

fn told(generated: &Generated) -> Vec<String> {
    generated
        .warnings
        .iter()
        .map(|warning| format!("{}: {}; {}", warning.line, warning.message, warning.help))
        .collect()
}

#[track_caller]
fn has(text: &str, part: &str) {
    assert!(text.contains(part), "there is no `{part}` in:\n{text}");
}

const NO_CONTENT: &str = "responses: { '204': { description: ok } }";

#[test]
fn what_cannot_be_read_costs_as_little_as_possible() {
    let generated = generate(
        "  /a:
    post:
      operationId: post
      parameters:
        - { name: nowhere, in: body, schema: { type: string } }
        - { name: odd, in: query, style: simple, schema: { type: array, items: { type: string } } }
      requestBody: { $ref: '#/components/requestBodies/Missing' }
      responses:
        2000: { description: no }
        '200': { $ref: '#/components/responses/Missing' }
",
    );
    let text = code(&generated);
    has(&text, "pub fn post(body: Option<&Json>, params: &Post) -> Mutation<Bytes>");
    has(&text, ".query_param(\"odd\", &params.odd).json_opt(body)");
    let told = told(&generated);
    assert_eq!(told.len(), 5, "{told:#?}");
    for (told, part) in told.iter().zip([
        "this parameter cannot be read",
        "a parameter in `query` has no style \"simple\"",
        "the body is taken to be untyped JSON",
        "`2000` is no status",
        "the response is taken as bytes",
    ]) {
        has(told, part);
    }
    assert!(generated.warnings.iter().all(|warning| warning.operation.as_deref() == Some("post")));
}

#[test]
fn a_whole_query_string_can_be_one_parameter() {
    let parameter = |media: &str| {
        let content =
            format!("{{ '{media}': {{ schema: {{ type: object, properties: {{ a: {{ type: string }} }} }} }} }}");
        let parameter = format!("{{ name: selector, in: querystring, content: {content} }}");
        code(&generate(&format!(
            "  /a:\n    get:\n      operationId: get\n      parameters: [{parameter}]\n      {NO_CONTENT}\n"
        )))
    };
    has(&parameter("application/x-www-form-urlencoded"), ".query_param(\"selector\", &params.selector)");
    has(&parameter("application/json"), ".query_param_as(Style::Json, \"\", &params.query)");
}

#[test]
fn files_are_found_in_every_form_of_multipart_body() {
    let body = |schema: &str| {
        code(&generate(&format!(
            "  /a:\n    post:\n      operationId: post\n      requestBody:\n        required: true\n        content:\n          \
             multipart/form-data: {{ schema: {schema} }}\n      {NO_CONTENT}\n"
        )))
    };
    has(&body("{ type: object, properties: { f: { type: string, format: binary } } }"), "pub f: Option<FilePart>");
    has(&body("{ properties: { f: { type: string, contentMediaType: image/png } } }"), "pub f: Option<FilePart>");
    has(
        &body("{ type: object, additionalProperties: { type: string, format: binary } }"),
        "&BTreeMap<String, FilePart>",
    );
    has(
        &body(
            "{ allOf: [{ properties: { f: { type: string, format: binary } } }, { properties: { n: { type: integer } } }] }",
        ),
        "pub f: Option<FilePart>",
    );
    let choice = body(
        "{ properties: { f: { oneOf: [{ type: string, format: binary }, { type: array, items: { type: string, format: binary } }] } } }",
    );
    has(&choice, "File(FilePart)");
    has(&choice, "FileList(Vec<FilePart>)");
    has(&body("{}"), "body: &BTreeMap<String, FilePart>");
}

#[test]
fn servers_of_one_operation_count_where_something_can_be_sent_to_them() {
    let server = |url: &str| {
        generate(&format!(
            "  /a:\n    get:\n      operationId: get\n      servers: [{{ url: '{url}' }}]\n      {NO_CONTENT}\n"
        ))
    };
    has(&code(&server("https://up.example.com/v2")), ".server(\"https://up.example.com/v2\")");
    has(&code(&server("/v2")), ".server(\"/v2\")");
    for nowhere in ["https://{host}/v2", "https://", "ftp://x"] {
        let generated = server(nowhere);
        assert!(!code(&generated).contains(".server("), "{nowhere}");
        has(&told(&generated)[0], "is nowhere that an operation can be sent to");
    }
}

#[test]
fn operations_with_the_same_path_and_no_ids_have_names() {
    let operation = format!("    get: {{ {NO_CONTENT} }}\n");
    let text = code(&generate(&format!(
        "  /reports/{{id}}.{{format}}:\n{operation}  /things({{id}}):\n{operation}  /reports#second:\n{operation}  reports:\n{operation}"
    )));
    for part in [
        "\"/reports/{id}.{format}\"",
        "\"/things({id})\"",
        "pub fn get_reports_by_id_format(id: &str, format: &str)",
        "Request::get(\"GET /reports#second\", \"/reports\")",
        "Request::get(\"GET reports\", \"reports\")",
    ] {
        has(&text, part);
    }
}

#[test]
fn a_form_that_is_text_is_sent_as_the_caller_wrote_it() {
    let text = code(&generate(&format!(
        "  /a:\n    post:\n      operationId: post\n      requestBody:\n        required: true\n        content:\n          \
         application/x-www-form-urlencoded: {{ schema: {{ type: string }} }}\n      {NO_CONTENT}\n"
    )));
    has(&text, ".text(body).content_type(\"application/x-www-form-urlencoded\")");
}

#[test]
fn an_operation_without_responses_answers_nothing() {
    has(&code(&generate("  /a:\n    post: { operationId: post }\n")), "pub fn post() -> Mutation<()>");
}

#[test]
fn a_query_of_whose_answer_nothing_is_said_answers_all_the_same() {
    let generated = generate(
        "  /cpu:
    get: { operationId: cpu, responses: { '200': { description: '' } } }
    post: { operationId: heat, responses: { '201': { description: '' } } }
  /check:
    get: { operationId: check, responses: { '204': { description: '' } } }
  /away:
    get: { operationId: away, responses: { '302': { description: '' } } }
",
    );
    let text = code(&generated);
    has(
        &text,
        "pub fn cpu() -> Query<Json> { let request = Request::get(\"cpu\", \"/cpu\"); Query::undescribed(request)",
    );
    has(&text, "/// The document does not say what it answers: `as_json` reads it as a type of yours.");
    for empty in ["heat() -> Mutation<()>", "check() -> Query<()>", "away() -> Query<()>"] {
        has(&text, empty);
    }
}

#[test]
fn a_parameter_that_is_a_number_or_a_text_is_a_text() {
    let either = "{ oneOf: [{ type: integer }, { type: string }] }";
    let schema = |name: &str, place: &str| format!("{{ name: {name}, in: {place}, required: true, schema: {either} }}");
    let json = format!("{{ name: j, in: query, content: {{ application/json: {{ schema: {either} }} }} }}");
    let parameters = format!("[{}, {}, {json}]", schema("id", "path"), schema("q", "query"));
    let generated =
        generate(&format!("  /a/{{id}}:\n    get: {{ operationId: a, parameters: {parameters}, {NO_CONTENT} }}\n"));
    let text = code(&generated);
    has(&text, "pub fn a(id: &str, q: &str, params: &A) -> Query<()>");
    has(&text, "pub j: Option<Aj>");
    assert_eq!(text.matches("pub enum").count(), 1, "{text}");
}

#[test]
fn a_query_has_no_body_that_nothing_is_said_of() {
    let form = "content: { application/x-www-form-urlencoded: { schema: { type: object, properties: {} } } }";
    let generated = generate(&format!(
        "  /a:
    get: {{ operationId: getA, requestBody: {{ {form} }}, responses: {{}} }}
    post: {{ operationId: postA, requestBody: {{ {form} }}, responses: {{}} }}
"
    ));
    let text = code(&generated);
    has(&text, "pub fn get_a() -> Query<");
    has(&text, "pub fn post_a(body: Option<&BTreeMap<String, Json>>) -> Mutation<");
}

#[test]
fn what_a_schema_says_itself_counts_where_its_parts_contradict_it() {
    let generated = generate(
        "  /a:
    get:
      operationId: getA
      responses:
        '200':
          content:
            application/json:
              schema: { type: string, enum: [on, off], allOf: [{ type: object, properties: { a: { type: string } } }] }
",
    );
    has(&code(&generated), "pub enum GetAResponse { On, Off,");
    has(&told(&generated).join("\n"), "this schema combines others that contradict it");
}

#[test]
fn a_function_has_no_more_arguments_than_can_be_told_apart() {
    let header = |name: &str| format!("{{ name: {name}, in: header, required: true, schema: {{ type: string }} }}");
    let optional = "{ name: o, in: query, schema: { type: string } }";
    let body = "{ required: true, content: { text/plain: {} } }";
    let operation = |path: &str, headers: &[&str]| {
        let headers: Vec<String> = headers.iter().map(|name| header(name)).collect();
        let parameters = format!("{}, {optional}", headers.join(", "));
        let parameters = parameters.trim_start_matches(", ");
        let text = format!(
            "  {path}:\n    post: {{ operationId: send, parameters: [{parameters}], requestBody: {body}, {NO_CONTENT} }}\n"
        );
        code(&generate(&text))
    };
    let text = operation("/{a}/{b}/{c}", &["x", "y"]);
    has(
        &text,
        "pub fn send( a: &str, b: &str, c: &str, x: &str, y: &str, body: &str, params: &SendData, ) -> Mutation<()>",
    );
    let text = operation("/{a}/{b}/{c}/{d}", &["x", "y"]);
    has(&text, "pub fn send( a: &str, b: &str, c: &str, d: &str, body: &str, params: &SendData, ) -> Mutation<()>");
    let text = operation("/{a}/{b}/{c}/{d}/{e}/{f}", &[]);
    has(&text, "#[allow(clippy::too_many_arguments)] #[inline] pub fn send(");
}

#[test]
fn names_are_without_what_a_framework_appends_to_ids() {
    let body = "requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Body_move_a__id__move_post' } } } }";
    let file = "parameters: [{ name: q, in: query, schema: { type: string } }]";
    let generated = generate(&format!(
        "  /a:
    get: {{ operationId: list_a_get, tags: [x], {NO_CONTENT} }}
    post: {{ operationId: list_a_post, tags: [y], {file}, {NO_CONTENT} }}
  /a/{{id}}/move:
    post:
      operationId: move_a__id__move_post
      tags: [x]
      {body}
      {NO_CONTENT}
  /a/{{id}}/find:
    post:
      operationId: find_it_a__id__find_post
      tags: [x]
      {file}
      {}
      {NO_CONTENT}
  /b/find: {{ get: {{ operationId: find_b_find_get, tags: [z], {NO_CONTENT} }} }}
  /c/find: {{ get: {{ operationId: find_c_find_get, tags: [z], {NO_CONTENT} }} }}
components:
  schemas:
    Body_move_a__id__move_post: {{ type: object, required: [to], properties: {{ to: {{ type: string }} }} }}
    Body_find_it_a__id__find_post: {{ type: object, required: [q], properties: {{ q: {{ type: string }} }} }}
",
        body.replace("move", "find").replace("find_a__id_", "find_it_a__id_")
    ));
    let text = code(&generated);
    // `move` is a word of Rust, two groups may have a `list`, and one may not have two of `find`.
    has(&text, "pub fn list() -> ");
    has(&text, "pub fn list(params: &ListAPost) -> ");
    has(&text, "pub fn move_a_id_move_post(id: &str, body: &BodyMoveAIdMovePost) -> ");
    has(&text, "pub fn find_it(id: &str, body: &FindItBody, params: &FindIt) -> ");
    has(&text, "pub fn find_b_find_get() -> ");
    has(&text, "pub fn find_c_find_get() -> ");
    // Everybody else knows an operation by the document's id.
    has(&text, "\"find_it_a__id__find_post\"");
}

#[test]
fn what_fills_the_entry_of_a_deprecated_query_does_not_warn() {
    let schema = "content: { application/json: { schema: { $ref: '#/components/schemas/Settings' } } }";
    let theme = schema.replace("Settings", "Theme");
    let generated = generate(&format!(
        "  /settings:
    get: {{ operationId: read, deprecated: true, responses: {{ '200': {{ description: ok, {schema} }} }} }}
    put:
      operationId: change
      requestBody: {{ required: true, {schema} }}
      responses: {{ '200': {{ description: ok, {schema} }} }}
  /theme:
    get: {{ operationId: readTheme, deprecated: true, responses: {{ '200': {{ description: ok, {theme} }} }} }}
    put:
      operationId: changeTheme
      deprecated: true
      requestBody: {{ required: true, {theme} }}
      responses: {{ '200': {{ description: ok, {theme} }} }}
components: {{ schemas: {{ Theme: {{ type: object, properties: {{ dark: {{ type: boolean }} }} }}, Settings: {{ type: object, required: [on], properties: {{ on: {{ type: boolean }} }} }} }} }}
"
    ));
    let text = code(&generated);
    has(&text, "#[deprecated] #[inline] pub fn read()");
    has(&text, "#[allow(deprecated)] #[inline] pub fn change(");
    has(&text, "#[deprecated] #[allow(deprecated)] #[inline] pub fn change_theme(");
    has(&text, ".writes(read())");
}
