//! How parameters are written: the styles of OpenAPI, which are those of RFC 6570.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use crate::tag::scalar;

/// How a parameter's value is written: OpenAPI's `style` and `explode` in one word.
///
/// Members of an object are written in the order of their names, so that equal values always make the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Style {
    /// `blue,black` and `G,200,R,100`: the default in paths and headers.
    Simple,
    /// `blue,black` and `G=200,R=100`.
    SimpleExploded,
    /// `.blue,black` and `.G,200,R,100`.
    Label,
    /// `.blue.black` and `.G=200.R=100`.
    LabelExploded,
    /// `;color=blue,black` and `;color=G,200,R,100`.
    Matrix,
    /// `;color=blue;color=black` and `;G=200;R=100`.
    MatrixExploded,
    /// `color=blue,black` and `color=G,200,R,100`: the default in cookies.
    Form,
    /// `color=blue&color=black` and `G=200&R=100`: the default in query strings.
    FormExploded,
    /// `color=blue%20black`.
    SpaceDelimited,
    /// `color=blue%7Cblack`.
    PipeDelimited,
    /// `color[G]=200&color[R]=100`, and so on inwards, with the brackets percent-encoded.
    ///
    /// OpenAPI leaves open what becomes of arrays. Texts and numbers are written `color[]=blue&color[]=black`, which servers
    /// in every language read, objects `color[0][G]=200`, which is the only form that tells one object from the next.
    DeepObject,
    /// The value as JSON text: a parameter described by `content`.
    Json,
}

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes everything but unreserved characters.
pub(crate) fn percent_encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, RESERVED).into()
}

/// Percent-encodes what would end a value in a query string, or may not be in a URL; reserved characters stay.
pub(crate) fn encode_unsafe(text: &str) -> Cow<'_, str> {
    const KEPT: &AsciiSet = &RESERVED
        .remove(b':')
        .remove(b'/')
        .remove(b'?')
        .remove(b'@')
        .remove(b'!')
        .remove(b'$')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')')
        .remove(b'*')
        .remove(b',')
        .remove(b';')
        .remove(b'=');
    utf8_percent_encode(text, KEPT).into()
}

/// Percent-encodes the characters that may not be in a URL at all.
pub(crate) fn encode_illegal(text: &str) -> Cow<'_, str> {
    const ILLEGAL: &AsciiSet =
        &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');
    utf8_percent_encode(text, ILLEGAL).into()
}

/// How characters that mean something to the place of a parameter are written there.
pub(crate) type Escape = fn(&str) -> Cow<'_, str>;

/// Writes a value in a style, as pieces to be joined by the separator of the place (`&` in a query string). An absent or
/// empty value has no pieces. An empty name stands for a place that has none, such as a header.
pub(crate) fn write(style: Style, name: &str, value: &Json, escape: Escape) -> Vec<String> {
    match value {
        Json::Null => Vec::new(),
        Json::Array(_) if style == Style::DeepObject => write_deep(name, value, escape),
        value if style == Style::Json => vec![pair(name, &escape(&json(value)), escape)],
        Json::Array(items) => {
            let items: Vec<String> =
                items.iter().filter(|item| !item.is_null()).map(|item| escape(&text(item)).into_owned()).collect();
            if items.is_empty() { Vec::new() } else { write_array(style, name, &items, escape) }
        }
        Json::Object(_) => {
            let members = members(value);
            if members.is_empty() { Vec::new() } else { write_object(style, name, &members, escape) }
        }
        value => vec![write_scalar(style, name, &escape(&text(value)), escape)],
    }
}

fn write_scalar(style: Style, name: &str, value: &str, escape: Escape) -> String {
    match style {
        Style::Simple | Style::SimpleExploded => value.to_owned(),
        Style::Label | Style::LabelExploded => format!(".{value}"),
        Style::Matrix | Style::MatrixExploded if value.is_empty() => format!(";{}", escape(name)),
        Style::Matrix | Style::MatrixExploded => format!(";{}", pair(name, value, escape)),
        _ => pair(name, value, escape),
    }
}

fn write_array(style: Style, name: &str, items: &[String], escape: Escape) -> Vec<String> {
    match style {
        Style::LabelExploded => vec![format!(".{}", items.join("."))],
        Style::MatrixExploded => vec![items.iter().map(|item| write_scalar(style, name, item, escape)).collect()],
        Style::FormExploded => items.iter().map(|item| pair(name, item, escape)).collect(),
        Style::SpaceDelimited => vec![pair(name, &items.join("%20"), escape)],
        Style::PipeDelimited => vec![pair(name, &items.join("%7C"), escape)],
        _ => vec![write_scalar(style, name, &items.join(","), escape)],
    }
}

fn write_object(style: Style, name: &str, members: &[(&str, &Json)], escape: Escape) -> Vec<String> {
    if style == Style::DeepObject {
        return members.iter().flat_map(|(key, value)| write_deep(&format!("{name}[{key}]"), value, escape)).collect();
    }
    let assigned: Vec<String> = members.iter().map(|(key, value)| pair(key, &escape(&text(value)), escape)).collect();
    let flat: Vec<String> =
        members.iter().flat_map(|(key, value)| [escape(key).into_owned(), escape(&text(value)).into_owned()]).collect();
    match style {
        Style::SimpleExploded => vec![assigned.join(",")],
        Style::LabelExploded => vec![format!(".{}", assigned.join("."))],
        Style::MatrixExploded => vec![format!(";{}", assigned.join(";"))],
        Style::FormExploded => assigned,
        Style::SpaceDelimited => vec![pair(name, &flat.join("%20"), escape)],
        Style::PipeDelimited => vec![pair(name, &flat.join("%7C"), escape)],
        _ => vec![write_scalar(style, name, &flat.join(","), escape)],
    }
}

fn write_deep(name: &str, value: &Json, escape: Escape) -> Vec<String> {
    match value {
        Json::Null => Vec::new(),
        Json::Array(items) => {
            let name = name.strip_suffix("[]").unwrap_or(name);
            let nested = items.iter().any(|item| item.is_object() || item.is_array());
            let place = |at: usize| if nested { at.to_string() } else { String::new() };
            let items = items.iter().enumerate();
            items.flat_map(|(at, item)| write_deep(&format!("{name}[{}]", place(at)), item, escape)).collect()
        }
        Json::Object(_) => {
            let members = members(value).into_iter();
            members.flat_map(|(key, value)| write_deep(&format!("{name}[{key}]"), value, escape)).collect()
        }
        value => vec![pair(name, &escape(&text(value)), escape)],
    }
}

/// The members that are there, by name.
fn members(object: &Json) -> Vec<(&str, &Json)> {
    let members = object.as_object().into_iter().flatten();
    let mut members: Vec<_> =
        members.filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.as_str(), value)).collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    members
}

fn pair(name: &str, value: &str, escape: Escape) -> String {
    if name.is_empty() { value.to_owned() } else { [&*escape(name), "=", value].concat() }
}

/// The text of a value. What is nested deeper than a style reaches is written as JSON.
fn text(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(text) => text.into(),
        value => scalar(value).map_or_else(|| json(value), String::from).into(),
    }
}

/// JSON with the members of objects by name, whatever order they were set in (B1).
pub(crate) fn json(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            let members =
                members.into_iter().map(|(name, value)| format!("{}:{}", Json::from(name.as_str()), json(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Json::Number(number) => text(&Json::Number(number.clone())).into_owned(),
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
#[path = "param_tests.rs"]
mod tests;
