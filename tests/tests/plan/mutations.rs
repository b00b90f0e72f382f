//! What mutations invalidate and write.

use expect_test::expect;

use crate::check;

#[test]
fn what_belongs_to_a_deleted_thing_goes_with_it() {
    check(
        "
        schema Run { id: int }
        schema Task { id: int, run_id: int, worker_id: int? }
        schema Worker { id: int }
        GET /runs/{id} -> Run
        DELETE /runs/{id}
        GET /workers/{id} -> Worker
        DELETE /workers/{id}
        GET /tasks -> Task[]
        GET /tasks/count -> int
        POST /tasks <- Task
        ",
        &expect![[r#"
            GET /runs/{id}: Run:id
            DELETE /runs/{id}: Run:id gone ref  Task:LIST{}
            GET /workers/{id}: Worker:id
            DELETE /workers/{id}: Worker:id gone ref
            GET /tasks: Task:LIST{}  Task:=/*/id  Run:=/*/run_id ref  Worker:=/*/worker_id ref
            POST /tasks: Task:LIST{}  Task:body/id
            GET /tasks/count: Task:LIST{}
        "#]],
    );
}

#[test]
fn relations_end_without_the_end_of_what_they_relate() {
    check(
        "
        schema User { id: int, name: text }
        schema Group { id: int }
        GET /users/{id} -> User
        GET /groups/{id} -> Group
        GET /groups/{id}/users -> User[]
        PUT /groups/{id}/users/{user_id}
        DELETE /groups/{id}/users/{user_id}
        ",
        &expect![[r#"
            GET /users/{id}: User:id
            GET /groups/{id}: Group:id
            GET /groups/{id}/users: User:LIST{group_id=id}  User:=/*/id
            PUT /groups/{id}/users/{user_id}: User:user_id  User:LIST{group_id=id}  Group:id
            DELETE /groups/{id}/users/{user_id}: User:user_id  User:LIST{group_id=id}  Group:id
        "#]],
    );
}

#[test]
fn a_put_creates_where_no_post_does() {
    check(
        "
        schema Project { id: int, title: text }
        GET /projects -> Project[]
        PUT /projects <- Project -> Project
        GET /projects/{id} -> Project
        POST /projects/{id} <- Project -> Project
        ",
        &expect![[r#"
            GET /projects: Project:LIST{}  Project:=/*/id
            PUT /projects: Project:LIST{}  Project:body/id  Project:=/id
            GET /projects/{id}: Project:id
            POST /projects/{id}: Project:id  Project:LIST{}
        "#]],
    );
}

#[test]
fn a_sweep_names_what_its_answer_names() {
    check(
        "
        schema Run { id: uuid }
        schema Deleted { deleted: uuid[] }
        GET /runs -> Run[]
        GET /runs/{id:uuid} -> Run
        POST /runs/bulk_delete <- open -> Deleted
        POST /runs/rebuild
        ",
        &expect![[r#"
            GET /runs: Run:LIST{}  Run:=/*/id
            GET /runs/{id}: Run:id
            POST /runs/bulk_delete: Run:=/deleted/* gone ref  Run:LIST{}
            POST /runs/rebuild: Run
        "#]],
    );
}

#[test]
fn a_sweep_of_a_nested_collection_stays_in_it() {
    check(
        "
        schema Item { id: int }
        schema Box { id: int }
        GET /boxes/{id} -> Box
        GET /boxes/{id}/items -> Item[]
        GET /boxes/{id}/items/{item_id} -> Item
        DELETE /boxes/{id}/items
        ",
        &expect![[r#"
            GET /boxes/{id}: Box:id
            GET /boxes/{id}/items: Item:LIST{box_id=id}  Item:=/*/id
            DELETE /boxes/{id}/items: Item:LIST{box_id=id} ref
            GET /boxes/{id}/items/{item_id}: Item:item_id  Item:LIST{box_id=id} ref
        "#]],
    );
}

#[test]
fn an_action_makes_what_it_speaks_of() {
    check(
        "
        schema Run { id: uuid, deployment_id: uuid }
        schema Deployment { id: uuid }
        GET /deployments/{id:uuid} -> Deployment
        POST /deployments/{id:uuid}/create_run <- open -> Run
        POST /deployments/{id:uuid}/pause
        GET /runs ?deployment_id:uuid -> Run[]
        ",
        &expect![[r#"
            GET /deployments/{id}: Deployment:id
            POST /deployments/{id}/create_run: Run:LIST{deployment_id=id}
            POST /deployments/{id}/pause: Deployment:id
            GET /runs: Run:LIST{deployment_id=?deployment_id}  Run:=/*/id
        "#]],
    );
}

#[test]
fn a_batch_may_do_anything() {
    check(
        "
        schema Post { id: int }
        GET /posts -> Post[]
        POST /batch <- open -> open
        POST /login <- open
        ",
        &expect![[r#"
            GET /posts: Post:LIST{}  Post:=/*/id  Activity:LIST{}
            POST /batch: Post ref  Activity:LIST{}
            POST /login: Activity:LIST{}
        "#]],
    );
}

#[test]
fn singletons_and_the_floor() {
    check(
        "
        schema Settings { theme: text }
        GET /settings -> Settings
        PUT /settings <- Settings -> Settings
        GET /weather/now -> open
        POST /weather/report <- open
        ",
        &expect![[r#"
            GET /settings: Settings:'/settings'
            PUT /settings: Settings:'/settings'  writes GET /settings
            GET /weather/now: Weather
            POST /weather/report: Weather
        "#]],
    );
}

#[test]
fn an_answer_fills_the_entry_that_it_answers_for() {
    check(
        "
        schema Post { id: uuid, title: text }
        schema Page { slug: text, title: text }
        GET /posts/{id:uuid} -> Post
        PUT /posts/{id:uuid} <- Post -> Post
        GET /pages/{slug:text} -> Page
        PATCH /pages/{slug:text} <- Page -> Page
        ",
        &expect![[r#"
            GET /posts/{id}: Post:id
            PUT /posts/{id}: Post:id  Post:LIST{}  writes GET /posts/{id}
            GET /pages/{slug}: Page:slug  Page:=/slug
            PATCH /pages/{slug}: Page:slug  writes GET /pages/{slug}
        "#]],
    );
}

#[test]
fn an_answer_that_a_parameter_shapes_fills_no_entry() {
    check(
        "
        schema Post { id: int, title: text }
        GET /posts/{id} -> Post
        PATCH /posts/{id} ?fields:text[] <- Post -> Post
        GET /pages/{id} ?tenant:text -> Post
        PUT /pages/{id} ?tenant:text <- Post -> Post
        GET /notes/{id} ?verbose:bool -> Post
        PUT /notes/{id} ?notify:bool <- Post -> Post
        ",
        &expect![[r#"
            GET /posts/{id}: Post:id
            PATCH /posts/{id}: Post:id
            GET /pages/{id}: Post:id
            PUT /pages/{id}: Post:id  Post:LIST{}
            GET /notes/{id}: Post:id
            PUT /notes/{id}: Post:id  Post:LIST{}  writes GET /notes/{id}
        "#]],
    );
}

#[test]
fn verbs_decide_what_filters_hold() {
    check(
        "
        schema Post { id: int, favourited: bool }
        GET /posts ?favourited:bool -> Post[]
        POST /posts/{id}/favourite
        GET /posts/{id} -> Post
        ",
        &expect![[r#"
            GET /posts: Post:LIST{favourited=?favourited}  Post:=/*/id
            POST /posts/{id}/favourite: Post:id  Post:FILTERED{favourited='true'}  Post:FILTERED{favourited='false'}
            GET /posts/{id}: Post:id
        "#]],
    );
}

#[test]
fn nothing_that_no_mutation_reaches_is_provided_as_a_guess() {
    check(
        "
        schema User { id: int }
        schema Post { id: int, user_id: int }
        GET /users/{id} -> User
        GET /posts/{id} -> Post
        ",
        &expect![[r#"
            GET /users/{id}: User:id
            GET /posts/{id}: Post:id
        "#]],
    );
}

#[test]
fn what_no_query_shows_is_a_word_for_what_is_done_to_something_else() {
    check(
        "
        schema Post { id: int, title: text }
        schema Image { path: text, size: int }
        GET /posts -> Post[]
        POST /posts <- Post
        GET /posts/{id} -> Post
        POST /posts/publish/{id}
        DELETE /posts/{id}/draft/{name:text}
        POST /posts/rate/{stars} -> Post
        POST /unpublish_post/{id}
        POST /hooks/{id}
        GET /images -> Image[]
        GET /images/{path:text} -> Image
        POST /images/upload/{path:text} -> Image
        POST /images/convert -> Image
        ",
        &expect![[r#"
            GET /posts: Post:LIST{shows='ids'}  Post:=/*/id
            POST /posts: Post:LIST{}  Post:body/id
            GET /posts/{id}: Post:id
            POST /posts/publish/{id}: Post:id
            DELETE /posts/{id}/draft/{name}: Post:id
            POST /posts/rate/{stars}: Post:=/id  Post:LIST{shows='contents'}
            POST /unpublish_post/{id}: Post  UnpublishPost
            POST /hooks/{id}: Hook:id  Hook:LIST{}
            GET /images: Image:LIST{shows='ids'}  Image:=/*/path
            GET /images/{path}: Image:path  Image:=/path
            POST /images/upload/{path}: Image:path  Image:path ref  Image:LIST{}
            POST /images/convert: Image:=/path  Image:LIST{shows='contents'}  Image:LIST{}
        "#]],
    );
}

#[test]
fn what_an_answer_shows_was_made_or_changed() {
    check(
        "
        schema Project { id: int, title: text }
        schema Template { id: int, title: text }
        schema Node { id: int, project_id: int, title: text }
        GET /projects -> Project[]
        GET /projects/{id} -> Project
        GET /templates -> Template[]
        GET /templates/{id} -> Template
        GET /projects/{project_id}/nodes -> Node[]
        GET /projects/{project_id}/nodes/{id} -> Node
        POST /projects/{project_id}/templates/{id} -> Node
        POST /projects/{project_id}/nodes -> Project
        ",
        &expect![[r#"
            GET /projects: Project:LIST{}  Project:=/*/id
            GET /projects/{id}: Project:id
            GET /templates: Template:LIST{}  Template:=/*/id
            GET /templates/{id}: Template:id
            GET /projects/{project_id}/nodes: Node:LIST{project_id=project_id}  Node:=/*/id
            POST /projects/{project_id}/nodes: Node:LIST{project_id=project_id}  Project:=/id
            GET /projects/{project_id}/nodes/{id}: Node:id
            POST /projects/{project_id}/templates/{id}: Template:id  Template:LIST{}  Project:project_id  Node:LIST{project_id=project_id}  Node:=/id
        "#]],
    );
}

#[test]
fn a_relation_is_told_at_both_of_its_ends() {
    check(
        "
        schema User { id: int, name: text }
        schema Group { id: int, title: text }
        GET /users -> User[]
        GET /users/{user_id} -> User
        GET /users/{user_id}/groups -> Group[]
        GET /groups -> Group[]
        GET /groups/{group_id} -> Group
        GET /groups/{group_id}/members -> User[]
        PUT /groups/{group_id}/members/{user_id}
        ",
        &expect![[r#"
            GET /users: User:LIST{}  User:=/*/id
            GET /users/{user_id}: User:user_id
            GET /users/{user_id}/groups: Group:LIST{user_id=user_id}  Group:=/*/id
            GET /groups: Group:LIST{}  Group:=/*/id
            GET /groups/{group_id}: Group:group_id
            GET /groups/{group_id}/members: User:LIST{group_id=group_id}  User:=/*/id
            PUT /groups/{group_id}/members/{user_id}: User:user_id  User:LIST{group_id=group_id}  Group:group_id  Group:LIST{user_id=user_id}
        "#]],
    );
}

#[test]
fn an_action_on_the_whole_reaches_its_parts() {
    check(
        "
        schema Project { id: int, title: text }
        schema Drawing { id: int, project_id: int, locked: bool }
        schema Snapshot { id: int, project_id: int, title: text }
        GET /projects/{project_id} -> Project
        POST /projects/{project_id}/lock
        POST /projects/{project_id}/open
        GET /projects/{project_id}/drawings -> Drawing[]
        GET /projects/{project_id}/drawings/{id} -> Drawing
        GET /projects/{project_id}/snapshots -> Snapshot[]
        GET /projects/{project_id}/snapshots/{id} -> Snapshot
        POST /projects/{project_id}/snapshots/{id}/restore
        POST /projects/{project_id}/snapshots/{id}/open
        ",
        &expect![[r#"
            GET /projects/{project_id}: Project:project_id
            POST /projects/{project_id}/lock: Project:project_id  Project:project_id ref
            POST /projects/{project_id}/open: Project:project_id
            GET /projects/{project_id}/drawings: Drawing:LIST{project_id=project_id}  Drawing:=/*/id  Project:project_id ref
            GET /projects/{project_id}/drawings/{id}: Drawing:id  Project:project_id ref
            GET /projects/{project_id}/snapshots: Snapshot:LIST{project_id=project_id}  Snapshot:=/*/id  Project:project_id ref
            GET /projects/{project_id}/snapshots/{id}: Snapshot:id  Project:project_id ref
            POST /projects/{project_id}/snapshots/{id}/restore: Snapshot:id  Project:project_id ref  Snapshot:id ref
            POST /projects/{project_id}/snapshots/{id}/open: Snapshot:id
        "#]],
    );
}
