//! The page without a network connection, and the change to a newer build.

use crate::{
    browser::Kind,
    files,
    server::{Fault, FaultKind},
    tab::Tab,
};
use serde_json::{Value, json};

impl Tab {
    /// Waits until the browser has kept the page's files.
    fn wait_until_kept(&self) {
        self.evaluate("navigator.serviceWorker.ready.then(() => true)");
    }

    /// Waits until `count` builds are kept, and returns their names.
    fn kept_builds(&self, count: usize) -> Value {
        self.evaluate(&format!(
            "new Promise((resolve, reject) => {{
                const end = performance.now() + 60_000;
                const look = async () => {{
                    const names = await caches.keys();
                    if (names.length === {count}) resolve(names);
                    else if (performance.now() > end) reject(names.join());
                    else setTimeout(look, 50);
                }};
                look();
            }})"
        ))
    }
}

#[test]
fn after_one_visit_the_page_opens_and_answers_without_a_network() {
    let tab = Tab::open(Kind::WebGpu);
    tab.server().let_keep();
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.wait_until_kept();
    tab.server().go_away(true);
    tab.visit("?device=cpu&seed=7");
    tab.wait_until_ready();
    tab.drop_files(&[files::write(&files::folder("offline"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    assert_eq!(tab.uncaught(), [] as [Value; 0]);
}

#[test]
fn a_newer_build_is_announced_and_taken_up_by_a_reload_and_the_page_can_be_forgotten() {
    let tab = Tab::open(Kind::WebGpu);
    tab.server().let_keep();
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.wait_until_kept();
    let first = tab.kept_builds(1);
    let worker = String::from_utf8(tab.server().content("service-worker.js")).expect("text");
    let newer = worker.replacen("const BUILD = \"", "const BUILD = \"newer-", 1);
    assert_ne!(newer, worker);
    tab.server().break_with(vec![Fault { file: "service-worker.js", kind: FaultKind::Instead(newer.into_bytes()) }]);

    tab.visit("?device=cpu");
    tab.wait_until_ready();
    assert!(tab.only_alert().starts_with("A new version of this page is ready."), "{}", tab.describe());
    tab.kept_builds(2);
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    assert_ne!(tab.kept_builds(1), first, "the newer build alone is kept");

    tab.visit("?device=cpu&offline=off");
    tab.wait_until_ready();
    tab.kept_builds(0);
    assert_eq!(tab.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)"), json!(0));
}

#[test]
fn a_newer_build_that_does_not_take_over_leaves_the_page_as_it_is() {
    let tab = Tab::open(Kind::WebGpu);
    tab.server().let_keep();
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.wait_until_kept();
    let worker = String::from_utf8(tab.server().content("service-worker.js")).expect("text");
    let newer =
        worker.replacen("const BUILD = \"", "const BUILD = \"newer-", 1).replace("\"take over\"", "\"nothing\"");
    assert_eq!(newer.matches("\"nothing\"").count(), worker.matches("\"take over\"").count());
    tab.server().break_with(vec![Fault { file: "service-worker.js", kind: FaultKind::Instead(newer.into_bytes()) }]);

    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.kept_builds(2);
    tab.visit("?device=cpu");
    tab.wait_until_ready();
}
