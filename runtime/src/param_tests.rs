//! The tables of OpenAPI's "Style Examples", with objects in the order of their names.

use serde_json::json;

use super::*;

#[test]
fn styles_as_in_the_openapi_and_rfc_6570_tables() {
    let values = [json!(""), json!("blue"), json!(["blue", "black", "brown"]), json!({ "R": 100, "G": 200, "B": 150 })];
    let table = [
        (Style::Simple, ["", "blue", "blue,black,brown", "B,150,G,200,R,100"]),
        (Style::SimpleExploded, ["", "blue", "blue,black,brown", "B=150,G=200,R=100"]),
        (Style::Label, [".", ".blue", ".blue,black,brown", ".B,150,G,200,R,100"]),
        (Style::LabelExploded, [".", ".blue", ".blue.black.brown", ".B=150.G=200.R=100"]),
        (Style::Matrix, [";color", ";color=blue", ";color=blue,black,brown", ";color=B,150,G,200,R,100"]),
        (Style::MatrixExploded, [";color", ";color=blue", ";color=blue;color=black;color=brown", ";B=150;G=200;R=100"]),
        (Style::Form, ["color=", "color=blue", "color=blue,black,brown", "color=B,150,G,200,R,100"]),
        (Style::FormExploded, ["color=", "color=blue", "color=blue&color=black&color=brown", "B=150&G=200&R=100"]),
        (
            Style::SpaceDelimited,
            ["color=", "color=blue", "color=blue%20black%20brown", "color=B%20150%20G%20200%20R%20100"],
        ),
        (
            Style::PipeDelimited,
            ["color=", "color=blue", "color=blue%7Cblack%7Cbrown", "color=B%7C150%7CG%7C200%7CR%7C100"],
        ),
        (
            Style::DeepObject,
            [
                "color=",
                "color=blue",
                "color%5B%5D=blue&color%5B%5D=black&color%5B%5D=brown",
                "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100",
            ],
        ),
        (
            Style::Json,
            [
                "color=%22%22",
                "color=%22blue%22",
                "color=%5B%22blue%22%2C%22black%22%2C%22brown%22%5D",
                "color=%7B%22B%22%3A150%2C%22G%22%3A200%2C%22R%22%3A100%7D",
            ],
        ),
    ];
    for (style, expected) in table {
        for (value, expected) in values.iter().zip(expected) {
            assert_eq!(write(style, "color", value, percent_encode).join("&"), expected, "{style:?} {value}");
        }
    }
}

#[test]
fn nothing_is_written_for_absent_values() {
    for value in [json!(null), json!([]), json!({}), json!([null]), json!({ "a": null })] {
        assert!(write(Style::FormExploded, "a", &value, percent_encode).is_empty(), "{value}");
    }
}

#[test]
fn deep_objects_nest() {
    let value = json!({ "a": { "b": [1, 2] }, "c": null });
    assert_eq!(write(Style::DeepObject, "f", &value, |text| text.into()), ["f[a][b][]=1", "f[a][b][]=2"]);
    let lines = json!([{ "price": "p", "tags": ["x"] }, { "price": "q" }]);
    assert_eq!(
        write(Style::DeepObject, "lines", &lines, |text| text.into()),
        ["lines[0][price]=p", "lines[0][tags][]=x", "lines[1][price]=q"]
    );
    assert_eq!(write(Style::DeepObject, "ids[]", &json!([1, 2]), |text| text.into()), ["ids[]=1", "ids[]=2"]);
}

#[test]
fn only_unreserved_characters_stay() {
    assert_eq!(percent_encode("aZ0-._~ /?#%+é"), "aZ0-._~%20%2F%3F%23%25%2B%C3%A9");
}
