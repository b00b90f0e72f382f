//! Generated types keep the wire: what comes in goes out again unchanged.

use larder::Nullable;
use larder_tests::all_types::types::{AccountInput, Pet, Shape, Thing, ThingEither, ThingLevel, ThingPriority};
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
