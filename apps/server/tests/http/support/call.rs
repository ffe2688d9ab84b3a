//! One request, and what came back.

use std::net::SocketAddr;

use actix_web::{
    App,
    body::to_bytes,
    dev::Payload,
    error::PayloadError,
    http::{Method, header::HeaderMap},
    test::{self, TestRequest},
    web::Bytes,
};
use futures_util::stream::LocalBoxStream;
use serde_json::Value;
use server::http;

use super::{OPERATOR_KEY, World};

/// A body that arrives piece by piece.
pub(crate) type Pieces = LocalBoxStream<'static, Result<Bytes, PayloadError>>;

/// A request in the making.
pub(crate) struct Call<'world> {
    world: &'world World,
    request: TestRequest,
    stream: Option<Pieces>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl<'world> Call<'world> {
    pub(crate) fn new(world: &'world World, method: &str, path: &str) -> Self {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Self { world, request: TestRequest::default().method(method).uri(path), stream: None }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.insert_header((name, value));
        self
    }

    /// Presents the operator's key.
    pub(crate) fn operator(self) -> Self {
        self.header("X-Admin-API-Key", OPERATOR_KEY)
    }

    /// Presents a tenant's API key.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("X-API-Key", key)
    }

    /// Comes from an address. Without one a request came over no network.
    pub(crate) fn from(mut self, address: &str) -> Self {
        self.request = self.request.peer_addr(SocketAddr::new(address.parse().unwrap(), 4_711));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.request = self.request.insert_header(("Content-Type", content_type)).set_payload(body);
        self
    }

    /// Sends a body piece by piece, or never.
    pub(crate) fn streamed(mut self, stream: Pieces) -> Self {
        self.stream = Some(stream);
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let app = test::init_service(App::new().service(http::service(&self.world.services))).await;
        let mut request = self.request.to_request();
        if let Some(payload) = self.stream {
            request = request.replace_payload(Payload::Stream { payload }).0;
        }
        let response = match test::try_call_service(&app, request).await {
            Ok(response) => response.into_parts().1,
            // What the server does with an error that reaches it.
            Err(error) => error.error_response(),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.unwrap_or_default();
        Answer { status, headers, body }
    }
}

impl Answer {
    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns the body as JSON, having made sure of the status.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// Makes sure that this is a whole problem of a status and a code, and returns it.
    pub(crate) fn expect_problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        for member in ["type", "title", "detail"] {
            assert!(problem[member].is_string(), "{member}: {problem}");
        }
        problem
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns everything that a caller could tell two answers apart by, but for the request's id.
    pub(crate) fn fingerprint(&self) -> String {
        let id = self.header("x-request-id");
        let mut lines: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        format!("{}\n{}\n\n{}", self.status, lines.join("\n"), self.text()).replace(id, "<request id>")
    }
}

/// Returns the fields that a problem names.
pub(crate) fn faulty_fields(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect()
}
