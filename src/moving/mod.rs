//! Moving an organization's records from one table to another: the file between the two, and what is done to records
//! on their way into it and out of it.

mod arriving;
mod file;
mod keys;
mod leaving;
mod progress;
mod sealed;

pub use arriving::{Arriving, WrongKey};
pub use file::{FileError, FileProblem, Header, Reader, Writer};
pub use keys::{KeyError, PrivateKey, PublicKey, make_pair};
pub use leaving::{Leaving, LeavingError, Tokens};
pub use progress::Progress;
