//! A step's effects, sorted into what the turn's commit writes and what is begun after it.

use dialog::{
    BuiltInTemplates, Choice, Effect, EffectId, EffectKind, Message, Outgoing, Owner, Relayed,
    Response, Turn,
};
use jiff::Timestamp;
use render::Target;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{Changes, Lane, OutboxRow, Scheduled};
use tracing::error;

use crate::answer::Wanted;
use crate::config::Config;
use crate::deployment::Deployment;
use crate::episode;
use crate::feed::{FeedKind, Said, Speaker};
use crate::outbox::CallToMake;
use crate::secret;
use crate::state::{DeskFile, Loaded};
use crate::user::{self, RowChanges};

/// What comes of a step.
#[derive(Default)]
pub(crate) struct Planned {
    pub(crate) feed: Vec<FeedKind>,
    pub(crate) said: Vec<Said>,
    /// The choices as the customer sees them.
    pub(crate) choices: Vec<Choice>,
    pub(crate) bot_spoke: bool,
    pub(crate) calls: Vec<CallToMake>,
    pub(crate) answers: Vec<(EffectId, Wanted)>,
    pub(crate) handoffs: Vec<(EffectId, String)>,
    /// Calls that are given up, and rows that are done with this turn.
    pub(crate) done: Vec<EffectId>,
    pub(crate) cancelled: Vec<EffectId>,
    pub(crate) scheduled: Vec<Scheduled>,
    pub(crate) memory: RowChanges,
    pub(crate) forget_all: bool,
    /// A session that is over: its first turn, and until when its note is kept.
    pub(crate) episode: Option<(Turn, Timestamp)>,
}

/// An effect in the outbox.
#[derive(Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) what: RowKind,
}

/// What an effect in the outbox does.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RowKind {
    Call {
        tool: String,
        args: secret::StoredArgs,
    },
    Answer(Wanted),
    Handoff {
        desk: String,
    },
}

/// What is done later, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum ScheduledRow {
    /// An event for the user.
    Event {
        event: String,
        data: std::collections::BTreeMap<String, dialog::Value>,
    },
    /// The end of something in the user's memory, by its key.
    Expiry { expires: String },
}

/// Sorts a step's effects. `loaded` holds the conversation after the step.
pub(crate) fn plan(
    config: &Config,
    loaded: &mut Loaded,
    effects: Vec<Effect>,
    root: Turn,
    owner_before: &Owner,
) -> Planned {
    let mut planned = Planned::default();
    for Effect { id, kind } in effects {
        match kind {
            EffectKind::Send(outgoing) => say(config, loaded, &mut planned, id, outgoing),
            EffectKind::Call { tool, args } => {
                loaded.notes.opened(&id, root);
                planned.calls.push(CallToMake {
                    id,
                    tool,
                    args,
                    begun: false,
                });
            }
            EffectKind::CancelCall { call } => {
                loaded.notes.closed(&call);
                planned.done.push(call.clone());
                planned.cancelled.push(call);
            }
            EffectKind::Generate {
                model,
                question,
                values,
                system,
                made,
            } => {
                loaded.notes.opened(&id, root);
                let locale = loaded.conversation.locale.clone();
                let system = system.map(|prompt| rendered(config, loaded, &prompt).text);
                let wanted = Wanted {
                    model,
                    question,
                    locale,
                    values,
                    system,
                    made,
                    user: loaded.conversation.user.clone(),
                    spent: loaded.notes.spent,
                    digest: loaded.notes.digest.clone(),
                };
                planned.answers.push((id, wanted));
            }
            EffectKind::Schedule { event, at, data } => {
                let later = schedule(loaded, id, at, &ScheduledRow::Event { event, data });
                planned.scheduled.push(later);
            }
            EffectKind::OpenHandoff { desk, why, package } => {
                loaded.notes.opened(&id, root);
                loaded.notes.desk = Some(DeskFile {
                    desk: desk.clone(),
                    why,
                    package,
                    suggestions: Vec::new(),
                });
                planned.handoffs.push((id, desk));
            }
            EffectKind::Relay {
                what: Relayed::Suggestion { about, value },
                ..
            } => loaded.notes.suggest(about, value),
            // The built-in desk reads the transcript, in which the customer's words are.
            EffectKind::Relay {
                what: Relayed::Message { .. } | Relayed::Choice { .. },
                ..
            } => {}
            EffectKind::CloseHandoff { .. } => loaded.notes.desk = None,
            EffectKind::Remember { slot, value, fact } => {
                if let Some(until) = fact.until {
                    let expires = user::slot_key(&slot);
                    let later = schedule(loaded, id, until, &ScheduledRow::Expiry { expires });
                    planned.scheduled.push(later);
                }
                user::keep_slot(&mut planned.memory, &slot, value, fact);
            }
            EffectKind::KeepEpisode { since, until } => {
                let expires = episode::key(&loaded.conversation.id, since);
                let later = schedule(loaded, id, until, &ScheduledRow::Expiry { expires });
                planned.scheduled.push(later);
                planned.episode = Some((since, until));
            }
            EffectKind::Consent { slot, given } => {
                user::keep_consent(&mut planned.memory, &slot, given)
            }
            EffectKind::Forget { slots: Some(slots) } => slots
                .iter()
                .for_each(|slot| user::forget_slot(&mut planned.memory, slot)),
            EffectKind::Forget { slots: None } => planned.forget_all = true,
        }
    }
    tell_owner(loaded, &mut planned, owner_before);
    planned
}

