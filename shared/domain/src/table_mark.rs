/// What tells one table from every other: two developers with one account at a vendor, each with the demo's
/// records, have different ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableMark {
    /// The table's public name, ten characters: it stands with what is made at vendors, and what bears
    /// another's is not taken for this table's. Empty where nothing is to be marked.
    pub id: String,
    /// What goes into ids and idempotency keys that are derived for payments, 32 hexadecimal digits.
    pub salt: String,
    /// The names of tables whose payments are this one's by now, since they came from there with their orders.
    pub taken_over: Vec<String>,
}

impl TableMark {
    /// No table's.
    pub const NONE: Self = Self {
        id: String::new(),
        salt: String::new(),
        taken_over: Vec::new(),
    };

    /// The name under which the table's id stands in a vendor's metadata.
    pub const METADATA: &'static str = "billfold_table";

    /// The table's id, where it is marked.
    pub fn id(&self) -> Option<&str> {
        (!self.id.is_empty()).then_some(self.id.as_str())
    }

    /// The salt, where there is one.
    pub fn salt(&self) -> Option<&str> {
        (!self.salt.is_empty()).then_some(self.salt.as_str())
    }

    /// Whether what bears this mark, if any, may be this table's. What was made before tables were marked
    /// bears none.
    pub fn may_own(&self, mark: Option<&str>) -> bool {
        mark.is_none_or(|it| {
            it.is_empty() || it == self.id || self.taken_over.iter().any(|former| former == it)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bears_another_mark_is_not_this_tables() {
        let table = TableMark {
            id: "WmOodsVPmQ".to_owned(),
            salt: "5a17".to_owned(),
            taken_over: vec!["enWoxFMOnp".to_owned()],
        };
        for own in [Some("WmOodsVPmQ"), Some("enWoxFMOnp"), Some(""), None] {
            assert!(table.may_own(own), "{own:?}");
        }
        assert!(!table.may_own(Some("eqRZMSaNqM")));
        assert_eq!((TableMark::NONE.id(), TableMark::NONE.salt()), (None, None));
    }
}
