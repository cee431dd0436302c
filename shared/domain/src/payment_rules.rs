//! What is particular to a type of payment source, as const data beside its declaration.

use std::time::Duration;

/// What is particular to a type of payment source: where its gateway's way of paying differs from
/// others'. Commands ask these rules, never which gateway it is.
#[derive(Debug)]
pub struct PaymentRules {
    /// Whether the gateway keeps records of customers, so that a payment carries one.
    pub has_customers: bool,
    /// Attributes that a new payment source must have.
    pub required: &'static [&'static str],
    /// The attribute that names a payment which the shop opened at the gateway itself, to be taken
    /// over instead of opening one.
    pub taken_over_by: Option<&'static str>,
    /// The attribute for what the gateway gave the shopper's browser to pay with.
    pub shopper_token: Option<&'static str>,
    /// Whether the shopper's token is an approval by itself, to be released when it is not wanted
    /// any more, rather than something that a payment is asked for with.
    pub token_approves: bool,
    /// How a shopper's token begins where it names a payment that the browser made by itself.
    pub made_payment: Option<&'static str>,
    /// How long the shopper's browser can pay by itself in the session that a new payment source opens; none
    /// where what is paid is known by the source's own payment.
    pub session: Option<Duration>,
    /// The members of `options` that the gateway hears of, so that changing them changes the payment.
    pub heard_options: &'static [&'static str],
    /// The members of `options` that nobody gives: they would change who is charged, how much, when or for
    /// whom, which follows from the order.
    pub refused_options: &'static [&'static str],
    /// Whether opening or changing a payment takes the order's lines and addresses.
    pub needs_basket: bool,
    /// Whether a save that is asked for twice saves twice, so that it is noted before it is asked for.
    pub saves_once: bool,
    /// Whether a payment that was opened before is the one that is authorised, by confirming it, rather than
    /// another that is asked for with what the shopper brought.
    pub confirms: bool,
    /// Whether a payment can be read at the gateway: where it cannot, what it said is all that is known.
    pub is_read: bool,
    /// Whether a hold is captured once: what is left is released with it.
    pub captures_once: bool,
    /// The attribute that shows the token of a saved source.
    pub saved_token: Option<&'static str>,
    /// The gateway's attribute for the URL that a save is asked of, with a document about the payment
    /// source.
    pub saved_at: Option<&'static str>,
}

impl PaymentRules {
    /// A gateway without particulars.
    pub const PLAIN: Self = Self {
        has_customers: false,
        required: &[],
        taken_over_by: None,
        shopper_token: None,
        token_approves: false,
        made_payment: None,
        session: None,
        heard_options: &[],
        refused_options: &[],
        needs_basket: false,
        saves_once: false,
        confirms: false,
        is_read: true,
        captures_once: false,
        saved_token: None,
        saved_at: None,
    };

    /// Whether a shopper's token names a payment that the browser made by itself.
    pub fn is_made_payment(&self, shopper_token: &str) -> bool {
        self.made_payment
            .is_some_and(|prefix| shopper_token.starts_with(prefix))
    }
}
