//! One operation: its parameters, body and responses, each read alone.

use openapiv3::{
    Content, CookieStyle, HeaderStyle, ParameterSchemaOrContent, PathStyle, QueryStyle, ReferenceOr, RequestBody,
    StatusCode,
};
use serde_json::{Map, Value, json};

use super::Spec;
use crate::diagnostic::Diagnostic;
use crate::load::{Kind, NodeId};
use crate::problem_kind::ProblemKind;

/// An operation as the document has it.
pub(crate) struct Operation {
    pub(crate) at: NodeId,
    /// As it travels: in capitals, unless the document has a method of its own.
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) id: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) summary: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) responses: Vec<Response>,
}

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
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
    pub(crate) description: Option<String>,
    pub(crate) schema: Option<NodeId>,
}

pub(crate) struct Body {
    pub(crate) at: NodeId,
    pub(crate) required: bool,
    pub(crate) media: Vec<Media>,
}

pub(crate) struct Media {
    pub(crate) content_type: String,
    pub(crate) schema: Option<NodeId>,
    /// What each of a sequence of values is, where the media type is one of values in a row.
    pub(crate) item_schema: Option<NodeId>,
}

/// The status that a response is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Code(u16),
    /// `4XX` is `Range(4)`.
    Range(u16),
    Default,
}

impl Status {
    pub(crate) fn is_success(self) -> bool {
        matches!(self, Status::Code(200..=299) | Status::Range(2))
    }
}

pub(crate) struct Response {
    pub(crate) status: Status,
    pub(crate) description: String,
    pub(crate) media: Vec<Media>,
}

const METHODS: [(&str, &str); 9] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("trace", "TRACE"),
    ("query", "QUERY"),
];

