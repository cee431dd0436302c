//! The stand-ins as the page sees them.

use std::sync::Arc;

use sandbox::{StandIn, TestValue, Watched, checkout_com, external, klarna, stripe};
use serde_json::{Value, json};

use crate::stand_ins::{Served, StandIns};

/// A gateway's stand-in.
pub struct Gateway {
    /// Its name in URLs.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The type of what is paid with it.
    pub source_type: &'static str,
    /// Where it listens.
    pub url: String,
    /// What it is asked, and how it misbehaves.
    pub stand_in: Arc<dyn Watched>,
    /// What a shopper may try.
    pub test_values: Vec<TestValue>,
}

/// Those that are served.
pub fn of(stand_ins: &StandIns) -> Vec<Gateway> {
    let stripe = gateway(
        ("stripe", "Stripe", "stripe_payments"),
        stand_ins.stripe.as_ref(),
        stripe::test_values,
    );
    let checkout_com = gateway(
        ("checkout-com", "Checkout.com", "checkout_com_payments"),
        stand_ins.checkout_com.as_ref(),
        checkout_com::test_values,
    );
    let klarna = gateway(
        ("klarna", "Klarna", "klarna_payments"),
        stand_ins.klarna.as_ref(),
        klarna::test_values,
    );
    let external = gateway(
        ("external", "External gateway", "external_payments"),
        Some(&stand_ins.external),
        external::test_values,
    );
    let served = [stripe, checkout_com, klarna, external];
    served.into_iter().flatten().collect()
}

fn gateway<S: StandIn + Watched>(
    (name, title, source_type): (&'static str, &'static str, &'static str),
    served: Option<&Served<S>>,
    test_values: fn() -> Vec<TestValue>,
) -> Option<Gateway> {
    let served = served?;
    Some(Gateway {
        name,
        title,
        source_type,
        url: served.url.clone(),
        stand_in: Arc::new(served.stand_in.clone()),
        test_values: test_values(),
    })
}

impl Gateway {
    /// What the page's modules know of it.
    pub fn facts(&self) -> Value {
        json!({
            "name": self.name,
            "title": self.title,
            "source_type": self.source_type,
            "url": self.url,
            "test_values": self.test_values,
        })
    }
}
