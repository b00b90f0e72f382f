//! The part of a `larder.toml` that speaks of one document's operations, as nodes beside that document.

use std::path::PathBuf;

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{Document, Kind, NodeId, Source, Span};

/// One `[[api]]` of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiTable {
    /// The file.
    pub(crate) path: PathBuf,
    /// All of its text.
    pub(crate) text: String,
    /// Which of its `[[api]]` it is, from 0.
    pub(crate) at: usize,
}

/// Adds the table to `document`, with the file's text, to which its places lead. What is no TOML was refused before.
pub(super) fn attach(document: &mut Document, table: &ApiTable) {
    let (root, _) = DeTable::parse_recoverable(&table.text);
    let apis = root.get_ref().get("api").and_then(|apis| apis.get_ref().as_array());
    let Some(api) = apis.and_then(|apis| apis.get(table.at)) else { return };
    let file = u32::try_from(document.sources.len()).unwrap_or(u32::MAX);
    let node = node(document, file, api, api.span());
    document.sources.push(Source::new(table.path.clone(), table.text.clone()));
    document.config = Some(node);
}

fn node(document: &mut Document, file: u32, value: &Spanned<DeValue<'_>>, at: std::ops::Range<usize>) -> NodeId {
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::String(text.clone().into_owned()),
        DeValue::Boolean(value) => Kind::Bool(*value),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Kind::Number(number.into()),
            Err(_) => Kind::String(number.as_str().to_owned()),
        },
        DeValue::Float(number) => Kind::String(number.as_str().to_owned()),
        DeValue::Datetime(moment) => Kind::String(moment.to_string()),
        DeValue::Array(elements) => {
            Kind::Array(elements.iter().map(|element| node(document, file, element, element.span())).collect())
        }
        DeValue::Table(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| key.span().start);
            let members = members.into_iter().map(|(key, value)| {
                let at = key.span();
                (key.get_ref().clone().into_owned(), node(document, file, value, at))
            });
            Kind::Object(members.collect::<IndexMap<_, _>>())
        }
    };
    document.push(kind, Span::new(file, at.start, at.end))
}
