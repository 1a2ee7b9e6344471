//! The document: its attributes, address, theme and keyboard focus.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Document, Element, Event, FocusOptions, HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent, Node,
    ScrollIntoViewOptions, ScrollLogicalPosition, Storage, UrlSearchParams, Window,
};

use super::files::Listener;

pub(super) fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

pub(super) fn document() -> Document {
    window().document().expect("a window shows a document")
}

fn root() -> Element {
    document().document_element().expect("a document has a root")
}

/// The element that the app replaces with its content; at first it contains the static page.
pub fn mount_point() -> Element {
    document().get_element_by_id("app").expect("index.html has an #app")
}

/// Shows only `sentence` on the page.
pub fn show_only(sentence: &str) {
    mount_point().set_text_content(Some(sentence));
}

/// Sets or removes the root's attribute `name`. Scripts and style sheets read the page's state from these attributes.
pub fn set_root_attribute(name: &str, value: Option<&str>) {
    match value {
        Some(value) => root().set_attribute(name, value).expect("the name is an attribute's"),
        None => root().remove_attribute(name).expect("removing cannot fail"),
    }
}

/// The root's attribute `name`. The static page may have set it.
pub fn root_attribute(name: &str) -> Option<String> {
    root().get_attribute(name)
}

/// `path` as a full address, relative to the address of the page.
pub fn resolve(path: &str) -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    web_sys::Url::new_with_base(path, &base).map_or_else(|_| path.into(), |url| url.href())
}

/// The page's origin: scheme, host and port.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// The value of `name` in the page's address, as in `?name=value`.
pub fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// Replaces the values of `names` in the address by `pairs`, without loading the page again. The rest of the address
/// stays.
pub fn replace_query<'a>(names: impl Iterator<Item = &'a str>, pairs: &[(&str, String)]) {
    let (Some(address), Ok(history)) = (address(names, pairs), window().history()) else { return };
    // If the browser forbids it, only the address is less complete.
    let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
}

/// The page's address, with `pairs` in place of its parameters `names`; none if the browser does not tell it.
pub fn address<'a>(names: impl Iterator<Item = &'a str>, pairs: &[(&str, String)]) -> Option<String> {
    let location = window().location();
    let (path, search, hash) = (location.pathname().ok()?, location.search().ok()?, location.hash().ok()?);
    let query = UrlSearchParams::new_with_str(&search).ok()?;
    names.for_each(|name| query.delete(name));
    pairs.iter().for_each(|(name, value)| query.append(name, value));
    let mut query = query.to_string().as_string().unwrap_or_default();
    // These signs need no code in a query, and links are read by people too.
    for (code, sign) in [("%3A", ":"), ("%2C", ","), ("%3D", "=")] {
        query = query.replace(code, sign);
    }
    let mark = if query.is_empty() { "" } else { "?" };
    Some(format!("{}{path}{mark}{query}{hash}", origin()))
}

/// The part of the address after `#`.
pub fn fragment() -> String {
    let hash = window().location().hash().unwrap_or_default();
    hash.strip_prefix('#').unwrap_or_default().to_owned()
}

/// Sets the part of the address after `#`, as a new entry of the browser's history.
pub fn set_fragment(name: &str) {
    // If the browser forbids it, only the address is less complete.
    let _ = window().location().set_hash(name);
}

/// Calls `on_change` with the part of the address after `#` whenever it changes, until the listener is dropped.
pub fn watch_fragment(on_change: impl Fn(String) + 'static) -> Listener {
    Listener::of(window().into(), "hashchange", move |_: Event| on_change(fragment()))
}

/// Sets the document's title.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Scrolls to the top of the page, at once.
pub fn go_to_top() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// Asks the browser to keep this page's files permanently. The browser may refuse, which is not reported.
pub fn ask_to_persist() {
    let storage = window().navigator().storage();
    // Insecure pages have no storage.
    if !storage.is_undefined()
        && let Ok(promise) = storage.persist()
    {
        wasm_bindgen_futures::spawn_local(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        });
    }
}

