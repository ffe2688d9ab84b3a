//! What was asked, as it came.

use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedRequest {
    /// The path.
    pub path: String,
    /// What stands behind the question mark.
    pub query: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; null when it is no JSON.
    pub body: Value,
}

impl RecordedRequest {
    /// Returns the value of a header, whose name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}
