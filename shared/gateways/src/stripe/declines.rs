use domain::gateway::Decline;

use super::errors::StripeError;

/// Of a hold that ended by itself.
pub(super) const EXPIRED: &str =
    "The bank's hold ran out before it was captured, so nothing is held any more.";

/// What the shopper is not to know of their card; these have the code of any other decline, and the log
/// has them.
const NOT_TOLD: &[&str] = &[
    "fraudulent",
    "lost_card",
    "merchant_blacklist",
    "pickup_card",
    "restricted_card",
    "security_violation",
    "stolen_card",
];

/// Why a payment was declined.
pub(super) fn decline(error: &StripeError) -> Decline {
    let code = error.code.as_deref();
    let reason = error.decline_code.as_deref();
    let told = reason.filter(|it| !NOT_TOLD.contains(it));
    Decline {
        code: told.or(code).map(str::to_owned),
        message: sentence(code, reason).to_owned(),
    }
}

/// Our own sentence for a decline (docs.stripe.com/declines/codes). Whether a card is lost, stolen
/// or thought a fraud is not the shopper's to know, so that these read as any other decline.
pub(super) fn sentence(code: Option<&str>, decline_code: Option<&str>) -> &'static str {
    let issuers = decline_code.and_then(known);
    let stripes = code.and_then(known);
    issuers.or(stripes).unwrap_or(
        "The payment was declined. The shopper should ask their bank, or pay in another way.",
    )
}

fn known(code: &str) -> Option<&'static str> {
    Some(match code {
        "insufficient_funds" | "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => {
            "The payment was declined: there are not enough funds, or a limit is reached. The shopper should pay in another way."
        }
        "expired_card" | "invalid_expiry_month" | "invalid_expiry_year" => {
            "The payment was declined: the card has expired, or its expiry date is not right. The shopper should enter the card again, or another."
        }
        "incorrect_cvc" | "invalid_cvc" | "incorrect_number" | "invalid_number"
        | "incorrect_zip" | "incorrect_address" | "incorrect_pin" | "invalid_pin" => {
            "The payment was declined: the card's details are not right. The shopper should enter the card again."
        }
        "authentication_required"
        | "authentication_not_handled"
        | "payment_intent_authentication_failure"
        | "offline_pin_required"
        | "online_or_offline_pin_required" => {
            "The payment was declined: the bank wants the shopper to authenticate. Let the shopper confirm the payment in the browser."
        }
        "card_not_supported"
        | "currency_not_supported"
        | "transaction_not_allowed"
        | "service_not_allowed"
        | "invalid_amount"
        | "testmode_decline"
        | "live_mode_test_card" => {
            "The payment was declined: the card cannot be used for this kind of payment. The shopper should pay in another way."
        }
        "processing_error"
        | "try_again_later"
        | "issuer_not_available"
        | "reenter_transaction"
        | "approve_with_id" => {
            "The payment was declined: the bank could not decide just now. Try again later."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_what_to_do_and_hides_what_is_not_the_shoppers_to_know() {
        let cases = [
            (
                Some("card_declined"),
                Some("insufficient_funds"),
                "not enough funds",
            ),
            (Some("expired_card"), None, "expired"),
            (
                Some("card_declined"),
                Some("incorrect_cvc"),
                "enter the card again",
            ),
            (Some("authentication_required"), None, "authenticate"),
            (
                Some("card_declined"),
                Some("try_again_later"),
                "Try again later",
            ),
            (Some("card_declined"), Some("stolen_card"), "ask their bank"),
            (Some("card_declined"), Some("fraudulent"), "ask their bank"),
            (
                Some("card_declined"),
                Some("something_new"),
                "ask their bank",
            ),
            (None, None, "ask their bank"),
        ];
        for (code, decline_code, part) in cases {
            let sentence = sentence(code, decline_code);
            assert!(sentence.contains(part), "{decline_code:?}: {sentence}");
        }
    }
}
