//! What the page is made of, one component a file.

mod about;
mod bar;
mod choose;
mod class_card;
mod mark;
mod network_panel;
mod notices;
mod seen;
mod stage;
mod strip;
mod ten;
mod theme_toggle;
mod verdict;

pub use about::About;
pub use bar::Bar;
pub use notices::Notices;
pub use stage::Stage;
pub use strip::Strip;
pub use ten::Ten;
