//! What a call of the rules came to, as a test expects it; for the tests beside the code and for those
//! against the stand-ins.
#![allow(dead_code, reason = "not every test binary expects every end")]

use std::fmt::Debug;

use domain::gateway::{Decline, GatewayAnswer, GatewayRefusal, Moved, Outcome, Payment, Reusable};
use domain::refusal::Code;

/// An answer, a refusal, or a failure `F`.
pub type Performed<F> = Result<Result<GatewayAnswer, GatewayRefusal>, F>;

pub fn payment_of<F: Debug>(performed: Performed<F>) -> Payment {
    match performed {
        Ok(Ok(GatewayAnswer::Payment(payment))) => payment,
        other => panic!("{other:?}"),
    }
}

pub fn reusable_of<F: Debug>(performed: Performed<F>) -> Reusable {
    match performed {
        Ok(Ok(GatewayAnswer::Reusable(reusable))) => reusable,
        other => panic!("{other:?}"),
    }
}

pub fn customer_of<F: Debug>(performed: Performed<F>) -> String {
    match performed {
        Ok(Ok(GatewayAnswer::Customer(token))) => token,
        other => panic!("{other:?}"),
    }
}

pub fn moved_of<F: Debug>(performed: Performed<F>) -> Moved {
    match performed {
        Ok(Ok(GatewayAnswer::Moved(moved))) => moved,
        other => panic!("{other:?}"),
    }
}

/// Why a transaction failed.
pub fn decline_of<F: Debug>(performed: Performed<F>) -> Decline {
    match moved_of(performed).outcome {
        Outcome::Failed(decline) => decline,
        other => panic!("{other:?}"),
    }
}

pub fn refusal_of<F: Debug>(performed: Performed<F>) -> (Code, String) {
    match performed {
        Ok(Err(refusal)) => (refusal.code, refusal.detail),
        other => panic!("{other:?}"),
    }
}

pub fn failure_of<F: Debug>(performed: Performed<F>) -> F {
    match performed {
        Err(failure) => failure,
        other => panic!("{other:?}"),
    }
}

pub fn done<F: Debug>(performed: Performed<F>) {
    match performed {
        Ok(Ok(GatewayAnswer::Done)) => {}
        other => panic!("{other:?}"),
    }
}
