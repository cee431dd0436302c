//! What the page says before its modules fill it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::facts::VERSION;
use super::files::{MAIN, MODULES, RETURNED};
use super::{Page, Shared};

/// `GET /`
pub async fn page(State(page): Shared) -> Response {
    let markup = document("Billfold at work", MAIN, &page.body());
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (VARY, HeaderValue::from_static("accept")),
    ];
    (headers, markup.into_string()).into_response()
}

/// `GET /page/returned`: where the bank's page sends the shopper, in a frame of the page.
pub async fn returned(State(page): Shared) -> Response {
    let content = html! {
        body {
            main.sign-in { p { "The bank has answered. " a href="/" { "Back to the orders" } } }
        }
    };
    let markup = document("Back from the bank", RETURNED.0, &content);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (CONTENT_SECURITY_POLICY, page.policy("'self'")),
    ];
    (headers, markup.into_string()).into_response()
}

/// How many gateways the demo has.
const ALL_GATEWAYS: usize = 4;

const HTML: &str = "text/html; charset=utf-8";

fn document(title: &str, module: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="icon" href="/page/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/page/style.css";
                @if module == MAIN {
                    @for (name, _) in MODULES {
                        link rel="modulepreload" href={ "/page/" (name) };
                    }
                }
                script type="module" src={ "/page/" (module) } {}
            }
            (body)
        }
    }
}

impl Page {
    fn body(&self) -> Markup {
        // Inside a script element nothing is escaped but what could end it.
        let facts = self.facts().to_string().replace('<', "\\u003c");
        html! {
            body {
                a.skip href="#orders" { "Go to the orders" }
                (masthead())
                main {
                    noscript { p role="alert" { "This page needs JavaScript: it calls the API from your browser." } }
                    (self.runs())
                    div.workbench {
                        section #orders.panel aria-labelledby="orders-title" {
                            header { h2 #orders-title { "Orders" } span #order-actions {} }
                            div #order-list aria-busy="true" { p.quiet { "Reading the orders…" } }
                        }
                        section #order.panel aria-labelledby="order-title" {
                            header { h2 #order-title tabindex="-1" { "An order" } span #order-status {} }
                            div #order-notice aria-live="polite" {
                                p.notice.hint { "What you do below is a call of the API; here is said what comes of it." }
                            }
                            div #order-detail {}
                        }
                        section #code.panel aria-labelledby="code-title" {
                            header { h2 #code-title { "As code" } }
                            div #code-detail { p.quiet { "What you do here is shown as a request and as a call of the SDK." } }
                        }
                    }
                    section #wallet.panel aria-labelledby="wallet-title" {
                        header {
                            h2 #wallet-title { "Wallet" }
                            p.quiet { "What the customer keeps, to pay with again" }
                        }
                        div #wallet-detail {}
                    }
                    section #traffic.panel aria-labelledby="traffic-title" {
                        header {
                            h2 #traffic-title { "Between Billfold and the gateways" }
                            p.quiet { "Live; secrets and tokens show their beginning alone" }
                        }
                        div.traffic {
                            div #traffic-detail {}
                            div #faults-detail {}
                        }
                    }
                    section #speed.panel aria-labelledby="speed-title" {
                        header {
                            h2 #speed-title { "Speed" }
                            p.quiet { "What the API answered in the last five minutes" }
                        }
                        div #speed-detail {}
                    }
                }
                dialog #bank aria-labelledby="bank-title" {
                    div.title {
                        h2 #bank-title { "The bank asks" }
                        button.plain type="button" { "Close" }
                    }
                    div #bank-frame {}
                }
                script #facts type="application/json" { (PreEscaped(facts)) }
            }
        }
    }

    /// What runs, and lines to copy.
    fn runs(&self) -> Markup {
        let facts = &self.0.facts;
        let url = &facts.url;
        let gateways = &self.0.gateways;
        html! {
            section #runs aria-labelledby="runs-title" {
                div.lead {
                    h1 #runs-title { "Billfold at work" }
                    p {
                        "Pay an order, keep the card, pay the next order with it; capture the money and refund it. "
                        "Everything here is a call of the API on this machine, or read from the gateways' stand-ins."
                    }
                    dl.runs {
                        dt { "API" } dd { a href={ (url) "/api/openapi.json" } { (url) "/api" } }
                        dt { "Gateways" }
                        dd {
                            @for gateway in gateways {
                                span.pill title={ "Stand-in at " (gateway.url) } { (gateway.title) }
                            }
                            @if gateways.len() < ALL_GATEWAYS { "Others are asked where the environment points." }
                        }
                        dt { "Data" }
                        dd {
                            span {
                                "Table " code { (facts.table) }
                                @match &facts.data {
                                    Some(folder) => { ", kept in " code { (folder.display()) } },
                                    None => { ", in memory: gone when the server stops" },
                                }
                            }
                        }
                        dt { "Version" } dd { (VERSION) }
                    }
                }
                div.copies {
                    h2 { "From a terminal" }
                    (copied("Base URL", url, "url"))
                    (copied("A token of the demo customer's", "TOKEN=eyJhbGciOi…", "token"))
                    (copied("A first request", &first_request(url), "request"))
                    p.quiet {
                        "Read on: " a href={ (url) "/api/openapi.json" } { "OpenAPI document" } ", "
                        code { "README.md" } ", and in " code { "docs/" } " "
                        code { "checkout.md" } ", " code { "placing.md" } ", " code { "gateways.md" } ", "
                        code { "stand-ins.md" }
                    }
                }
            }
        }
    }
}

fn masthead() -> Markup {
    let sections = [
        ("orders", "Orders"),
        ("wallet", "Wallet"),
        ("traffic", "Gateways"),
        ("speed", "Speed"),
    ];
    html! {
        header.masthead {
            a.brand href="#runs" { img src="/page/icon.svg" alt="" width="24" height="24"; "Billfold" }
            nav aria-label="On this page" {
                @for (id, title) in sections {
                    a href={ "#" (id) } { (title) }
                }
            }
            p #live role="status" { "Connecting" }
        }
    }
}

fn copied(label: &str, text: &str, what: &str) -> Markup {
    html! {
        div.copied {
            h3 { (label) }
            pre tabindex="0" aria-label=(label) { code { (text) } }
            button.plain type="button" data-copies=(what) aria-label={ "Copy: " (label) } { "Copy" }
        }
    }
}

fn first_request(url: &str) -> String {
    format!("curl -s {url}/api/orders -H \"Authorization: Bearer $TOKEN\"")
}
