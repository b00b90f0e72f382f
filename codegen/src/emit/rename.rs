//! Serde's renaming rules: one for a whole type reads better than one a field.

/// A rule's name in serde, and what it does.
type Rule = (&'static str, fn(&str) -> String);

/// A `rename_all` rule under which every `(rust, wire)` name comes out right, if one is needed.
pub(super) fn for_fields(names: &[(&str, &str)]) -> Option<&'static str> {
    let rules: [Rule; 3] =
        [("camelCase", camel), ("PascalCase", pascal), ("kebab-case", |name| name.replace('_', "-"))];
    pick(names, &rules)
}

fn pick(names: &[(&str, &str)], rules: &[Rule]) -> Option<&'static str> {
    if names.iter().all(|(rust, wire)| plain(rust) == *wire) {
        return None;
    }
    let fits = |rule: &fn(&str) -> String| names.iter().all(|(rust, wire)| rule(plain(rust)) == *wire);
    rules.iter().find(|(_, rule)| fits(rule)).map(|(name, _)| *name)
}

/// Serde sees a raw identifier without its mark.
pub(super) fn plain(rust: &str) -> &str {
    rust.strip_prefix("r#").unwrap_or(rust)
}

fn pascal(name: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    if !name.is_ascii() {
        return name.to_owned();
    }
    name.split('_').filter(|word| !word.is_empty()).map(capital).collect()
}

fn camel(name: &str) -> String {
    let name = pascal(name);
    if name.is_ascii() && !name.is_empty() { name[..1].to_ascii_lowercase() + &name[1..] } else { name }
}
