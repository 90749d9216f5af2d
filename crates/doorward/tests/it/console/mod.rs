//! The console, over HTTP.

mod domains;
mod forms;
mod guard;
mod links;
mod matrix;
mod path;
mod support;
mod troubles;
