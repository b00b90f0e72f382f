//! What types and functions are called, and that nobody writes more than has to be said.

use super::{NO_CONTENT, code, generate, has};

#[test]
fn refusals_that_are_written_out_at_each_operation_alike_are_one_type() {
    let error = |words: &str, field: &str| {
        format!(
            "{{ description: {words}, content: {{ application/json: {{ schema: {{ type: object, description: {words}, \
             properties: {{ {field}: {{ type: string }}, description: {{ type: string }} }} }} }} }} }}"
        )
    };
    let operation = |at: u32, responses: &str| {
        format!(
            "  /{at}:\n    delete: {{ operationId: drop{at}, tags: [t], responses: {{ '204': {{ description: done }}, {responses} }} }}\n"
        )
    };
    let paths = [
        operation(1, &format!("'404': {}, '409': {}", error("none", "why"), error("held", "holder"))),
        operation(2, &format!("'404': {}, '409': {}", error("gone", "why"), error("held", "holder"))),
        operation(3, &format!("'404': {}", error("another", "reason"))),
        operation(4, &format!("'400': {}, '422': {}", error("odd", "where"), error("odd", "where"))),
        operation(5, &format!("'400': {}", error("odd", "where"))),
    ];
    let text = code(&generate(&paths.concat()));
    has(
        &text,
        "pub enum ApiError { BadRequest(ErrorBody), NotFound(NotFoundBody), Conflict(ConflictBody), UnprocessableEntity(ErrorBody), }",
    );
    has(&text, "pub enum Drop3Error { NotFound(Drop3ErrorBody), }");
    assert_eq!(text.matches("pub struct").count(), 4, "{text}");
}

#[test]
fn what_errors_are_called_does_not_depend_on_their_order() {
    let operation = |at: u32, tag: &str, kind: &str| {
        let body = format!("content: {{ application/json: {{ schema: {{ type: {kind} }} }} }}");
        format!(
            "  /{at}:\n    delete: {{ operationId: drop{at}, tags: [{tag}], responses: {{ '404': {{ description: no, {body} }} }} }}\n"
        )
    };
    let rare = [operation(1, "files", "integer"), operation(2, "files", "integer")];
    let usual = [operation(3, "users", "string"), operation(4, "posts", "string"), operation(5, "posts", "string")];
    for paths in [[rare.concat(), usual.concat()], [usual.concat(), rare.concat()]] {
        let text = code(&generate(&paths.concat()));
        has(&text, "pub enum FilesError { NotFound(i64), }");
        has(&text, "pub enum ApiError { NotFound(String), }");
    }
}

#[test]
fn what_a_request_has_to_have_is_asked_for_and_the_rest_is_absent() {
    let operation = |name: &str, required: &str, more: &str| {
        let schema = format!(
            "{{ type: object, required: [{required}], properties: {{ kind: {{ type: string, const: note }}, \
             text: {{ type: string }}, at: {{ type: ['integer', 'null'] }}, by: {{ type: ['string', 'null'] }}, \
             tags: {{ type: array, items: {{ type: string }} }}{more} }} }}"
        );
        let body =
            format!("requestBody: {{ required: true, content: {{ application/json: {{ schema: {schema} }} }} }}");
        format!("  /{name}:\n    post: {{ operationId: {name}, tags: [t], {body}, {NO_CONTENT} }}\n")
    };
    let many: String = (0..8).map(|at| format!(", n{at}: {{ type: integer }}")).collect();
    let paths = [
        operation("note", "'kind', 'text', 'at', 'tags'", ", additional: { type: string }"),
        operation("bare", "'kind'", ""),
        operation("long", "'n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'", &many),
        operation("free", "", ""),
        operation("full", "'kind', 'text', 'at', 'by', 'tags'", ""),
    ];
    let text = code(&generate(&paths.concat()));
    let absent = "by: Default::default(), tags, additional: None";
    has(&text, "pub fn new(text: impl Into<String>, tags: Vec<String>) -> NoteBody { NoteBody {");
    has(&text, &format!("kind: \"note\".to_owned(), text: text.into(), at: None, {absent}, }}"));
    has(
        &text,
        "impl Default for BareBody { fn default() -> BareBody { BareBody { kind: \"note\".to_owned(), text: None,",
    );
    has(&text, "#[derive(Clone, Debug, Default)] pub struct FreeBody");
    has(&text, "-> FullBody { FullBody { kind: \"note\".to_owned(), text: text.into(), at: None, by: None, tags, }");
    assert!(!text.contains("impl LongBody") && !text.contains("impl FreeBody"), "{text}");
}

#[test]
fn the_class_that_an_operation_was_found_in_is_no_part_of_its_name() {
    let operation = |path: &str, id: &str, tag: &str| {
        let parameter = "{ name: q, in: query, schema: { type: string } }";
        format!("  {path}:\n    get: {{ operationId: {id}, tags: [{tag}], parameters: [{parameter}], {NO_CONTENT} }}\n")
    };
    let paths = [
        operation("/a", "AuthController_signIn", "Authentication"),
        operation("/b", "UsersV1Controller_list", "users"),
        operation("/c", "UsersV2Controller_list", "users"),
        operation("/d", "Controller_list", "users"),
    ];
    let text = code(&generate(&paths.concat()));
    has(&text, "pub fn sign_in(params: &AuthSignIn)");
    has(&text, "Request::get(\"AuthController_signIn\", \"/a\")");
    for both in ["users_v1_list(params: &UsersV1List)", "users_v2_list(params: &UsersV2List)", "controller_list("] {
        has(&text, both);
    }
}
