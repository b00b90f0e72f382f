//! Every tag that a plan can hold is in the generated code: a plan made by hand, replayed with calls made by hand.

mod made;

use std::path::Path;

use expect_test::expect;
use larder_codegen::Generated;
use larder_codegen::plan::evaluate::{Call, tags};
use larder_corpus::{Answered, Scratch, replay};
use made::generator;
use serde_json::{Value, json};

fn generate() -> Generated {
    let generated = generator().generate().expect("it generates");
    assert!(generated.warnings.is_empty(), "{:?}", generated.warnings);
    generated
}

fn calls() -> Vec<Answered> {
    let record = |id: u64| {
        json!({ "id": id, "bucket": "a/b", "level": 2, "state": "open", "owner": { "login": "ann" },
            "watchers": { "x": { "login": "bob", "team": 3 }, "y": { "login": "cid", "team": null } },
            "tags": [format!("t{id}"), "all"], "pair": [id, "right"] })
    };
    let plain = json!({ "id": 9, "bucket": "lab", "level": 1, "owner": null });
    let page = json!({ "data": [record(1), record(2), plain], "free": [{ "x": 5 }, { "x": true }, { "y": 6 }] });
    let path = json!({ "bucket": "lab" });
    let member = json!({ "bucket": "lab", "id": "7" });
    let call = |operation: &str, args: Value, status, response: &Value| {
        let mut call = json!({ "operation_id": operation });
        call.as_object_mut().expect("an object").extend(args.as_object().expect("an object").clone());
        let call: Call = serde_json::from_value(call).expect("a call");
        Answered { call, status, response: response.clone() }
    };
    let made = json!({ "ids": [4, 5] });
    let shapes =
        json!([{ "circle_id": 1, "radius": 0.5 }, { "square_id": "s", "side": 2 }, { "circle_id": 2, "radius": 2.0 }]);
    vec![
        call(
            "listRecords",
            json!({ "path_params": path, "query": { "kind": ["k", "l"] }, "headers": { "X-Team": "12" } }),
            200,
            &page,
        ),
        call("listRecords", json!({ "path_params": path }), 200, &json!({ "data": [], "free": "one" })),
        call(
            "listRecords",
            json!({ "path_params": path, "query": { "kind": "k" } }),
            200,
            &json!({ "free": ["p", "q", null, {}] }),
        ),
        call("importRecords", json!({ "path_params": path, "body": [record(1), record(2)] }), 200, &made),
        call("importRecords", json!({ "path_params": path }), 200, &json!({ "ids": [] })),
        call("putRecord", json!({ "path_params": member, "body": record(7) }), 200, &record(7)),
        call("listShapes", json!({}), 200, &shapes),
        call("events", json!({}), 200, &json!([record(1), record(2)])),
        call("anything", json!({ "body": { "a": [{ "id": 1 }, { "id": "x" }] } }), 200, &record(3)),
        call("anything", json!({ "body": ["u", "v"] }), 202, &made),
        call("text", json!({ "query": { "team": "red" } }), 200, &json!("hello")),
    ]
}

#[test]
fn code_has_the_tags_of_any_plan() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("replay");
    let scratch = Scratch::new(root, Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let replayed = replay(&generator(), &calls(), &scratch, "made").expect("it can be replayed");
    assert!(replayed.differences.is_empty(), "{:#?}", replayed.differences);
    assert!(replayed.unfit.is_empty(), "{:#?}", replayed.unfit);
    assert_eq!(replayed.agreed, replayed.calls);
}

