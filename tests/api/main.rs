//! Billfold over HTTP: the whole of it in one process, each test with a table and a gateway of its
//! own.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod addresses;
mod admin;
mod answers;
mod app;
mod at_checkout_com;
mod at_external;
mod at_klarna;
mod at_stripe;
mod authorization_code;
mod available_sources;
mod brought_entries;
mod budgets;
mod busy_table;
mod calls;
mod checkout;
mod checkout_com;
mod checkout_com_answers_lost;
mod checkout_com_captured;
mod checkout_com_cards;
mod checkout_com_faults;
mod checkout_com_flow;
mod checkout_com_refusals;
mod checkout_com_reuse;
mod checkout_com_sessions;
mod checkout_com_wallet;
mod common_headers;
mod conditional;
mod cross_origin;
mod data_folder;
mod declines;
mod deleting_entries;
mod described;
mod documents;
mod dropping_sources;
mod earlier_data;
mod engine;
mod events;
mod every_gateway;
mod expected;
mod external;
mod external_faults;
mod external_refusals;
mod external_urls;
mod fan_out;
mod faults;
mod filters;
mod gateway_events;
mod gateways_down;
mod head;
mod hosts;
mod how_tos;
mod how_tos_elsewhere;
mod idempotency;
mod kept_cards;
mod klarna;
mod klarna_baskets;
mod klarna_faults;
mod klarna_refusals;
mod klarna_releases;
mod links;
mod logged;
mod long_lists;
mod lost_customers;
mod manage;
mod moving;
mod openapi;
mod operations;
mod order_numbers;
mod order_parts;
mod orders_in;
mod others;
mod page;
mod paying;
mod reading_sources;
mod reconciling;
mod records;
mod refusals;
mod restart;
mod rotation;
mod round_trips;
mod routes;
mod sealed;
mod shipping;
mod signing_in;
mod stored;
mod throttle;
mod till;
mod time;
mod tokens;
mod torn_reads;
mod two_tables;
mod undecided;
mod unknown_moves;
mod wallet_entries;
mod ways;
mod whose_order;
mod written_by_shoppers;
