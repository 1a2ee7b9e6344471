//! The files that the browser keeps for this page, in its Origin Private File System. Only for the worker.

use crate::shelf::{FileError, Files, OpenFile};
use js_sys::{Function, Promise, Reflect, Uint8Array};
use std::{cell::OnceCell, ops::Range};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DomException, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions,
    FileSystemReadWriteOptions, FileSystemSyncAccessHandle, StorageEstimate, StorageManager,
};

/// How often a claim is tried if another tab is just releasing it.
const CLAIM_TRIES: usize = 3;

impl From<JsValue> for FileError {
    fn from(error: JsValue) -> Self {
        match error.dyn_ref::<DomException>().map(DomException::name).as_deref() {
            Some("QuotaExceededError") => Self::Full,
            Some("NoModificationAllowedError" | "InvalidModificationError") => Self::Busy,
            Some("NotFoundError") => Self::Gone,
            Some(_) => Self::Other(error.unchecked_into::<DomException>().message()),
            None => Self::Other(super::describe(&error)),
        }
    }
}

/// The page's files. The folder is opened at first use. If the browser has none, it is not asked again.
#[derive(Debug, Default)]
pub struct Store(OnceCell<Result<FileSystemDirectoryHandle, FileError>>);

/// A claimed name: an open file that only this worker has, while the value lives.
#[derive(Debug)]
pub struct Claim {
    file: FileSystemSyncAccessHandle,
    folder: FileSystemDirectoryHandle,
    name: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.file.close();
        let removed = self.folder.remove_entry(&self.name);
        spawn_local(async move {
            // If another tab already has the name, the file belongs to that tab.
            let _ = JsFuture::from(removed).await;
        });
    }
}

/// A file that only this worker can read and write, while the value lives.
#[derive(Debug)]
pub struct Open(FileSystemSyncAccessHandle);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Store {
    async fn folder(&self) -> Result<&FileSystemDirectoryHandle, FileError> {
        if self.0.get().is_none() {
            let opened = open_folder().await;
            let _ = self.0.set(opened);
        }
        self.0.get().expect("just opened").as_ref().map_err(Clone::clone)
    }

    async fn file(&self, name: &str) -> Result<File, FileError> {
        let handle = JsFuture::from(self.folder().await?.get_file_handle(name)).await?;
        let handle: FileSystemFileHandle = handle.unchecked_into();
        Ok(JsFuture::from(handle.get_file()).await?.unchecked_into())
    }

    async fn open_sync(&self, name: &str) -> Result<FileSystemSyncAccessHandle, FileError> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let handle = self.folder().await?.get_file_handle_with_options(name, &options);
        let handle = JsFuture::from(handle).await?;
        // The method is looked up first, because calling a missing one would end the worker.
        let open = method(&handle, "createSyncAccessHandle")?;
        let file: Promise = open.call0(&handle)?.dyn_into()?;
        Ok(JsFuture::from(file).await?.unchecked_into())
    }
}

/// The method `name` of `object`.
fn method(object: &JsValue, name: &str) -> Result<Function, FileError> {
    let method = Reflect::get(object, &name.into())?;
    method.dyn_into().map_err(|_| FileError::Unavailable(format!("it lacks {name}")))
}

/// The folder in which the browser keeps this page's files.
async fn open_folder() -> Result<FileSystemDirectoryHandle, FileError> {
    let unavailable = |error: JsValue| FileError::Unavailable(super::describe(&error));
    let storage = storage()?;
    let folder: Promise = method(&storage, "getDirectory")?.call0(&storage).map_err(unavailable)?.unchecked_into();
    Ok(JsFuture::from(folder).await.map_err(unavailable)?.unchecked_into())
}

/// The browser's storage for this page.
fn storage() -> Result<StorageManager, FileError> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let storage = Reflect::get(&navigator, &"storage".into())?;
    if storage.is_undefined() {
        return Err(FileError::Unavailable("browsers do so only over https".into()));
    }
    Ok(storage.unchecked_into())
}

impl Files for Store {
    type Open = Open;
    type Claim = Claim;

    async fn names(&self) -> Result<Vec<String>, FileError> {
        let keys = self.folder().await?.keys();
        let mut names = Vec::new();
        loop {
            let step = JsFuture::from(keys.next()?).await?;
            if Reflect::get(&step, &"done".into())?.is_truthy() {
                return Ok(names);
            }
            names.extend(Reflect::get(&step, &"value".into())?.as_string());
        }
    }

    async fn size(&self, name: &str) -> Result<Option<u64>, FileError> {
        match self.file(name).await {
            Ok(file) => Ok(Some(file.size() as u64)),
            // A browser without this storage has no files.
            Err(FileError::Gone | FileError::Unavailable(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn read(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, FileError> {
        let file = self.file(name).await?;
        let piece = file.slice_with_f64_and_f64(range.start as f64, range.end as f64)?;
        let buffer = JsFuture::from(piece.array_buffer()).await?;
        let bytes = Uint8Array::new(&buffer).to_vec();
        if bytes.len() as u64 == range.end - range.start { Ok(bytes) } else { Err(FileError::Gone) }
    }

    async fn open(&self, name: &str) -> Result<Open, FileError> {
        Ok(Open(self.open_sync(name).await?))
    }

    async fn remove(&self, name: &str) -> Result<(), FileError> {
        match JsFuture::from(self.folder().await?.remove_entry(name)).await.map_err(FileError::from) {
            Ok(_) | Err(FileError::Gone) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn room(&self) -> Option<u64> {
        let estimate = JsFuture::from(storage().ok()?.estimate().ok()?).await.ok()?;
        let estimate: StorageEstimate = estimate.unchecked_into();
        Some((estimate.get_quota()? - estimate.get_usage()?).max(0.0) as u64)
    }

    async fn claim(&self, name: &str) -> Result<Option<Claim>, FileError> {
        let folder = self.folder().await?.clone();
        for _ in 0..CLAIM_TRIES {
            match self.open_sync(name).await {
                Ok(file) => return Ok(Some(Claim { file, folder, name: name.into() })),
                // The tab that had the name has just removed the file, or another one is checking the claim.
                Err(FileError::Gone) => {}
                Err(FileError::Busy) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn is_claimed(&self, name: &str) -> bool {
        // Only an open file cannot be removed. If the file is not open, removing it is harmless.
        self.size(name).await.is_ok_and(|size| size.is_some()) && self.remove(name).await == Err(FileError::Busy)
    }
}

impl OpenFile for Open {
    fn resize(&mut self, len: u64) -> Result<(), FileError> {
        Ok(self.0.truncate_with_f64(len as f64)?)
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), FileError> {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(at as f64);
        // A full disk is an error in some browsers, and a short count or a shorter file in others.
        let written = self.0.write_with_u8_array_and_options(bytes, &options)?;
        let is_whole = written == bytes.len() as f64 && self.0.get_size()? >= (at + bytes.len() as u64) as f64;
        if is_whole { Ok(()) } else { Err(FileError::Full) }
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> Result<(), FileError> {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(at as f64);
        let read = self.0.read_with_u8_array_and_options(bytes, &options)?;
        if read == bytes.len() as f64 { Ok(()) } else { Err(FileError::Gone) }
    }

    fn flush(&mut self) -> Result<(), FileError> {
        Ok(self.0.flush()?)
    }
}
