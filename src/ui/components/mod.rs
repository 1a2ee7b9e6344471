//! What the page is made of, one component a file.

mod about;
mod bar;
mod choose;
mod class_card;
mod comparison;
mod deal;
mod mark;
mod network_choice;
mod network_panel;
mod notices;
mod pixels;
mod race;
mod race_chart;
mod results;
mod runs;
mod seen;
mod stage;
mod strip;
mod ten;
mod theme_toggle;
mod train;
mod verdict;

pub use about::About;
pub use bar::Bar;
pub use comparison::Comparison;
pub use deal::Deal;
pub use notices::Notices;
pub use race::Race;
pub use results::Results;
pub use runs::Runs;
pub use stage::Stage;
pub use strip::Strip;
pub use ten::Ten;
pub use train::Train;
