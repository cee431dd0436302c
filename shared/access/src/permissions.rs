use domain::{Role, Roles};

/// What a request asks for: one for each endpoint, apart where an endpoint serves things that
/// different roles may have. Signing in, asking for a token, revoking one and reading the public keys
/// need no token, so they have no line here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read one order.
    GetOrder,
    /// Change an order; who may write what of it is declared with the resource.
    PatchOrder,
    /// Create a payment source for an order.
    CreatePaymentSource,
    /// Read an order's payment source.
    GetPaymentSource,
    /// Change an order's payment source.
    PatchPaymentSource,
    /// Delete an order's payment source.
    DeletePaymentSource,
    /// List the wallet entries that may pay an order. For those who do not open the wallet the list
    /// is empty.
    ListAvailableWalletEntries,
    /// List wallet entries: a customer their own, an integration the whole tenant's.
    ListWallet,
    /// Read one wallet entry.
    GetWalletEntry,
    /// Change a wallet entry.
    PatchWalletEntry,
    /// Delete a wallet entry.
    DeleteWalletEntry,
    /// Read a customer: oneself, or for integrations anyone.
    GetCustomer,
    /// Read what stands in an order's partition: line items, shipments, addresses.
    GetOrderRecord,
    /// Read a transaction: sales channels have no access to these.
    GetTransaction,
    /// Capture, void, refund: have money move that is held, or was taken.
    PatchTransaction,
    /// Read what shoppers choose from: the organization, markets, payment methods, and these as a list
    /// too.
    GetCatalogRecord,
    /// Read a payment gateway.
    GetPaymentGateway,
    /// Create an order, or a record that surrounds orders.
    CreateRecord,
    /// Sign up: create a customer.
    CreateCustomer,
    /// Ask for another password: create a request for one.
    CreatePasswordReset,
    /// Create an address.
    CreateAddress,
    /// Create what is a customer's own: an entry of the address book; for integrations anyone's.
    CreateOwnRecord,
    /// List orders, or records that surround them.
    ListRecords,
    /// List orders or the address book: a customer their own, an integration the whole tenant's.
    ListOwnRecords,
    /// Change a record that surrounds orders.
    PatchRecord,
    /// Change an address: of an order, of the address book, or that the caller made.
    PatchAddress,
    /// Set another password, with the token of a request for one.
    PatchPasswordReset,
    /// Change a shipment: how it is shipped.
    PatchShipment,
    /// Change what is a customer's own: the customer, or the address book; for integrations anyone's.
    PatchOwnRecord,
    /// Delete an order, or a record that surrounds orders.
    DeleteRecord,
    /// Delete an address that the caller made, or of the address book.
    DeleteAddress,
    /// Delete what is a customer's own: an entry of the address book; for integrations anyone's.
    DeleteOwnRecord,
}

/// Who may ask for what: Commerce Layer's "roles and permissions", where sales channels reach orders
/// and their payment sources one at a time, customers their own wallet as well, and integrations
/// everything. Which records are within reach is a further question ([`domain::Caller::sees`]), and
/// so is which of their attributes and triggers may be written.
pub const PERMISSIONS: [(Action, Roles); 32] = [
    (Action::GetOrder, Roles::ALL),
    (Action::PatchOrder, Roles::ALL),
    (Action::CreatePaymentSource, Roles::ALL),
    (Action::GetPaymentSource, Roles::ALL),
    (Action::PatchPaymentSource, Roles::ALL),
    (Action::DeletePaymentSource, Roles::ALL),
    (Action::ListAvailableWalletEntries, Roles::ALL),
    (Action::ListWallet, Roles::CUSTOMER),
    (Action::GetWalletEntry, Roles::CUSTOMER),
    (Action::PatchWalletEntry, Roles::CUSTOMER),
    (Action::DeleteWalletEntry, Roles::CUSTOMER),
    (Action::GetCustomer, Roles::CUSTOMER),
    (Action::GetOrderRecord, Roles::ALL),
    (Action::GetTransaction, Roles::INTEGRATION),
    (Action::PatchTransaction, Roles::INTEGRATION),
    (Action::GetCatalogRecord, Roles::ALL),
    (Action::GetPaymentGateway, Roles::INTEGRATION),
    (Action::CreateRecord, Roles::INTEGRATION),
    (Action::CreateCustomer, Roles::ALL),
    (Action::CreatePasswordReset, Roles::ALL),
    (Action::CreateAddress, Roles::ALL),
    (Action::CreateOwnRecord, Roles::CUSTOMER),
    (Action::ListRecords, Roles::INTEGRATION),
    (Action::ListOwnRecords, Roles::CUSTOMER),
    (Action::PatchRecord, Roles::INTEGRATION),
    (Action::PatchAddress, Roles::ALL),
    (Action::PatchPasswordReset, Roles::ALL),
    (Action::PatchShipment, Roles::ALL),
    (Action::PatchOwnRecord, Roles::CUSTOMER),
    (Action::DeleteRecord, Roles::INTEGRATION),
    (Action::DeleteAddress, Roles::ALL),
    (Action::DeleteOwnRecord, Roles::CUSTOMER),
];

