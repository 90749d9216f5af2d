//! The golden matrix: what each visitor gets at every address of the console, by every method.
//!
//! It is printed to `matrix.txt` beside this file and reviewed as text. With `UPDATE_GOLDEN=1` the
//! test writes the file anew.

use std::{collections::BTreeSet, fmt::Write as _};

use testkit::{PUBLIC_URL, contract};

use super::support::House;
use crate::sign_in::browser::Browser;

/// An id that was never given.
const INVENTED: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/// What becomes of a request: a status, and for a redirect where to.
async fn outcome(browser: &Browser, method: &str, path: &str) -> String {
    let answer = match method {
        "GET" => browser.get(path).await,
        // Without the token of a form: whoever may come in gets 403 as well, with other words.
        "POST" => browser.post(path, PUBLIC_URL, &[]).await,
        method => browser.ask(method, path).await,
    };
    if let ("POST", 403) = (method, answer.status) {
        let is_let_in = answer.text().contains("was not sent by a page of this console");
        return if is_let_in { "form".to_owned() } else { "403".to_owned() };
    }
    match (answer.status, answer.header("location")) {
        (303, Some("/signin")) => "sign-in".to_owned(),
        (status, _) => status.to_string(),
    }
}

contract!(async fn the_matrix_is_as_it_was_reviewed(store) {
    let house = House::open(store).await;
    let own = house.door.client.connection.connection.id.to_string();
    let browsers = [
        ("nobody", house.door.browser()),
        ("link", house.bearer().await),
        ("member", house.person(None).await),
        ("admin", house.person(Some("admin")).await),
        ("superadmin", house.person(Some("superadmin")).await),
    ];
    let mut text = String::from(
        "What each visitor gets at every address of the console. sign-in: 303 to /signin; form: let in, \
         were it a form of ours.\nIds are invented, but for {connection}.\n\n",
    );
    let mut line = |name: &str, cells: Vec<String>| {
        let mut row = format!("{name:<66}");
        for cell in cells {
            let _ = write!(row, "{cell:<11}");
        }
        let _ = writeln!(text, "{}", row.trim_end());
    };
    line("", browsers.iter().map(|(name, _)| (*name).to_owned()).collect());
    let paths: BTreeSet<&str> = server::console::addresses().iter().map(|room| room.path).collect();
    for path in paths {
        let real = path
            .replace("{connection}", &own)
            .replace("{request}", "1-1")
            .replace("{role}", "member")
            .replace("{name}", "okta")
            .replace("{domain}", "example.com")
            .replace("{user}", INVENTED)
            .replace("{group}", INVENTED);
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let mut cells = Vec::new();
            for (_, browser) in &browsers {
                cells.push(outcome(browser, method, &real).await);
            }
            // Whoever is not let in learns nothing: a real id reads like one that was never given.
            if method == "GET" && path.contains("{connection}") {
                let made_up = real.replace(&own, INVENTED);
                for (_, browser) in &browsers {
                    let (one, other) = (browser.get(&real).await, browser.get(&made_up).await);
                    if matches!(one.status, 401 | 403) {
                        let plain = |text: String| text.replace(&own, "").replace(INVENTED, "");
                        assert_eq!(plain(one.text()), plain(other.text()), "{path}");
                    }
                }
            }
            line(&format!("{method:<7}{path}"), cells);
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/console/matrix.txt");
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration but this variable")]
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        std::fs::write(path, &text).expect("the file can be written");
    }
    let reviewed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(text == reviewed, "the matrix changed: review it, then run with UPDATE_GOLDEN=1\n{text}");
});
