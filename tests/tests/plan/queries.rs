//! What queries provide.

use expect_test::expect;

use crate::check;

#[test]
fn lists_are_cut_down_by_fields_alone() {
    check(
        "
        schema Post { id: int, status: text, tags: text[] }
        GET /posts ?status ?tag ?sort -> Post[]
        PATCH /posts/{id} <- Post
        POST /posts <- Post
        ",
        &expect![[r#"
            GET /posts: Post:LIST{status=?status,tag=?tag}  Post:=/*/id
            POST /posts: Post:LIST{status=body/status,tag=body/tags/*}  Post:body/id
            PATCH /posts/{id}: Post:id  Post:FILTERED{status=body/status,tag=body/tags/*}
        "#]],
    );
}

#[test]
fn a_list_picked_by_what_no_field_holds_may_gain_what_changes() {
    check(
        "
        schema Post { id: int, title: text }
        GET /posts ?q -> Post[]
        POST /posts/filter <- open -> Post[]
        GET /posts/count -> int
        PATCH /posts/{id} <- open
        ",
        &expect![[r#"
            GET /posts: Post:LIST{}  Post:=/*/id
            POST /posts/filter: Post:LIST{}  Post:=/*/id
            GET /posts/count: Post:LIST{shows='count'}
            PATCH /posts/{id}: Post:id  Post:LIST{shows='contents'}
        "#]],
    );
}

#[test]
fn counters_and_embedded_lists_depend_on_the_list() {
    check(
        "
        schema Comment { id: int, post_id: int }
        schema Post { id: int, comments_count: int, last_comments: Comment[], comment_limit: int }
        GET /posts -> Post[]
        GET /posts/{id} -> Post
        GET /posts/{id}/comments -> Comment[]
        POST /posts/{id}/comments <- Comment -> Comment
        DELETE /comments/{id}
        ",
        &expect![[r#"
            GET /posts: Post:LIST{}  Post:=/*/id  Comment:LIST{post_id==/*/id}  Comment:=/*/last_comments/*/id
            GET /posts/{id}: Post:id  Comment:LIST{post_id==/id}  Comment:=/last_comments/*/id
            GET /posts/{id}/comments: Comment:LIST{post_id=id}  Comment:=/*/id
            POST /posts/{id}/comments: Comment:LIST{post_id=id}  Comment:body/id  Post:id
            DELETE /comments/{id}: Comment:id gone ref  Comment:LIST{}
        "#]],
    );
}

#[test]
fn keys_refer_and_names_beside_them_show() {
    check(
        "
        schema User { id: int, name: text }
        schema Post { id: int, author_id: int, user_id: int, reviewer: int, user_name: text }
        GET /users/{id} -> User
        PATCH /users/{id} <- open
        DELETE /users/{id}
        GET /posts -> Post[]
        POST /posts <- open
        ",
        &expect![[r#"
            GET /users/{id}: User:id
            DELETE /users/{id}: User:id gone ref
            PATCH /users/{id}: User:id
            GET /posts: Post:LIST{}  Post:=/*/id  User:=/*/user_id
            POST /posts: Post:LIST{}
        "#]],
    );
}

#[test]
fn a_part_is_made_of_what_belongs_to_its_owner() {
    check(
        "
        schema Run { id: int }
        schema Task { id: int, run_id: int }
        GET /runs/{id} -> Run
        GET /runs/{id}/graph -> open
        GET /runs/{id}/labels -> open
        PUT /runs/{id}/labels <- open
        GET /tasks -> Task[]
        POST /tasks <- Task
        PATCH /tasks/{id} <- open
        ",
        &expect![[r#"
            GET /runs/{id}: Run:id
            GET /runs/{id}/graph: Run:id  Task:LIST{run_id=id}
            GET /runs/{id}/labels: Run:id
            PUT /runs/{id}/labels: Run:id
            GET /tasks: Task:LIST{shows='ids'}  Task:=/*/id
            POST /tasks: Task:LIST{run_id=body/run_id}  Task:body/id
            PATCH /tasks/{id}: Task:id  Task:LIST{shows='contents'}
        "#]],
    );
}

#[test]
fn what_nothing_makes_comes_about_by_what_it_belongs_to() {
    check(
        "
        schema Post { id: int }
        schema Revision { at: text, text: text }
        GET /posts/{id} -> Post
        PATCH /posts/{id} <- open
        GET /posts/{id}/revisions -> Revision[]
        ",
        &expect![[r#"
            GET /posts/{id}: Post:id
            PATCH /posts/{id}: Post:id
            GET /posts/{id}/revisions: Revision:LIST{post_id=id}  Post:id
        "#]],
    );
}

#[test]
fn journals_tell_of_whatever_happens() {
    check(
        "
        schema Post { id: int }
        schema Entry { id: int, text: text }
        GET /audit-log -> Entry[]
        GET /posts -> Post[]
        POST /posts <- Post
        DELETE /posts/{id}
        ",
        &expect![[r#"
            GET /audit-log: Entry:LIST{}  Entry:=/*/id  Activity:LIST{}
            GET /posts: Post:LIST{}  Post:=/*/id
            POST /posts: Post:LIST{}  Post:body/id  Activity:LIST{}
            DELETE /posts/{id}: Post:id gone ref  Activity:LIST{}
        "#]],
    );
}

#[test]
fn what_is_gathered_from_a_field_changes_with_the_field() {
    check(
        "
        schema Article { slug: text, tagList: text[] }
        schema Tags { tags: text[] }
        GET /articles/{slug:text} -> Article
        PUT /articles/{slug:text} <- Article
        POST /articles/{slug:text}/favorite
        GET /tags -> Tags
        ",
        &expect![[r#"
            GET /articles/{slug}: Article:slug  Article:=/slug
            PUT /articles/{slug}: Article:slug  Article:LIST{shows='tagList'}  Article:LIST{}
            POST /articles/{slug}/favorite: Article:slug
            GET /tags: Article:LIST{shows='tagList'}
        "#]],
    );
}

#[test]
fn a_word_tells_what_a_thing_did() {
    check(
        "
        schema Alert { name: text, silenced_by: text[] }
        schema Silence { id: uuid, comment: text }
        GET /alerts ?silenced:bool -> Alert[]
        GET /silences -> Silence[]
        POST /silences <- Silence
        DELETE /silence/{id:uuid}
        GET /silence/{id:uuid} -> Silence
        ",
        &expect![[r#"
            GET /alerts: Alert:LIST{}  Silence:LIST{}  Activity:LIST{}
            GET /silences: Silence:LIST{}  Silence:=/*/id
            POST /silences: Silence:LIST{}  Silence:body/id  Activity:LIST{}
            GET /silence/{id}: Silence:id
            DELETE /silence/{id}: Silence:id gone ref  Silence:LIST{}  Activity:LIST{}
        "#]],
    );
}

#[test]
fn some_posts_only_read() {
    check(
        "
        schema Post { id: int }
        POST /posts/search <- open -> Post[]
        POST /posts/count-by-author <- open -> int
        POST /posts/createWithList <- Post[] -> Post
        POST /posts/validate <- Post -> open
        GET /posts -> Post[]
        schema WishList { id: int, title: text }
        GET /wish_list -> WishList[]
        POST /wish_list <- WishList -> WishList
        DELETE /wish_list/{id}
        ",
        &expect![[r#"
            POST /posts/search: Post:LIST{}  Post:=/*/id
            POST /posts/count-by-author: Post:LIST{}
            POST /posts/createWithList: Post:LIST{}
            POST /posts/validate: Post:LIST{}
            GET /posts: Post:LIST{}  Post:=/*/id
            GET /wish_list: WishList:LIST{}  WishList:=/*/id
            POST /wish_list: WishList:LIST{}  WishList:body/id
            DELETE /wish_list/{id}: WishList:id gone ref
        "#]],
    );
}

#[test]
fn one_that_no_id_picks_gives_way_to_another() {
    check(
        "
        schema Artifact { id: uuid, key: text }
        GET /artifacts/{id:uuid} -> Artifact
        GET /artifacts/{key:text}/latest -> Artifact
        POST /artifacts <- Artifact
        DELETE /artifacts/{id:uuid}
        ",
        &expect![[r#"
            GET /artifacts/{id}: Artifact:id
            DELETE /artifacts/{id}: Artifact:id gone ref  Artifact:LIST{}
            GET /artifacts/{key}/latest: Artifact:LIST{key=key}  Artifact:=/id  Artifact:key
            POST /artifacts: Artifact:LIST{}  Artifact:body/id
        "#]],
    );
}

#[test]
fn a_stream_of_events_is_not_begun_anew_by_a_guess() {
    check(
        "
        schema Post { id: int }
        GET /posts -> Post[]
        POST /posts <- Post -> Post
        GET /logs -> open[]
        GET /event ~> open
        GET /posts/{id}/event ~> open
        ",
        &expect![[r#"
            GET /posts: Post:LIST{}  Post:=/*/id
            POST /posts: Post:LIST{}  Post:body/id  Activity:LIST{}
            GET /logs: Log:LIST{}  Activity:LIST{}
            GET /event: 
            GET /posts/{id}/event: Post:id
        "#]],
    );
}

#[test]
fn a_list_within_an_object_of_a_thing_belongs_to_the_thing() {
    check(
        "
        schema Post { id: int, summary: Summary }
        schema Summary { length: int, comments: Comment[] }
        schema Comment { id: int, post_id: int }
        GET /posts -> Post[]
        GET /posts/{id} -> Post
        POST /posts/{id}/comments <- Comment -> Comment
        GET /posts/{id}/comments -> Comment[]
        ",
        &expect![[r#"
            GET /posts: Post:LIST{}  Post:=/*/id  Comment:=/*/summary/comments/*/id  Comment:LIST{post_id==/*/id}
            GET /posts/{id}: Post:id  Comment:=/summary/comments/*/id  Comment:LIST{post_id==/id}
            GET /posts/{id}/comments: Comment:LIST{post_id=id}  Comment:=/*/id
            POST /posts/{id}/comments: Comment:LIST{post_id=id}  Comment:body/id  Post:id
        "#]],
    );
}

#[test]
fn counts_are_of_what_there_is_and_not_of_what_is_set() {
    check(
        "
        schema Watch { id: int, title: text }
        schema Project { id: int, title: text, drawing_grid_size: int, drawing_count: int }
        schema ProjectUpdate { title: text, drawing_grid_size: int }
        schema Drawing { id: int, project_id: int }
        schema Info { version: text, watch_count: int, drawings: int, watch_interval: int }
        GET /watches -> Watch[]
        POST /watches <- Watch
        GET /info -> Info
        GET /projects/{id} -> Project
        PUT /projects/{id} <- ProjectUpdate -> Project
        GET /projects/{id}/drawings -> Drawing[]
        GET /projects/{id}/drawings/{drawing_id} -> Drawing
        POST /projects/{id}/drawings <- Drawing
        ",
        &expect![[r#"
            GET /watches: Watch:LIST{}  Watch:=/*/id
            POST /watches: Watch:LIST{}  Watch:body/id
            GET /info: Watch:LIST{}  Drawing:LIST{}
            GET /projects/{id}: Project:id  Drawing:LIST{project_id==/id}
            PUT /projects/{id}: Project:id  Project:LIST{}  writes GET /projects/{id}
            GET /projects/{id}/drawings: Drawing:LIST{project_id=id}  Drawing:=/*/id
            POST /projects/{id}/drawings: Drawing:LIST{project_id=id}  Drawing:body/id  Project:id
            GET /projects/{id}/drawings/{drawing_id}: Drawing:drawing_id
        "#]],
    );
}

#[test]
fn what_is_put_in_place_is_no_journal() {
    check(
        "
        schema Post { id: int, title: text }
        schema Urls { urls: text[] }
        GET /posts -> Post[]
        POST /posts <- Post
        GET /notifications -> Urls
        PUT /notifications <- Urls -> Urls
        POST /notifications <- Urls -> Urls
        GET /events -> Urls
        DELETE /events
        ",
        &expect![[r#"
            GET /posts: Post:LIST{}  Post:=/*/id
            POST /posts: Post:LIST{}  Post:body/id  Activity:LIST{}
            GET /notifications: Urls:'/notifications'
            PUT /notifications: Urls:'/notifications'  Activity:LIST{}  writes GET /notifications
            POST /notifications: Urls:'/notifications'  Activity:LIST{}
            GET /events: Urls:'/events'  Activity:LIST{}
            DELETE /events: Urls:'/events'  Activity:LIST{}
        "#]],
    );
}
