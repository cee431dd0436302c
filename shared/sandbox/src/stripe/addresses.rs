//! Addresses, as several objects have them.

use crate::fields::Kind;

use super::fields::{Field, TEXT, required, unsettable};

/// A postal address.
pub(super) const ADDRESS: &[Field] = &[
    unsettable("city", TEXT),
    unsettable("country", TEXT),
    unsettable("line1", TEXT),
    unsettable("line2", TEXT),
    unsettable("postal_code", TEXT),
    unsettable("state", TEXT),
];

/// An address with a name, as in `shipping`.
pub(super) const SHIPPING: &[Field] = &[
    required("address", Kind::Object(ADDRESS)),
    required("name", TEXT),
    unsettable("phone", TEXT),
];

/// The person or firm that a payment method's bill goes to.
pub(super) const BILLING_DETAILS: &[Field] = &[
    unsettable("address", Kind::Object(ADDRESS)),
    unsettable("email", TEXT),
    unsettable("name", TEXT),
    unsettable("phone", TEXT),
    unsettable("tax_id", TEXT),
];
