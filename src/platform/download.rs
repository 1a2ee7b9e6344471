//! Downloads that are bounded, arrive in pieces, and say exactly what went wrong.

use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, Response};

#[wasm_bindgen]
extern "C" {
    // Named as a global, since a window and a worker keep it in scopes of different types.
    #[wasm_bindgen(js_name = fetch)]
    fn fetch(url: &str) -> Promise;
}

/// Why a download failed; each reads as a sentence for the visitor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The server has no such file.
    #[error("{url} is not on this server.")]
    NotFound {
        /// Where the file should be.
        url: String,
    },
    /// The server answered with an error.
    #[error("The server answered {status} when asked for {url}.")]
    Status {
        /// Where the file should be.
        url: String,
        /// HTTP status code.
        status: u16,
    },
    /// The server has too much to do.
    #[error("{url} is asked for too often at the moment (the server answered {status}).")]
    Busy {
        /// Where the file is.
        url: String,
        /// HTTP status code: 429 or 503.
        status: u16,
        /// How long the server asks to wait.
        wait_secs: u32,
    },
    /// A web page came instead of data, as from hosts that answer every address with their start page.
    #[error("The server sent a web page instead of {url}.")]
    Html {
        /// Where the file should be.
        url: String,
    },
    /// The file ended early.
    #[error("The download of {url} broke off after {received_bytes} bytes.")]
    Truncated {
        /// Where the file is.
        url: String,
        /// What had arrived until then.
        received_bytes: u64,
    },
    /// The server could not be reached.
    #[error("{url} could not be reached ({detail}).")]
    Network {
        /// Where the file should be.
        url: String,
        /// The browser's own words.
        detail: String,
    },
}

/// A file on its way; dropping it ends the transfer.
#[derive(Debug)]
pub struct Download {
    url: String,
    /// The answer that is still to come.
    opening: Option<JsFuture>,
    /// None before the answer, and for an empty body.
    reader: Option<ReadableStreamDefaultReader>,
    /// The piece that was asked for, which is not lost where nobody waits for it to the end.
    asked: Option<JsFuture>,
    total_bytes: Option<u64>,
    received_bytes: u64,
}

impl Download {
    /// Asks for the file at `url`; the first piece tells whether it is there. Works in a worker and in a page.
    pub fn begin(url: &str) -> Self {
        let opening = Some(JsFuture::from(fetch(url)));
        Self { url: url.into(), opening, reader: None, asked: None, total_bytes: None, received_bytes: 0 }
    }

    /// The bytes of `blob`, a file that errors call `name`.
    pub fn of_blob(name: &str, blob: &Blob) -> Self {
        let reader = Some(blob.stream().get_reader().unchecked_into());
        let total_bytes = Some(blob.size() as u64);
        Self { url: name.into(), opening: None, reader, asked: None, total_bytes, received_bytes: 0 }
    }

    /// The file's length in bytes, where the server says so; not known before its first piece.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// The next bytes; none at the end. Whoever waits for them may give up and ask again.
    ///
    /// # Errors
    /// If there is no such file, nobody answers, or the file ends early.
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
            // A transfer that has ended already needs no end.
            let _ = reader.cancel();
        }
    }
}

/// The file at `url` as the browser's own handle, its bytes unread.
///
/// # Errors
/// See [`FetchError`].
pub async fn fetch_blob(url: &str) -> Result<Blob, FetchError> {
    let response = check(url, JsFuture::from(fetch(url)).await)?;
    let truncated = |_| FetchError::Truncated { url: url.into(), received_bytes: 0 };
    let promise = response.blob().map_err(truncated)?;
    Ok(JsFuture::from(promise).await.map_err(truncated)?.unchecked_into())
}

/// The answer to a request for `url`, if it brings the file.
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

/// The seconds that a `Retry-After` asks for: a number of them, or a date.
fn wait_secs(retry_after: &str) -> u32 {
    /// Where the server does not say, or hides it from other sites' pages.
    const UNTOLD_SECS: u32 = 10;
    let until_date = || {
        let ms = js_sys::Date::parse(retry_after) - js_sys::Date::now();
        ms.is_finite().then(|| (ms / 1000.0).ceil().max(0.0) as u32)
    };
    retry_after.trim().parse().ok().or_else(until_date).unwrap_or(UNTOLD_SECS)
}

/// The length that the server announces, where it is the length of what is read: not of a compressed form.
fn total_bytes(response: &Response) -> Option<u64> {
    if !matches!(header(response, "content-encoding").as_str(), "" | "identity") {
        return None;
    }
    header(response, "content-length").parse().ok()
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).ok().flatten().unwrap_or_default().to_ascii_lowercase()
}

/// What a reader's step brought; none at the end.
fn piece_of(step: &JsValue) -> Result<Option<Uint8Array>, JsValue> {
    if Reflect::get(step, &"done".into())?.is_truthy() {
        return Ok(None);
    }
    Ok(Some(Reflect::get(step, &"value".into())?.unchecked_into()))
}
