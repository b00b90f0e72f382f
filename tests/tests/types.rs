//! Generated types keep the wire: what comes in goes out again unchanged.

use larder::Nullable;
use larder_tests::all_types::types::{
    AccountInput, Event, Message, Owner, Pet, Shape, Step, Thing, ThingEither, ThingLevel, ThingPriority, Unions,
    UnionsMany, Vehicle,
};
use serde_json::{Value, json};

fn thing() -> Value {
    json!({
        "texts": ["a", "b"],
        "counts": { "x": 1 },
        "level": "+1",
        "priority": 10,
        "shape": { "side": 2.0, "name": "s" },
        "pet": { "species": "wolf", "puppies": [{ "species": "cat", "lives": 9 }] },
        "tree": { "name": "root", "left": { "name": "l", "rest": [{ "name": "ll" }] } },
        "anything": { "at": ["all", null, 1.5] },
        "nothing": null,
        "maybe": null,
        "either": 5,
        "type": "t",
        "async": true,
        "2fa": false,
        "merged": { "radius": 1.0, "colour": "red" },
        "Ratio": 0.5,
        "big": u64::MAX,
        "bigger": u64::MAX,
        "moment": "2024-02-29T10:00:00.50+01:00",
        "day": "2024-02-29",
        "key": "67E55044-10B1-426F-9247-BB680E5FE0C8",
        "blob": "cXVpbmNl",
        "encoded": "cXVpbmNl",
        "pair": ["a", 1],
        "pattern": { "x-on": true },
        "open": null,
        "word": "fixed",
        "flag": true,
        "quoted": "1",
        "limit": 5,
        "extended": { "known": "k", "free": 3 }
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut thing = thing();
    thing[key] = value;
    thing
}

fn round_trip(value: &Value) -> Thing {
    let thing: Thing = serde_json::from_value(value.clone()).expect("the value fits its type");
    assert_eq!(serde_json::to_value(&thing).expect("it can be written"), *value);
    thing
}

#[test]
fn a_struct_is_made_of_what_it_has_to_have() {
    let account = AccountInput::new("a@example.com", "quince");
    let expected = json!({ "email": "a@example.com", "password": "quince" });
    assert_eq!(serde_json::to_value(&account).expect("it can be written"), expected);
}

#[test]
fn every_kind_of_field_survives_a_round_trip() {
    let thing = round_trip(&thing());
    assert_eq!(thing.level, ThingLevel::Plus1);
    assert_eq!(thing.priority, ThingPriority::N10);
    assert!(matches!(thing.shape, Shape::Square(ref square) if square.side == 2.0));
    assert!(matches!(thing.either, Some(ThingEither::Integer(5))));
    assert_eq!(thing.maybe, Nullable::Null);
    assert_eq!(thing.extended.map(|extended| extended.additional["free"]), Some(3));
}

#[test]
fn absent_and_null_are_told_apart() {
    let mut absent = thing();
    absent.as_object_mut().unwrap().remove("maybe");
    assert_eq!(round_trip(&absent).maybe, Nullable::Absent);
    assert_eq!(round_trip(&with("maybe", json!(4))).maybe, Nullable::Value(4));
    let patch = |nickname| AccountInput { email: "a@b".to_owned(), password: "p".to_owned(), nickname };
    let wire = |nickname| serde_json::to_value(patch(nickname)).unwrap();
    assert_eq!(wire(Nullable::Absent), json!({ "email": "a@b", "password": "p" }));
    assert_eq!(wire(Nullable::Null), json!({ "email": "a@b", "password": "p", "nickname": null }));
    assert_eq!(wire("n".to_owned().into()), json!({ "email": "a@b", "password": "p", "nickname": "n" }));
}

#[test]
fn what_the_document_does_not_list_survives() {
    assert_eq!(round_trip(&with("level", json!("medium"))).level, ThingLevel::Unknown("medium".to_owned()));
    assert_eq!(round_trip(&with("priority", json!(77))).priority, ThingPriority::Unknown(77));
    let fish = json!({ "species": "fish", "scales": true });
    assert!(matches!(round_trip(&with("pet", fish)).pet, Pet::Unknown(_)));
    assert!(matches!(round_trip(&with("shape", json!({ "edges": 7 }))).shape, Shape::Unknown(_)));
    assert!(matches!(round_trip(&with("shape", json!("a line"))).shape, Shape::Text(_)));
}

#[test]
fn a_variant_is_picked_by_its_tag_and_by_its_shape() {
    for (shape, circle) in [(json!({ "radius": 1.0 }), true), (json!({ "side": 1.0, "name": "x" }), false)] {
        assert_eq!(matches!(round_trip(&with("shape", shape)).shape, Shape::Circle(_)), circle);
    }
    for (species, cat) in [("cat", true), ("dog", false), ("wolf", false)] {
        let pet = round_trip(&with("pet", json!({ "species": species }))).pet;
        assert_eq!(matches!(pet, Pet::Cat(_)), cat);
        assert_eq!(matches!(pet, Pet::Dog(_)), !cat);
    }
}

#[test]
fn dates_and_the_like_are_read_on_demand_and_kept_as_they_came() {
    let thing = round_trip(&thing());
    let moment = thing.moment.and_then(|moment| moment.get()).map(|moment| moment.timestamp_millis());
    assert_eq!(moment, Some(1_709_197_200_500));
    assert_eq!(thing.day.and_then(|day| day.get()), larder::chrono::NaiveDate::from_ymd_opt(2024, 2, 29));
    assert!(thing.key.and_then(|key| key.get()).is_some());
    assert_eq!(thing.blob.and_then(|blob| blob.get()), Some(b"quince".to_vec()));
    for (field, text) in [("moment", "yesterday"), ("day", "0000-00-00"), ("key", ""), ("blob", "%")] {
        round_trip(&with(field, json!(text)));
    }
}

fn union_trip(key: &str, value: Value) -> Unions {
    let value = json!({ key: value });
    let unions: Unions = serde_json::from_value(value.clone()).expect("the value fits its type");
    assert_eq!(serde_json::to_value(&unions).expect("it can be written"), value);
    unions
}

#[test]
fn where_a_parent_stands_any_of_its_children_may_come() {
    let vehicle = |value| union_trip("vehicle", value).vehicle;
    let car = vehicle(json!({ "kind": "car", "wheels": 4, "doors": 5 }));
    assert!(matches!(car, Some(Vehicle::Car(car)) if car.doors == Some(5)));
    let bike = vehicle(json!({ "kind": "Bike", "wheels": 2, "bell": true }));
    assert!(matches!(bike, Some(Vehicle::Bike(_))));
    let itself = vehicle(json!({ "kind": "Vehicle", "wheels": 1 }));
    assert!(matches!(itself, Some(Vehicle::Base(_))));
    assert!(matches!(vehicle(json!({ "kind": "boat", "sails": 2 })), Some(Vehicle::Unknown(_))));
}

#[test]
fn a_property_that_always_has_the_same_text_tells_variants_apart() {
    let event = |value| union_trip("event", value).event;
    assert!(matches!(event(json!({ "type": "deleted", "note": "n" })), Some(Event::Deleted(_))));
    assert!(matches!(event(json!({ "type": "created" })), Some(Event::Created(_))));
    assert!(matches!(event(json!({ "type": "moved" })), Some(Event::Unknown(_))));
    let step = |value| union_trip("step", value).step;
    assert!(matches!(step(json!({ "do": "call", "name": "n" })), Some(Step::Call(_))));
    assert!(matches!(step(json!({ "do": "wait", "name": "n" })), Some(Step::Wait(_))));
}

#[test]
fn a_choice_inside_all_of_is_a_choice_of_the_whole() {
    let message = |value| union_trip("message", value).message;
    let plain = message(json!({ "id": 1, "text": "t" }));
    assert!(matches!(plain, Some(Message::Plain(plain)) if plain.id == 1));
    let picture = message(json!({ "id": 2, "url": "u", "width": 3 }));
    assert!(matches!(picture, Some(Message::Picture(picture)) if picture.id == 2));
}

#[test]
fn the_variant_that_loses_least_is_taken_however_deep_the_difference() {
    let owner = |value| union_trip("owner", value).owner;
    let company = owner(json!({ "data": { "name": "n", "vat": "v" } }));
    assert!(matches!(company, Some(Owner::Company(_))));
    assert!(matches!(owner(json!({ "data": { "name": "n" } })), Some(Owner::Person(_))));
    let step = union_trip("step", json!({ "target": { "data": { "vat": "v" } } })).step;
    assert!(matches!(step, Some(Step::Jump(jump)) if matches!(jump.target, Owner::Company(_))));
}

#[test]
fn values_of_several_kinds_are_told_apart() {
    for value in [json!("auto"), json!(1), json!(7), json!("other")] {
        union_trip("mixed", value);
    }
    assert!(matches!(union_trip("many", json!(["a"])).many, Some(UnionsMany::TextList(_))));
    assert!(matches!(union_trip("many", json!("a")).many, Some(UnionsMany::Text(_))));
}
