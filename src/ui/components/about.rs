//! What this is, at the foot of the page.

use yew::prelude::*;

/// The last section.
#[component]
pub fn About() -> Html {
    html! {
        <section class="about" aria-labelledby="about-title">
            <h2 id="about-title">{ "About" }</h2>
            <div>
                <p>
                    { "Tenfold runs, in this page, two networks for CIFAR-10, a data set of 60,000 photographs of \
                       32\u{a0}×\u{a0}32 pixels in ten classes: that of Xu Cui’s 2017 article, and a small modern one \
                       after Keller Jordan’s airbench94 of 2024. A picture is cut to its centre square and \
                       reduced to that size first, so a network sees no more than the small square beside your picture." }
                </p>
                <p>
                    { "The article’s network: one convolution of 18 filters, a max pool, and a dense layer of 384, \
                       7,083,004 parameters in all. There it got about 70% of the test images right, after half an \
                       hour on a cloud GPU. It knows ten classes and nothing else: shown a teapot, it still picks one \
                       of the ten. The modern one owns up: where its logits say less than on 95 of 100 test \
                       images, it answers “none of these, probably”; and its confidence is calibrated, so that it is \
                       right about as often as it says. Weights that are trained here or imported have neither, since \
                       nobody has measured them." }
                </p>
                <p>
                    { "Pressing Train does again what the article did, with either network, from random weights or any \
                       others, on this device’s GPU or CPU. A run is kept here as it goes, and can be resumed after a reload or \
                       saved to a file and taken elsewhere." }
                </p>
                <p>{ "Nothing leaves this device: pictures are read, reduced and classified here." }</p>
            </div>
        </section>
    }
}
