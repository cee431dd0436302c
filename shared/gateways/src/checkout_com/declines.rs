//! Why a bank says no, by the codes of its answer
//! (checkout.com/docs/developer-resources/codes/api-response-codes), in our words. Whether a card is lost,
//! stolen or thought a fraud is not the shopper's to know: these read as any other decline.

use domain::gateway::Decline;

/// What the shopper is not to know of their card: that it is lost, stolen, restricted, to be taken away, or thought
/// a fraud.
const NOT_TOLD: &[&str] = &[
    "20059", "20062", "20063", "30004", "30007", "30034", "30035", "30036", "30037", "30041",
    "30043", "40101", "40201", "40202", "40203", "40204", "40205",
];

/// The code of a decline that says nothing of the reason: "Declined - Do Not Honour".
const DO_NOT_HONOUR: &str = "20005";

/// What `response_summary` says beside that code.
pub(super) const DECLINED: &str = "Declined";

/// The code that is told in place of this one, where the reason is not the shopper's to know.
pub(super) fn instead_of(code: &str) -> Option<&'static str> {
    NOT_TOLD.contains(&code).then_some(DO_NOT_HONOUR)
}

/// A decline with this code, or with the one that is told in its place; the log has it then.
pub(super) fn decline(code: Option<&str>) -> Decline {
    let instead = code.and_then(instead_of);
    if instead.is_some() {
        tracing::info!(code, "a decline whose reason is not told");
    }
    Decline {
        code: instead.or(code).map(str::to_owned),
        message: sentence(code.unwrap_or_default()).to_owned(),
    }
}

/// A hold that ended by itself.
pub(super) fn expired() -> Decline {
    because(
        "expired",
        "The bank's hold ran out before it was captured, so nothing is held any more.",
    )
}

/// A reason that the payment's state gives.
pub(super) fn because(code: &str, message: &str) -> Decline {
    Decline {
        code: Some(code.to_owned()),
        message: message.to_owned(),
    }
}

fn sentence(code: &str) -> &'static str {
    match code {
        "20051" | "20061" | "20065" => {
            "The payment was declined: there are not enough funds, or a limit is reached. The shopper should pay in another way."
        }
        "20054" | "30033" => {
            "The payment was declined: the card has expired, or its expiry date is not right. The shopper should enter the card again, or another."
        }
        "20014" | "20055" => {
            "The payment was declined: the card's details are not right. The shopper should enter the card again."
        }
        "20150" | "20151" | "20152" | "20153" | "20154" | "20155" => {
            "The payment was declined: the bank wants the shopper to authenticate. Let the shopper pay again, with 3-D Secure."
        }
        "20057" | "20058" | "20093" => {
            "The payment was declined: the card cannot be used for this kind of payment. The shopper should pay in another way."
        }
        "20068" | "20091" | "20096" => {
            "The payment was declined: the bank could not decide just now. Try again later."
        }
        _ => "The payment was declined. The shopper should ask their bank, or pay in another way.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_what_to_do_and_hides_what_is_not_the_shoppers_to_know() {
        for (code, part) in [
            (Some("20051"), "not enough funds"),
            (Some("20054"), "expired"),
            (Some("20154"), "authenticate"),
            (Some("20091"), "Try again later"),
            (Some("20005"), "ask their bank"),
            (None, "ask their bank"),
        ] {
            let decline = decline(code);
            assert!(decline.message.contains(part), "{code:?}: {decline:?}");
            assert_eq!(decline.code.as_deref(), code);
        }
    }

    #[test]
    fn that_a_card_is_lost_or_stolen_or_thought_a_fraud_reads_as_any_other_decline() {
        for code in NOT_TOLD {
            assert_eq!(decline(Some(code)), decline(Some(DO_NOT_HONOUR)), "{code}");
        }
    }
}
