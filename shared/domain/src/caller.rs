//! Who asks, and what of an order and its wallet that opens.

use serde_json::{Value, json};

use crate::order::{Order, OrderStatus};
use crate::record::Record;
use crate::{CustomerId, Id, MarketId, Tenant};

/// Under which name a record's state says who made it.
const MADE_BY: &str = "made_by";

/// Who asks, as the access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The organization and mode that the token is for.
    pub tenant: Tenant,
    /// The organization's slug, the first label of its host name.
    pub slug: String,
    /// The application that the token was issued to, its `client_id`.
    pub client_id: String,
    /// What kind of caller this is.
    pub role: Role,
    /// The markets that a sales channel is held to; empty means all.
    pub markets: Vec<MarketId>,
    /// A mark of the token, which opens nothing: a guest is known by nothing else.
    pub token: Id,
}

/// What kind of caller asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A sales-channel token without owner.
    Guest,
    /// A sales-channel token whose owner is this customer.
    Customer(CustomerId),
    /// The shop's own back end.
    Integration,
}

/// A set of roles, for declarations of who may write what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// Nobody.
    pub const NONE: Self = Self(0);
    /// Integrations only: what Commerce Layer's schema calls "not for sales channels".
    pub const INTEGRATION: Self = Self(0b100);
    /// Customers, and integrations.
    pub const CUSTOMER: Self = Self(0b110);
    /// Guests, customers, and integrations.
    pub const ALL: Self = Self(0b111);

    /// Whether `role` is among them.
    pub const fn contains(self, role: Role) -> bool {
        let bit = match role {
            Role::Guest => 0b001,
            Role::Customer(_) => 0b010,
            Role::Integration => 0b100,
        };
        self.0 & bit != 0
    }

    /// Whether there is no role among them.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Caller {
    /// Who makes what this caller makes: a customer, or whoever holds a guest's token; nobody in
    /// particular for the shop's own back end.
    pub fn maker(&self) -> Option<Id> {
        match self.role {
            Role::Integration => None,
            Role::Customer(id) => Some(id.into()),
            Role::Guest => Some(self.token),
        }
    }

    /// Has it be known who made a record.
    pub fn sign(&self, record: &mut Record) {
        let maker = self.maker();
        record.state = maker.map_or(Value::Null, |it| json!({ MADE_BY: it.as_str() }));
    }

    /// Whether a record that stands by itself is this caller's: they made it. Integrations have all.
    pub fn has_made(&self, record: &Record) -> bool {
        let made_by = record.state.get(MADE_BY).and_then(Value::as_str);
        match self.maker() {
            None => true,
            Some(maker) => made_by == Some(maker.as_str()),
        }
    }

    /// The customer that owns the token.
    pub fn owner(&self) -> Option<CustomerId> {
        match self.role {
            Role::Customer(id) => Some(id),
            Role::Guest | Role::Integration => None,
        }
    }

    /// Whether the order exists for this caller. Integrations see every order of their tenant,
    /// customers their own and guests' (an order becomes theirs only at sign-in), guests those of
    /// guests unless they are approved, cancelled or being edited; sales channels only within their
    /// markets (Commerce Layer, "roles and permissions").
    pub fn sees(&self, order: &Order) -> bool {
        if self.role == Role::Integration {
            return true;
        }
        let in_market = self.markets.is_empty()
            || order
                .market()
                .is_some_and(|market| self.markets.contains(&market));
        let own = self.owner().is_some() && self.owner() == order.customer();
        let open_guest = order.is_guest()
            && !matches!(
                order.status,
                OrderStatus::Approved | OrderStatus::Cancelled | OrderStatus::Editing
            );
        in_market && (own || open_guest)
    }

    /// The customer whose wallet this caller may see and use for the order: the token's owner where
    /// that is the order's customer, any customer for an integration. An order made as a guest does
    /// not open the wallet of the customer that it carries.
    pub fn opens_wallet_of(&self, order: &Order) -> Option<CustomerId> {
        let customer = order.customer()?;
        match self.role {
            Role::Guest => None,
            Role::Customer(owner) => (owner == customer && !order.is_guest()).then_some(customer),
            Role::Integration => (!order.is_guest()).then_some(customer),
        }
    }
}
