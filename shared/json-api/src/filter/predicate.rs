//! What a filter asks of one value. The predicates and their meaning are Ransack's on PostgreSQL:
//! null passes no predicate but `null` and `blank`, not even `not_eq`; `eq`, `in`, `lt` and the like
//! tell upper from lower case, `cont`, `start`, `end` and `matches` do not.

use std::cmp::Ordering;

use domain::resource::ValueType;
use domain::{Period, Timestamp};
use serde_json::Value;

/// The most characters of a pattern.
pub const LONGEST_PATTERN: usize = 256;

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predicate {
    /// With another value: before it, the same, after it.
    Compared(Comparison),
    /// With several values: among them, or not.
    Among(bool),
    /// With a part of a text: it has it, or not.
    Text(Part, bool),
    /// Whether it is null, or not.
    Null(bool),
    /// Whether it is null or empty, or not.
    Blank(bool),
    /// Whether it is this.
    Boolean(bool),
}

/// Which places pass: before, the same, after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison(bool, bool, bool);

/// Where in a text a pattern has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Anywhere.
    Any,
    /// At its start.
    Start,
    /// At its end.
    End,
    /// All of it, `%` standing for any characters and `_` for one; `\` takes that from either.
    Whole,
}

const PREDICATES: &[(&str, Predicate)] = &[
    ("eq", Predicate::Compared(Comparison(false, true, false))),
    ("not_eq", Predicate::Compared(Comparison(true, false, true))),
    ("lt", Predicate::Compared(Comparison(true, false, false))),
    ("lteq", Predicate::Compared(Comparison(true, true, false))),
    ("gt", Predicate::Compared(Comparison(false, false, true))),
    ("gteq", Predicate::Compared(Comparison(false, true, true))),
    ("in", Predicate::Among(true)),
    ("not_in", Predicate::Among(false)),
    ("cont", Predicate::Text(Part::Any, true)),
    ("not_cont", Predicate::Text(Part::Any, false)),
    ("start", Predicate::Text(Part::Start, true)),
    ("not_start", Predicate::Text(Part::Start, false)),
    ("end", Predicate::Text(Part::End, true)),
    ("not_end", Predicate::Text(Part::End, false)),
    ("matches", Predicate::Text(Part::Whole, true)),
    ("null", Predicate::Null(true)),
    ("not_null", Predicate::Null(false)),
    ("blank", Predicate::Blank(true)),
    ("present", Predicate::Blank(false)),
    ("true", Predicate::Boolean(true)),
    ("false", Predicate::Boolean(false)),
];

/// What a predicate takes as its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Takes {
    /// A value of the attribute's type.
    One,
    /// Several of them, with commas between them.
    Several,
    /// A part of a text, of at most [`LONGEST_PATTERN`] characters.
    Pattern,
    /// True or false, whatever the attribute's type.
    Boolean,
}

/// The predicates that can be asked of values of this type, and what each takes.
pub fn predicates(value_type: ValueType) -> impl Iterator<Item = (&'static str, Takes)> {
    let fitting = PREDICATES.iter().filter(move |it| it.1.is_for(value_type));
    fitting.map(|(name, predicate)| (*name, predicate.takes()))
}

/// The predicates that can be asked of what a relationship to one record names, and what each takes.
pub fn predicates_of_identity() -> impl Iterator<Item = (&'static str, Takes)> {
    let fitting = PREDICATES.iter().filter(|it| it.1.is_of_identity());
    fitting.map(|(name, predicate)| (*name, predicate.takes()))
}

impl Predicate {
    /// The predicate of that name.
    pub fn named(name: &str) -> Option<Self> {
        let found = PREDICATES.iter().find(|(known, _)| *known == name);
        found.map(|(_, predicate)| *predicate)
    }