/// Reloads the page and returns true. Returns false if this tab was already reloaded because of the build `build`.
pub fn reload_once(build: &str) -> bool {
    const RELOADED_KEY: &str = "tenfold-reloaded";
    // Without this memory the page could reload for ever.
    let Some(memory) = window().session_storage().ok().flatten() else { return false };
    if memory.get_item(RELOADED_KEY).ok().flatten().as_deref() == Some(build) {
        return false;
    }
    memory.set_item(RELOADED_KEY, build).is_ok() && window().location().reload().is_ok()
}

/// Whether the visitor's system asks for dark colours.
pub fn system_is_dark() -> bool {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches())
}

/// The word that the page stored under `key` on an earlier visit; none if the browser stores nothing.
pub fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Stores `word` under `key` for later visits, if the browser allows it.
pub fn store(key: &str, word: &str) {
    if let Some(storage) = storage() {
        // If the storage is full or forbidden, the visitor must choose again on the next visit.
        let _ = storage.set_item(key, word);
    }
}

/// The bytes that the page stored under `key` on an earlier visit; none if the browser stores nothing.
pub fn kept(key: &str) -> Option<Vec<u8>> {
    let text = stored(key)?;
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Stores `bytes` under `key` for later visits, if the browser allows it.
pub fn keep(key: &str, bytes: &[u8]) {
    if let Some(storage) = storage() {
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        // If the storage is full or forbidden, the data are missing after a reload.
        let _ = storage.set_item(key, &text);
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Whether an element inside `row` has the keyboard focus.
pub fn has_focus_within(row: &Element) -> bool {
    document().active_element().is_some_and(|active| row.contains(Some(&active)) && !active.is_same_node(Some(row)))
}

/// The first element in `parent` that `selector` finds.
pub fn find_in(parent: &HtmlElement, selector: &str) -> Option<HtmlElement> {
    parent.query_selector(selector).ok().flatten().map(JsCast::unchecked_into)
}

/// Scrolls `row` sideways until `item` is visible in it. Nothing else scrolls.
pub fn reveal_in_row(row: &HtmlElement, item: &HtmlElement) {
    let (start, end) = (item.offset_left(), item.offset_left() + item.offset_width());
    if start < row.scroll_left() {
        row.set_scroll_left(start);
    } else if end > row.scroll_left() + row.client_width() {
        row.set_scroll_left(end - row.client_width());
    }
}

/// Whether no element has the keyboard focus, for example after the focused one was removed.
pub fn has_no_focus() -> bool {
    document().active_element().is_none_or(|active| active.tag_name() == "BODY")
}

/// Moves the keyboard focus to `element`, without scrolling.
pub fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that has just left the document cannot take the focus, and need not.
    let _ = element.focus_with_options(&options);
}

/// Scrolls the page only as far as needed to show `element`.
pub fn reveal(element: &HtmlElement) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Closes the menu around the target of `event`; menus are `details` elements.
pub fn close_menu(event: &Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if let Some(menu) = target.and_then(|target| target.closest("details").ok().flatten()) {
        // Removing cannot fail.
        let _ = menu.remove_attribute("open");
    }
}

/// Closes open menus with Escape or a click outside, until the listeners are dropped. Menus are `details` elements.
pub fn watch_menus() -> [Listener; 2] {
    let open_menus = || {
        let menus = document().query_selector_all("details.menu[open]").expect("the selector is one");
        (0..menus.length()).filter_map(move |index| menus.get(index)?.dyn_into::<Element>().ok())
    };
    let close = |menu: &Element| {
        // Removing cannot fail.
        let _ = menu.remove_attribute("open");
    };
    let key = move |event: KeyboardEvent| {
        for menu in open_menus().filter(|_| event.key() == "Escape") {
            close(&menu);
            // The focus goes back to the menu's button.
            if let Ok(Some(button)) = menu.query_selector("summary") {
                focus(button.unchecked_ref());
            }
        }
    };
    let press = move |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        open_menus().filter(|menu| !menu.contains(target.as_ref())).for_each(|menu| close(&menu));
    };
    [Listener::on("keydown", key), Listener::on("pointerdown", press)]
}

/// Moves the keyboard focus to the first element that matches `selector`, and scrolls to it if needed.
pub fn focus_on(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        // An element that cannot take the focus does no harm.
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}

/// Chooses the option with this value in `list`.
pub fn choose_option(list: &HtmlSelectElement, value: &str) {
    list.set_value(value);
}

/// In each list that matches `selector`, chooses the option that is named in the list's `data-chosen`.
pub fn choose_options(selector: &str) {
    let Ok(found) = document().query_selector_all(selector) else { return };
    let lists = (0..found.length()).filter_map(|index| found.get(index)?.dyn_into::<HtmlSelectElement>().ok());
    for list in lists {
        if let Some(chosen) = list.get_attribute("data-chosen") {
            list.set_value(&chosen);
        }
    }
}

/// Clicks the element after the button that was clicked: its hidden file input.
pub fn click_beside(event: &Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let button = target.and_then(|target| target.closest("button").ok().flatten());
    if let Some(input) = button.and_then(|button| button.next_element_sibling()) {
        input.unchecked_into::<HtmlElement>().click();
    }
}

/// Moves the keyboard focus from the target of `event` to the next or the previous element.
pub fn focus_neighbour(event: &Event, is_forward: bool) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let neighbour = target
        .and_then(|target| if is_forward { target.next_element_sibling() } else { target.previous_element_sibling() });
    if let Some(neighbour) = neighbour {
        // A move by key must be visible, so this one scrolls.
        let _ = neighbour.unchecked_into::<HtmlElement>().focus();
    }
}

