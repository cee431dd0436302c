//! Why a declaration differs from Commerce Layer's: `reasons.tsv`, one line for each reason.

/// Why something is another than Commerce Layer's.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    resource: &'static str,
    member: &'static str,
    difference: &'static str,
    pub text: &'static str,
}

impl Reason {
    /// All that there are.
    pub fn all() -> Vec<Self> {
        let lines = include_str!("reasons.tsv").lines();
        let lines = lines.filter(|line| !line.starts_with('#'));
        lines.map(Self::read).collect()
    }

    fn read(line: &'static str) -> Self {
        let cells: Vec<_> = line.split('\t').collect();
        let &[resource, member, difference, text] = cells.as_slice() else {
            panic!("{line} is no reason");
        };
        Self {
            resource,
            member,
            difference,
            text,
        }
    }

    /// Whether it is the reason for this difference of a resource's attribute or relationship.
    pub fn explains(&self, resource: &str, member: &str, difference: &str) -> bool {
        ["*", resource].contains(&self.resource)
            && is_like(member, self.member)
            && (self.difference == "*" || difference.ends_with(self.difference))
    }

    /// What it is for.
    pub fn subject(&self) -> String {
        format!("{}.{} {}", self.resource, self.member, self.difference)
    }
}

/// Whether a name is like a pattern, in which `*` stands for any text.
fn is_like(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let mut ends = (0..=name.len()).filter_map(|at| name.get(at..));
            ends.any(|end| is_like(end, rest))
        }),
    }
}
