//! From the text of `larder.toml` to what it asks for. Everything that means nothing is told of, with its place.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Api;
use crate::settings::Dates;
use crate::suggest;

/// The keys of an `[[api]]`.
const KEYS: [&str; 12] = [
    "document",
    "out",
    "name",
    "only",
    "overlays",
    "references",
    "dates",
    "keep_unknown",
    "mock",
    "strict",
    "operations",
    "tag_types",
];

/// Those of its keys that only the document can tell right from wrong.
const OVERRIDES: [&str; 2] = ["operations", "tag_types"];

/// How alike a key is to one that is suggested for it.
const ALIKE: f32 = 0.6;

/// Something in the file that cannot be used.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

struct Reader<'a> {
    folder: &'a Path,
    faults: Vec<Fault>,
}

/// Every `[[api]]` of the file, and whether it has overrides; paths in it start from `folder`.
pub(super) fn apis(text: &str, folder: &Path) -> Result<Vec<(Api, bool)>, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let fault = |error: &toml::de::Error| Fault {
            at: error.span().unwrap_or_default(),
            message: format!("this is not TOML: {}", error.message().trim_end().replace('\n', ", ")),
            help: String::new(),
        };
        return Err(errors.iter().map(fault).collect());
    }
    let mut reader = Reader { folder, faults: Vec::new() };
    let apis = reader.file(table.get_ref(), text.len());
    reader.faults.sort_by_key(|fault| fault.at.start);
    if reader.faults.is_empty() { Ok(apis) } else { Err(reader.faults) }
}

impl Reader<'_> {
    fn file(&mut self, table: &DeTable<'_>, end: usize) -> Vec<(Api, bool)> {
        let mut apis = Vec::new();
        let mut named = false;
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("api", DeValue::Array(several)) => {
                    named = true;
                    for each in several {
                        match each.get_ref() {
                            DeValue::Table(table) => {
                                if let Some(api) = self.api(table, each.span()) {
                                    self.look_for_twin(&api, &apis, each.span());
                                    let overrides = table.keys().any(|key| OVERRIDES.contains(&key.get_ref().as_ref()));
                                    apis.push((api, overrides));
                                }
                            }
                            _ => self.fault(each.span(), "an API is a table", "write `[[api]]` above its keys"),
                        }
                    }
                }
                ("api", _) => {
                    named = true;
                    self.fault(
                        key.span(),
                        "`api` is a list of tables",
                        "write it as `[[api]]`, once for each document",
                    );
                }
                (unknown, _) if KEYS.contains(&unknown) => {
                    let message = format!("`{unknown}` stands outside of any API");
                    self.fault(key.span(), message, "write `[[api]]` above it");
                    named = true;
                }
                (unknown, _) => self.unknown(unknown, key.span(), &["api"]),
            }
        }
        if !named {
            self.fault(
                0..end.min(1),
                "no API is named here",
                "write `[[api]]`, and below it `document = \"openapi.yaml\"`",
            );
        }
        apis
    }

    fn api(&mut self, table: &DeTable<'_>, at: Range<usize>) -> Option<Api> {
        let mut api = Api::default();
        let mut document = None;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "document" => document = self.path(value),
                "out" => api.out = self.path(value),
                "name" => api.name = self.name(value),
                "only" => api.only = self.texts(value).into_iter().map(|(text, _)| text).collect(),
                "overlays" => api.overlays = self.paths(value),
                "references" => api.references = self.paths(value),
                "dates" => api.dates = self.dates(value),
                "keep_unknown" => api.keep_unknown = self.flag(value),
                "mock" => api.mock = self.flag(value),
                "strict" => api.strict = self.flag(value),
                key if OVERRIDES.contains(&key) => {
                    if value.get_ref().as_table().is_none() {
                        let message = format!("a table is expected, not {}", kind(value));
                        self.fault(
                            value.span(),
                            message,
                            format!("write `[api.{key}.NAME]` below the API's other keys"),
                        );
                    }
                }
                unknown => self.unknown(unknown, key.span(), &KEYS),
            }
        }
        if document.is_none() && !table.keys().any(|key| key.get_ref().as_ref() == "document") {
            self.fault(at, "this API has no `document`", "write the path of its OpenAPI document, from this file");
        }
        api.document = document?;
        Some(api)
    }

    /// Two clients in one place would each remove what the other wrote.
    fn look_for_twin(&mut self, api: &Api, others: &[(Api, bool)], at: Range<usize>) {
        let name = api.generator().api_name();
        for (other, _) in others {
            if api.out.is_some() && api.out == other.out {
                self.fault(at.clone(), "two APIs have one `out`", "give each a folder of its own");
            } else if (api.out.is_none() || other.out.is_none()) && other.generator().api_name() == name {
                let help = "give one of them a `name`: a build script writes each to the folder of its name";
                self.fault(at.clone(), format!("two APIs are called `{name}`"), help);
            }
        }
    }

    fn fault(&mut self, at: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(Fault { at, message: message.into(), help: help.into() });
    }

    fn unknown(&mut self, key: &str, at: Range<usize>, known: &[&str]) {
        let close = suggest::close(key, known, ALIKE);
        let help = match close.first() {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("it may be {}", listed(known)),
        };
        self.fault(at, format!("`{key}` means nothing here"), help);
    }

    fn text(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.fault(value.span(), format!("a text is expected, not {}", kind(value)), "write it in quotes");
        }
        text
    }

    fn texts(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, Range<usize>)> {
        let Some(values) = value.get_ref().as_array() else {
            self.fault(value.span(), format!("a list of texts is expected, not {}", kind(value)), "write `[\"…\"]`");
            return Vec::new();
        };
        values.iter().filter_map(|value| Some((self.text(value)?, value.span()))).collect()
    }

    fn path(&mut self, value: &Spanned<DeValue<'_>>) -> Option<PathBuf> {
        let text = self.text(value)?;
        if text.is_empty() {
            self.fault(value.span(), "this path is empty", "paths are relative to the folder of this file");
            return None;
        }
        Some(self.folder.join(text))
    }

    fn paths(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<PathBuf> {
        self.texts(value).into_iter().map(|(text, _)| self.folder.join(text)).collect()
    }

    fn name(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let text = self.text(value)?;
        if text.is_empty() || text.contains(['/', '\\']) {
            let help = "it names a folder in `OUT_DIR` and stands in `larder::include_api!`: `openapi`, for one";
            self.fault(value.span(), format!("`{text}` is no name"), help);
            return None;
        }
        Some(text)
    }

    fn dates(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Dates> {
        let text = self.text(value)?;
        let dates = Dates::named(&text);
        if dates.is_none() {
            self.fault(
                value.span(),
                format!("`{text}` is no kind of dates"),
                format!("it may be {}", listed(&Dates::NAMES)),
            );
        }
        dates
    }

    fn flag(&mut self, value: &Spanned<DeValue<'_>>) -> bool {
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.fault(value.span(), format!("`true` or `false` is expected, not {}", kind(value)), "");
            false
        })
    }
}

