//! stub
/// stub
pub fn html(_plan: &crate::plan::Plan) -> String {
    String::new()
}