/// Rows for the outbox. Secret arguments stay where they are, in the state: a row only says where.
pub(crate) fn outbox(
    loaded: &Loaded,
    planned: &Planned,
    record: &Json,
) -> Changes<OutboxRow, EffectId> {
    let calls = planned.calls.iter().map(|call| {
        let args = secret::store(&loaded.deployment.bot, &call.tool, &call.args, record);
        row(
            &call.id,
            Lane::Call,
            RowKind::Call {
                tool: call.tool.clone(),
                args,
            },
        )
    });
    let answers = planned
        .answers
        .iter()
        .map(|(id, wanted)| row(id, Lane::Generate, RowKind::Answer(wanted.clone())));
    let handoffs = planned
        .handoffs
        .iter()
        .map(|(id, desk)| row(id, Lane::Desk, RowKind::Handoff { desk: desk.clone() }));
    Changes {
        add: calls.chain(answers).chain(handoffs).collect(),
        remove: planned.done.clone(),
    }
}

fn row(id: &EffectId, lane: Lane, what: RowKind) -> OutboxRow {
    OutboxRow {
        id: id.clone(),
        lane,
        payload: serde_json::to_vec(&Row { what })
            .expect("plain data with text keys always serialises"),
        begun: false,
    }
}

fn schedule(loaded: &Loaded, id: EffectId, at: Timestamp, row: &ScheduledRow) -> Scheduled {
    Scheduled {
        id,
        user: loaded.conversation.user.clone(),
        at,
        payload: serde_json::to_vec(row).expect("plain data with text keys always serialises"),
    }
}

fn say(config: &Config, loaded: &Loaded, planned: &mut Planned, id: EffectId, outgoing: Outgoing) {
    let (id, speaker, message) = match outgoing {
        Outgoing::Response(response) => (id, Speaker::Bot, rendered(config, loaded, &response)),
        Outgoing::Generated {
            text,
            generation,
            sentence: Some(n),
            ..
        } => {
            planned.bot_spoke = true;
            planned.feed.push(FeedKind::Delta {
                message: generation,
                n,
                text,
            });
            return;
        }
        Outgoing::Generated {
            text,
            generation,
            sentence: None,
            sources,
        } => (
            generation,
            Speaker::Bot,
            Message {
                text,
                sources,
                ..Message::default()
            },
        ),
        Outgoing::Person { name, text, .. } => (
            id,
            Speaker::Person { name },
            Message {
                text,
                ..Message::default()
            },
        ),
    };
    planned.bot_spoke |= speaker == Speaker::Bot;
    planned.choices.extend_from_slice(&message.choices);
    let mut said = Said::new(
        id,
        loaded.last_seq + 1 + planned.feed.len() as u64,
        speaker,
        message,
    );
    said.turn = loaded.conversation.turn;
    planned.said.push(said.clone());
    planned.feed.push(FeedKind::Message(said));
}

/// The response in words; where that fails, `failed`: a customer is never met with silence.
fn rendered(config: &Config, loaded: &Loaded, response: &Response) -> Message {
    let Deployment { bot, templates, .. } = &*loaded.deployment;
    let target = Target {
        channel: &loaded.conversation.channel,
        format: config.format(&loaded.conversation.channel),
        tz: &bot.tz,
    };
    templates.render(response, &target).unwrap_or_else(|problem| {
        error!(conversation = %loaded.conversation.id, template = response.template, %problem, "A response could not be rendered.");
        metrics::counter!("switchboard_render_errors_total").increment(1);
        templates.render(&failed_response(loaded), &target).unwrap_or_default()
    })
}

/// What is said when nothing better can be.
pub(crate) fn failed_response(loaded: &Loaded) -> Response {
    let BuiltInTemplates { failed, .. } = loaded.deployment.bot.built_in;
    let name = loaded
        .deployment
        .bot
        .templates
        .get(failed.index())
        .map(|template| template.name.clone());
    Response {
        template: name.unwrap_or_else(|| "failed".to_owned()),
        locale: loaded.conversation.locale.clone(),
        variant: 0,
        values: std::collections::BTreeMap::new(),
        choices: Vec::new(),
        pause: None,
    }
}

/// Subscribers learn who speaks from now on.
fn tell_owner(loaded: &mut Loaded, planned: &mut Planned, before: &Owner) {
    let owner = &loaded.conversation.owner;
    if owner == before {
        return;
    }
    planned.feed.push(match owner {
        Owner::Ended => FeedKind::End,
        Owner::Bot | Owner::Queued { .. } | Owner::Person { .. } => FeedKind::Owner {
            owner: owner.clone(),
        },
    });
    if matches!(owner, Owner::Bot | Owner::Ended) {
        loaded.notes.desk = None;
    }
}
