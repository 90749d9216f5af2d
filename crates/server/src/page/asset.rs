//! What pages load: style and script, built into the program.

use axum::{Router, response::IntoResponse, routing::get};
use http::{HeaderName, HeaderValue, header};

use crate::App;

const CONSOLE: &str = include_str!("../../assets/console.css");
const CONSOLE_SCRIPT: &str = include_str!("../../assets/console.js");
const SELF_POSTING: &str = include_str!("../../assets/self-posting.js");

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/assets/console.css", get(async || asset("text/css; charset=utf-8", CONSOLE)))
        .route(
            "/assets/console.js",
            get(async || asset("text/javascript; charset=utf-8", CONSOLE_SCRIPT)),
        )
        .route(
            "/assets/self-posting.js",
            get(async || asset("text/javascript; charset=utf-8", SELF_POSTING)),
        )
}

fn asset(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    const CACHED: (HeaderName, HeaderValue) =
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    const TYPED: (HeaderName, HeaderValue) =
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type)), CACHED, TYPED], text)
}