/// Whether `role` may ask for `action`. What has no line in [`PERMISSIONS`] nobody may.
pub fn permits(action: Action, role: Role) -> bool {
    PERMISSIONS
        .iter()
        .any(|(listed, roles)| *listed == action && roles.contains(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// May a guest, a customer, an integration? A new action does not compile without its line.
    fn expected(action: Action) -> [bool; 3] {
        match action {
            Action::GetOrder => [true, true, true],
            Action::PatchOrder => [true, true, true],
            Action::CreatePaymentSource => [true, true, true],
            Action::GetPaymentSource => [true, true, true],
            Action::PatchPaymentSource => [true, true, true],
            Action::DeletePaymentSource => [true, true, true],
            Action::ListAvailableWalletEntries => [true, true, true],
            Action::ListWallet => [false, true, true],
            Action::GetWalletEntry => [false, true, true],
            Action::PatchWalletEntry => [false, true, true],
            Action::DeleteWalletEntry => [false, true, true],
            Action::GetCustomer => [false, true, true],
            Action::GetOrderRecord => [true, true, true],
            Action::GetTransaction => [false, false, true],
            Action::PatchTransaction => [false, false, true],
            Action::GetCatalogRecord => [true, true, true],
            Action::GetPaymentGateway => [false, false, true],
            Action::CreateRecord => [false, false, true],
            Action::CreateCustomer => [true, true, true],
            Action::CreatePasswordReset => [true, true, true],
            Action::CreateAddress => [true, true, true],
            Action::CreateOwnRecord => [false, true, true],
            Action::ListRecords => [false, false, true],
            Action::ListOwnRecords => [false, true, true],
            Action::PatchRecord => [false, false, true],
            Action::PatchAddress => [true, true, true],
            Action::PatchPasswordReset => [true, true, true],
            Action::PatchShipment => [true, true, true],
            Action::PatchOwnRecord => [false, true, true],
            Action::DeleteRecord => [false, false, true],
            Action::DeleteAddress => [true, true, true],
            Action::DeleteOwnRecord => [false, true, true],
        }
    }

    #[test]
    fn each_role_may_do_what_the_table_says_and_nothing_else() {
        let customer = Role::Customer("jqWerTyUio".parse().unwrap());
        for (action, _) in PERMISSIONS {
            let roles = [Role::Guest, customer, Role::Integration];
            let permitted = roles.map(|role| permits(action, role));
            assert_eq!(permitted, expected(action), "{action:?}");
        }
    }

    #[test]
    fn each_action_has_one_line_in_the_order_of_their_declaration() {
        for (line, (action, _)) in PERMISSIONS.iter().enumerate() {
            assert_eq!(*action as usize, line);
        }
        assert_eq!(Action::DeleteOwnRecord as usize + 1, PERMISSIONS.len());
    }
}
