//! Carries out the page's requests and tells what comes of them; knows nothing of the browser.
//!
//! [`Session`] serves one request after the other; while a run goes on, between two of its steps. What it needs of
//! the place where it runs is a [`Host`]. [`network`] is what answers pictures, [`library`] has the images, [`fetching`]
//! brings them beside everything else, [`training`] the run that goes on, [`runs`] those that are kept, [`files`] makes and
//! takes files, [`inspection`] answers what the page asks of the network's inside, [`race`] is the experiment "GPU or
//! CPU?".

mod benchmark;
mod comparison;
mod fetching;
mod files;
mod host;
mod inspection;
mod kept_images;
mod library;
mod network;
mod race;
mod runs;
mod session;
mod shipped;
mod training;
mod trust;

pub use host::{FetchFailure, Host, Message, NoAdapter, Pieces};
pub use network::{Engine, StartError};
pub use session::Session;
