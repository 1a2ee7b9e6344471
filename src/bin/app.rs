//! The page: starts yew, which starts the worker. It contains nothing of Burn.

fn main() {
    tenfold::ui::mount();
}
