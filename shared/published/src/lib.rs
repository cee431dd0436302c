//! What the gateways' vendors publish of their APIs, in tables of facts: the requests that Billfold
//! makes and the answers that the stand-ins give, member by member. Tests hold both to it. No product
//! code depends on this crate.
//!
//! A table has a section for each request (`request:`, its method and path, the object in its body) and
//! for each object (`object:` and its name, then a line for each member), with tabs between the columns:
//!
//! | column | what it says |
//! |---|---|
//! | member | the name; of a form's field with its brackets, `[*]` for any key |
//! | kind | `text`, `integer`, `boolean`, `anything`, `null`, an object's name, `list of …`, or several with ` or ` between |
//! | needed | `needed`, or nothing |
//! | limits | `least=`, `most=`, `shortest=`, `longest=`, `fewest=`, `matches=`, `of=a\|b` |
//!
//! A member that its object does not have is a problem: a vendor ignores it, or refuses it.

#![allow(
    clippy::panic,
    reason = "a table that cannot be read ends the test that reads it"
)]

mod check;
mod limits;
mod table;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::table::{Request, Table};

/// What one vendor publishes of its API.
#[derive(Debug)]
pub struct Api(Table);

impl Api {
    /// Stripe's: forms, and objects in answers.
    pub fn stripe() -> Self {
        Self(Table::read(include_str!("../tables/stripe.tsv")))
    }

    /// Checkout.com's.
    pub fn checkout_com() -> Self {
        Self(Table::read(include_str!("../tables/checkout_com.tsv")))
    }

    /// Klarna's.
    pub fn klarna() -> Self {
        Self(Table::read(include_str!("../tables/klarna.tsv")))
    }

    /// Whether the vendor publishes a request of this method to this path.
    pub fn has(&self, method: &str, path: &str) -> bool {
        self.0.request(method, path).is_some()
    }

    /// What is wrong with a request whose body is JSON, one sentence each. An empty body is none.
    pub fn json_problems(&self, method: &str, path: &str, body: &str) -> Vec<String> {
        self.problems(method, path, body, |it| self.0.json_problems(it, body))
    }

    /// What is wrong with a request whose body is a form, one sentence each.
    pub fn form_problems(&self, method: &str, path: &str, body: &str) -> Vec<String> {
        self.problems(method, path, body, |it| self.0.form_problems(it, body))
    }

    fn problems(
        &self,
        method: &str,
        path: &str,
        body: &str,
        of_body: impl Fn(&Request) -> Vec<String>,
    ) -> Vec<String> {
        let Some(request) = self.0.request(method, path) else {
            return vec![format!("no {method} {path}")];
        };
        let mut problems = self.0.path_problems(request, path);
        match (request.body, body.is_empty()) {
            (None, true) => {}
            (None, false) => problems.push("no body is described".to_owned()),
            (Some(_), true) if !request.needs_body => {}
            (Some(_), _) => problems.extend(of_body(request)),
        }
        problems
    }

    /// What is wrong with an object of this name, one sentence each: `line.name: is needed`.
    pub fn object_problems(&self, name: &str, object: &Value) -> Vec<String> {
        self.0.object_problems(name, object)
    }

    /// The members of the object of this name, sorted.
    pub fn members(&self, name: &str) -> Vec<&'static str> {
        let mut members: Vec<_> = self.0.object(name).iter().map(|it| it.name).collect();
        members.sort_unstable();
        members
    }
}
