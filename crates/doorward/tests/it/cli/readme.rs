//! README.md, "Use it": the steps, followed to the letter, work.

use std::{path::Path, process::Command};

use super::place::{Place, Running};

/// The commands of the first block after a heading.
fn steps(heading: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let text = std::fs::read_to_string(path).expect("README.md");
    let section = text.split(heading).nth(1).expect("the heading is there");
    let block = section.split("```sh\n").nth(1).expect("a block of commands");
    let lines = block.split("```").next().expect("its end").lines();
    lines.filter(|line| line.starts_with("doorward ")).map(str::to_owned).collect()
}

/// A step as a shell runs it, with this binary in front of any other.
fn shell(place: &Place, step: &str) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_doorward"));
    let folder = binary.parent().expect("a folder").display();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("exec {step}")]).current_dir(place.path()).env_clear();
    // Other tests listen on the port of the README.
    command.env("PATH", format!("{folder}:/usr/bin:/bin")).env("DOORWARD_LISTEN", "127.0.0.1:0");
    command
}

#[test]
fn the_steps_of_the_readme_work() {
    let place = Place::new();
    let steps = steps("## Use it");
    let (serve, rest) = steps.split_first().expect("steps");
    assert!(serve.starts_with("doorward serve "), "{serve}");
    let log = std::fs::File::create(place.path().join("log")).expect("a file");
    let child = shell(&place, serve).stdout(log.try_clone().expect("one")).stderr(log).spawn();
    let mut server = Running::new(child.expect("it starts"));
    let begun = std::time::Instant::now();
    while !place.log().contains("listening") && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut said = String::new();
    for step in rest {
        let output = shell(&place, step).output().expect("it starts");
        let (text, error) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{step}: {text}{error}");
        said.push_str(&text);
    }
    let url = serve.split("--public-url ").nth(1).and_then(|rest| rest.split(' ').next());
    let base_url = format!("{}/scim/v2\n", url.expect("the README sets a public URL"));
    assert!(said.contains(&base_url), "the pair to paste is right: {said}");
    assert!(said.contains("API token") && said.contains("sound"), "{said}");
    assert_eq!(server.end("-TERM"), Some(0), "{}", place.log());
}