#[test]
fn calls_made_by_hand_have_every_tag_of_the_plan() {
    let plan = generate().plan;
    for operation in plan.operations.iter().filter(|operation| operation.id != "getRecord") {
        let calls = calls();
        for planned in operation.provides.iter().chain(&operation.invalidates) {
            let mut calls = calls.iter().filter(|one| one.call.operation_id == operation.id);
            assert!(calls.any(|one| !tags([planned], &one.call, &one.response).is_empty()), "{planned:?}");
        }
    }
    // Others tell what the inference thought of the document before its plan was replaced.
    let ours = |message: &str| message.starts_with("its result does not fill") || message.starts_with("a tag is read");
    let warnings = plan.warnings.iter().filter(|warning| ours(&warning.message));
    let warnings: Vec<String> =
        warnings.map(|warning| format!("{}: {}\n", warning.operation, warning.message)).collect();
    expect![[r#"
        putRecord: its result does not fill `getRecord`, which is asked for again: only a whole result can be written
        putRecord: its result does not fill `getRecord`, which is asked for again: an argument is surely known only where it has the same type and is always there
        putRecord: its result does not fill `getRecord`, which is asked for again: an argument is surely known only where it has the same type and is always there
        putRecord: its result does not fill `getRecord`, which is asked for again: not exactly its arguments are known
        putRecord: its result does not fill `listRecords`, which is asked for again: the two results have different types
        putRecord: its result does not fill `nothing`, which is asked for again: no such query
        text: a tag is read from a response of JSON, which the operation does not have: it names all of `Record` instead
        text: a tag is read from the path parameter `id`, which the operation does not have: it names lists of `Record` instead
    "#]].assert_eq(&warnings.concat());
}

#[test]
fn what_types_tell_is_read_from_them_and_the_rest_from_json() {
    let generated = generate();
    let file =
        |name: &str| generated.files.iter().find(|file| file.path == Path::new(name)).map_or("", |file| &file.text);
    expect![[r#"
        // @generated by larder from made.yaml. Do not edit.

        use larder::{Mutation, Query, Request, Tags};

        use super::tags::{
            ANYTHING, BUCKET, FREE, KIND, LABEL, LEVEL, MADE, PAIR, PERSON, RECORD, SEAT,
            WATCHING,
        };
        use super::types::{ListRecords, Made, Page, Record};

        /// `GET /buckets/{bucket}/records`
        ///
        /// Provides `Record:{bucket},{id}` of each, `Level:{level},{bucket},{state}` of each, `Level:fixed,{level}` of each, `Person:{login}` of each, `Seat:{login},{team}` of each, `Watching:{id},{login}` of each, `Label:{*}` of each, `Label:{tags}` of each, `Kind:{kind}`, `Kind:{kind},{X-Team},fixed`, `Pair:{1}` of each, `Free:{x}` of each, `Free:{bucket},{free}`, `Record:LIST{bucket, kind, team}`, `Record:LIST{bucket, by, state}`, `Seat:LIST{level, login, shows}` and refers to `Bucket:{bucket}` of each.
        #[inline]
        pub fn list_records(bucket: &str, params: &ListRecords) -> Query<Page> {
            let request = Request::get("listRecords", "/buckets/{bucket}/records")
                .path_param("bucket", bucket)
                .query_param("kind", &params.kind)
                .header_param("X-Team", &params.x_team);
            Query::<Page>::new(request)
                .provides_at(RECORD.id_at().part(bucket).part_at("/data/*/id"))
                .provides_at(
                    LEVEL.id_at().part_at("/data/*/level").part(bucket).part_at("/data/*/state"),
                )
                .provides_from(|page| {
                    page
                        .data
                        .iter()
                        .flatten()
                        .map(|record| LEVEL.id(("fixed", record.level)))
                        .collect()
                })
                .provides_from(|page| {
                    page
                        .data
                        .iter()
                        .flatten()
                        .flat_map(|record| &record.owner)
                        .map(|person| PERSON.id(&person.login))
                        .collect()
                })
                .provides_from(|page| {
                    page
                        .data
                        .iter()
                        .flatten()
                        .flat_map(|record| &record.watchers)
                        .flat_map(|value| value.values())
                        .map(|person| SEAT.id((&person.login, person.team)))
                        .collect()
                })
                .provides_at(
                    WATCHING.id_at().part_at("/data/*/id").part_at("/data/*/watchers/*/login"),
                )
                .provides_from(|page| {
                    page
                        .data
                        .iter()
                        .flatten()
                        .flat_map(|record| &record.tags)
                        .flatten()
                        .map(|value| LABEL.id(value))
                        .collect()
                })
                .provides_at(LABEL.id_at().part_at("/data/*/tags"))
                .provides(KIND.id_at().part(&params.kind))
                .provides(KIND.id_at().part(&params.kind).part(params.x_team).part("fixed"))
                .provides_at(PAIR.id_at().part_at("/data/*/pair/1"))
                .provides_at(FREE.id_at().part_at("/free/*/x"))
                .provides_at(FREE.id_at().part(bucket).part_at("/free"))
                .provides(
                    RECORD.list()
                        .with("bucket", bucket)
                        .with("kind", &params.kind)
                        .with("team", params.x_team),
                )
                .provides_at(
                    RECORD
                        .list_at()
                        .with("bucket", bucket)
                        .with_at("by", "/free/*/x")
                        .with_at("state", "/data/*/state"),
                )
                .provides_from(|page| {
                    SEAT.list()
                        .with(
                            "level",
                            page
                                .data
                                .iter()
                                .flatten()
                                .map(|record| record.level)
                                .collect::<Vec<_>>(),
                        )
                        .with(
                            "login",
                            page
                                .data
                                .iter()
                                .flatten()
                                .flat_map(|record| &record.watchers)
                                .flat_map(|value| value.values())
                                .map(|person| &person.login)
                                .collect::<Vec<_>>(),
                        )
                        .with("shows", "ids")
                        .into()
                })
                .provides_from(|page| {
                    page
                        .data
                        .iter()
                        .flatten()
                        .map(|record| BUCKET.id(&record.bucket).reference())
                        .collect()
                })
                .holds(|page, held| {
                    held
                        .each(
                            &mut page.data,
                            |records, held| {
                                held.list(records, |record| LEVEL.id(("fixed", record.level)));
                                held.parts(
                                    records,
                                    |record, held| {
                                        held.optional(
                                            &mut record.owner,
                                            |person| PERSON.id(&person.login),
                                        );
                                        held.each(
                                            &mut record.watchers,
                                            |value, held| {
                                                held
                                                    .map(value, |person| SEAT.id((&person.login, person.team)))
                                            },
                                        );
                                    },
                                );
                            },
                        )
                })
        }

        /// `POST /buckets/{bucket}/records`
        ///
        /// Invalidates `Record:{bucket},{id}`, `Record:{bucket},{*}` of each, `Record:{id}`, `Made:{ids}`, `Watching:{id},{login}`, `Record:LIST{made, tag}`, `Record:LIST{state}` where a list names it and `Anything`.
        #[inline]
        pub fn import_records(bucket: &str, body: Option<&[Record]>) -> Mutation<Made> {
            let request = Request::post("importRecords", "/buckets/{bucket}/records")
                .path_param("bucket", bucket)
                .json_opt(body);
            Mutation::new(request)
                .invalidates(RECORD.id_at().part(bucket).part_in(body, "/*/id").gone())
                .invalidates_at(RECORD.id_at().part(bucket).part_at("/ids/*").reference())
                .invalidates(
                    body
                        .into_iter()
                        .flatten()
                        .map(|record| RECORD.id(record.id))
                        .collect::<Tags>(),
                )
                .invalidates_at(MADE.id_at().part_at("/ids"))
                .invalidates(
                    WATCHING.id_at().part_in(body, "/*/id").part_in(body, "/*/watchers/*/login"),
                )
                .invalidates_at(
                    RECORD.list_at().with_at("made", "/ids").with_in("tag", body, "/*/tags/*"),
                )
                .invalidates(
                    RECORD.list()
                        .with(
                            "state",
                            body
                                .into_iter()
                                .flatten()
                                .flat_map(|record| &record.state)
                                .collect::<Vec<_>>(),
                        )
                        .filtered(),
                )
                .invalidates(ANYTHING.all())
                .invalidates_when_lost(RECORD.all().reference())
                .invalidates_when_lost(MADE.all())
        }

        /// `GET /buckets/{bucket}/records/{id}`
        #[inline]
        pub fn get_record(bucket: &str, id: i64) -> Query<Record> {
            let request = Request::get("getRecord", "/buckets/{bucket}/records/{id}")
                .path_param("bucket", bucket)
                .path_param("id", &id);
            Query::new(request)
        }

        /// `PUT /buckets/{bucket}/records/{id}`
        ///
        /// Invalidates `Pair:{0},{1}` and `Label:{id},{*}`.
        ///
        /// Its result is the result of `getRecord` too, which is not asked for again.
        ///
        /// Its result is the result of `getRecord` too, which is not asked for again.
        ///
        /// Its result is the result of `getRecord` too, which is not asked for again.
        #[inline]
        pub fn put_record(bucket: &str, id: i64, body: &Record) -> Mutation<Record> {
            let request = Request::put("putRecord", "/buckets/{bucket}/records/{id}")
                .path_param("bucket", bucket)
                .path_param("id", &id)
                .json(body);
            Mutation::<Record>::new(request)
                .invalidates_at(PAIR.id_at().part_in(body, "/pair/0").part_at("/pair/1"))
                .invalidates(LABEL.id_at().part(id).part_in(body, "/tags/*"))
                .invalidates_when_lost(PAIR.all())
                .writes_from({
                    let bucket = bucket.to_owned();
                    move |record| get_record(&bucket, record.id)
                })
                .writes_from({
                    let bucket = body.bucket.clone();
                    move |record| get_record(&bucket, record.id)
                })
                .writes_from(|record| get_record(&record.bucket, record.id))
        }
    "#]].assert_eq(file("buckets.rs"));
}
