//! The console, over HTTP.

mod forms;
mod guard;
mod links;
mod matrix;
mod path;
mod support;
mod troubles;
