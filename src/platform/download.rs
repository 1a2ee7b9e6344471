//! Downloads in pieces, with exact errors.

use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, Response};

#[wasm_bindgen]
extern "C" {
    // Declared as a global function, because web-sys has it on different types for a window and a worker.
    #[wasm_bindgen(js_name = fetch)]
    fn fetch(url: &str) -> Promise;
}

/// Why a download failed; each displays as a sentence for the visitor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The server has no such file.
    #[error("{url} is not on this server.")]
    NotFound {
        /// The file's address.
        url: String,
    },
    /// The server answered with an error.
    #[error("The server answered {status} when asked for {url}.")]
    Status {
        /// The file's address.
        url: String,
        /// HTTP status code.
        status: u16,
    },
    /// The server is overloaded.
    #[error("{url} is asked for too often at the moment (the server answered {status}).")]
    Busy {
        /// The file's address.
        url: String,
        /// HTTP status code: 429 or 503.
        status: u16,
        /// The waiting time that the server asks for.
        wait_secs: u32,
    },
    /// The server sent a web page instead of data. Some hosts answer every address with their start page.
    #[error("The server sent a web page instead of {url}.")]
    Html {
        /// The file's address.
        url: String,
    },
    /// The file ended early.
    #[error("The download of {url} broke off after {received_bytes} bytes.")]
    Truncated {
        /// The file's address.
        url: String,
        /// Number of bytes that had arrived.
        received_bytes: u64,
    },
    /// The server could not be reached.
    #[error("{url} could not be reached ({detail}).")]
    Network {
        /// The file's address.
        url: String,
        /// The browser's error message.
        detail: String,
    },
}

/// A file that is being downloaded. Dropping it cancels the download.
#[derive(Debug)]
pub struct Download {
    url: String,
    /// The response, until it has arrived.
    opening: Option<JsFuture>,
    /// None before the response, and for an empty body.
    reader: Option<ReadableStreamDefaultReader>,
    /// The requested piece. It is kept here, so that it is not lost if nobody waits for it to the end.
    asked: Option<JsFuture>,
    total_bytes: Option<u64>,
    received_bytes: u64,
}

impl Download {
    /// Requests the file at `url`. An error comes with the first piece. Works in a worker and in a page.
    pub fn begin(url: &str) -> Self {
        let opening = Some(JsFuture::from(fetch(url)));
        Self { url: url.into(), opening, reader: None, asked: None, total_bytes: None, received_bytes: 0 }
    }

    /// Reads `blob` in the same way; `name` is the file's name in errors.
    pub fn of_blob(name: &str, blob: &Blob) -> Self {
        let reader = Some(blob.stream().get_reader().unchecked_into());
        let total_bytes = Some(blob.size() as u64);
        Self { url: name.into(), opening: None, reader, asked: None, total_bytes, received_bytes: 0 }
    }

    /// The file's length in bytes, if the server tells it; not known before the first piece.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// The next bytes; none at the end. A caller may stop waiting and call again.
    ///
    /// # Errors
    /// If the file does not exist, the server does not answer, or the file ends early.
    pub async fn next(&mut self) -> Result<Option<Uint8Array>, FetchError> {
        if let Some(opening) = &mut self.opening {
            let answer = opening.await;
            self.opening = None;
            let response = check(&self.url, answer)?;
            self.total_bytes = total_bytes(&response);
            self.reader = response.body().map(|stream| stream.get_reader().unchecked_into());
        }
        let Some(reader) = &self.reader else { return Ok(None) };
        let step = self.asked.get_or_insert_with(|| JsFuture::from(reader.read())).await;
        self.asked = None;
        let truncated = || FetchError::Truncated { url: self.url.clone(), received_bytes: self.received_bytes };
        let piece = step.and_then(|step| piece_of(&step)).map_err(|_| truncated())?;
        match &piece {
            Some(piece) => self.received_bytes += u64::from(piece.length()),
            None if self.total_bytes.is_some_and(|total| self.received_bytes < total) => return Err(truncated()),
            None => {}
        }
        Ok(piece)
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            // A download that has ended needs no cancelling.
            let _ = reader.cancel();
        }
    }
}

/// The file at `url` as the browser's own handle, without reading its bytes.
///
/// # Errors
/// See [`FetchError`].
pub async fn fetch_blob(url: &str) -> Result<Blob, FetchError> {
    let response = check(url, JsFuture::from(fetch(url)).await)?;
    let truncated = |_| FetchError::Truncated { url: url.into(), received_bytes: 0 };
    let promise = response.blob().map_err(truncated)?;
    Ok(JsFuture::from(promise).await.map_err(truncated)?.unchecked_into())
}

/// The response to a request for `url`, if it is the file.
fn check(url: &str, answer: Result<JsValue, JsValue>) -> Result<Response, FetchError> {
    let response: Response = match answer {
        Ok(response) => response.unchecked_into(),
        Err(error) => return Err(FetchError::Network { url: url.into(), detail: super::describe(&error) }),
    };
    match response.status() {
        404 | 410 => Err(FetchError::NotFound { url: url.into() }),
        status @ (429 | 503) => {
            let wait_secs = wait_secs(&header(&response, "retry-after"));
            Err(FetchError::Busy { url: url.into(), status, wait_secs })
        }
        status if !response.ok() => Err(FetchError::Status { url: url.into(), status }),
        _ if header(&response, "content-type").starts_with("text/html") => Err(FetchError::Html { url: url.into() }),
        _ => Ok(response),
    }
}

/// The waiting time in a `Retry-After` header, which is a number of seconds or a date.
fn wait_secs(retry_after: &str) -> u32 {
    /// The waiting time if the server does not tell one, or hides it from pages of other sites.
    const UNTOLD_SECS: u32 = 10;
    let until_date = || {
        let ms = js_sys::Date::parse(retry_after) - js_sys::Date::now();
        ms.is_finite().then(|| (ms / 1000.0).ceil().max(0.0) as u32)
    };
    retry_after.trim().parse().ok().or_else(until_date).unwrap_or(UNTOLD_SECS)
}

/// The length that the server announces; none if it is the length of a compressed form.
fn total_bytes(response: &Response) -> Option<u64> {
    if !matches!(header(response, "content-encoding").as_str(), "" | "identity") {
        return None;
    }
    header(response, "content-length").parse().ok()
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).ok().flatten().unwrap_or_default().to_ascii_lowercase()
}

/// The bytes in a reader's result; none at the end.
fn piece_of(step: &JsValue) -> Result<Option<Uint8Array>, JsValue> {
    if Reflect::get(step, &"done".into())?.is_truthy() {
        return Ok(None);
    }
    Ok(Some(Reflect::get(step, &"value".into())?.unchecked_into()))
}
