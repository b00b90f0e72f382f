//! Documented errors: each status of each operation is a variant of the enum that the operation's docs name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a client, as one text each.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    let own = files.iter().map(|path| fs::read_to_string(path).expect("a file"));
    own.chain(folders.iter().flat_map(|folder| self::files(folder))).collect()
}

/// The variants of each enum of errors, by the rows that tell them apart.
fn enums(files: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut enums = BTreeMap::new();
    for table in files.iter().flat_map(|text| text.split("larder::by_status! {").skip(1)) {
        let (name, rest) = table.split_once('{').expect("a name");
        let (rows, _) = rest.split_once('}').expect("rows");
        let variant = |row: &str| row.split_once("=> ").map(|(_, row)| row.split(' ').next().unwrap_or("").to_owned());
        enums.insert(name.trim().to_owned(), rows.split(',').filter_map(variant).collect());
    }
    enums
}

// B29
#[test]
fn b29_each_documented_status_of_each_operation_is_a_variant() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let mut checked = 0;
    for fixture in fs::read_dir(fixtures).expect("the fixtures") {
        let files = files(&fixture.expect("a fixture").path().join("generated"));
        let enums = enums(&files);
        for docs in files.iter().flat_map(|text| text.split("/// # Errors\n").skip(1)) {
            let docs: Vec<&str> = docs.lines().take_while(|line| line.starts_with("///")).collect();
            let named = docs.iter().find_map(|line| line.strip_prefix("/// `Error::by_status` reads them as [`"));
            let name = named.and_then(|rest| rest.split('`').next()).expect("the docs name the enum of the errors");
            let variants = enums.get(name).unwrap_or_else(|| panic!("there is no enum {name}"));
            for line in docs.iter().filter_map(|line| line.strip_prefix("/// - `")) {
                let variant = line.split('`').nth(2).expect("the variant of a status");
                assert!(variants.iter().any(|known| known == variant), "{name} has no {variant}: {line}");
                checked += 1;
            }
        }
    }
    assert!(10 < checked, "only {checked} statuses are documented");
}
