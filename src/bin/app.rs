//! The page: starts yew, and through it the worker. Holds nothing of Burn.

fn main() {
    tenfold::ui::mount();
}
