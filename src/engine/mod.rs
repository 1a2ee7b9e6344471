//! Carries out the page's requests and reports the results. It does not know the browser.
//!
//! From the top down, each calling only what comes after it:
//!
//! - [`serve`] takes the requests, one after the other.
//! - [`tasks`] take time and the device: [training](tasks::training), measuring, files, comparison, the experiment "GPU
//!   or CPU?", benchmarks.
//! - [`session`] has the parts, answers what can be answered at any time, and lets a task wait while others go on.
//! - The parts have a state of their own: [`predictor`] answers pictures, [`data_set`] has the images, [`runs`] has the
//!   kept runs, [`pictures`] has the visitor's pictures, [`inspection`] looks inside, [`device_watch`] notices a lost
//!   GPU, [`shipped`] has the files that come with the page.
//! - [`host`] is what all of them need from the place where they run.

mod data_set;
mod device_watch;
mod host;
mod inspection;
mod pictures;
mod predictor;
mod runs;
mod serve;
mod session;
mod shipped;
mod tasks;

pub use host::{FetchFailure, Host, Message, NoAdapter, Pieces};
pub use session::Session;
