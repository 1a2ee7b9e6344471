//! What the page is, and where the networks come from.

use yew::prelude::*;

/// The section "About".
pub fn background() -> Html {
    html! {
        <section class="about" aria-labelledby="about-title">
            <h2 id="about-title" class="view-title" tabindex="-1">{ "About" }</h2>
            <div>
                <p>
                    { "This page runs two networks for CIFAR-10, a data set of 60,000 photographs of \
                       32\u{a0}×\u{a0}32 pixels in ten classes. One is that of Xu Cui’s 2017 article. The other is a \
                       small modern one after Keller Jordan’s airbench94 (2024). Each picture is cropped to its \
                       centre square and reduced to 32\u{a0}×\u{a0}32 pixels. The network sees only those." }
                </p>
                <p>
                    { "The article’s network has one convolution of 18 filters, a max pool and a dense layer of 384 \
                       units: 7,083,004 parameters in all. In the article it reached about 70% test accuracy after \
                       half an hour on a cloud GPU. It knows only its ten classes: shown a teapot, it still picks one \
                       of them." }
                </p>
                <p>
                    { "The modern network can decline. If a picture looks unlike the ten classes, it answers “none of \
                       these, probably”. About 5% of the test images are declined, too. Its confidence is calibrated: \
                       of answers given with 80%, about 80% are correct. Weights that you train or import cannot do \
                       either, because that needs a measurement." }
                </p>
                <p>
                    { "Press Train to repeat the article’s experiment with either network. Training starts from \
                       random or existing weights. The run is kept on this device. You can resume it after a reload, \
                       or export it." }
                </p>
                <p>{ "Nothing leaves this device. Pictures are read, reduced and classified here." }</p>
            </div>
        </section>
    }
}
