//! Headers of responses: one for each name, whichever operations have it.

use std::collections::HashMap;

use heck::ToShoutySnakeCase as _;

use super::builder::Builder;
use super::name::{self, Scope};
use super::sides::Side;
use super::{Header, Type};
use crate::load::NodeId;
use crate::normalise::{self, JsonType, Response};

/// The headers so far.
#[derive(Default)]
pub(super) struct Headers {
    found: Vec<Header>,
    /// By the name in small letters.
    places: HashMap<String, usize>,
    names: Scope,
}

impl Headers {
    pub(super) fn into_found(self) -> Vec<Header> {
        self.found
    }
}

impl Builder<'_, '_> {
    /// The places of all headers of an operation's responses among those of the API.
    pub(super) fn headers(&mut self, responses: &[Response]) -> Vec<usize> {
        let mut places = Vec::new();
        for header in responses.iter().flat_map(|response| &response.headers) {
            let wire = header.name.to_ascii_lowercase();
            // OpenAPI describes the first elsewhere, and the others speak to browsers alone.
            if wire == "content-type" || wire.starts_with("access-control-") {
                continue;
            }
            let place = self.header(header, wire);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places
    }

    fn header(&mut self, header: &normalise::Header, wire: String) -> usize {
        let (ty, is_json) = self.header_type(header);
        if let Some(place) = self.headers.places.get(&wire) {
            let known = &mut self.headers.found[*place];
            // What is of several types is text in all of them.
            if (&known.ty, known.is_json) != (&ty, is_json) {
                (known.ty, known.is_json) = (Type::String, false);
            }
            if known.doc.is_empty() {
                known.doc.clone_from(&header.description);
            }
            return *place;
        }
        // It is one word, whatever its capitals say.
        let words = if wire == "etag" { &wire } else { &header.name };
        let name = name::snake_name(words).trim_start_matches("r#").to_shouty_snake_case();
        self.headers.found.push(Header {
            name: self.headers.names.unique(&name),
            wire: header.name.clone(),
            ty,
            is_json,
            doc: header.description.clone(),
            deprecated: header.deprecated,
        });
        self.headers.places.insert(wire, self.headers.found.len() - 1);
        self.headers.found.len() - 1
    }

    /// The type, and whether it is written as JSON. What has no plain form in a header is its text.
    fn header_type(&mut self, header: &normalise::Header) -> (Type, bool) {
        let Some(schema) = header.schema else { return (Type::String, false) };
        let is_plain = self.is_plain(schema, !header.is_json);
        if !is_plain && !header.is_json {
            return (Type::String, false);
        }
        if !is_plain && !self.has_name(schema) {
            return (Type::Json, true);
        }
        let ty = self.ty(schema, &name::type_name(&header.name), Side::Received);
        // A header has no `null`: it is there or it is not.
        let ty = if let Type::Nullable(ty) = ty { *ty } else { ty };
        (if matches!(ty, Type::File | Type::Json) && !header.is_json { Type::String } else { ty }, header.is_json)
    }

    /// Whether a schema is one value, or, where it may be, a list of such, for which no type without a name is declared.
    fn is_plain(&self, node: NodeId, may_be_list: bool) -> bool {
        let Ok(schema) = self.spec.resolve(node).and_then(|at| self.spec.schema(at)) else { return false };
        let has_choice = !(schema.one_of.is_empty() && schema.any_of.is_empty() && schema.all_of.is_empty());
        let is_enum = !schema.enumeration.is_empty();
        if has_choice || is_enum && !self.has_name(node) {
            return false;
        }
        match schema.types.as_slice() {
            [JsonType::Array] => may_be_list && schema.items.is_some_and(|items| self.is_plain(items, false)),
            [JsonType::Object] => false,
            [_] => true,
            _ => false,
        }
    }

    fn has_name(&self, node: NodeId) -> bool {
        self.spec.resolve(node).is_ok_and(|at| self.components.contains_key(&at))
    }
}
