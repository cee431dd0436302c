//! JSON:API as Commerce Layer speaks it: an engine that reads the declarations of resource types.
//! It parses bodies and queries, and renders documents and errors; it knows no endpoint.

mod body;
mod document;
mod error;
mod filter;
mod include;
mod media;
mod page;
mod query;
mod shape;

pub use body::{RequestDocument, Verb};
pub use document::{Document, Renderer, Site, linkage_document};
pub use domain::Write;
pub use error::{code_of, error_document, status, status_of};
pub use filter::{
    Filter, LONGEST_PATTERN, MOST_FILTERS, MOST_VALUES, Takes, predicates, predicates_of_identity,
};
pub use include::{DEEPEST_PATH, Fields, Include, MOST_PATHS, Reach};
pub use media::{MEDIA_TYPE, check_accept, check_content_type, is_media_type};
pub use page::{Count, LARGEST_PAGE, Page};
pub use query::{Direction, Query, QueryFor, Sort};
pub use shape::check_shape;
