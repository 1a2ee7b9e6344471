//! The visitor's files as handles; their bytes are not read here.

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
pub use web_sys::Blob;
use web_sys::{
    BlobPropertyBag, DataTransfer, Event, EventTarget, File, FileList, FileSystemDirectoryEntry, FileSystemEntry,
    FileSystemFileEntry, HtmlAnchorElement, HtmlInputElement, Url,
};

use crate::domain::order::sorted;

/// One file.
#[derive(Clone)]
pub struct OfferedFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// The browser's handle.
    pub blob: Blob,
}

impl From<File> for OfferedFile {
    fn from(file: File) -> Self {
        Self { name: file.name(), size_bytes: file.size() as u64, blob: file.into() }
    }
}

/// The files of one drop, paste or choice.
#[derive(Clone)]
pub struct Offer {
    /// The first files, up to the limit.
    pub files: Vec<OfferedFile>,
    /// Number of all files, without those in folders.
    pub file_count: usize,
    /// The folders among them.
    pub folders: Vec<Folder>,
}

/// A folder that was dropped or pasted.
#[derive(Clone)]
pub struct Folder {
    /// Its name.
    pub name: String,
    entry: FileSystemDirectoryEntry,
}

impl Folder {
    /// The files in it and in its folders: first those of the outer folder, each folder's by name. Also whether these
    /// are all; the search ends after `limit` files and folders. What cannot be read is left out.
    pub async fn files(&self, limit: usize) -> (Vec<OfferedFile>, bool) {
        let mut folders = vec![self.entry.clone()];
        let (mut files, mut met, mut next) = (Vec::new(), 0, 0);
        while let Some(folder) = folders.get(next).cloned() {
            next += 1;
            let mut entries = entries(&folder, limit + 1 - met).await;
            let is_all = met + entries.len() <= limit;
            entries.truncate(limit - met);
            met += entries.len();
            let (inner, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(FileSystemEntry::is_directory);
            folders.extend(inner.into_iter().map(JsCast::unchecked_into::<FileSystemDirectoryEntry>));
            // All are asked for at once, so that they do not wait for each other.
            let promises: Vec<_> = entries
                .into_iter()
                .map(JsCast::unchecked_into::<FileSystemFileEntry>)
                .map(|entry| Promise::new(&mut |found, failed| entry.file_with_callback_and_callback(&found, &failed)))
                .map(JsFuture::from)
                .collect();
            for promise in promises {
                if let Ok(file) = promise.await {
                    files.push(file.unchecked_into::<File>().into());
                }
            }
            if !is_all {
                return (files, false);
            }
        }
        (files, true)
    }
}

/// What is in `folder`, by name: at least `enough` entries, or all of them.
async fn entries(folder: &FileSystemDirectoryEntry, enough: usize) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut entries = Vec::new();
    // A browser gives some entries at a time, and none at the end.
    while entries.len() < enough {
        let some = Promise::new(&mut |found, failed| {
            // An error comes by the second function.
            let _ = reader.read_entries_with_callback_and_callback(&found, &failed);
        });
        let some = JsFuture::from(some).await.map(JsCast::unchecked_into::<Array>).unwrap_or_default();
        if some.length() == 0 {
            break;
        }
        entries.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
    sorted(entries, |a, b| a.name().cmp(&b.name()))
}

impl Offer {
    /// The first `limit` files of a drop or a paste.
    pub(super) fn from_transfer(transfer: &DataTransfer, limit: usize) -> Self {
        let mut offer = Self::from_list(transfer.files().as_ref(), limit);
        let items = transfer.items();
        let entries = (0..items.length().min(limit as u32 + 1))
            .filter_map(|index| items.get(index))
            .filter_map(|item| item.webkit_get_as_entry().ok().flatten());
        for entry in entries.filter(FileSystemEntry::is_directory) {
            // The list of files contains the folder too, as a file that cannot be read.
            let name = entry.name();
            if let Some(index) = offer.files.iter().position(|file| file.name == name) {
                offer.files.remove(index);
                offer.file_count -= 1;
            }
            offer.folders.push(Folder { name, entry: entry.unchecked_into() });
        }
        offer
    }