    /// The names of all of them.
    #[cfg(test)]
    pub fn names() -> impl Iterator<Item = &'static str> {
        PREDICATES.iter().map(|(name, _)| *name)
    }

    /// What its value is.
    pub const fn takes(self) -> Takes {
        match self {
            Self::Compared(_) => Takes::One,
            Self::Among(_) => Takes::Several,
            Self::Text(..) => Takes::Pattern,
            Self::Null(_) | Self::Blank(_) | Self::Boolean(_) => Takes::Boolean,
        }
    }

    /// Whether it only asks which one a value is: nothing else can be asked of what a relationship names.
    pub const fn is_of_identity(self) -> bool {
        matches!(
            self,
            Self::Compared(Comparison(false, true, false)) | Self::Among(true)
        )
    }

    /// Whether it can be asked of such values.
    const fn is_for(self, value_type: ValueType) -> bool {
        use ValueType as V;

        match self {
            Self::Null(_) | Self::Blank(_) => true,
            Self::Boolean(_) => matches!(value_type, V::Boolean),
            Self::Text(..) => matches!(value_type, V::Text | V::Token),
            Self::Compared(Comparison(before, _, after)) if before != after => {
                !matches!(value_type, V::Boolean) && is_single(value_type)
            }
            Self::Compared(_) | Self::Among(_) => is_single(value_type),
        }
    }
}

const fn is_single(value_type: ValueType) -> bool {
    !matches!(
        value_type,
        ValueType::Object | ValueType::Array | ValueType::TokenObject
    )
}

/// A predicate with what it compares with.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    Compared(Comparison, Operand),
    Among(Vec<Operand>, bool),
    Text(Vec<Piece>, bool),
    Null(bool),
    Blank(bool),
}

/// What values are compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Time(Timestamp),
}

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// This character.
    This(char),
    /// Any one character.
    One,
    /// Any characters, or none.
    Many,
}

impl Test {
    /// Reads what an attribute of this type is to be compared with.
    ///
    /// # Errors
    /// What is wrong with the predicate or the value, as the end of a sentence.
    pub fn new(predicate: Predicate, value: &str, value_type: ValueType) -> Result<Self, String> {
        if !predicate.is_for(value_type) {
            return Err("the predicate is for values of another type".to_owned());
        }
        Ok(match predicate {
            Predicate::Compared(comparison) => {
                Self::Compared(comparison, Operand::read(value, value_type)?)
            }
            Predicate::Among(wanted) => {
                let operands = value.split(',').map(|it| Operand::read(it, value_type));
                Self::Among(operands.collect::<Result<_, _>>()?, wanted)
            }
            Predicate::Text(part, wanted) => Self::Text(pattern(part, value)?, wanted),
            Predicate::Null(wanted) => Self::Null(wanted == read_boolean(value)?),
            Predicate::Blank(wanted) => Self::Blank(wanted == read_boolean(value)?),
            Predicate::Boolean(wanted) => {
                let operand = Operand::Boolean(wanted == read_boolean(value)?);
                Self::Compared(Comparison(false, true, false), operand)
            }
        })
    }

    /// The texts of which a value that passes is one; none where others may pass too.
    pub fn wanted_texts(&self) -> Option<Vec<&str>> {
        let operands = match self {
            Self::Compared(Comparison(false, true, false), operand) => {
                std::slice::from_ref(operand)
            }
            Self::Among(operands, true) => operands,
            _ => return None,
        };
        operands.iter().map(Operand::text).collect()
    }

    /// The period in which all times lie that pass, and no others; none where they are no such.
    pub fn period(&self) -> Option<Period> {
        let Self::Compared(Comparison(before, same, after), Operand::Time(time)) = self else {
            return None;
        };
        let beside =
            |millis| Timestamp::from_unix_millis(time.unix_millis().saturating_add(millis));
        let from = if *same { *time } else { beside(1) };
        let to = if *same { *time } else { beside(-1) };
        match (before, same, after) {
            (true, false, true) => None,
            (before, _, after) => Some(Period {
                from: (!before).then_some(from),
                to: (!after).then_some(to),
            }),
        }
    }

    /// Whether a value passes.
    pub fn passes(&self, value: &Value) -> bool {
        match self {
            Self::Null(wanted) => value.is_null() == *wanted,
            Self::Blank(wanted) => is_blank(value) == *wanted,
            _ if value.is_null() => false,
            Self::Compared(comparison, operand) => {
                let place = operand.place_of(value);
                place.is_some_and(|place| comparison.takes(place))
            }
            Self::Among(operands, wanted) => {
                let mut places = operands.iter().map(|it| it.place_of(value));
                places.any(|place| place == Some(Ordering::Equal)) == *wanted
            }
            Self::Text(pattern, wanted) => value.as_str().is_some_and(|text| {
                let text: Vec<_> = text.to_lowercase().chars().collect();
                is_like(&text, pattern) == *wanted
            }),
        }
    }
}

