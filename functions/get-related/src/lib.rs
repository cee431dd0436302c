//! Every self and related link that a document prints.
