//! The file: JSON, a line for each record, between a header and a trailer. What is cut off, added or changed is
//! noticed by the trailer, which counts the lines and has a checksum of all before it.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};

use domain::record::{Attributes, Identifier, Place, Record};
use domain::wallet::Head;
use domain::{CustomerId, GatewayId, Id, Mode, ResourceType, Timestamp, hex};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The version of the format that is written, and the one that is read.
pub const FORMAT: u32 = 1;

/// The longest line, in bytes: several times what the largest record takes.
const LONGEST_LINE: u64 = 4 * 1024 * 1024;

/// A line of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// The first.
    Header(Header),
    /// A record, and where it stands.
    Record(Box<WrittenRecord>),
    /// A customer's record at a gateway; in files with tokens alone.
    GatewayCustomer {
        /// The customer.
        customer: CustomerId,
        /// The gateway.
        gateway: GatewayId,
        /// How often it was written.
        version: u64,
        /// The gateway's reference of the customer, sealed.
        token: Value,
    },
    /// The head of a wallet, after its entries.
    Wallet {
        /// The customer.
        customer: CustomerId,
        /// How often it was written.
        version: u64,
        /// The head, without hashes of tokens.
        head: Head,
    },
    /// What is owed to a gateway, for reading: it is not imported.
    Operation(Box<WrittenRecord>),
    /// The number that the next order's follows.
    OrderNumber(u64),
    /// The last.
    Trailer(Trailer),
}

/// Whose records the file has, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format.
    pub format: u32,
    /// The organization.
    pub organization: Id,
    /// The mode.
    pub mode: Mode,
    /// When the export was begun.
    pub exported_at: Timestamp,
    /// The version of Billfold that wrote it.
    pub billfold: String,
    /// The name in the mark of the table that the records come from.
    pub table: String,
    /// A hash by that table's lookup key of [`Self::lookup_text`]: whether another table has the same key.
    pub lookup: String,
    /// For whom tokens are in it; none where it has none.
    pub tokens: Option<TokensFor>,
}

/// For whom tokens are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokensFor {
    /// The public key.
    pub key: String,
    /// A known text, sealed for it: whether a private key is the other half.
    pub check: Value,
}

/// A record as the file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenRecord {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: Id,
    /// Where it stands; none for operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// How often it was written.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The attributes that it stores.
    pub attributes: Attributes,
    /// The records that it names.
    #[serde(default)]
    pub relationships: BTreeMap<String, Identifier>,
    /// What the rules remember with it.
    #[serde(default)]
    pub state: Value,
}

/// What the file has to have before it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trailer {
    /// How many lines there are of each type.
    pub counts: BTreeMap<String, u64>,
    /// SHA-256 of every byte before this line, in hexadecimal digits.
    pub sha256: String,
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
#[error("{}{problem}", if *line > 0 { format!("line {line}: ") } else { String::new() })]
pub struct FileError {
    /// The line, counted from 1; 0 where none was read.
    pub line: u64,
    /// What is wrong there.
    pub problem: FileProblem,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// It cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It ends before its trailer.
    #[error("the file is cut off")]
    Cut,
    /// There is something after its trailer.
    #[error("there is more after the trailer")]
    More,
    /// It is not what was written.
    #[error("the file was changed: its checksum or its counts are others")]
    Changed,
    /// It is no such file, or of another version.
    #[error("this is no export that this version reads: {0}")]
    Format(String),
    /// A line does not read.
    #[error("{0}")]
    Line(String),
}

impl Header {
    /// What is hashed to compare lookup keys.
    pub fn lookup_text(organization: Id, at: Timestamp) -> [String; 3] {
        [
            "export".to_owned(),
            organization.to_string(),
            at.to_string(),
        ]
    }
}

impl Line {
    /// Under which name the trailer counts it.
    fn counted_as(&self) -> Option<String> {
        Some(match self {
            Self::Header(_) | Self::Trailer(_) => return None,
            Self::Record(record) => record.kind.clone(),
            Self::GatewayCustomer { .. } => "gateway_customers".to_owned(),
            Self::Wallet { .. } => "wallets".to_owned(),
            Self::Operation(_) => "operations".to_owned(),
            Self::OrderNumber(_) => "order_numbers".to_owned(),
        })
    }
}

impl WrittenRecord {
    /// A record as it is written.
    pub fn of(record: Record, place: Option<Place>) -> Self {
        Self {
            kind: record.kind.name().to_owned(),
            id: record.id,
            place,
            version: record.version,
            created_at: record.created_at,
            updated_at: record.updated_at,
            attributes: record.attributes,
            relationships: record.relationships,
            state: record.state,
        }
    }

