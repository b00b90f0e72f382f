//! What travels in a request.

use std::collections::HashSet;

use super::builder::Builder;
use super::media::{Family, best};
use super::sides::{Side, children};
use super::{Body, Encoding, FormStyles, Type};
use crate::load::NodeId;
use crate::normalise::{self, JsonType, Media, Style};

/// Schemas deeper than this are not searched for files.
const MAX_DEPTH: usize = 64;

impl Builder<'_, '_> {
    /// The body of a request, in the best of its media types.
    pub(super) fn body(&mut self, body: &normalise::Body, hint: &str) -> Option<Body> {
        use Family::{Bytes, Events, Form, Json, JsonLines, Multipart, Text};
        let files = |media: &Media| media.family() == Multipart && self.holds_file(media);
        let order = if body.media.iter().any(files) {
            // JSON cannot carry a file.
            [Multipart, Json, Form, JsonLines, Text, Bytes]
        } else {
            [Json, Form, Multipart, JsonLines, Text, Bytes]
        };
        let media = best(&body.media, &order)?;
        let hint = format!("{hint}Body");
        let ty = |schema: NodeId| self.ty(schema, &hint, Side::Sent);
        let (ty, encoding, usual) = match media.family() {
            Json => (media.schema.map_or(Type::Json, ty), Encoding::Json, "application/json"),
            JsonLines => {
                let item = media.item_schema.or(media.schema).map_or(Type::Json, ty);
                let list = if matches!(item, Type::List(_)) { item } else { Type::List(Box::new(item)) };
                (list, Encoding::JsonLines, "application/jsonl")
            }
            Form => match media.schema.map_or(Type::Json, ty) {
                // A form that the caller writes.
                Type::String => (Type::String, Encoding::Text, "text/plain"),
                ty => (ty, Encoding::Form(self.form_styles(media)), "application/x-www-form-urlencoded"),
            },
            Multipart => {
                // Without a schema anything can be a part, and a file can hold anything.
                let ty = media.schema.map_or(Type::Json, ty);
                let ty = if ty == Type::Json { Type::Map(Box::new(Type::File)) } else { ty };
                (ty, Encoding::Multipart(self.part_types(media)), "multipart/form-data")
            }
            Text | Events => (Type::String, Encoding::Text, "text/plain"),
            Bytes => (Type::Bytes, Encoding::Bytes, "application/octet-stream"),
        };
        let content_type = media.unusual(usual);
        let others = self.others(body, media);
        Some(Body { ty, encoding, content_type, others, required: body.required })
    }

    /// The media types that the same data can be sent as. What can only be sent as other data is told.
    fn others(&self, body: &normalise::Body, chosen: &Media) -> Vec<String> {
        let rest = body.media.iter().filter(|media| !std::ptr::eq(*media, chosen));
        let (same, other): (Vec<&Media>, Vec<&Media>) = rest.partition(|media| media.family() == chosen.family());
        let told = other.into_iter().filter(|media| {
            matches!(media.family(), Family::Text | Family::Events | Family::Bytes) && !self.is_same_data(media, chosen)
        });
        let told: Vec<&str> = told.map(|media| media.content_type.as_str()).collect();
        if !told.is_empty() {
            let message = format!("this body can be `{}`, and as other data {}", chosen.content_type, told.join(", "));
            let help = "the first is what is sent; remove it from the document, or build the request by hand";
            self.spec.warn(body.at, message, help);
        }
        let named = same.into_iter().filter(|media| !media.is_range()).filter_map(|media| media.unusual(""));
        named.collect()
    }

    /// Whether two media types describe the same data.
    pub(super) fn is_same_data(&self, one: &Media, other: &Media) -> bool {
        /// Larger schemas that are written twice are taken for different ones.
        const BUDGET: usize = 200;
        let schema = |media: &Media| media.schema.and_then(|node| self.spec.resolve(node).ok());
        let (Some(one), Some(other)) = (schema(one), schema(other)) else { return false };
        let value = |node| self.spec.document.value(node, &mut BUDGET.clone());
        one == other || value(one).is_some_and(|written| Some(written) == value(other))
    }

    /// The styles of a form's fields, in the shortest way to say them.
    fn form_styles(&self, media: &Media) -> FormStyles {
        let style = |field: &normalise::FieldEncoding| {
            let is_json = field.content_type.as_deref().is_some_and(|name| name.contains("json"));
            field.style.or(is_json.then_some(Style::Json))
        };
        let styles = media.encoding.iter().filter_map(|field| Some((field.field.clone(), style(field)?)));
        let styles: Vec<(String, Style)> = styles.collect();
        let Some((_, first)) = styles.first() else { return FormStyles::Usual };
        let one = styles.iter().all(|(_, style)| style == first);
        if one && *first == Style::FormExploded {
            return FormStyles::Usual;
        }
        let schema = media.schema.and_then(|node| self.spec.schema(self.spec.resolve(node).ok()?).ok());
        let rest_is_scalar = schema.is_some_and(|schema| {
            let mut rest = schema.properties.iter().filter(|(name, _)| !styles.iter().any(|(field, _)| field == *name));
            schema.all_of.is_empty() && rest.all(|(_, node)| self.is_scalar(*node))
        });
        // One style for all does not change how texts and numbers are written.
        if one && *first != Style::Json && rest_is_scalar {
            return FormStyles::All(*first);
        }
        FormStyles::Some(styles)
    }

    fn is_scalar(&self, node: NodeId) -> bool {
        let schema = self.spec.resolve(node).and_then(|node| self.spec.schema(node));
        schema.is_ok_and(|schema| {
            let open = schema.types.iter().any(|ty| matches!(ty, JsonType::Array | JsonType::Object));
            !schema.types.is_empty() && !open
        })
    }

    /// The parts with a content type of their own.
    fn part_types(&self, media: &Media) -> Vec<(String, String)> {
        for field in media.encoding.iter().filter(|field| field.headers) {
            let message = format!("the part `{}` has headers of its own", field.field);
            self.spec.warn(field.at, message, "it is sent without them");
        }
        let usable = |name: &&String| {
            let plain = name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !name.contains(['*', ',']);
            plain && !name.eq_ignore_ascii_case("application/octet-stream")
        };
        let types = media.encoding.iter().filter_map(|field| {
            let content_type = field.content_type.as_ref().filter(usable)?;
            Some((field.field.clone(), content_type.clone()))
        });
        types.collect()
    }

    fn holds_file(&self, media: &Media) -> bool {
        media.schema.is_none_or(|node| self.has_file(node, 0, &mut HashSet::new()))
    }

    fn has_file(&self, node: NodeId, depth: usize, seen: &mut HashSet<NodeId>) -> bool {
        if MAX_DEPTH < depth || !seen.insert(node) {
            return false;
        }
        let Ok(schema) = self.spec.schema(node) else { return false };
        schema.format.as_deref() == Some("binary")
            || children(&schema).any(|child| self.has_file(child, depth + 1, seen))
    }
}
