//! What README and the pages beside it say is so: links lead to headings and files that are there, what
//! is called is a route, and the pages that are read first stay short.

use std::path::{Path, PathBuf};

use billfold::router::FUNCTIONS;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The folders that pages stand in.
const FOLDERS: [&str; 3] = ["", "docs", "events"];

/// Where the API is, in commands to be tried here and in those for a deployment.
const APIS: [&str; 2] = ["http://localhost:9000", "https://api.example.com"];

#[test]
fn the_pages_that_are_read_first_have_at_most_250_lines() {
    for name in ["README.md", "ARCHITECTURE.md"] {
        let lines = read(&Path::new(ROOT).join(name)).lines().count();
        assert!((1..=250).contains(&lines), "{name} has {lines} lines");
    }
}

#[test]
fn every_link_leads_to_a_file_or_heading_that_is_there() {
    let mut followed = 0;
    for page in pages() {
        for link in links(&read(&page)) {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let file = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            assert!(file.exists(), "{}: {link}", page.display());
            let is_there = heading.is_empty() || anchors(&read(&file)).any(|it| it == heading);
            assert!(is_there, "{}: {link}", page.display());
            followed += 1;
        }
    }
    assert!(followed > 20, "{followed} links were found");
}

#[test]
fn every_path_of_the_api_that_is_called_is_a_route() {
    let mut called = 0;
    for page in pages() {
        let text = read(&page);
        for path in APIS.iter().flat_map(|api| paths(&text, api)) {
            let routes = FUNCTIONS.iter().flat_map(|function| function.routes);
            let is_route = routes.clone().any(|route| route.captures(path).is_some());
            assert!(is_route, "{}: {path} is no route", page.display());
            called += 1;
        }
    }
    assert!(called > 20, "{called} paths were found");
}

#[test]
fn every_line_of_the_log_that_is_explained_is_logged() {
    let page = read(&Path::new(ROOT).join("docs/operating.md"));
    let section = page.split("\n## ").find(|it| it.starts_with("The log\n"));
    let rows = section.unwrap().lines().filter(|it| it.starts_with("| `"));
    let lines = rows.flat_map(|row| {
        row.split(" | ")
            .next()
            .unwrap()
            .split('`')
            .skip(1)
            .step_by(2)
    });
    let sources = ["src", "functions", "shared"].map(|it| sources(&Path::new(ROOT).join(it)));
    let mut explained = 0;
    for line in lines {
        let text = format!("\"{line}\"");
        assert!(sources.iter().any(|it| it.contains(&text)), "{line}");
        explained += 1;
    }
    assert!(explained >= 10, "{explained} lines were found");
}

/// All Rust text of a folder.
fn sources(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|it| it.unwrap().path());
    let texts = paths.map(|path| match path.is_dir() {
        true => sources(&path),
        false if path.extension().is_some_and(|it| it == "rs") => read(&path),
        false => String::new(),
    });
    texts.collect()
}

fn pages() -> Vec<PathBuf> {
    let entries = FOLDERS.map(|folder| std::fs::read_dir(Path::new(ROOT).join(folder)).unwrap());
    let files = entries.into_iter().flatten().map(|it| it.unwrap().path());
    let pages: Vec<_> = files
        .filter(|it| it.extension().is_some_and(|it| it == "md"))
        .collect();
    assert!(pages.len() >= 10, "{pages:?}");
    pages
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands in the parentheses of `[text](link)`.
fn links(text: &str) -> Vec<String> {
    let rests = text.split("](").skip(1);
    let links = rests.filter_map(|rest| rest.split_once(')'));
    links.map(|(link, _)| link.to_owned()).collect()
}

/// The headings as links name them: `## Orders, customers` is `#orders-customers`.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|heading| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words.replace(' ', "-");
        kept.chars()
            .filter(|it| it.is_alphanumeric() || matches!(it, '-' | '_'))
            .collect()
    })
}

/// The paths that follow an API's address; a shell's variable is a segment like any other.
fn paths<'t>(text: &'t str, api: &str) -> Vec<&'t str> {
    let ends = |it: char| it.is_whitespace() || "?'\"`)\\".contains(it);
    let rests = text.split(api).skip(1);
    let paths = rests.filter_map(|rest| rest.split(ends).next());
    paths.filter(|path| path.starts_with('/')).collect()
}