impl Comparison {
    const fn takes(self, place: Ordering) -> bool {
        match place {
            Ordering::Less => self.0,
            Ordering::Equal => self.1,
            Ordering::Greater => self.2,
        }
    }
}

impl Operand {
    const fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    fn read(text: &str, value_type: ValueType) -> Result<Self, String> {
        let trimmed = text.trim();
        Ok(match value_type {
            ValueType::Integer => {
                let number = trimmed.parse();
                Self::Integer(number.map_err(|_| "its values are integers within 64 bits")?)
            }
            ValueType::Float => {
                let number = trimmed.parse().ok().filter(|it: &f64| it.is_finite());
                Self::Float(number.ok_or("its values are numbers")?)
            }
            ValueType::Boolean => Self::Boolean(read_boolean(text)?),
            ValueType::Time => Self::Time(read_time(trimmed)?),
            _ => Self::Text(text.to_owned()),
        })
    }

    /// Where a value stands to this one; nowhere, if it is of another type.
    fn place_of(&self, value: &Value) -> Option<Ordering> {
        match self {
            Self::Text(text) => Some(value.as_str()?.cmp(text)),
            Self::Integer(number) => Some(value.as_i64()?.cmp(number)),
            Self::Float(number) => value.as_f64()?.partial_cmp(number),
            Self::Boolean(wanted) => Some(value.as_bool()?.cmp(wanted)),
            Self::Time(time) => Some(value.as_str()?.parse::<Timestamp>().ok()?.cmp(time)),
        }
    }
}

/// An instant, or a day, which is its first instant in UTC.
fn read_time(text: &str) -> Result<Timestamp, String> {
    let instant = text.parse();
    let instant = instant.or_else(|_| format!("{text}T00:00:00Z").parse());
    instant.map_err(|_| "its values are times like 2018-01-01T12:00:00.000Z".to_owned())
}

fn read_boolean(text: &str) -> Result<bool, String> {
    match text.trim() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("the value is true or false".to_owned()),
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn pattern(part: Part, text: &str) -> Result<Vec<Piece>, String> {
    if text.chars().count() > LONGEST_PATTERN {
        return Err(format!(
            "a pattern has at most {LONGEST_PATTERN} characters"
        ));
    }
    let text = text.to_lowercase();
    let letters = text.chars().map(Piece::This);
    let many = std::iter::once(Piece::Many);
    Ok(match part {
        Part::Any => many.clone().chain(letters).chain(many).collect(),
        Part::Start => letters.chain(many).collect(),
        Part::End => many.chain(letters).collect(),
        Part::Whole => wildcards(&text),
    })
}

fn wildcards(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        pieces.push(match letter {
            '%' => Piece::Many,
            '_' => Piece::One,
            '\\' => Piece::This(letters.next().unwrap_or('\\')),
            letter => Piece::This(letter),
        });
    }
    pieces
}

/// Whether a pattern fits all of a text. Where it stops to fit, what the last [`Piece::Many`] stands
/// for grows by one character; those before it need not grow.
fn is_like(text: &[char], pattern: &[Piece]) -> bool {
    let (mut at, mut piece) = (0, 0);
    let mut retry = None;
    while let Some(letter) = text.get(at) {
        let fits = match pattern.get(piece) {
            Some(Piece::Many) => {
                piece += 1;
                retry = Some((at, piece));
                continue;
            }
            Some(Piece::One) => true,
            Some(Piece::This(this)) => this == letter,
            None => false,
        };
        if fits {
            (at, piece) = (at + 1, piece + 1);
            continue;
        }
        let Some((from, after)) = retry else {
            return false;
        };
        retry = Some((from + 1, after));
        (at, piece) = (from + 1, after);
    }
    let rest = pattern.get(piece..).unwrap_or_default();
    rest.iter().all(|it| *it == Piece::Many)
}