fn kind(value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref().type_str() {
        kind @ ("integer" | "array") => format!("an {kind}"),
        kind => format!("a {kind}"),
    }
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Api, apis};
    use crate::settings::Dates;

    #[test]
    fn a_file_asks_for_one_or_several_clients() {
        let text = r#"
            [[api]]
            document = "openapi.yaml"

            [[api]]
            document = "v2/openapi.yaml"
            out = "src/v2"
            name = "v2"
            only = ["tag:posts", "GET /users/*"]
            overlays = ["overlay.yaml"]
            references = ["../shared"]
            dates = "jiff"
            keep_unknown = true
            mock = true
            strict = true
        "#;
        let first = Api { document: PathBuf::from("config/openapi.yaml"), ..Api::default() };
        let second = Api {
            document: PathBuf::from("config/v2/openapi.yaml"),
            out: Some(PathBuf::from("config/src/v2")),
            name: Some("v2".to_owned()),
            only: vec!["tag:posts".to_owned(), "GET /users/*".to_owned()],
            overlays: vec![PathBuf::from("config/overlay.yaml")],
            references: vec![PathBuf::from("config/../shared")],
            dates: Some(Dates::Jiff),
            keep_unknown: true,
            mock: true,
            strict: true,
            overrides: None,
        };
        assert_eq!(apis(text, Path::new("config")).expect("it can be read"), [(first, false), (second, false)]);
    }

    #[test]
    fn whatever_means_nothing_is_told_of() {
        for (text, message, help) in [
            ("", "no API is named here", "`[[api]]`"),
            ("[[apis]]", "`apis` means nothing here", "did you mean `api`?"),
            ("document = \"a\"", "`document` stands outside of any API", "write `[[api]]` above it"),
            ("[api]\ndocument = \"a\"", "`api` is a list of tables", "`[[api]]`"),
            ("[[api]]\nout = \"a\"", "this API has no `document`", "path"),
            ("[[api]]\ndocument = \"a\"\nonyl = []", "`onyl` means nothing here", "did you mean `only`?"),
            ("[[api]]\ndocument = \"a\"\nzzz = 1", "`zzz` means nothing here", "it may be `document`, `out`"),
            ("[[api]]\ndocument = 1", "a text is expected, not an integer", "quotes"),
            ("[[api]]\ndocument = \"a\"\nonly = \"b\"", "a list of texts is expected, not a string", "["),
            ("[[api]]\ndocument = \"a\"\ndates = \"joda\"", "`joda` is no kind of dates", "`jiff`"),
            ("[[api]]\ndocument = \"a\"\nstrict = 1", "`true` or `false` is expected, not an integer", ""),
            ("[[api]]\ndocument = \"a\"\nname = \"a/b\"", "`a/b` is no name", "OUT_DIR"),
            ("[[api]]\ndocument = \"a\"\n[[api]]\ndocument = \"b/a\"", "two APIs are called `a`", "`name`"),
            (
                "[[api]]\ndocument = \"a\"\nout = \"o\"\n[[api]]\ndocument = \"b\"\nout = \"o\"",
                "two APIs have one `out`",
                "folder",
            ),
            (
                "[[api]]\ndocument = \"a\"\noperations = 1",
                "a table is expected, not an integer",
                "[api.operations.NAME]",
            ),
            ("[[api]]\ndocument = ", "this is not TOML", ""),
        ] {
            let faults = apis(text, Path::new("")).expect_err(text);
            let told = |fault: &super::Fault| fault.message.contains(message) && fault.help.contains(help);
            assert!(faults.iter().any(told), "{text}: {faults:?}");
        }
    }

    #[test]
    fn all_faults_come_in_one_run() {
        let text = "[[api]]\ndocumnet = \"a\"\nstrict = 1\n";
        let faults = apis(text, Path::new("")).expect_err("it has faults");
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert_eq!(&text[faults[1].at.clone()], "documnet");
    }
}
