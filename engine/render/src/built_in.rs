//! What the engine itself says, in each shipped language. A bot's own template or label of the same name replaces it.

use std::collections::BTreeMap;

use dialog::Locale;

use crate::source::{Labels, TemplateSource};

/// A name, and its text in each language of [`LOCALES`].
type Row = (&'static str, [&'static str; 4]);

const LOCALES: [&str; 4] = ["en", "de", "fr", "es"];

const TEMPLATES: [Row; 18] = [
    (
        "failed",
        [
            "Sorry, something went wrong on our side.",
            "Entschuldigung, bei uns ist etwas schiefgegangen.",
            "Désolé, un problème est survenu de notre côté.",
            "Lo sentimos, algo ha fallado por nuestra parte.",
        ],
    ),
    (
        "busy",
        [
            "One moment, please: I am still working on it.",
            "Einen Moment bitte, ich bin noch dabei.",
            "Un instant, s’il vous plaît : j’y travaille encore.",
            "Un momento, por favor: todavía estoy en ello.",
        ],
    ),
    (
        "interrupted",
        [
            "I was interrupted before I could finish. Please ask me again.",
            "Ich wurde unterbrochen, bevor ich fertig war. Bitte fragen Sie noch einmal.",
            "J’ai été interrompu avant d’avoir terminé. Veuillez reposer votre question.",
            "Me he interrumpido antes de terminar. Por favor, pregunte de nuevo.",
        ],
    ),
    (
        "too_late",
        [
            "It is too late to change that: it is being done already.",
            "Das lässt sich nicht mehr ändern, es wird schon ausgeführt.",
            "Il est trop tard pour changer cela : c’est déjà en cours.",
            "Ya es tarde para cambiarlo: ya se está haciendo.",
        ],
    ),
    (
        "cancelled",
        [
            "All right, I have stopped that.",
            "In Ordnung, ich habe das abgebrochen.",
            "D’accord, j’ai annulé.",
            "De acuerdo, lo he cancelado.",
        ],
    ),
    (
        "refused",
        [
            "Let us finish this first, please.",
            "Lassen Sie uns bitte zuerst das hier abschließen.",
            "Terminons d’abord ceci, s’il vous plaît.",
            "Terminemos primero esto, por favor.",
        ],
    ),
    (
        "offer",
        [
            "You also asked for something else. Shall we go on with that?",
            "Sie hatten noch etwas anderes gefragt. Wollen wir damit weitermachen?",
            "Vous avez aussi demandé autre chose. On continue avec cela ?",
            "También ha preguntado por otra cosa. ¿Seguimos con eso?",
        ],
    ),
    (
        "clarify",
        [
            "I am not sure that I understood you. Which of these do you mean?",
            "Ich bin nicht sicher, ob ich Sie verstanden habe. Was davon meinen Sie?",
            "Je ne suis pas sûr d’avoir compris. Que voulez-vous dire ?",
            "No estoy seguro de haberle entendido. ¿A cuál se refiere?",
        ],
    ),
    (
        "handing_over",
        [
            "I will connect you with a colleague. One moment, please.",
            "Ich verbinde Sie mit einer Kollegin oder einem Kollegen. Einen Moment bitte.",
            "Je vous mets en relation avec un conseiller. Un instant, s’il vous plaît.",
            "Le paso con un compañero. Un momento, por favor.",
        ],
    ),
    (
        "did_that_help",
        [
            "Did that help?",
            "Hat das geholfen?",
            "Cela vous a-t-il aidé ?",
            "¿Le ha servido?",
        ],
    ),
    (
        "glad_to_help",
        [
            "Glad to hear that.",
            "Das freut mich.",
            "Je m’en réjouis.",
            "Me alegro.",
        ],
    ),
    (
        "about_me",
        [
            "{{#if user.facts}}I remember this about you: {{#each user.facts}}{{label name 'slots'}}: {{value}}\
             {{#if until}} (until {{date until}}){{/if}}{{#unless @last}}; {{/unless}}{{/each}}.\
             {{else}}I remember nothing about you beyond this conversation.{{/if}}\
             {{#if user.episodes}} My notes of our last conversations: {{#each user.episodes}}{{date at}}: {{text}}\
             {{#unless @last}} {{/unless}}{{/each}}{{/if}}",
            "{{#if user.facts}}Das habe ich mir über Sie gemerkt: {{#each user.facts}}{{label name 'slots'}}: {{value}}\
             {{#if until}} (bis {{date until}}){{/if}}{{#unless @last}}; {{/unless}}{{/each}}.\
             {{else}}Ich habe mir über dieses Gespräch hinaus nichts über Sie gemerkt.{{/if}}\
             {{#if user.episodes}} Meine Notizen zu unseren letzten Gesprächen: {{#each user.episodes}}{{date at}}: {{text}}\
             {{#unless @last}} {{/unless}}{{/each}}{{/if}}",
            "{{#if user.facts}}Voici ce que j’ai retenu sur vous : {{#each user.facts}}{{label name 'slots'}} : {{value}}\
             {{#if until}} (jusqu’au {{date until}}){{/if}}{{#unless @last}} ; {{/unless}}{{/each}}.\
             {{else}}Je ne retiens rien sur vous au-delà de cette conversation.{{/if}}\
             {{#if user.episodes}} Mes notes de nos dernières conversations : {{#each user.episodes}}{{date at}} : {{text}}\
             {{#unless @last}} {{/unless}}{{/each}}{{/if}}",
            "{{#if user.facts}}Esto es lo que recuerdo de usted: {{#each user.facts}}{{label name 'slots'}}: {{value}}\
             {{#if until}} (hasta {{date until}}){{/if}}{{#unless @last}}; {{/unless}}{{/each}}.\
             {{else}}No recuerdo nada de usted más allá de esta conversación.{{/if}}\
             {{#if user.episodes}} Mis notas de nuestras últimas conversaciones: {{#each user.episodes}}{{date at}}: {{text}}\
             {{#unless @last}} {{/unless}}{{/each}}{{/if}}",
        ],
    ),
    (
        "forgotten",
        [
            "Done. I have forgotten what I remembered about you.",
            "Erledigt. Ich habe vergessen, was ich mir über Sie gemerkt hatte.",
            "C’est fait. J’ai oublié ce que j’avais retenu sur vous.",
            "Hecho. He olvidado lo que recordaba de usted.",
        ],
    ),
    (
        "may_i",
        [
            "Shall I do this for you? {{action}}{{#if given}} ({{#each given}}{{#unless @first}}, {{/unless}}{{label name 'arguments'}}: {{#if price}}{{money price}}{{else}}{{value}}{{/if}}{{/each}}){{/if}}",
            "Soll ich das für Sie tun? {{action}}{{#if given}} ({{#each given}}{{#unless @first}}, {{/unless}}{{label name 'arguments'}}: {{#if price}}{{money price}}{{else}}{{value}}{{/if}}{{/each}}){{/if}}",
            "Dois-je le faire pour vous ? {{action}}{{#if given}} ({{#each given}}{{#unless @first}}, {{/unless}}{{label name 'arguments'}} : {{#if price}}{{money price}}{{else}}{{value}}{{/if}}{{/each}}){{/if}}",
            "¿Quiere que lo haga? {{action}}{{#if given}} ({{#each given}}{{#unless @first}}, {{/unless}}{{label name 'arguments'}}: {{#if price}}{{money price}}{{else}}{{value}}{{/if}}{{/each}}){{/if}}",
        ],
    ),
    (
        "not_done",
        [
            "All right, I have not done it.",
            "In Ordnung, ich habe es nicht getan.",
            "D’accord, je ne l’ai pas fait.",
            "De acuerdo, no lo he hecho.",
        ],
    ),
    (
        "call_failed",
        [
            "Sorry, that did not work.",
            "Das hat leider nicht geklappt.",
            "Désolé, cela n’a pas fonctionné.",
            "Lo siento, no ha funcionado.",
        ],
    ),
    (
        "call_unclear",
        [
            "I can't tell whether that worked. Please check before you try it again.",
            "Ich kann nicht sagen, ob das geklappt hat. Bitte sehen Sie nach, bevor Sie es noch einmal versuchen.",
            "Je ne sais pas si cela a fonctionné. Veuillez vérifier avant de réessayer.",
            "No sé si ha funcionado. Por favor, compruébelo antes de volver a intentarlo.",
        ],
    ),
    (
        "choice_gone",
        [
            "That choice is no longer open.",
            "Diese Auswahl ist nicht mehr möglich.",
            "Ce choix n’est plus disponible.",
            "Esa opción ya no está disponible.",
        ],
    ),
];

const LABELS: [Row; 4] = [
    ("affirm", ["Yes", "Ja", "Oui", "Sí"]),
    ("deny", ["No", "Nein", "Non", "No"]),
    ("skip", ["Skip", "Überspringen", "Passer", "Omitir"]),
    ("more", ["More", "Mehr", "Plus", "Más"]),
];

/// The built-in templates. [`crate::Templates::compile`] adds them by itself.
pub fn built_in() -> Vec<TemplateSource> {
    let in_locale = |index: usize| {
        TEMPLATES
            .iter()
            .map(move |(name, texts)| TemplateSource::texts(name, LOCALES[index], &[texts[index]]))
    };
    (0..LOCALES.len()).flat_map(in_locale).collect()
}

/// The built-in labels of choices. [`crate::Templates::compile`] adds them by itself.
pub fn built_in_labels() -> BTreeMap<Locale, Labels> {
    let in_locale = |index: usize| {
        let choices = LABELS
            .iter()
            .map(|(name, texts)| ((*name).to_owned(), texts[index].to_owned()))
            .collect();
        (
            LOCALES[index].into(),
            Labels {
                choices,
                ..Labels::default()
            },
        )
    };
    (0..LOCALES.len()).map(in_locale).collect()
}
