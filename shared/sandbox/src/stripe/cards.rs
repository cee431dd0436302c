//! Stripe's test cards (<https://docs.stripe.com/testing>): what they are and how they behave.
//!
//! A number never appears here, not even a test one: a card is known by its name.

use crate::ids::derived;
use crate::test_values::{Paying, TestValue};

/// The outcome of charging a card.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Behaviour {
    Approved,
    Declined(Decline),
    /// The bank asks its customer, every time.
    Authentication,
    /// The bank asks its customer, but not for a card that was set up for later.
    AuthenticationUnlessSaved,
}

/// A refusal by the bank.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Decline {
    pub(super) code: &'static str,
    pub(super) decline_code: Option<&'static str>,
    pub(super) message: &'static str,
    /// True where the bank refuses already when the card is attached to a customer.
    pub(super) at_attach: bool,
}

/// One card of Stripe's list.
#[derive(Clone, Copy, Debug)]
pub(super) struct TestCard {
    /// As in `pm_card_visa` and `tok_visa`.
    pub(super) name: &'static str,
    pub(super) brand: &'static str,
    pub(super) last4: &'static str,
    pub(super) funding: &'static str,
    pub(super) behaviour: Behaviour,
}

/// A card's fingerprint: the same for the same card within an account, another in another account.
pub(super) fn fingerprint(account: &str, brand: &str, last4: &str) -> String {
    derived(&format!("{account} {brand} {last4}"), 16)
}

/// The card of a payment method that a real page made.
pub(super) const VISA: &TestCard = &card("visa", "visa", "4242", "credit", Behaviour::Approved);

/// The card of this name, or of `pm_card_{name}`, or of `tok_{name}`.
pub(super) fn find(name: &str) -> Option<&'static TestCard> {
    CARDS.iter().find(|card| card.name == name)
}

/// The cards, as `pm_card_{name}`.
pub(super) fn test_values() -> Vec<TestValue> {
    CARDS.iter().map(TestCard::test_value).collect()
}

impl TestCard {
    fn test_value(&self) -> TestValue {
        let (paying, outcome) = match self.behaviour {
            Behaviour::Approved => (Paying::Approved, self.later().unwrap_or("approved")),
            Behaviour::Declined(decline) => (Paying::Declined, decline.message),
            Behaviour::Authentication => (Paying::Asks, "the bank asks, every time"),
            Behaviour::AuthenticationUnlessSaved => {
                (Paying::Asks, "the bank asks, unless the card is saved")
            }
        };
        let funding = match self.funding {
            "credit" => "",
            other => other,
        };
        let face = [self.brand, funding, self.last4];
        let face: Vec<_> = face.into_iter().filter(|it| !it.is_empty()).collect();
        TestValue {
            value: format!("pm_card_{}", self.name),
            is_beginning: false,
            paying,
            words: format!("{}: {outcome}", face.join(" ")),
        }
    }

    /// What an approved card does once its money is given back.
    fn later(&self) -> Option<&'static str> {
        match self.name {
            "pendingRefund" => Some("approved, refunds take an hour"),
            "refundFail" => Some("approved, refunds fail an hour later"),
            _ => None,
        }
    }
}

const fn card(
    name: &'static str,
    brand: &'static str,
    last4: &'static str,
    funding: &'static str,
    behaviour: Behaviour,
) -> TestCard {
    TestCard {
        name,
        brand,
        last4,
        funding,
        behaviour,
    }
}

const fn visa(name: &'static str, last4: &'static str, behaviour: Behaviour) -> TestCard {
    card(name, "visa", last4, "credit", behaviour)
}

const fn declined(decline_code: &'static str, message: &'static str, at_attach: bool) -> Behaviour {
    Behaviour::Declined(Decline {
        code: "card_declined",
        decline_code: Some(decline_code),
        message,
        at_attach,
    })
}

const fn refused(code: &'static str, message: &'static str) -> Behaviour {
    Behaviour::Declined(Decline {
        code,
        decline_code: None,
        message,
        at_attach: true,
    })
}

const DECLINED: &str = "Your card was declined.";
const APPROVED: Behaviour = Behaviour::Approved;
const GENERIC: Behaviour = declined("generic_decline", DECLINED, true);

const CARDS: &[TestCard] = &[
    *VISA,
    card("visa_debit", "visa", "5556", "debit", APPROVED),
    card("mastercard", "mastercard", "4444", "credit", APPROVED),
    card("mastercard_debit", "mastercard", "8210", "debit", APPROVED),
    card(
        "mastercard_prepaid",
        "mastercard",
        "5100",
        "prepaid",
        APPROVED,
    ),
    card("amex", "amex", "8431", "credit", APPROVED),
    card("discover", "discover", "9424", "credit", APPROVED),
    card("diners", "diners", "0004", "credit", APPROVED),
    card("jcb", "jcb", "0505", "credit", APPROVED),
    card("unionpay", "unionpay", "0005", "credit", APPROVED),
    visa("chargeDeclined", "0002", GENERIC),
    visa("visa_chargeDeclined", "0002", GENERIC),
    visa(
        "chargeCustomerFail",
        "0341",
        declined("generic_decline", DECLINED, false),
    ),
    visa(
        "visa_chargeDeclinedInsufficientFunds",
        "9995",
        declined(
            "insufficient_funds",
            "Your card has insufficient funds.",
            true,
        ),
    ),
    visa(
        "visa_chargeDeclinedLostCard",
        "9987",
        declined("lost_card", DECLINED, true),
    ),
    visa(
        "visa_chargeDeclinedStolenCard",
        "9979",
        declined("stolen_card", DECLINED, true),
    ),
    visa(
        "chargeDeclinedExpiredCard",
        "0069",
        refused("expired_card", "Your card has expired."),
    ),
    visa(
        "chargeDeclinedIncorrectCvc",
        "0127",
        refused("incorrect_cvc", "Your card's security code is incorrect."),
    ),
    visa(
        "chargeDeclinedProcessingError",
        "0119",
        refused(
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    ),
    visa("pendingRefund", "7726", APPROVED),
    visa("refundFail", "5126", APPROVED),
    visa("authenticationRequired", "3184", Behaviour::Authentication),
    visa("threeDSecure2Required", "3220", Behaviour::Authentication),
    visa(
        "authenticationRequiredOnSetup",
        "3155",
        Behaviour::AuthenticationUnlessSaved,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for card in CARDS {
            let same = CARDS.iter().filter(|other| other.name == card.name);
            assert_eq!(same.count(), 1, "{}", card.name);
        }
    }

    #[test]
    fn a_fingerprint_belongs_to_card_and_account() {
        let of = |account, card: &TestCard| fingerprint(account, card.brand, card.last4);
        let mastercard = find("mastercard").unwrap();
        assert_eq!(of("a", VISA), of("a", find("visa").unwrap()));
        assert_ne!(of("a", VISA), of("b", VISA));
        assert_ne!(of("a", VISA), of("a", mastercard));
    }
}
