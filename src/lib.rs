//! Tenfold: the CIFAR-10 network of Xu Cui's 2017 article, trained and run in the browser.
//!
//! Each module is a room; ARCHITECTURE.md says what lives in which and who may call whom.

pub mod data;
pub mod protocol;
