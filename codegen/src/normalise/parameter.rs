//! Parameters: where each travels, and how it is written.

use openapiv3::{CookieStyle, HeaderStyle, PathStyle, QueryStyle};
use serde_json::{Map, Value, json};

use super::Spec;
use crate::diagnostic::Diagnostic;
use crate::load::{Kind, NodeId};

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

/// How a parameter's value is written, `explode` included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Simple,
    SimpleExploded,
    Label,
    LabelExploded,
    Matrix,
    MatrixExploded,
    Form,
    FormExploded,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    /// The value as JSON text: a parameter with `content`.
    Json,
}

pub(crate) struct Parameter {
    pub(crate) at: NodeId,
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) style: Style,
    /// Reserved characters stay as they are.
    pub(crate) reserved: bool,
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
    pub(crate) description: Option<String>,
    pub(crate) schema: Option<NodeId>,
}

/// Headers that OpenAPI describes elsewhere.
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

impl Spec<'_> {
    /// The path item's parameters with the operation's own over them.
    pub(super) fn parameters(&self, item: NodeId, at: NodeId) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for owner in [item, at] {
            let listed = self.document.get(owner, "parameters").map_or(&[][..], |list| self.document.array(list));
            for node in listed {
                let parameter = match self.parameter(*node) {
                    Ok(Some(parameter)) => parameter,
                    Ok(None) => continue,
                    Err(problem) => {
                        self.report(problem);
                        continue;
                    }
                };
                let same = |other: &Parameter| other.name == parameter.name && other.place == parameter.place;
                match parameters.iter_mut().find(|other| same(other)) {
                    Some(slot) => *slot = parameter,
                    None => parameters.push(parameter),
                }
            }
        }
        parameters
    }

    /// Reads one parameter; `None` for a header that OpenAPI says to ignore.
    fn parameter(&self, node: NodeId) -> Result<Option<Parameter>, Diagnostic> {
        const HELP: &str = "the parameter is left out; one has `name`, `in` and `schema`";
        let at = self.resolve(node).map_err(|problem| problem.instead("the parameter is left out"))?;
        let bad = |message: String| {
            Diagnostic::warning(format!("this parameter cannot be read: {message}"))
                .at(self.document.span(node))
                .help(HELP)
        };
        let text = |key| self.document.str_at(at, key);
        let content = self.document.members(at, "content").next();
        let flag = |key| self.document.flag(at, key);
        let explode = match self.document.get(at, "explode").map(|node| self.document.kind(node)) {
            Some(Kind::Bool(flag)) => Some(*flag),
            _ => None,
        };
        let mut parameter = Parameter {
            at,
            name: text("name").unwrap_or_default().to_owned(),
            place: Place::Query,
            style: Style::FormExploded,
            reserved: flag("allowReserved"),
            required: flag("required"),
            deprecated: flag("deprecated"),
            description: text("description").map(str::to_owned),
            schema: self.document.get(at, "schema"),
        };
        if text("in") == Some("querystring") {
            self.whole_query(&mut parameter, content);
            return Ok(Some(parameter));
        }
        let (place, style) = match self.place_and_style(at, explode) {
            Ok(found) => found,
            Err(error) => return Err(bad(error.to_string())),
        };
        parameter.required |= place == Place::Path;
        (parameter.place, parameter.style) = (place, style);
        if place == Place::Header && IGNORED_HEADERS.contains(&parameter.name.to_ascii_lowercase().as_str()) {
            return Ok(None);
        }
        if let Some((content_type, media)) = content {
            let schema = self.resolve(media).ok().and_then(|media| self.document.get(media, "schema"));
            parameter.schema = parameter.schema.or(schema);
            // Text of another media type is sent as it is.
            if content_type.to_ascii_lowercase().contains("json") {
                parameter.style = Style::Json;
            } else {
                parameter.schema = None;
            }
        }
        Ok(Some(parameter))
    }

    /// 3.2: the whole query string is one value: a form, or text under no name.
    fn whole_query(&self, parameter: &mut Parameter, content: Option<(&str, NodeId)>) {
        let Some((content_type, media)) = content else { return };
        parameter.schema = self.resolve(media).ok().and_then(|media| self.document.get(media, "schema"));
        let content_type = content_type.to_ascii_lowercase();
        if content_type.contains("json") {
            parameter.style = Style::Json;
        } else if !content_type.contains("form") {
            parameter.schema = None;
        }
        if !content_type.contains("form") {
            parameter.name = String::new();
        }
    }

    /// Reads `in` and `style`. A style that its place does not have is told, and the place's own is taken.
    fn place_and_style(&self, at: NodeId, explode: Option<bool>) -> serde_json::Result<(Place, Style)> {
        let mut piece = Map::new();
        for key in ["name", "in", "style"] {
            if let Some(text) = self.document.str_at(at, key) {
                piece.insert(key.to_owned(), json!(text));
            }
        }
        if let Some(explode) = explode {
            piece.insert("explode".to_owned(), json!(explode));
        }
        piece.insert("required".to_owned(), json!(self.document.flag(at, "required")));
        piece.insert("schema".to_owned(), json!({ "$ref": at.to_ref() }));
        let read = |piece: &Map<String, Value>| {
            let parameter: openapiv3::Parameter = serde_json::from_value(Value::Object(piece.clone()))?;
            let explode = parameter.parameter_data_ref().explode;
            Ok(place_and_style(&parameter, explode))
        };
        read(&piece).or_else(|error| {
            let Some(style) = piece.remove("style") else { return Err(error) };
            let found = read(&piece)?;
            // 3.2's own style for cookies is what cookies are written in here.
            if style != "cookie" {
                let place = self.document.str_at(at, "in").unwrap_or_default();
                let message = format!("a parameter in `{place}` has no style {style}");
                self.warn(at, message, "it is written in the usual style of its place");
            }
            Ok(found)
        })
    }
}

/// The style of a field in a query string or form, if there is one of that name.
pub(super) fn form_style(name: &str, explode: Option<bool>) -> Option<Style> {
    let style = serde_json::from_value(json!(name)).ok()?;
    Some(query_style(&style, explode))
}

fn query_style(style: &QueryStyle, explode: Option<bool>) -> Style {
    let pick = |plain, default| if explode.unwrap_or(default) { Style::FormExploded } else { plain };
    match style {
        QueryStyle::Form => pick(Style::Form, true),
        QueryStyle::SpaceDelimited => pick(Style::SpaceDelimited, false),
        QueryStyle::PipeDelimited => pick(Style::PipeDelimited, false),
        QueryStyle::DeepObject => Style::DeepObject,
    }
}

fn place_and_style(parameter: &openapiv3::Parameter, explode: Option<bool>) -> (Place, Style) {
    let pick = |plain, exploded, default| if explode.unwrap_or(default) { exploded } else { plain };
    match parameter {
        openapiv3::Parameter::Query { style, .. } => (Place::Query, query_style(style, explode)),
        openapiv3::Parameter::Path { style, .. } => {
            let style = match style {
                PathStyle::Simple => pick(Style::Simple, Style::SimpleExploded, false),
                PathStyle::Label => pick(Style::Label, Style::LabelExploded, false),
                PathStyle::Matrix => pick(Style::Matrix, Style::MatrixExploded, false),
            };
            (Place::Path, style)
        }
        openapiv3::Parameter::Header { style: HeaderStyle::Simple, .. } => {
            (Place::Header, pick(Style::Simple, Style::SimpleExploded, false))
        }
        openapiv3::Parameter::Cookie { style: CookieStyle::Form, .. } => {
            (Place::Cookie, pick(Style::Form, Style::FormExploded, true))
        }
    }
}
