//! The table over an embedded DynamoDB engine, spoken to with the AWS SDK as DynamoDB is.

mod catalog;
mod clients;
mod corrupt;
mod engine;
mod operations;
mod orders;
mod records;
mod wallets;
