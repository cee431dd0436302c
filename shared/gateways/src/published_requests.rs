//! Requests, as they were sent, against what a vendor publishes of its API.

use published::Api;

use crate::testing::Sent;

/// What is wrong with a request whose body is JSON, one sentence each. `base` is where the vendor's
/// paths begin: `https://api.klarna.com`.
pub(crate) fn json_problems(api: &Api, base: &str, sent: &Sent) -> Vec<String> {
    let Some(path) = path(base, sent) else {
        return vec![format!("{} is not under {base}", sent.target)];
    };
    let mut problems = api.json_problems(&sent.method, path, &sent.body);
    if !sent.body.is_empty() && !is_json(sent) {
        problems.push("the body does not say that it is JSON".to_owned());
    }
    problems
}

/// What is wrong with a request whose body is a form, one sentence each.
pub(crate) fn form_problems(api: &Api, base: &str, sent: &Sent) -> Vec<String> {
    let Some(path) = path(base, sent) else {
        return vec![format!("{} is not under {base}", sent.target)];
    };
    api.form_problems(&sent.method, path, &sent.body)
}

/// Whether the vendor publishes the request at all.
pub(crate) fn is_published(api: &Api, base: &str, sent: &Sent) -> bool {
    path(base, sent).is_some_and(|path| api.has(&sent.method, path))
}

fn path<'s>(base: &str, sent: &'s Sent) -> Option<&'s str> {
    sent.target.strip_prefix(base)?.split('?').next()
}

fn is_json(sent: &Sent) -> bool {
    let content_type = sent.header("content-type").unwrap_or_default();
    content_type.split(';').next() == Some("application/json")
}
