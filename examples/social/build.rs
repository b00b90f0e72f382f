//! Makes the client from the OpenAPI document.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    larder_codegen::Generator::new("../../fixtures/social/openapi.yaml").build()?;
    Ok(())
}
