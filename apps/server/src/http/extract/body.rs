//! Reads a request's body within a size and a time, decompressed on the way.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    dev::{Decompress, Payload},
    error::PayloadError,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, ContentEncoding},
    web::{Bytes, BytesMut},
};
use futures_util::{StreamExt as _, stream};

use crate::http::problem::{Code, Problem};

/// How long a body may take to arrive.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes given to the decompressor at once. Deflate expands at most 1,032 times, so no step of a bomb makes more
/// than about a mebibyte before the limit is looked at again.
const COMPRESSED_STEP: usize = 1_024;

/// Reads a whole body of at most `limit` bytes, counted after decompression.
pub(crate) async fn read(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let encoding = encoding(request)?;
    if encoding == ContentEncoding::Identity && announced_length(request).is_some_and(|length| length > limit)
    {
        return Err(too_large(limit));
    }
    let arriving = collect(payload, encoding, limit);
    tokio::time::timeout(BODY_TIMEOUT, arriving).await.unwrap_or_else(|_elapsed| {
        let detail = format!("the body did not arrive within {} seconds", BODY_TIMEOUT.as_secs());
        Err(Problem::new(Code::RequestTimeout, detail))
    })
}

async fn collect(payload: Payload, encoding: ContentEncoding, limit: usize) -> Result<Bytes, Problem> {
    let steps = payload.flat_map(|chunk| stream::iter(in_steps(chunk)));
    let mut plain = Decompress::new(steps, encoding);
    let mut body = BytesMut::new();
    while let Some(chunk) = plain.next().await {
        let chunk = chunk.map_err(|error| unreadable(&error))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn in_steps(chunk: Result<Bytes, PayloadError>) -> Vec<Result<Bytes, PayloadError>> {
    let Ok(mut rest) = chunk else { return vec![chunk] };
    let mut steps = Vec::with_capacity(rest.len() / COMPRESSED_STEP + 1);
    while rest.len() > COMPRESSED_STEP {
        steps.push(Ok(rest.split_to(COMPRESSED_STEP)));
    }
    steps.push(Ok(rest));
    steps
}

fn encoding(request: &HttpRequest) -> Result<ContentEncoding, Problem> {
    let Some(named) = request.headers().get(CONTENT_ENCODING) else { return Ok(ContentEncoding::Identity) };
    match named.to_str().ok().and_then(|name| name.parse().ok()) {
        Some(served @ (ContentEncoding::Identity | ContentEncoding::Gzip | ContentEncoding::Deflate)) => {
            Ok(served)
        }
        _ => Err(Problem::new(Code::UnsupportedMediaType, "send the body plain, or with gzip or deflate")),
    }
}

fn announced_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::PayloadTooLarge, format!("the body may have at most {} KiB", limit / 1_024))
}

fn unreadable(error: &PayloadError) -> Problem {
    Problem::new(Code::BadRequest, format!("the body cannot be read: {error}"))
}
