//! Pages about templates.

use super::Page;

pub(super) const PAGES: &[Page] = &[
    Page {
        code: "SB050",
        finds: "A template that is no Handlebars: a block that is not closed, a helper that does not exist.",
        why: "It could not be said at all.",
        file: "templates/en/all.yaml",
        anchor: "{{plural result.count one='parcel' other='parcels'}}",
        wrong: "«{{»plurl result.count one='parcel' other='parcels'}}",
        right: "{{plural result.count one='parcel' other='parcels'}}",
    },
    Page {
        code: "SB051",
        finds: "A template that reads a variable which is not there, or may be unset, at one of the places that say it.",
        why: "A message with a hole in it is worse than none, so rendering fails and the customer hears `failed` instead.",
        file: "templates/en/all.yaml",
        anchor: "nothing_found: There is no such parcel.",
        wrong: "nothing_found: There is no parcel sent as {{«s»lots.speed}}.",
        right: "nothing_found: There is no such parcel{{#if slots.speed}} sent as {{slots.speed}}{{/if}}.",
    },
    Page {
        code: "SB052",
        finds: "A template that one of the bot's languages lacks.",
        why: "It is said in the default language there, in the middle of a conversation in another.",
        file: "templates/de/all.yaml",
        anchor: "try_later: Please try again later.\n",
        wrong: "",
        right: "try_later: Bitte versuche es später.\n",
    },
    Page {
        code: "SB053",
        finds: "A template that nothing says.",
        why: "It was forgotten, or what should say it has a slip in its name.",
        file: "templates/en/all.yaml",
        anchor: "yes_or_no: Please say yes or no.\n",
        wrong: "yes_or_no: Please say yes or no.\n«good_bye»: Good-bye!\n",
        right: "yes_or_no: Please say yes or no.\n",
    },
    Page {
        code: "SB054",
        finds: "A value, choice or intent that customers see and that has no label in some language.",
        why: "They would read the bare word of the file.",
        file: "templates/de/all.yaml",
        anchor: "speed: { normal: normal, express: express }, ",
        wrong: "speed: { normal: normal }, ",
        right: "speed: { normal: normal, express: express }, ",
    },
    Page {
        code: "SB055",
        finds: "Something that a configured channel cannot show: too many choices, cards, a text that is too long.",
        why: "The message is fitted to the channel, and looks other than its author saw it.",
        file: "flows/track.yaml",
        anchor: "    choices: [affirm, deny]",
        wrong: "    «choices»: [affirm, deny, talk_to_person, opening_hours]",
        right: "    choices: [affirm, deny, talk_to_person]",
    },
    Page {
        code: "SB056",
        finds: "A template that the default language lacks.",
        why: "There is nothing to fall back to: whoever speaks that language hears `failed`.",
        file: "templates/en/all.yaml",
        anchor: "sorry: I cannot answer that.\n",
        wrong: "",
        right: "sorry: I cannot answer that.\n",
    },
];
