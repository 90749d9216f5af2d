//! A panic while a request is served: an answer like any other for the client, an error in the log.

use std::{any::Any, panic::AssertUnwindSafe};

use axum::response::Response;
use futures_util::FutureExt as _;

/// Waits for an answer; a panic on the way to it is answered with what `render` returns (a 500), so
/// that the client can read the answer and the connection lives on.
///
/// The panic's own text goes to the log only. A body that is still being produced is not covered:
/// [`stream`](super::stream) cuts the answer off instead.
pub async fn caught(
    answer: impl Future<Output = Response>,
    render: impl FnOnce() -> Response,
) -> Response {
    // What a panic left half done is dropped with the future.
    AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|payload| {
        tracing::error!(panic = text(payload.as_ref()), "a request panicked");
        render()
    })
}

/// What the panic said.
fn text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(not a text)")
}

#[cfg(test)]
mod tests {
    use axum::response::{IntoResponse as _, Response};
    use http::StatusCode;
    use http_body_util::BodyExt as _;

    use super::caught;

    fn boom() -> Response {
        panic!("secret detail")
    }

    #[tokio::test]
    async fn a_panic_is_answered_by_the_renderer() {
        let render = || (StatusCode::INTERNAL_SERVER_ERROR, "{\"status\":\"500\"}").into_response();
        let response = caught(async { boom() }, render).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.into_body().collect().await.expect("body").to_bytes();
        assert_eq!(body, "{\"status\":\"500\"}");
    }
}