impl Spec<'_> {
    /// Every operation that can be read, in the order of the document; the
    /// others are reported and left out.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.document.members(self.document.root(), "paths") {
            if path.starts_with("x-") {
                continue;
            }
            let item = match self.resolve(item) {
                Ok(item) => item,
                Err(problem) => {
                    self.report(problem);
                    continue;
                }
            };
            for (method, at) in self.methods(item) {
                let id = self.document.str_at(at, "operationId").map_or(format!("{method} {path}"), str::to_owned);
                self.reading(Some(&id));
                match self.operation(path, method, item, at) {
                    Ok(operation) => operations.push(operation),
                    Err(problem) => {
                        self.report(problem.kind(ProblemKind::OperationLeftOut).operation(id));
                    }
                }
            }
            self.reading(None);
        }
        operations
    }

    /// The operations of a path item by their methods; of 3.2, those too that OpenAPI has no key for.
    pub(super) fn methods(&self, item: NodeId) -> impl Iterator<Item = (&str, NodeId)> {
        let known = METHODS.iter().filter_map(move |(key, method)| Some((*method, self.document.get(item, key)?)));
        known.chain(self.document.members(item, "additionalOperations"))
    }

    fn operation(&self, path: &str, method: &str, item: NodeId, at: NodeId) -> Result<Operation, Diagnostic> {
        if !is_token(method) {
            return Err(Diagnostic::warning(format!("{method:?} is no method of HTTP"))
                .at(self.document.span(at))
                .help("the operation is left out; a method is made of letters, digits and `!#$%&'*+-.^_`|~`"));
        }
        if self.document.object(at).is_none() {
            return Err(Diagnostic::warning(format!("`{method} {path}` is no operation; it is left out"))
                .at(self.document.span(at))
                .help("an operation is an object with `responses`"));
        }
        let text = |key| self.document.str_at(at, key).map(str::to_owned);
        let groups = self.document.get(at, "tags").map_or(&[][..], |tags| self.document.array(tags));
        let body = self.document.get(at, "requestBody").map(|body| self.body(body)).transpose()?;
        let mut responses = Vec::new();
        for (status, response) in self.document.members(at, "responses") {
            let Some(status) = read_status(status) else { continue };
            responses.push(self.response(status, response)?);
        }
        Ok(Operation {
            at,
            method: method.to_owned(),
            path: path.to_owned(),
            id: text("operationId").filter(|id| !id.is_empty()),
            groups: groups.iter().filter_map(|group| self.document.str(*group).map(str::to_owned)).collect(),
            summary: text("summary"),
            description: text("description"),
            deprecated: self.document.flag(at, "deprecated"),
            parameters: self.parameters(item, at)?,
            body,
            responses,
        })
    }

    /// The path item's parameters with the operation's own over them.
    fn parameters(&self, item: NodeId, at: NodeId) -> Result<Vec<Parameter>, Diagnostic> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for owner in [item, at] {
            let listed = self.document.get(owner, "parameters").map_or(&[][..], |list| self.document.array(list));
            for node in listed {
                let Some(parameter) = self.parameter(*node)? else { continue };
                let same = |other: &Parameter| other.name == parameter.name && other.place == parameter.place;
                match parameters.iter_mut().find(|other| same(other)) {
                    Some(slot) => *slot = parameter,
                    None => parameters.push(parameter),
                }
            }
        }
        Ok(parameters)
    }

    /// Reads one parameter; `None` for a header that OpenAPI says to ignore.
    fn parameter(&self, node: NodeId) -> Result<Option<Parameter>, Diagnostic> {
        let at = self.resolve(node)?;
        let bad = |message: String| {
            Diagnostic::warning(format!("this parameter cannot be read: {message}"))
                .at(self.document.span(node))
                .help("the operation is left out; a parameter has `name`, `in` and `schema`")
        };
        let mut piece = Map::new();
        for key in ["name", "in", "description", "style"] {
            if let Some(text) = self.document.str_at(at, key) {
                piece.insert(key.to_owned(), json!(text));
            }
        }
        for key in ["required", "deprecated", "explode"] {
            if let Some(Kind::Bool(flag)) = self.document.get(at, key).map(|flag| self.document.kind(flag)) {
                piece.insert(key.to_owned(), json!(flag));
            }
        }
        let schema = self.document.get(at, "schema");
        match (schema, self.document.get(at, "content")) {
            (None, Some(content)) => piece.insert("content".to_owned(), self.content(content)),
            (schema, _) => piece.insert("schema".to_owned(), json!({ "$ref": schema.unwrap_or(at).to_ref() })),
        };
        let read: openapiv3::Parameter =
            serde_json::from_value(Value::Object(piece)).map_err(|error| bad(error.to_string()))?;
        let data = read.clone().parameter_data();
        let (place, style) = place_and_style(&read, data.explode);
        let ignored = ["accept", "content-type", "authorization"];
        if place == Place::Header && ignored.contains(&data.name.to_ascii_lowercase().as_str()) {
            return Ok(None);
        }
        let (style, schema) = match data.format {
            ParameterSchemaOrContent::Schema(_) => (style, schema),
            ParameterSchemaOrContent::Content(content) => {
                (Style::Json, content.into_values().next().and_then(|media| media_schema(&media)))
            }
        };
        Ok(Some(Parameter {
            at,
            name: data.name,
            place,
            style,
            required: data.required || place == Place::Path,
            deprecated: data.deprecated.unwrap_or(false),
            description: data.description,
            schema,
        }))
    }

    fn body(&self, node: NodeId) -> Result<Body, Diagnostic> {
        let at = self.resolve(node)?;
        let content = self.document.get(at, "content").map_or_else(|| json!({}), |content| self.content(content));
        let piece = json!({ "required": self.document.flag(at, "required"), "content": content });
        let read: RequestBody = serde_json::from_value(piece).map_err(|error| self.unreadable("body", node, &error))?;
        Ok(Body { at, required: read.required, media: self.media(at, read.content) })
    }

    fn response(&self, status: Status, node: NodeId) -> Result<Response, Diagnostic> {
        let at = self.resolve(node)?;
        let content = self.document.get(at, "content").map_or_else(|| json!({}), |content| self.content(content));
        let description = self.document.str_at(at, "description").unwrap_or_default();
        let piece = json!({ "description": description, "content": content });
        let read: openapiv3::Response =
            serde_json::from_value(piece).map_err(|error| self.unreadable("response", node, &error))?;
        Ok(Response { status, description: read.description, media: self.media(at, read.content) })
    }

    fn unreadable(&self, what: &str, node: NodeId, error: &serde_json::Error) -> Diagnostic {
        Diagnostic::warning(format!("this {what} cannot be read: {error}"))
            .at(self.document.span(node))
            .help("the operation is left out")
    }

    /// A `content` object, its schemas as references and its examples gone.
    fn content(&self, node: NodeId) -> Value {
        let members = self.document.object(node).into_iter().flatten();
        let media = members.map(|(content_type, media)| {
            let schema = self.resolve(*media).ok().and_then(|media| self.document.get(media, "schema"));
            let media = schema.map_or_else(|| json!({}), |schema| json!({ "schema": { "$ref": schema.to_ref() } }));
            (content_type.clone(), media)
        });
        Value::Object(media.collect())
    }

    /// The media types of the `content` at `owner`, with what `openapiv3` does not know of them.
    fn media(&self, owner: NodeId, content: Content) -> Vec<Media> {
        let written = self.document.get(owner, "content");
        let item_schema = |content_type: &str| {
            let media = self.resolve(self.document.get(written?, content_type)?).ok()?;
            self.document.get(media, "itemSchema")
        };
        let media = content.into_iter();
        media
            .map(|(content_type, media)| Media {
                schema: media_schema(&media),
                item_schema: item_schema(&content_type),
                content_type,
            })
            .collect()
    }
}

/// Whether a text is a token of HTTP, as methods are.
fn is_token(text: &str) -> bool {
    let is_mark = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

fn media_schema(media: &openapiv3::MediaType) -> Option<NodeId> {
    match media.schema.as_ref()? {
        ReferenceOr::Reference { reference } => NodeId::from_ref(reference),
        ReferenceOr::Item(_) => None,
    }
}

fn read_status(text: &str) -> Option<Status> {
    if text.eq_ignore_ascii_case("default") {
        return Some(Status::Default);
    }
    match serde_json::from_value::<StatusCode>(json!(text.to_ascii_uppercase())).ok()? {
        StatusCode::Code(code) => Some(Status::Code(code)),
        StatusCode::Range(range) => Some(Status::Range(range)),
    }
}

fn place_and_style(parameter: &openapiv3::Parameter, explode: Option<bool>) -> (Place, Style) {
    let pick = |plain, exploded, default| if explode.unwrap_or(default) { exploded } else { plain };
    match parameter {
        openapiv3::Parameter::Query { style, .. } => {
            let style = match style {
                QueryStyle::Form => pick(Style::Form, Style::FormExploded, true),
                QueryStyle::SpaceDelimited => pick(Style::SpaceDelimited, Style::FormExploded, false),
                QueryStyle::PipeDelimited => pick(Style::PipeDelimited, Style::FormExploded, false),
                QueryStyle::DeepObject => Style::DeepObject,
            };
            (Place::Query, style)
        }
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
