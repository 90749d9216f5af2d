//! The application that people know: what the console is called, and where its customers write to.

use server::Application;

use super::settings::{Raw, Settings};

/// The longest name, in characters: it stands beside others.
const SPACE: usize = 60;

pub(super) fn read(settings: &mut Settings) -> Application {
    let mut application = Application::default();
    settings.set("application.name", &mut application.name, line);
    application.support = settings.get("application.support", line);
    application
}

/// A short line of text.
fn line(raw: &Raw) -> Result<String, String> {
    match raw {
        Raw::Text(text) => {
            let text = text.trim();
            let fits = (1..=SPACE).contains(&text.chars().count());
            if fits && !text.chars().any(char::is_control) {
                return Ok(text.to_owned());
            }
            Err(format!("is not a line of 1 to {SPACE} characters"))
        }
        Raw::Integer(_) | Raw::List(_) => Err("is not a text".to_owned()),
    }
}
