//! Any text as a document: it ends in code that parses, or in an error that is not ours.
//!
//! Nothing touches the disk and no thread is started, so the stack has to be made large outside: `fuzz/run` does.

#![no_main]

use larder_codegen::{Error, Generator};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Generator::new("openapi.yaml").generate_text(text.to_owned()) {
        Ok(generated) => {
            for file in generated.files {
                if let Err(error) = syn::parse_file(&file.text) {
                    panic!("{}: {error}\n{}", file.path.display(), file.text);
                }
            }
        }
        Err(Error::Internal { file, message }) => panic!("{file}: {message}"),
        Err(_) => {}
    }
});
