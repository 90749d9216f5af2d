//! A panic while a request is served: an answer like any other for the client, an error in the log.

use std::any::Any;

use axum::response::Response;
use tower_http::catch_panic::CatchPanicLayer;

/// A layer that answers a panic with what `render` returns (a 500), so that the client can read
/// the answer and the connection lives on.
///
/// The panic's own text goes to the log only. A body that is still being produced is not covered:
/// [`stream`](super::stream) cuts the answer off instead.
pub fn catch<R>(
    render: R,
) -> CatchPanicLayer<impl Fn(Box<dyn Any + Send + 'static>) -> Response + Clone>
where
    R: Fn() -> Response + Clone,
{
    CatchPanicLayer::custom(move |payload: Box<dyn Any + Send + 'static>| {
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
    use axum::{
        Router,
        body::Body,
        response::{IntoResponse, Response},
        routing::get,
    };
    use http::{Request, StatusCode};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::catch;

    async fn boom() -> Response {
        panic!("secret detail")
    }

    #[tokio::test]
    async fn a_panic_is_answered_by_the_renderer() {
        let app = Router::new().route("/", get(boom)).layer(catch(|| {
            (StatusCode::INTERNAL_SERVER_ERROR, "{\"status\":\"500\"}").into_response()
        }));
        let request = Request::builder().uri("/").body(Body::empty()).expect("request");
        let response = app.oneshot(request).await.expect("infallible");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.into_body().collect().await.expect("body").to_bytes();
        assert_eq!(body, "{\"status\":\"500\"}");
    }
}
