//! Uses the built page in a real headless browser, as a visitor would.
//!
//! `cargo xtask test` builds the page and runs these tests. To run them by hand, set `TENFOLD_DIST` to the built page
//! and `CHROME` to the browser. Every wait is for a condition of the page. The tests take turns at one browser.

#![cfg(unix)] // The browser is spoken to through two inherited pipes.

mod accessibility;
mod bench;
mod browser;
mod builder;
mod cases;
mod changing;
mod classify;
mod failures;
mod files;
mod images;
mod input;
mod inside;
mod lacks;
mod loading;
mod looks;
mod memory;
mod native;
#[path = "../common/needs.rs"]
mod needs;
mod networks;
mod offline;
mod opening;
mod pace;
mod pictures;
mod recovery;
mod refusals;
mod scratch;
mod server;
mod shelf;
mod soak;
mod states;
mod strip;
mod tab;
mod takeaway;
mod teaching;
mod training;
mod translated;
mod views;
mod watching;
