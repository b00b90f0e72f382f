//! The program that calls generated functions with recorded args, and says which tags they have.

use std::fmt::Write as _;
use std::path::Path;

use larder_codegen::{Argument, Signature, Testable};

/// The program's text. It calls the functions of `called`, by their positions there.
pub(crate) fn text(testable: &Testable, called: &[&Signature]) -> String {
    let mut text = String::from("//! Calls generated functions with recorded args.\n#![allow(warnings)]\nmod api;\n");
    let has = |path: &str| testable.generated.files.iter().any(|file| file.path == Path::new(path));
    if has("types.rs") || has("types/mod.rs") {
        text.push_str("use api::types::*;\n");
    }
    for line in &testable.signature_imports {
        let _ = writeln!(text, "{line}");
    }
    text.push_str(PROGRAM);
    let _ = writeln!(text, "const CALLED: [fn(&Value) -> Result<Value, String>; {}] = [", called.len());
    for at in 0..called.len() {
        let _ = writeln!(text, "    called_{at},");
    }
    text.push_str("];\n");
    for (at, signature) in called.iter().enumerate() {
        function(&mut text, at, signature);
    }
    text
}

fn function(text: &mut String, at: usize, signature: &Signature) {
    let _ = writeln!(text, "fn called_{at}(call: &Value) -> Result<Value, String> {{");
    let mut passed = Vec::new();
    for (number, argument) in signature.arguments.iter().enumerate() {
        let _ = writeln!(
            text,
            "    let given_{number}: {} = {}.ok_or(\"{} is missing\")?;",
            argument.ty,
            read(argument),
            argument.name
        );
        passed.push(format!("{}given_{number}", if argument.by_value { "" } else { "&" }));
    }
    if let Some(body) = &signature.body {
        let _ = writeln!(text, "    let body: Option<{}> = body(call)?;", body.ty);
        passed.push(match body {
            body if body.required => {
                text.push_str("    let body = body.map_or_else(no_body, Ok)?;\n");
                if body.by_value { "body" } else { "&body" }.to_owned()
            }
            body if body.by_value => "body".to_owned(),
            body if body.as_slice => "body.as_deref()".to_owned(),
            _ => "body.as_ref()".to_owned(),
        });
    }
    if let Some((name, fields)) = &signature.params {
        let _ = writeln!(text, "    let params = {name} {{");
        for field in fields {
            let missing =
                if field.required { format!(".ok_or(\"{} is missing\")?", field.name) } else { String::new() };
            let _ = writeln!(text, "        {}: {}{missing},", field.name, read(field));
        }
        text.push_str("    };\n");
        passed.push("&params".to_owned());
    }
    let how = if signature.is_query { "provides" } else { "effect" };
    let _ = writeln!(text, "    {how}(api::{}({}), call)\n}}", signature.function, passed.join(", "));
}

fn read(argument: &Argument) -> String {
    format!("read::<{}>(call, {:?}, {:?})?", argument.ty, argument.place, argument.wire)
}

/// The part that is the same for all documents.
const PROGRAM: &str = r#"
use larder::serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A parameter as it was recorded: typed, as text, or the one element of a list.
fn read<T: DeserializeOwned>(call: &Value, place: &str, name: &str) -> Result<Option<T>, String> {
    let value = match &call[place][name] {
        Value::Null => return Ok(None),
        value => value,
    };
    let mut forms = vec![value.clone()];
    match value {
        Value::String(text) => forms.extend(serde_json::from_str(text)),
        value => forms.push(Value::String(value.to_string())),
    }
    forms.extend(forms.clone().into_iter().map(|form| json!([form])));
    let mut read = forms.into_iter().map(serde_json::from_value);
    let first: Result<T, _> = read.next().unwrap();
    let found = first.or_else(|error| read.find_map(Result::ok).ok_or(error));
    found.map(Some).map_err(|error| format!("{place} parameter `{name}`: {error}"))
}

fn body<T: DeserializeOwned>(call: &Value) -> Result<Option<T>, String> {
    match &call["body"] {
        Value::Null => Ok(None),
        body => serde_json::from_value(body.clone()).map(Some).map_err(|error| format!("body: {error}")),
    }
}

/// A body that must be there may be `null`.
fn no_body<T: DeserializeOwned>() -> Result<T, String> {
    serde_json::from_value(Value::Null).map_err(|_| "the body is missing".to_owned())
}

fn answer(call: &Value) -> (u16, Vec<u8>) {
    let body = match &call["response"] {
        Value::Null => Vec::new(),
        Value::Array(lines) if call["lines"] == true => {
            lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
        }
        response => serde_json::to_vec(response).unwrap(),
    };
    (call["status"].as_u64().unwrap() as u16, body)
}

fn shown(tags: larder::Tags) -> Vec<String> {
    let mut tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
    tags.sort();
    tags.dedup();
    tags
}

fn provides<T: Send + Sync + 'static>(query: larder::Query<T>, call: &Value) -> Result<Value, String> {
    let (status, body) = answer(call);
    let tags = larder::inspect::provides(query, status, &body).map_err(|error| format!("response: {error}"))?;
    Ok(json!({ "tags": shown(tags), "writes": [] }))
}

fn effect<T: Send + 'static>(mutation: larder::Mutation<T>, call: &Value) -> Result<Value, String> {
    let (status, body) = answer(call);
    let effect = larder::inspect::effect(mutation, status, &body).map_err(|error| format!("response: {error}"))?;
    let writes: Vec<_> = effect.writes.iter().map(|write| json!([write.operation, &*write.url])).collect();
    Ok(json!({ "tags": shown(effect.invalidates), "writes": writes }))
}

fn main() {
    for line in std::io::stdin().lines() {
        let call: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let said = CALLED[call["called"].as_u64().unwrap() as usize](&call);
        println!("{}", said.unwrap_or_else(|why| json!({ "unfit": why })));
    }
}
"#;
