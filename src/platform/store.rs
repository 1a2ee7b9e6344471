//! Files that the browser keeps for this page, in its Origin Private File System; for the worker only.
//!
//! A file is written aside, read again, and only then given its name, so that nothing half-written is ever found. Each
//! worker writes aside under names of its own: two tabs never write to the same file.

use js_sys::{Function, Promise, Reflect, Uint8Array};
use std::ops::Range;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions,
    FileSystemReadWriteOptions, FileSystemSyncAccessHandle, StorageEstimate, StorageManager,
};

/// Ends the name of a file that is still being written.
const ASIDE: &str = ".part";

/// Bytes written at a time.
const PIECE_BYTES: usize = 8 << 20;

/// Why something could not be kept; each reads as a clause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk, or this page's share of it, is full.
    #[error("this device has no room left for it")]
    Full,
    /// Another tab has the file open.
    #[error("another tab is writing it")]
    Busy,
    /// The browser keeps nothing for this page.
    #[error("this browser keeps no files for this page ({0})")]
    Unavailable(String),
    /// What was written is not what is read.
    #[error("this device did not keep it as it was written")]
    Corrupted,
    /// Anything else, in the browser's own words.
    #[error("the browser did not keep it ({0})")]
    Other(String),
}

impl From<JsValue> for StoreError {
    fn from(error: JsValue) -> Self {
        match error.dyn_ref::<DomException>().map(DomException::name).as_deref() {
            Some("QuotaExceededError") => Self::Full,
            Some("NoModificationAllowedError" | "InvalidModificationError") => Self::Busy,
            Some(_) => Self::Other(error.unchecked_into::<DomException>().message()),
            None => Self::Other(super::describe(&error)),
        }
    }
}

/// The files of this page.
#[derive(Clone, Debug)]
pub struct Store {
    folder: FileSystemDirectoryHandle,
    /// Tells this worker's files aside from another's.
    mark: String,
}

