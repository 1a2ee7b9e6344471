//! The switch between light and dark colours.

use yew::prelude::*;

use crate::platform::page;

/// A button that starts with the system's theme and remembers the visitor's choice.
#[component]
pub fn ThemeToggle() -> Html {
    let is_dark = use_state(|| match page::stored_theme().as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => page::system_is_dark(),
    });
    let onclick = {
        let is_dark = is_dark.clone();
        Callback::from(move |_: MouseEvent| {
            let theme = if *is_dark { "light" } else { "dark" };
            page::set_root_attribute("data-theme", Some(theme));
            page::store_theme(theme);
            is_dark.set(!*is_dark);
        })
    };
    let (label, shape) = if *is_dark { ("Switch to light", sun()) } else { ("Switch to dark", moon()) };
    html! {
        <button type="button" class="icon-button" data-action="theme" aria-label={label} title={label} {onclick}>
            <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">{ shape }</svg>
        </button>
    }
}

fn moon() -> Html {
    html! { <path d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7Z" /> }
}

fn sun() -> Html {
    html! {
        <>
            <circle cx="10" cy="10" r="3.5" />
            <path d="M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4" />
        </>
    }
}
