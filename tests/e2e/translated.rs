//! A page that the browser translates: each text is replaced by one inside a `<font>` element.

use crate::{files, tab::Tab};

/// A browser's translation of the page, done once.
const TRANSLATE: &str = "{
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
        if (!text.data.trim() || text.parentElement.closest('[translate=no], script, style')) continue;
        const font = document.createElement('font');
        font.append(Object.assign(document.createElement('font'), { textContent: `(${text.data})` }));
        text.replaceWith(font);
    }
}";

#[test]
fn a_page_that_was_translated_twice_keeps_working() {
    let tab = Tab::ready_on_cpu();
    tab.show("about");
    tab.evaluate(TRANSLATE);
    assert!(tab.text(".about").starts_with('('), "prose is translated");
    tab.show("look");
    tab.evaluate(TRANSLATE);
    tab.drop_files(&[files::write(&files::folder("translated"), "cat.png", files::cat())]);
    tab.wait_for_answer("cat.png");
    tab.wait_until("the verdict", "document.querySelector('.verdict').innerText.includes('%')");
    tab.evaluate(TRANSLATE);
    tab.click("[data-class=dog]");
    tab.wait_for_answer("dog.png");
    tab.wait_until("two pictures", "document.querySelectorAll('[data-picture]').length === 2");
    tab.click("[data-action=clear]");
    tab.wait_until("the invitation", "document.querySelector('.invitation')");
    tab.show("learn");
    tab.evaluate(TRANSLATE);
    // The page asks first whether to fetch the images.
    tab.click("[data-action=train]");
    tab.wait_until("the question", "document.querySelector('[data-action=train]').innerText.includes('Fetch')");
    tab.show("look");
    tab.click("[data-action=compare]");
    tab.wait_until("both networks", "document.querySelectorAll('[data-compared]').length === 2");
    tab.click("[data-action=network][aria-pressed=false]");
    tab.wait_until_ready();
    assert_eq!(tab.uncaught(), [] as [serde_json::Value; 0]);
}
