//! A measured figure in JSON. JSON has only finite numbers, so the others become the texts `NaN`, `inf` and `-inf`.
//!
//! For `#[serde(with = "figure")]`. Binary formats store it as any other number.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Writes `figure`.
///
/// # Errors
/// If the format fails.
pub fn serialize<S: Serializer>(figure: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() && !figure.is_finite() {
        serializer.serialize_str(&figure.to_string())
    } else {
        figure.serialize(serializer)
    }
}

/// Reads a figure. `null` becomes NaN: earlier versions wrote `null` for every figure that was not finite.
///
/// # Errors
/// If the value is neither a number, `null`, nor one of the three texts.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f32),
        Text(String),
        None,
    }

    if !deserializer.is_human_readable() {
        return f32::deserialize(deserializer);
    }
    match Written::deserialize(deserializer)? {
        Written::Number(number) => Ok(number),
        Written::Text(text) => match text.as_str() {
            "inf" => Ok(f32::INFINITY),
            "-inf" => Ok(f32::NEG_INFINITY),
            "NaN" => Ok(f32::NAN),
            _ => Err(D::Error::custom(format!("{text} is no figure"))),
        },
        Written::None => Ok(f32::NAN),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Validation;

    #[test]
    fn every_figure_survives_json_and_messages_and_a_missing_one_is_not_a_number() {
        for loss in [0.25, -0.0, f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            let validation = Validation { step: 3, loss, accuracy: 0.5, images: 9 };
            let json = serde_json::to_string(&validation).expect("plain data");
            let read: Validation = serde_json::from_str(&json).expect("just written");
            let sent = postcard::to_stdvec(&validation).expect("plain data");
            let sent: Validation = postcard::from_bytes(&sent).expect("just encoded");
            for read in [read, sent] {
                assert!(read.loss.to_bits() == loss.to_bits() || (read.loss.is_nan() && loss.is_nan()), "{json}");
            }
        }
        let read: Validation =
            serde_json::from_str(r#"{"step":3,"loss":null,"accuracy":0.5,"images":9}"#).expect("an earlier version's");
        assert!(read.loss.is_nan());
        assert!(serde_json::from_str::<Validation>(r#"{"step":3,"loss":"low","accuracy":0.5,"images":9}"#).is_err());
    }
}