    /// The first `limit` files chosen in the file input of `event`. Empties the input, so that the same file can be
    /// chosen again.
    pub fn from_input(event: &Event, limit: usize) -> Self {
        let input: HtmlInputElement = event.target().expect("an input's event has a target").unchecked_into();
        let offer = Self::from_list(input.files().as_ref(), limit);
        input.set_value("");
        offer
    }

    fn from_list(list: Option<&FileList>, limit: usize) -> Self {
        let file_count = list.map_or(0, FileList::length) as usize;
        let files = list.iter().flat_map(|list| (0..file_count.min(limit)).filter_map(|index| list.get(index as u32)));
        Self { files: files.map(OfferedFile::from).collect(), file_count, folders: Vec::new() }
    }
}

/// A link or a part of a web page that was dropped or pasted, without a file.
pub struct Link {
    /// The addresses, one in each line.
    pub addresses: String,
    /// The part of a web page, as HTML.
    pub html: String,
}

impl Link {
    /// The link in a drop or a paste; none if there are files, or no address.
    pub(super) fn from_transfer(transfer: &DataTransfer) -> Option<Self> {
        if transfer.types().includes(&"Files".into(), 0) {
            return None;
        }
        let text = |kind| transfer.get_data(kind).unwrap_or_default();
        let (addresses, html) = (text("text/uri-list"), text("text/html"));
        let plain = text("text/plain");
        // A pasted address comes as plain text.
        let is_address =
            |text: &str| ["data:image/", "http://", "https://"].iter().any(|start| text.starts_with(start));
        let addresses = if addresses.is_empty() && is_address(plain.trim()) { plain } else { addresses };
        (!addresses.is_empty() || html.contains("<img")).then_some(Self { addresses, html })
    }
}

/// The first `len` bytes of `blob`, or all of a shorter one. Reading starts at once, before the future is awaited.
///
/// # Errors
/// If the file cannot be read.
pub fn head(blob: &Blob, len: usize) -> impl Future<Output = Result<Vec<u8>, JsValue>> + use<> {
    let head = blob.slice_with_i32_and_i32(0, len as i32).map(|head| JsFuture::from(head.array_buffer()));
    async move { Ok(Uint8Array::new(&head?.await?).to_vec()) }
}

/// An address under which the page can show a file, while this value lives.
pub struct ObjectUrl(String);

impl ObjectUrl {
    /// An address for `blob`.
    pub fn new(blob: &Blob) -> Self {
        Self(Url::create_object_url_with_blob(blob).expect("every blob has an object URL"))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        // Revoking an address that was never used does no harm.
        let _ = Url::revoke_object_url(&self.0);
    }
}

/// A file in memory with `bytes` of the type `media_type`; none if the browser has no memory for it.
pub fn blob(bytes: &[u8], media_type: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&js_sys::Array::of1(&Uint8Array::from(bytes)), &options).ok()
}

/// Lets the browser save `blob` as `file_name`. The returned address must live until the browser has read the file.
#[must_use = "the file can be read only while its address lives"]
pub fn save(file_name: &str, blob: &Blob) -> ObjectUrl {
    let url = ObjectUrl::new(blob);
    let link = super::page::document().create_element("a").expect("a document makes links");
    let link: HtmlAnchorElement = link.unchecked_into();
    link.set_href(url.as_str());
    link.set_download(file_name);
    link.click();
    url
}

/// A listener on the document or on another event target. Dropping it removes the listener.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `on_event` for each event `name` that reaches the document. The callback may prevent the default action.
    pub(super) fn on<E: JsCast>(name: &'static str, on_event: impl FnMut(E) + 'static) -> Self {
        Self::of(super::page::document().into(), name, on_event)
    }

    /// Calls `on_event` for each event `name` that reaches `target`. The callback may prevent the default action.
    pub(super) fn of<E: JsCast>(
        target: EventTarget,
        name: &'static str,
        mut on_event: impl FnMut(E) + 'static,
    ) -> Self {
        let closure = Closure::<dyn FnMut(_)>::new(move |event: Event| on_event(event.unchecked_into()));
        target
            .add_event_listener_with_callback(name, closure.as_ref().unchecked_ref())
            .expect("what has events takes listeners");
        Self { target, name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref());
    }
}
