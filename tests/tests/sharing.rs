//! Generated code keeps the identity of what a refetch did not change, where people do not have to write it by hand.

use larder::{Client, Part};
use larder_codegen::Generator;
use larder_tests::social::posts::{favourite_post, list_posts};
use larder_tests::social::types::{ListPosts, Post};
use social::server::Server;

// B4
#[tokio::test]
async fn b4_a_favourite_leaves_all_other_posts_of_the_list_as_they_were() {
    let server = Server::start().await.expect("the server starts");
    let client = Client::new(server.url()).expect("its address is valid");
    let mut list = client.watch(list_posts(&ListPosts::default()));
    let before = list.ready().await.expect("the list");
    let liked = before.items[1].id;
    client.mutate(favourite_post(liked)).refetched().await.expect("it is done");
    let now = list.snapshot().data.expect("it is there");
    let changed: Vec<&Part<Post>> =
        now.items.iter().filter(|post| !before.items.iter().any(|other| Part::ptr_eq(post, other))).collect();
    assert_eq!(changed.iter().map(|post| post.id).collect::<Vec<_>>(), [liked]);
    assert_eq!((now.items.len(), changed[0].favourited), (before.items.len(), true));
}

#[test]
fn elements_are_parts_where_only_responses_hold_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.yaml");
    std::fs::write(&path, DOCUMENT).expect("the document can be written");
    let generated = Generator::new(path).generate().expect("it generates");
    let all: String = generated.files.iter().map(|file| file.text.as_str()).collect();
    for expected in [
        "-> Query<Vec<Part<Post>>>",
        "pub comments: Vec<Part<Comment>>",
        "pub by_name: BTreeMap<String, Part<PartData>>",
        "pub grid: Vec<Vec<Part<PartData>>>",
        "pub maybe: Vec<Option<Part<PartData>>>",
        "pub additional: BTreeMap<String, Part<PartData>>",
        "pub things: Vec<Part<ReportThingsItem>>",
        "pub counts: Vec<Part<Count>>",
        // Numbers alone are copied as cheaply, texts and enums are no objects, and a draft is written by hand.
        "pub points: Vec<Point>",
        "pub tags: Vec<String>",
        "pub levels: Vec<ReportLevelsItem>",
        "pub links: Vec<Link>",
        "-> Query<Vec<Part<Draft>>>",
    ] {
        assert!(all.contains(expected), "{expected} is missing in\n{all}");
    }
}

const DOCUMENT: &str = r"openapi: 3.0.3
info: { title: t, version: '1' }
paths:
  /posts:
    get:
      operationId: listPosts
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Post' } } } } }
  /report:
    get:
      operationId: getReport
      responses:
        '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Report' } } } }
  /drafts:
    get:
      operationId: listDrafts
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Draft' } } } } }
    post:
      operationId: createDraft
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Draft' } } } }
      responses:
        '201': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Draft' } } } }
components:
  schemas:
    Post: { type: object, required: [comments], properties: { title: { type: string }, comments: { type: array, items: { $ref: '#/components/schemas/Comment' } } } }
    Comment: { type: object, properties: { text: { type: string } } }
    Part: { type: object, properties: { text: { type: string } } }
    Point: { type: object, properties: { x: { type: number }, y: { type: number, nullable: true }, on: { type: boolean } } }
    Count: { type: object, properties: { id: { type: integer }, count: { type: integer } } }
    Link: { type: object, properties: { href: { type: string } } }
    Draft: { type: object, required: [links], properties: { links: { type: array, items: { $ref: '#/components/schemas/Link' } } } }
    Report:
      type: object
      required: [by_name, grid, maybe, things, counts, points, tags, levels]
      additionalProperties: { $ref: '#/components/schemas/Part' }
      properties:
        by_name: { type: object, additionalProperties: { $ref: '#/components/schemas/Part' } }
        grid: { type: array, items: { type: array, items: { $ref: '#/components/schemas/Part' } } }
        maybe: { type: array, items: { nullable: true, allOf: [{ $ref: '#/components/schemas/Part' }] } }
        things: { type: array, items: { oneOf: [{ $ref: '#/components/schemas/Post' }, { $ref: '#/components/schemas/Count' }] } }
        counts: { type: array, items: { $ref: '#/components/schemas/Count' } }
        points: { type: array, items: { $ref: '#/components/schemas/Point' } }
        tags: { type: array, items: { type: string } }
        levels: { type: array, items: { type: string, enum: [low, high] } }
";
