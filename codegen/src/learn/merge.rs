//! Puts what was learned into a `larder.toml`, and leaves all else in it as it is.

use toml_edit::{Array, DocumentMut, Item, Table, TableLike};

use super::{Learned, render};

/// Keys that stand in place of what was inferred, with the key that only adds to it.
const INSTEAD: [(&str, &str); 2] = [("invalidates", "invalidates_also"), ("provides", "provides_also")];

/// The text with what was learned in its `[[api]]` number `at`, from 0.
///
/// # Errors
/// When the text is no such file; what is in the way is told.
pub fn merge(text: &str, at: usize, learned: &Learned) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error| format!("this is not TOML: {error}"))?;
    let fragment: DocumentMut =
        render(learned).parse().map_err(|error| format!("what was learned is not TOML: {error}"))?;
    let apis = document.get_mut("api").and_then(Item::as_array_of_tables_mut);
    let api = apis.and_then(|apis| apis.get_mut(at)).ok_or("there is no such `[[api]]` table")?;
    for (key, tables) in fragment.get("api").and_then(Item::as_table).into_iter().flat_map(Table::iter) {
        let Some(tables) = tables.as_table() else { continue };
        let below = api.entry(key).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let below = below.as_table_like_mut().ok_or_else(|| format!("`{key}` is no table"))?;
        for (name, said) in tables {
            let Some(said) = said.as_table() else { continue };
            match below.get_mut(name) {
                None => drop(below.insert(name, Item::Table(placed(said)))),
                Some(present) => {
                    let present = present.as_table_like_mut().ok_or_else(|| format!("`{key}.{name}` is no table"))?;
                    add(present, said);
                }
            }
        }
    }
    Ok(document.to_string())
}

/// The table without the position that it had among those of its own text.
fn placed(table: &Table) -> Table {
    let mut table = table.clone();
    table.set_position(None);
    let comments =
        table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().trim_start().to_owned();
    table.decor_mut().set_prefix(format!("\n{comments}"));
    table
}

fn add(present: &mut dyn TableLike, said: &Table) {
    for (name, value) in said {
        for (instead, also) in INSTEAD {
            if name == instead {
                // What was there counted when this was learned, so it is part of it.
                present.remove(also);
            }
        }
        let arrays = (present.get_mut(name).and_then(Item::as_array_mut), value.as_array());
        match arrays {
            (Some(there), Some(more)) if name.ends_with("_also") => append(there, more),
            _ => drop(present.insert(name, value.clone())),
        }
    }
}

fn append(there: &mut Array, more: &Array) {
    let plain = |value: &toml_edit::Value| {
        let mut value = value.clone();
        value.decor_mut().clear();
        value.to_string()
    };
    for value in more {
        if !there.iter().any(|known| plain(known) == plain(value)) {
            there.push_formatted(value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Evident, LearnedOperation};
    use super::*;
    use crate::plan::{Scope, Tag};

    fn all_of(tag_type: &str) -> Evident {
        let tag = Tag {
            tag_type: tag_type.to_owned(),
            scope: Scope::Type {},
            reference: false,
            gone: false,
            from_args: false,
            confidence: 1.0,
            why: String::new(),
        };
        Evident { tag, changed: 1, unchanged: 0, calls: 1, inferred: false }
    }

    #[test]
    fn what_is_there_stays_and_what_was_learned_comes_beside_it() {
        let text = "# mine\n[[api]]\ndocument = \"a.yaml\" # the first\n\n[[api]]\ndocument = \"b.yaml\"\n\n\
                    [api.operations.x]\n# why\ninvalidates_also = [\"A\"]\n\n[api.operations.y]\ninvalidates_also = [\"B\"]\n";
        let operation = |id: &str| LearnedOperation { id: id.to_owned(), ..LearnedOperation::default() };
        let learned = Learned {
            operations: vec![
                LearnedOperation { adds: vec![all_of("A"), all_of("C")], ..operation("x") },
                LearnedOperation { adds: vec![all_of("D")], replaces: Some(vec![]), ..operation("y") },
                LearnedOperation { adds: vec![all_of("E")], ..operation("z z") },
            ],
            tag_types: vec!["E".to_owned()],
            unknown: vec![],
        };
        let merged = merge(text, 1, &learned).expect("it can be merged");
        assert!(merged.starts_with("# mine\n[[api]]\ndocument = \"a.yaml\" # the first\n\n[[api]]\n"), "{merged}");
        assert!(merged.contains("# why"), "{merged}");
        let read: toml_edit::DocumentMut = merged.parse().expect("it is TOML");
        let api = &read["api"][1];
        let words = |item: &Item| {
            let array = item.as_array().into_iter().flatten();
            array.filter_map(|value| value.as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        assert_eq!(words(&api["operations"]["x"]["invalidates_also"]), ["A", "C"], "{merged}");
        assert_eq!(words(&api["operations"]["y"]["invalidates"]), ["D"], "{merged}");
        assert!(api["operations"]["y"].get("invalidates_also").is_none(), "{merged}");
        assert_eq!(words(&api["operations"]["z z"]["invalidates_also"]), ["E"], "{merged}");
        assert!(api["tag_types"].get("E").is_some() && read["api"][0].get("operations").is_none(), "{merged}");
        assert_eq!(merge(&merged, 1, &Learned::default()).as_deref(), Ok(merged.as_str()));
        assert!(merge(text, 2, &learned).is_err());
    }
}
