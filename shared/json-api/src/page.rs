//! Pages of a list (Commerce Layer, "pagination").

use domain::Refusal;
use domain::refusal::Code;

/// The largest page.
pub const LARGEST_PAGE: usize = 25;

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1 on.
    pub number: usize,
    /// 1 to [`LARGEST_PAGE`].
    pub size: usize,
}

/// How many records a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(usize),
    /// So many, and more: all of them were not counted.
    AtLeast(usize),
}

impl Count {
    /// The records that were counted.
    pub const fn records(self) -> usize {
        match self {
            Self::Exactly(records) | Self::AtLeast(records) => records,
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self {
            number: 1,
            size: 10,
        }
    }
}

impl Page {
    /// Reads `page[number]` or `page[size]`.
    ///
    /// # Errors
    /// Not a number within its range (64 bits with a sign), or another member of `page`: 400.
    pub fn set(&mut self, member: &str, value: &str) -> Result<(), Refusal> {
        let parameter = format!("page[{member}]");
        let refuse =
            |detail: String| Refusal::new(Code::InvalidPageValue, detail).at_parameter(&parameter);
        let number = value.parse::<i64>().ok().filter(|it| *it > 0);
        let number = number.and_then(|it| usize::try_from(it).ok());
        match (member, number) {
            ("number", Some(number)) => self.number = number,
            ("size", Some(size)) if size <= LARGEST_PAGE => self.size = size,
            ("size", _) => {
                return Err(refuse(format!("A page has 1 to {LARGEST_PAGE} records.")));
            }
            ("number", None) => return Err(refuse("Pages are numbered from 1 on.".to_owned())),
            _ => {
                let detail = "A page has a number and a size.";
                let refusal = Refusal::new(Code::ParamNotAllowed, detail);
                return Err(refusal.at_parameter(&parameter));
            }
        }
        Ok(())
    }

    /// How many pages `count` records fill; one, where there are none.
    pub fn count(self, count: usize) -> usize {
        count.div_ceil(self.size).max(1)
    }

    /// How many records stand on the pages before this one.
    pub fn before(self) -> usize {
        (self.number - 1).saturating_mul(self.size)
    }

    /// The records on this page.
    pub fn of<T>(self, records: Vec<T>) -> Vec<T> {
        let after = records.into_iter().skip(self.before());
        after.take(self.size).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_and_numbers_have_limits() {
        let mut page = Page::default();
        for (member, value) in [
            ("size", "26"),
            ("size", "0"),
            ("size", "x"),
            ("number", "0"),
            ("number", "9223372036854775808"),
            ("offset", "1"),
        ] {
            assert!(page.set(member, value).is_err(), "{member}={value}");
        }
        page.set("size", "25").unwrap();
        page.set("number", "2").unwrap();
        assert_eq!(
            page,
            Page {
                number: 2,
                size: 25
            }
        );
    }

    proptest! {
        #[test]
        fn pages_hold_each_record_once(count in 0_usize..200, size in 1..=LARGEST_PAGE) {
            let pages = Page { number: 1, size }.count(count);
            let all: Vec<usize> = (1..=pages)
                .flat_map(|number| Page { number, size }.of((0..count).collect()))
                .collect();
            prop_assert_eq!(all, (0..count).collect::<Vec<_>>());
        }
    }
}
