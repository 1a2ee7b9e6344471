//! Exports to other frameworks: an ONNX file, and code on the clipboard.

use crate::{browser::Kind, files, needs, tab::Tab};
use serde_json::json;
use std::{env, fs, path::Path, process::Command};

impl Tab {
    /// Lets the page write to the clipboard and read from it.
    fn allow_the_clipboard(&self) {
        let permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"];
        let grant = json!({ "permissions": permissions, "browserContextId": self.context });
        self.browser.call(None, "Browser.grantPermissions", grant).expect("the browser obeys");
        self.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
    }
}

#[test]
fn the_link_of_a_run_is_called_copied_only_if_it_was() {
    let settings = "?device=cpu&network=cui2017&batch=16&epochs=1&images=32";
    let Some(tab) = Tab::with_images(Kind::WebGpu, settings) else { return };
    tab.click("[data-action=train]");
    tab.wait_for_step(2);
    tab.wait_for_phase("ready");
    tab.allow_the_clipboard();
    tab.click("[data-action=copy-link]");
    tab.wait_until("the notice", "document.querySelector('.notice')");
    assert!(tab.text(".notice").starts_with("The link is in the clipboard."), "{}", tab.text(".notice"));
    assert_eq!(tab.evaluate("navigator.clipboard.readText()"), tab.evaluate("location.href"));

    tab.click(".notice [data-action=dismiss]");
    tab.wait_until("no notice", "!document.querySelector('.notice')");
    tab.evaluate("navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'))");
    tab.click("[data-action=copy-link]");
    tab.wait_until("the notice", "document.querySelector('.notice')");
    assert!(tab.text(".notice").starts_with("This browser copied nothing."), "{}", tab.text(".notice"));
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}

#[test]
fn a_network_is_saved_as_onnx_and_its_code_copied_which_answers_a_picture_with_the_exported_weights() {
    let tab = Tab::ready_on_cpu();
    tab.show("learn");
    let onnx = tab.exported("export-onnx", "onnx");
    assert_eq!(onnx.file_name().and_then(|name| name.to_str()), Some("tenfold-tenfold2026.onnx"));
    let bytes = fs::read(&onnx).expect("the exported file");
    // The first field is the format's version. Each parameter takes four bytes.
    assert!(bytes.starts_with(&[8, 9]) && bytes.len() > 4 * 2_474_146, "{} bytes", bytes.len());

    tab.allow_the_clipboard();
    let folder = files::folder("copied-code");
    let weights = tab.exported("export-for-code", "weights");
    for (framework, title, first) in [("keras", "Keras", "for Keras 3:"), ("pytorch", "PyTorch", "for PyTorch:")] {
        tab.evaluate("document.querySelector('details:has(> .menu-items)').open = true");
        tab.click(&format!("[data-action=copy-code][data-framework={framework}]"));
        let label = format!("document.querySelector('[data-framework={framework}]').innerText");
        tab.wait_until("that it was copied", &format!("{label} === 'Copied for {title}'"));
        let code = tab.evaluate("navigator.clipboard.readText()");
        let code = code.as_str().expect("a text");
        assert!(code.starts_with("\"\"\"A network from Tenfold,") && code.contains(first), "{code}");
        fs::write(folder.join(format!("network_{framework}.py")), code).expect("a temporary file");
    }

    let Some(python) = env::var_os("TENFOLD_PYTHON") else {
        return needs::skip("TENFOLD_PYTHON names no Python with keras and jax");
    };
    let on_jax = || {
        let mut command = Command::new(&python);
        command.envs([("KERAS_BACKEND", "jax"), ("JAX_PLATFORMS", "cpu")]);
        command
    };
    let has_keras = on_jax().args(["-c", "import numpy, PIL, safetensors, jax, keras"]).output();
    if !has_keras.is_ok_and(|output| output.status.success()) {
        return needs::skip("the Python that TENFOLD_PYTHON names has no keras and jax");
    }
    let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenes/dog.png");
    let program = on_jax().args([folder.join("network_keras.py"), weights, scene]).output().expect("python starts");
    let said = String::from_utf8_lossy(&program.stdout);
    assert!(said.starts_with("dog: "), "{said}\n{}", String::from_utf8_lossy(&program.stderr));
}
