//! What callers ask for around an order's payment and a customer's wallet, decided.

mod add_entry;
mod authorizing;
mod books;
mod create_source;
mod delete_entry;
mod delete_source;
mod dropping;
mod gateway_steps;
mod observing;
mod observing_kept;
pub(crate) mod order_attributes;
mod order_relations;
mod patch_entry;
mod patch_order;
mod patch_source;
mod patch_transaction;
mod paying;
mod placing;
mod resume;
mod saving;
mod settled;
mod watching;

pub use add_entry::AddEntry;
pub use create_source::CreateSource;
pub use delete_entry::{DeleteEntry, DropReused};
pub use delete_source::DeleteSource;
pub use observing::{Observe, asked_again};
pub use observing_kept::ObserveKept;
pub use order_relations::OrderRelations;
pub use patch_entry::PatchEntry;
pub use patch_order::{MethodChoice, PatchOrder};
pub use patch_source::PatchSource;
pub use patch_transaction::PatchTransaction;
pub use placing::Lifecycle;
pub use resume::Resume;
pub use watching::Watched;
