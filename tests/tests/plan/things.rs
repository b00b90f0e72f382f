//! Which paths and schemas speak of one kind of thing, and how one of it is named.

use expect_test::expect;

use crate::check;

#[test]
fn a_collection_and_its_member() {
    check(
        "
        schema Post { id: int, author_id: int, title: text }
        schema PostPage { items: Post[], next: text }
        GET /posts ?author_id:int ?page:int -> PostPage
        POST /posts <- Post -> Post
        GET /posts/{id} -> Post
        PUT /posts/{id} <- Post -> Post
        DELETE /posts/{id}
        ",
        &expect![[r#"
            GET /posts: Post:LIST{author_id=?author_id}  Post:=/items/*/id
            POST /posts: Post:LIST{author_id=body/author_id}  Post:body/id
            GET /posts/{id}: Post:id
            PUT /posts/{id}: Post:id  Post:FILTERED{author_id=body/author_id}  writes GET /posts/{id}
            DELETE /posts/{id}: Post:id gone ref  Post:LIST{}
        "#]],
    );
}

#[test]
fn one_thing_has_one_type_whatever_its_schemas_are_called() {
    check(
        "
        schema FlowRunResponse { id: uuid, name: text }
        schema FlowRunWithTasks { id: uuid, name: text }
        schema UiFlowRun { id: uuid }
        GET /flow_runs/{id:uuid} -> FlowRunResponse
        GET /flow_runs/{id:uuid}/full -> FlowRunWithTasks
        POST /ui/flow_runs/filter <- open -> UiFlowRun[]
        DELETE /flow_runs/{id:uuid}
        ",
        &expect![[r#"
            GET /flow_runs/{id}: FlowRun:id
            DELETE /flow_runs/{id}: FlowRun:id gone ref  FlowRun:LIST{}
            GET /flow_runs/{id}/full: FlowRun:LIST{id=id}  FlowRun:=/id  FlowRun:id
            POST /ui/flow_runs/filter: FlowRun:LIST{}  FlowRun:=/*/id
        "#]],
    );
}

#[test]
fn versions_of_an_api_speak_of_the_same_things() {
    check(
        "
        schema Limit { id: int, name: text }
        GET /api/v1/limits -> Limit[]
        POST /api/v2/limits <- Limit -> Limit
        DELETE /api/v2/limits/{id}
        ",
        &expect![[r#"
            GET /api/v1/limits: Limit:LIST{}  Limit:=/*/id
            POST /api/v2/limits: Limit:LIST{}  Limit:body/id
            DELETE /api/v2/limits/{id}: Limit:id gone ref
        "#]],
    );
}

#[test]
fn a_brief_of_a_project_is_no_project() {
    check(
        "
        schema Project { id: int }
        schema ProjectBriefResponse { id: int }
        GET /projects/{id} -> Project
        DELETE /projects/{id}
        GET /project_briefs/{id} -> ProjectBriefResponse
        DELETE /project_briefs/{id}
        ",
        &expect![[r#"
            GET /projects/{id}: Project:id
            DELETE /projects/{id}: Project:id gone ref
            GET /project_briefs/{id}: ProjectBrief:id
            DELETE /project_briefs/{id}: ProjectBrief:id gone ref
        "#]],
    );
}

#[test]
fn a_thing_goes_by_an_id_and_by_a_name() {
    check(
        "
        schema Flow { id: uuid, name: text }
        GET /flows -> Flow[]
        GET /flows/{id:uuid} -> Flow
        GET /flows/name/{name:text} -> Flow
        PATCH /flows/name/{name:text} <- open
        DELETE /flows/{id:uuid}
        ",
        &expect![[r#"
            GET /flows: Flow:LIST{}  Flow:=/*/id  Flow:=/*/name
            GET /flows/{id}: Flow:id  Flow:=/id  Flow:=/name
            DELETE /flows/{id}: Flow:id gone ref
            GET /flows/name/{name}: Flow:name  Flow:=/id  Flow:=/name
            PATCH /flows/name/{name}: Flow:name
        "#]],
    );
}

#[test]
fn one_parameter_can_be_either_of_two_ids() {
    check(
        "
        schema Limit { id: uuid, name: text }
        GET /limits -> Limit[]
        GET /limits/{id_or_name:text} -> Limit
        PATCH /limits/{id_or_name:text} <- open
        ",
        &expect![[r#"
            GET /limits: Limit:LIST{}  Limit:=/*/id  Limit:=/*/name
            GET /limits/{id_or_name}: Limit:id_or_name  Limit:=/id  Limit:=/name
            PATCH /limits/{id_or_name}: Limit:id_or_name
        "#]],
    );
}

#[test]
fn what_is_unique_within_its_owner_alone_is_named_with_the_owner() {
    check(
        "
        schema Issue { number: int, title: text }
        GET /repos/{owner:text}/{repo:text}/issues -> Issue[]
        GET /repos/{owner:text}/{repo:text}/issues/{number} -> Issue
        PATCH /repos/{owner:text}/{repo:text}/issues/{number} <- open
        GET /my/issues -> Issue[]
        ",
        &expect![[r#"
            GET /repos/{owner}/{repo}/issues: Issue:LIST{owner=owner,repo=repo}  Issue:owner+repo+=/*/number
            GET /repos/{owner}/{repo}/issues/{number}: Issue:owner+repo+number
            PATCH /repos/{owner}/{repo}/issues/{number}: Issue:owner+repo+number  Issue:number
            GET /my/issues: Issue:LIST{}  Issue:=/*/number
        "#]],
    );
}

#[test]
fn names_that_may_not_be_what_the_path_says_are_not_compared() {
    check(
        "
        schema Memo { name: text, text: text }
        schema Reaction { name: text }
        GET /memos -> Memo[]
        POST /memos <- Memo -> Memo
        GET /memos/{memo:text} -> Memo
        GET /memos/{memo:text}/reactions -> Reaction[]
        POST /memos/{memo:text}/reactions <- open -> Reaction
        GET /memos/{memo:text}/reactions/{reaction:text} -> Reaction
        ",
        &expect![[r#"
            GET /memos: Memo:LIST{}  Memo:=/*/name
            POST /memos: Memo:LIST{}  Memo:body/name
            GET /memos/{memo}: Memo:memo  Memo:=/name
            GET /memos/{memo}/reactions: Reaction:LIST{memo=memo}  Reaction:memo+=/*/name
            POST /memos/{memo}/reactions: Reaction:LIST{memo=memo}
            GET /memos/{memo}/reactions/{reaction}: Reaction:memo+reaction  Reaction:memo+=/name
        "#]],
    );
}