    /// The record that was written; none where there is no such type.
    pub fn record(self) -> Option<Record> {
        let kind = ResourceType::named(&self.kind)?;
        let mut record = Record::new(kind, self.id, self.created_at);
        record.version = self.version;
        record.updated_at = self.updated_at;
        record.attributes = self.attributes;
        record.relationships = self.relationships;
        record.state = self.state;
        Some(record)
    }
}

/// Writes a file, and counts.
pub struct Writer<W> {
    out: W,
    hash: Sha256,
    counts: BTreeMap<String, u64>,
}

impl<W: Write> Writer<W> {
    /// Begins with the header.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(out: W, header: Header) -> io::Result<Self> {
        let mut writer = Self {
            out,
            hash: Sha256::new(),
            counts: BTreeMap::new(),
        };
        writer.line(&Line::Header(header))?;
        Ok(writer)
    }

    /// Writes a line.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_string(line).map_err(io::Error::other)?;
        text.push('\n');
        self.hash.update(text.as_bytes());
        if let Some(name) = line.counted_as() {
            *self.counts.entry(name).or_default() += 1;
        }
        self.out.write_all(text.as_bytes())
    }

    /// Ends with the trailer, and says how many lines of each type there are.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end(mut self) -> io::Result<(W, BTreeMap<String, u64>)> {
        let trailer = Trailer {
            counts: self.counts.clone(),
            sha256: hex(self.hash.finalize_reset().as_slice()),
        };
        let text = serde_json::to_string(&Line::Trailer(trailer)).map_err(io::Error::other)?;
        writeln!(self.out, "{text}")?;
        self.out.flush()?;
        Ok((self.out, self.counts))
    }
}

/// Reads a file line by line, and compares what it was with what the trailer says.
pub struct Reader<R> {
    from: R,
    number: u64,
    hash: Sha256,
    counts: BTreeMap<String, u64>,
}

impl<R: BufRead> Reader<R> {
    /// Begins with the header.
    ///
    /// # Errors
    /// It is no such file, or of a version that is not read.
    pub fn begin(from: R) -> Result<(Header, Self), FileError> {
        let mut reader = Self {
            from,
            number: 0,
            hash: Sha256::new(),
            counts: BTreeMap::new(),
        };
        let text = reader.text()?;
        reader.hash.update(text.as_bytes());
        let line: Value = serde_json::from_str(&text)
            .map_err(|_| reader.wrong(FileProblem::Format("it has no header".to_owned())))?;
        let format = &line["header"]["format"];
        if *format != FORMAT {
            let problem = format!("its format is {format}, not {FORMAT}");
            return Err(reader.wrong(FileProblem::Format(problem)));
        }
        match serde_json::from_value(line) {
            Ok(Line::Header(header)) => Ok((header, reader)),
            Ok(_) => Err(reader.wrong(FileProblem::Format("it has no header".to_owned()))),
            Err(error) => Err(reader.wrong(FileProblem::Format(error.to_string()))),
        }
    }

    /// The next line; none after the trailer, which all that was before is compared with.
    ///
    /// # Errors
    /// The file is cut off, was changed, or does not read.
    pub fn next(&mut self) -> Result<Option<Line>, FileError> {
        let text = self.text()?;
        let line: Line = serde_json::from_str(&text)
            .map_err(|error| self.wrong(FileProblem::Line(error.to_string())))?;
        match line {
            Line::Header(_) => Err(self.wrong(FileProblem::Line("a second header".to_owned()))),
            Line::Trailer(trailer) => {
                let read = Trailer {
                    counts: std::mem::take(&mut self.counts),
                    sha256: hex(self.hash.finalize_reset().as_slice()),
                };
                if read != trailer {
                    return Err(self.wrong(FileProblem::Changed));
                }
                let more = self.from.fill_buf();
                match more.map(<[u8]>::is_empty) {
                    Ok(true) => Ok(None),
                    Ok(false) => Err(self.wrong(FileProblem::More)),
                    Err(error) => Err(self.wrong(error.into())),
                }
            }
            line => {
                self.hash.update(text.as_bytes());
                if let Some(name) = line.counted_as() {
                    *self.counts.entry(name).or_default() += 1;
                }
                Ok(Some(line))
            }
        }
    }

    /// What is wrong, at the line that was read last.
    pub fn wrong(&self, problem: FileProblem) -> FileError {
        FileError {
            line: self.number,
            problem,
        }
    }

    /// A line of the file with its end.
    fn text(&mut self) -> Result<String, FileError> {
        self.number += 1;
        let mut text = String::new();
        let read = (&mut self.from).take(LONGEST_LINE).read_line(&mut text);
        match read {
            Ok(_) if text.ends_with('\n') => Ok(text),
            Ok(bytes) if bytes as u64 == LONGEST_LINE => {
                Err(self.wrong(FileProblem::Line("a line is too long".to_owned())))
            }
            Ok(_) => Err(self.wrong(FileProblem::Cut)),
            Err(error) => Err(self.wrong(error.into())),
        }
    }
}
