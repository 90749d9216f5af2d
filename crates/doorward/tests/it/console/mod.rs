//! The console, over HTTP.

mod forms;
mod links;
mod matrix;
mod path;
mod support;
