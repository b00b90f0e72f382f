fn main() -> Result<(), Box<dyn std::error::Error>> {
    larder_codegen::Generator::new("openapi.yaml").build()?;
    Ok(())
}
