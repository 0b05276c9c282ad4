//! Against a real model: SmolLM2 with 135 million parameters in llama.cpp's server. Its answers prove nothing; its format does.

use llm::{ErrorKind, Kind, Provider, Stop, estimate};
use serde_json::{Value, json};

use super::{address, hear, question};

const MODEL: &str = "smollm2-135m-instruct";

/// What its server was started with.
const WINDOW: usize = 2048;

fn place() -> Provider {
    super::provider(Kind::OpenAi, format!("{}/v1", address("LLAMA")))
}

#[tokio::test]
async fn a_real_model_streams_and_counts() {
    let request = question("What is the capital of France? Answer in one sentence.");
    let projected = estimate::request(&request);
    let heard = hear(&place(), MODEL, request.clone()).await;
    let end = heard.end.expect("an answer");
    assert!(heard.words.concat().contains("Paris"), "{:?}", heard.words);
    assert!(
        heard.words.len() > 3,
        "it came in {} pieces",
        heard.words.len()
    );
    assert!(!end.usage.estimated && end.usage.output as usize >= heard.words.len());
    assert!(
        end.usage.input <= projected,
        "{} of {projected}",
        end.usage.input
    );
    // Temperature 0 and a seed: the same again.
    let again = hear(&place(), MODEL, request).await;
    assert_eq!(again.words.concat(), heard.words.concat());
}

#[tokio::test]
async fn structured_output_fits_its_schema() {
    let schema = json!({
        "type": "object",
        "properties": { "city": { "type": "string", "maxLength": 20 }, "sure": { "type": "boolean" } },
        "required": ["city", "sure"],
        "additionalProperties": false,
    });
    let mut request = question("Which city is the capital of France?");
    request.format = Some(schema);
    let heard = hear(&place(), MODEL, request).await;
    assert_eq!(heard.end.expect("an answer").stop, Stop::Done);
    let value: Value = serde_json::from_str(&heard.words.concat()).expect("it is JSON");
    assert!(
        value["city"].is_string() && value["sure"].is_boolean(),
        "{value}"
    );
    assert_eq!(value.as_object().expect("an object").len(), 2);
}

#[tokio::test]
async fn its_limits_are_seen() {
    let mut request = question("Tell me a long story.");
    request.tokens_max = 5;
    let end = hear(&place(), MODEL, request).await.end.expect("an answer");
    assert_eq!((end.stop, end.usage.output), (Stop::Length, 5));

    let long = hear(&place(), MODEL, question(&"word ".repeat(WINDOW))).await;
    let error = long.end.expect_err("it does not fit");
    assert_eq!(error.kind, ErrorKind::TooLong, "{error}");
}

/// The upper estimate is one: prose, digits, other scripts, code.
#[tokio::test]
async fn no_text_has_more_tokens_than_estimated() {
    let texts = [
        "Your card is on its way and should arrive within five working days.",
        "4929 1183 7020 5561, 12/27, 003; IBAN DE89370400440532013000",
        "Überweisungsaufträge an Ärzte in Österreich; größer, schöner, älter.",
        "カードはどこですか。三日前に注文しました。",
        "🙂🙃😀 ¿Dónde está mi tarjeta? Ñandú.",
        "fn main() { println!(\"{:?}\", x.iter().map(|y| y + 1)); }",
        "Donaudampfschifffahrtsgesellschaftskapitän xqzvbk wjjtrq",
    ];
    for text in texts {
        let mut request = question(text);
        request.tokens_max = 1;
        let projected = estimate::request(&request);
        let heard = hear(&place(), MODEL, request).await;
        let usage = match heard.end {
            Ok(end) => end.usage,
            // One token may be the end mark: an empty answer, which is counted all the same.
            Err(error) => *error.usage.expect("it was counted"),
        };
        println!("{} tokens of {projected} estimated: {text}", usage.input);
        assert!(
            usage.input <= projected,
            "{} of {projected}: {text}",
            usage.input
        );
    }
}