/// Calls a function again and again, while the value lives.
pub struct Interval {
    handle: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Interval {
    /// Calls `callback` every `milliseconds` milliseconds.
    pub fn new(milliseconds: i32, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let function = callback.as_ref().unchecked_ref();
        let handle = window().set_interval_with_callback_and_timeout_and_arguments_0(function, milliseconds);
        Self { handle: handle.expect("a window has timers"), _callback: callback }
    }
}

impl Drop for Interval {
    fn drop(&mut self) {
        window().clear_interval_with_handle(self.handle);
    }
}

/// A time in milliseconds since 1970 as text, in the visitor's time zone: "28 Nov 2026, 14:05".
pub fn local_time(unix_ms: u64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = js_sys::Date::new(&JsValue::from_f64(unix_ms as f64));
    let month = MONTHS.get(date.get_month() as usize).copied().unwrap_or_default();
    format!("{} {month} {}, {:02}:{:02}", date.get_date(), date.get_full_year(), date.get_hours(), date.get_minutes())
}

/// The ratio of width to height of the picture that `event` reports as loaded; none if it has no size.
pub fn picture_ratio(event: &Event) -> Option<f64> {
    let picture = event.target()?;
    let side = |name: &str| js_sys::Reflect::get(&picture, &name.into()).ok()?.as_f64();
    let (width, height) = (side("naturalWidth")?, side("naturalHeight")?);
    (width > 0.0 && height > 0.0).then(|| width / height)
}

/// Number of elements that match `selector` and have their middle above the window's height `y`.
pub fn count_above(selector: &str, y: f64) -> usize {
    let Ok(found) = document().query_selector_all(selector) else { return 0 };
    let elements = (0..found.length()).filter_map(|index| found.get(index)?.dyn_into::<Element>().ok());
    let middle = |element: Element| {
        let place = element.get_bounding_client_rect();
        place.top() + place.height() / 2.0
    };
    elements.map(middle).filter(|middle| *middle < y).count()
}

/// The value of the form field that `event` comes from.
pub fn field_value(event: &Event) -> String {
    let target = event.target().expect("a form field's event has a target");
    match target.dyn_into::<HtmlSelectElement>() {
        Ok(list) => list.value(),
        Err(target) => target.unchecked_into::<HtmlInputElement>().value(),
    }
}