/// A file that only this worker may open, for as long as the value lives.
#[derive(Debug)]
pub struct Claim(FileSystemSyncAccessHandle);

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Store {
    /// The files that are kept for this page, after what dead workers left aside was removed.
    ///
    /// # Errors
    /// If the browser keeps none, as in some private windows.
    pub async fn open() -> Result<Self, StoreError> {
        let unavailable = |error: JsValue| StoreError::Unavailable(super::describe(&error));
        let folder = JsFuture::from(storage()?.get_directory()).await.map_err(unavailable)?;
        let mark = format!("{:x}", (js_sys::Math::random() * (1_u64 << 52) as f64) as u64);
        let store = Self { folder: folder.unchecked_into(), mark };
        store.tidy().await;
        Ok(store)
    }

    /// Removes what was never finished; what another worker is writing refuses to go.
    async fn tidy(&self) {
        let names = self.folder.keys();
        while let Ok(next) = names.next() {
            let Ok(step) = JsFuture::from(next).await else { return };
            let part = |name: &str| Reflect::get(&step, &name.into()).unwrap_or(JsValue::UNDEFINED);
            if part("done").is_truthy() {
                return;
            }
            if let Some(name) = part("value").as_string().filter(|name| name.ends_with(ASIDE)) {
                let _ = JsFuture::from(self.folder.remove_entry(&name)).await;
            }
        }
    }

    /// The size of the file `name` in bytes; none if there is no such file.
    pub async fn size(&self, name: &str) -> Option<u64> {
        Some(self.file(name).await?.size() as u64)
    }

    /// The bytes in `range` of the file `name`; none if there is no such file or it is shorter.
    pub async fn read(&self, name: &str, range: Range<u64>) -> Option<Vec<u8>> {
        let file = self.file(name).await?;
        let piece = file.slice_with_f64_and_f64(range.start as f64, range.end as f64).ok()?;
        let buffer = JsFuture::from(piece.array_buffer()).await.ok()?;
        let bytes = Uint8Array::new(&buffer).to_vec();
        (bytes.len() as u64 == range.end - range.start).then_some(bytes)
    }

    async fn file(&self, name: &str) -> Option<File> {
        let handle: FileSystemFileHandle =
            JsFuture::from(self.folder.get_file_handle(name)).await.ok()?.unchecked_into();
        Some(JsFuture::from(handle.get_file()).await.ok()?.unchecked_into())
    }

    /// Makes `parts`, one after the other, the content of the file `name`, in place of any before.
    ///
    /// # Errors
    /// If the file cannot be kept; then the one before is still there.
    pub async fn write(&self, name: &str, parts: &[&[u8]]) -> Result<(), StoreError> {
        let len = parts.iter().map(|part| part.len() as f64).sum::<f64>();
        if self.room().await.is_some_and(|room| room < len) {
            return Err(StoreError::Full);
        }
        let aside = format!("{name}.{}{ASIDE}", self.mark);
        let written = async {
            let handle = self.create(&aside).await?;
            let file = open(&handle).await?;
            let written = write_and_compare(&file, parts);
            file.close();
            written?;
            self.rename(&handle, name).await
        };
        let written = written.await;
        if written.is_err() {
            let _ = JsFuture::from(self.folder.remove_entry(&aside)).await;
        }
        written
    }

    /// How many more bytes the browser says that this page may keep.
    async fn room(&self) -> Option<f64> {
        let estimate = JsFuture::from(storage().ok()?.estimate().ok()?).await.ok()?;
        let estimate: StorageEstimate = estimate.unchecked_into();
        Some(estimate.get_quota()? - estimate.get_usage()?)
    }

    async fn create(&self, name: &str) -> Result<FileSystemFileHandle, StoreError> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let handle = JsFuture::from(self.folder.get_file_handle_with_options(name, &options)).await;
        Ok(handle.map_err(StoreError::from)?.unchecked_into())
    }

    /// Gives the file of `handle` the name `name`, in place of any that has it.
    async fn rename(&self, handle: &FileSystemFileHandle, name: &str) -> Result<(), StoreError> {
        // Known to all three browser engines, but not yet to web-sys.
        let rename: Function = Reflect::get(handle, &"move".into())?.dyn_into()?;
        let again = || -> Result<Promise, JsValue> { rename.call1(handle, &name.into())?.dyn_into() };
        if JsFuture::from(again()?).await.is_ok() {
            return Ok(());
        }
        // Some do not replace a file by moving.
        let _ = JsFuture::from(self.folder.remove_entry(name)).await;
        JsFuture::from(again()?).await?;
        Ok(())
    }

    /// Removes the file `name`, if there is one.
    ///
    /// # Errors
    /// If it is there and stays.
    pub async fn remove(&self, name: &str) -> Result<(), StoreError> {
        match JsFuture::from(self.folder.remove_entry(name)).await {
            Err(error) if error.dyn_ref::<DomException>().is_none_or(|e| e.name() != "NotFoundError") => {
                Err(error.into())
            }
            _ => Ok(()),
        }
    }

    /// Takes `name` for this worker alone; none if another worker has it.
    ///
    /// # Errors
    /// If the browser keeps no files.
    pub async fn claim(&self, name: &str) -> Result<Option<Claim>, StoreError> {
        let handle = self.create(name).await?;
        match open(&handle).await {
            Ok(file) => Ok(Some(Claim(file))),
            Err(StoreError::Busy) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What the browser keeps for this page.
fn storage() -> Result<StorageManager, StoreError> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let storage = Reflect::get(&navigator, &"storage".into())?;
    if storage.is_undefined() {
        return Err(StoreError::Unavailable("browsers do so only over https".into()));
    }
    if !has(&storage, "getDirectory") {
        return Err(StoreError::Unavailable("it has no private file system".into()));
    }
    Ok(storage.unchecked_into())
}

/// Whether `object` has the method `name`: older browsers lack some, and a call of one would end the worker.
fn has(object: &JsValue, name: &str) -> bool {
    Reflect::get(object, &name.into()).is_ok_and(|method| method.is_function())
}

async fn open(handle: &FileSystemFileHandle) -> Result<FileSystemSyncAccessHandle, StoreError> {
    if !has(handle, "createSyncAccessHandle") {
        return Err(StoreError::Unavailable("it writes no private files from workers".into()));
    }
    let file = JsFuture::from(handle.create_sync_access_handle()).await.map_err(StoreError::from)?;
    Ok(file.unchecked_into())
}

/// Writes `parts` into the empty `file`, and reads them again.
fn write_and_compare(file: &FileSystemSyncAccessHandle, parts: &[&[u8]]) -> Result<(), StoreError> {
    file.truncate_with_u32(0)?;
    let pieces = || parts.iter().flat_map(|part| part.chunks(PIECE_BYTES));
    let options = FileSystemReadWriteOptions::new();
    let mut at = 0.0;
    for piece in pieces() {
        options.set_at(at);
        // A full disk is an error in some browsers, and a short count or a shorter file in others.
        if file.write_with_u8_array_and_options(piece, &options)? < piece.len() as f64 {
            return Err(StoreError::Full);
        }
        at += piece.len() as f64;
    }
    file.flush()?;
    if file.get_size()? < at {
        return Err(StoreError::Full);
    }
    let mut read = vec![0; PIECE_BYTES.min(at as usize)];
    at = 0.0;
    for piece in pieces() {
        options.set_at(at);
        let read = &mut read[..piece.len()];
        if file.read_with_u8_array_and_options(read, &options)? < piece.len() as f64 {
            return Err(StoreError::Full);
        }
        if read != piece {
            return Err(StoreError::Corrupted);
        }
        at += piece.len() as f64;
    }
    Ok(())
}
