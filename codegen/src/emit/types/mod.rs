//! What travels: structs, enums, unions, and the structs of optional parameters.
//!
//! They are in `types.rs`; for a large API in a folder `types`, a file for each group that uses them alone and one for
//! what several groups share. Either way each is found as `types::Name`.

mod by_status;
mod constructors;
mod enums;
mod homes;
mod params;
mod structs;
mod unions;

use std::collections::{BTreeMap, BTreeSet};

use quote::quote;

use super::File;
use super::docs;
use super::file::{self, Item, ident};
use super::ty::{self, Imports};
use crate::error::Error;
use crate::model::{Api, TypeDef, TypeKind};
use homes::Homes;

/// From this many types on, they are spread over files.
const LARGE: usize = 150;

/// A declared type, printed.
struct Declared<'a> {
    name: &'a str,
    home: Option<usize>,
    items: Vec<Item>,
    imports: Imports,
}

/// The files that hold all types; none when there are none.
pub(super) fn files(api: &Api, source: &str) -> Result<Vec<File>, Error> {
    let used = api.types.iter().filter(|def| def.sent || def.received).count();
    let homes = (used >= LARGE).then(|| Homes::find(api));
    let mut declared: Vec<Declared<'_>> = Vec::new();
    for (at, def) in api.types.iter().enumerate().filter(|(_, def)| def.sent || def.received) {
        let mut imports = Imports::default();
        let items = definition(api, def, &mut imports);
        let home = homes.as_ref().and_then(|homes| homes.of_type(at));
        declared.push(Declared { name: &def.name, home, items, imports });
    }
    for operation in &api.operations {
        if let Some(params) = &operation.params {
            let mut imports = Imports::default();
            let depth = if homes.is_some() { 2 } else { 1 };
            let items = vec![Item::new(params::params_struct(api, operation, params, depth, &mut imports))];
            let home = homes.as_ref().map(|_| operation.group);
            declared.push(Declared { name: &params.name, home, items, imports });
        }
    }
    declared.sort_by(|a, b| a.name.cmp(b.name));
    let about = "Data as it travels: responses, request bodies, and optional parameters.";
    match homes {
        _ if declared.is_empty() => Ok(Vec::new()),
        None => Ok(vec![one_file(api, source, "types.rs", about, declared)?]),
        Some(homes) => folder(api, source, about, &homes, declared),
    }
}

/// One file with all of `declared`; what is not among them comes from the module above.
fn one_file(api: &Api, source: &str, path: &str, about: &str, declared: Vec<Declared<'_>>) -> Result<File, Error> {
    let mut imports = Imports::default();
    for def in &declared {
        imports.add(&def.imports);
    }
    let elsewhere = imports.types.iter().map(String::as_str);
    let elsewhere: BTreeSet<&str> =
        elsewhere.filter(|name| declared.binary_search_by(|def| def.name.cmp(name)).is_err()).collect();
    let mut items: Vec<Item> = Vec::new();
    let outside = imports.outside(api);
    let std = usize::from(imports.btree_map);
    items.extend(outside.into_iter().enumerate().map(|(at, line)| Item::after(line, at > std)));
    items.extend(ty::listed(&quote!(super), elsewhere.into_iter()).map(Item::new));
    items.extend(declared.into_iter().flat_map(|def| def.items));
    file::print(path.to_owned(), source, &[about.to_owned()], items)
}

/// A folder with a file for each home.
fn folder(
    api: &Api,
    source: &str,
    about: &str,
    homes: &Homes,
    declared: Vec<Declared<'_>>,
) -> Result<Vec<File>, Error> {
    let mut by_file: BTreeMap<(String, String), Vec<Declared<'_>>> = BTreeMap::new();
    for def in declared {
        let (module, about) = match def.home {
            Some(group) => {
                let group = &api.groups[group];
                (group.module.clone(), format!("Data of [`{0}`](super::super::{0}) alone.", group.module))
            }
            None => (homes.shared(def.name), "Data that several groups of operations share.".to_owned()),
        };
        by_file.entry((module, about)).or_default().push(def);
    }
    let mut files = Vec::new();
    let mut items = Vec::new();
    let modules = by_file.keys().map(|(module, _)| ident(module));
    let modules: Vec<_> = modules.collect();
    items.extend(modules.iter().enumerate().map(|(at, module)| Item::after(quote!(mod #module;), at > 0)));
    items.extend(modules.iter().enumerate().map(|(at, module)| Item::after(quote!(pub use #module::*;), at > 0)));
    for ((module, about), declared) in by_file {
        let path = format!("types/{}.rs", module.trim_start_matches("r#"));
        files.push(one_file(api, source, &path, &about, declared)?);
    }
    files.push(file::print("types/mod.rs".to_owned(), source, &[about.to_owned()], items)?);
    Ok(files)
}

fn definition(api: &Api, def: &TypeDef, imports: &mut Imports) -> Vec<Item> {
    let mut lines = docs::text(&def.doc);
    if def.deprecated {
        lines.extend([String::new(), "Deprecated.".to_owned()]);
    }
    let doc = docs::attributes(&lines);
    match &def.kind {
        TypeKind::Struct { fields, additional } => {
            structs::structure(api, def, &doc, fields, additional.as_ref(), imports)
        }
        TypeKind::StringEnum(variants) => enums::string_enum(def, &doc, variants),
        TypeKind::IntegerEnum(variants) => enums::integer_enum(def, &doc, variants),
        TypeKind::TaggedUnion { property, variants } => unions::tagged(api, def, &doc, property, variants, imports),
        TypeKind::UntaggedUnion(variants) => unions::untagged(api, def, &doc, variants, imports),
        TypeKind::ByStatus { variants, open } => by_status::by_status(api, def, &doc, variants, *open, imports),
    }
}

/// The start of a type's table: its name, after the one direction in which it travels.
fn head(def: &TypeDef) -> String {
    match (def.sent, def.received) {
        (true, false) => format!("write {}", def.name),
        (false, true) => format!("read {}", def.name),
        _ => def.name.clone(),
    }
}
