use regex::Regex;
use serde_json::Value;

/// What a value has to be beside its kind.
#[derive(Debug, Default)]
pub struct Limits {
    least: Option<i64>,
    most: Option<i64>,
    shortest: Option<usize>,
    longest: Option<usize>,
    fewest: Option<usize>,
    matches: Option<Regex>,
    of: Option<Vec<&'static str>>,
}

impl Limits {
    /// Reads a table's cell: `shortest=1, longest=255`.
    pub fn read(cell: &'static str) -> Self {
        let mut limits = Self::default();
        for limit in cell.split(", ").filter(|it| !it.is_empty()) {
            let (name, value) = limit
                .split_once('=')
                .unwrap_or_else(|| panic!("{limit} is no limit"));
            match name {
                "least" => limits.least = Some(number(value)),
                "most" => limits.most = Some(number(value)),
                "shortest" => limits.shortest = Some(number(value)),
                "longest" => limits.longest = Some(number(value)),
                "fewest" => limits.fewest = Some(number(value)),
                "matches" => {
                    let pattern = Regex::new(value);
                    limits.matches = Some(pattern.unwrap_or_else(|error| panic!("{error}")));
                }
                "of" => limits.of = Some(value.split('|').collect()),
                _ => panic!("{limit} is no limit"),
            }
        }
        limits
    }

    /// Whether a value keeps to them. What they do not speak of is fine.
    pub fn allow(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.allow_text(text),
            Value::Number(number) => number.as_i64().is_none_or(|it| {
                self.least.is_none_or(|least| it >= least)
                    && self.most.is_none_or(|most| it <= most)
            }),
            Value::Array(items) => self.fewest.is_none_or(|fewest| items.len() >= fewest),
            _ => true,
        }
    }

    fn allow_text(&self, text: &str) -> bool {
        let length = text.chars().count();
        self.shortest.is_none_or(|shortest| length >= shortest)
            && self.longest.is_none_or(|longest| length <= longest)
            && self.matches.as_ref().is_none_or(|it| it.is_match(text))
            && self.of.as_ref().is_none_or(|of| of.contains(&text))
    }
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    let number = text.parse();
    number.unwrap_or_else(|_| panic!("{text} is no number"))
}
