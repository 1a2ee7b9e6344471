//! The ten class cards, in the order of the data set.

use std::rc::Rc;

use yew::prelude::*;

use super::class_card::ClassCard;
use crate::ui::words;
use crate::{domain::CLASS_COUNT, protocol::Prediction};

/// The properties of [`Ten`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The network's answer to the picture on the stage.
    pub prediction: Option<Rc<Prediction>>,
    /// The true class of that picture, if it is known.
    pub label: Option<usize>,
    /// The class of the heat map that is shown below, if any.
    pub heat_class: Option<usize>,
    /// Called with the class whose scene the visitor wants to try, or whose heat map.
    pub on_card: Callback<usize>,
}

/// The grid of class cards.
#[component]
pub fn Ten(props: &Props) -> Html {
    let winner = props.prediction.as_deref().filter(|prediction| !prediction.is_none).map(words::winner);
    let card = |class| {
        let probability = props.prediction.as_ref().map(|prediction| prediction.probabilities[class]);
        html! {
            <li key={class}>
                <ClassCard
                    {class}
                    {probability}
                    is_winner={winner == Some(class)}
                    is_label={props.label == Some(class)}
                    has_heat={props.heat_class.map(|chosen| chosen == class)}
                    on_card={props.on_card.clone()}
                />
            </li>
        }
    };
    html! {
        <section class="ten" aria-labelledby="ten-title">
            <h2 id="ten-title">{ "The ten" }</h2>
            <p class="quiet">
                { match props.heat_class {
                    Some(_) => "Choose one: the heat map below shows what speaks for it.",
                    None => "No picture at hand? Try one of these.",
                } }
            </p>
            <ul role="list">{ for (0..CLASS_COUNT).map(card) }</ul>
        </section>
    }
}
