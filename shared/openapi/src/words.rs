//! Resource types and roles in words.

use domain::{CustomerId, Id, ResourceType, Role, Roles};

/// `payment methods`.
pub fn plural(kind: ResourceType) -> String {
    kind.name().replace('_', " ")
}

/// `payment method`.
pub fn singular(kind: ResourceType) -> String {
    let plural = plural(kind);
    let stem = plural.strip_suffix("es").filter(|it| it.ends_with("ss"));
    let stem = stem.or_else(|| plural.strip_suffix('s'));
    stem.unwrap_or(&plural).to_owned()
}

/// `a payment method`, `an order`.
pub fn one(kind: ResourceType) -> String {
    let noun = singular(kind);
    let article = match noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => "an",
        false => "a",
    };
    format!("{article} {noun}")
}

/// `customers and integrations`; nothing, where it is everybody.
pub fn roles(roles: Roles) -> Option<String> {
    let each = [
        (Role::Guest, "guests"),
        (
            Role::Customer(CustomerId::new(Id::from_random([0; 16]))),
            "customers",
        ),
        (Role::Integration, "integrations"),
    ];
    let named: Vec<_> = each
        .into_iter()
        .filter(|(role, _)| roles.contains(*role))
        .map(|(_, name)| name)
        .collect();
    (named.len() < each.len()).then(|| named.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_people_do() {
        assert_eq!(singular(ResourceType::Addresses), "address");
        assert_eq!(one(ResourceType::Orders), "an order");
        assert_eq!(one(ResourceType::PaymentMethods), "a payment method");
    }

    #[test]
    fn roles_are_named_where_they_are_not_everybody() {
        assert_eq!(roles(Roles::ALL), None);
        let named = roles(Roles::CUSTOMER);
        assert_eq!(named.as_deref(), Some("customers and integrations"));
    }
}
