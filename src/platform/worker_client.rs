//! The page's end of the message channel to the worker.

use std::rc::Rc;

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::protocol::{self, Event, Part, PictureId, Request, RequestKind};

/// A message from the worker, as the page reads it.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// An event of the worker or of its boot script.
    Event(Event),
    /// The worker made a file.
    Made {
        /// A name for it.
        file_name: String,
        /// The file as the browser's handle.
        file: Blob,
    },
    /// Pictures as the worker decoded them.
    Decoded {
        /// Each picture with its file as the browser's handle; none if the browser has no memory for it.
        pictures: Vec<(PictureId, Option<Blob>)>,
    },
    /// The worker is of another build than the page, or its messages cannot be read.
    OtherBuild,
    /// The worker has stopped and no longer answers.
    Died {
        /// The browser's error message, for developers.
        detail: String,
    },
}

/// A running worker. Dropping it ends the worker.
pub struct WorkerClient {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(JsValue)>,
}

impl WorkerClient {
    /// Starts a worker. Calls `on_report` for each of its messages.
    ///
    /// # Errors
    /// The browser's error message, if it cannot start workers.
    pub fn spawn(on_report: impl Fn(Report) + 'static) -> Result<Self, String> {
        if let Some(lack) = super::page::root_attribute("data-lacks") {
            return Err(format!("it has no {lack}"));
        }
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        // The address contains the build, so that no cache returns a file of another build. boot.js does the same.
        let address = super::page::resolve(&format!("boot.js?build={}", protocol::BUILD));
        let worker = Worker::new_with_options(&address, &options).map_err(|error| super::describe(&error))?;
        let on_report = Rc::new(on_report);
        let on_message = Closure::<dyn FnMut(_)>::new({
            let on_report = on_report.clone();
            move |message: MessageEvent| {
                if let Some(report) = read(&message.data()) {
                    on_report(report);
                }
            }
        });
        let on_error = Closure::<dyn FnMut(_)>::new(move |error: JsValue| {
            // If the script did not load, the event has no message.
            on_report(Report::Died { detail: text(&error, "message") });
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Sends `request`, with the browser's handle of `file` beside it. The file's bytes are not copied.
    pub fn send(&self, request: &Request, file: Option<&Blob>) {
        let header = Uint8Array::from(protocol::encode(request).as_slice());
        let message = Array::of1(&header);
        if let Some(file) = file {
            message.push(file);
        }
        self.worker
            .post_message_with_transfer(&message, &Array::of1(&header.buffer()))
            .expect("bytes of their own buffer can be transferred, and files cloned");
    }
}

impl Drop for WorkerClient {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onmessageerror(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// The report in a message. Arrays come from the worker's wasm. Plain objects come from the boot script, or tell the
/// build of the wasm; none if that build is the page's own.
fn read(data: &JsValue) -> Option<Report> {
    let Some(parts) = data.dyn_ref::<Array>() else { return read_boot(data) };
    let header: Uint8Array = parts.get(0).unchecked_into();
    Some(match protocol::decode(&header.to_vec()) {
        // The bytes beside the event, a buffer or a view of one, become a file without being copied into this wasm.
        Ok(Event::Exported { file_name }) => match Blob::new_with_buffer_source_sequence(&Array::of1(&parts.get(1))) {
            Ok(file) => Report::Made { file_name, file },
            Err(error) => Report::Event(Event::NotDone {
                asked: RequestKind::Export,
                reason: format!("{file_name} could not be made ({}). Try again.", super::describe(&error)),
            }),
        },
        Ok(Event::Decoded { pictures }) => Report::Decoded { pictures: cut(&parts.get(1), pictures) },
        Ok(event) => Report::Event(event),
        Err(_) => Report::OtherBuild,
    })
}

/// The files of pictures, given the bytes of all and the length of each.
fn cut(bytes: &JsValue, pictures: Vec<(PictureId, u32)>) -> Vec<(PictureId, Option<Blob>)> {
    let all = Blob::new_with_buffer_source_sequence(&Array::of1(bytes)).ok();
    let mut end = 0.0;
    let cut = pictures.into_iter().map(|(id, len)| {
        let start = end;
        end += f64::from(len);
        let slice = |all: &Blob| all.slice_with_f64_and_f64_and_content_type(start, end, "image/bmp").ok();
        (id, all.as_ref().and_then(slice))
    });
    cut.collect()
}

fn read_boot(data: &JsValue) -> Option<Report> {
    Some(match text(data, "boot").as_str() {
        "build" if text(data, "build") == protocol::BUILD => return None,
        "build" => Report::OtherBuild,
        "loading" => Report::Event(Event::Loading {
            part: Part::Program,
            received_bytes: field(data, "received").as_f64().unwrap_or(0.0) as u64,
            total_bytes: field(data, "total").as_f64().map(|total| total as u64),
        }),
        "failed" => Report::Event(Event::Failed { reason: text(data, "reason") }),
        _ => Report::Died { detail: text(data, "reason") },
    })
}

fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(object: &JsValue, name: &str) -> String {
    field(object, name).as_string().unwrap_or_default()
}
