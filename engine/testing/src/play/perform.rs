//! What a step makes happen.

use dialog::{ConversationId, DeskEvent, Turn, UserId};
use runtime::{Addressee, Agent, Authority, Body, Inbound, NewConversation, OutsideEvent};
use serde_json::{Map, Value as Json};

use super::{PlayError, Player, USER, all_turns};
use crate::test::{Action, DeskAction, Visit};

/// Who plays the person at the desk.
const PERSON: &str = "p1";
const PERSON_NAME: &str = "Ana";

impl Player<'_> {
    pub(super) fn perform(&mut self, action: &Action) -> Result<(), PlayError> {
        match action {
            Action::User(text) => self.tell(Body::Text(text.clone()), Vec::new()),
            Action::Choose(key) => {
                let choice = self.offered(key)?;
                self.tell(Body::Choice(choice), Vec::new())
            }
            Action::Attach(file) => self.tell(Body::Text(String::new()), vec![file.clone()]),
            Action::Advance(time) => self.advance(*time),
            Action::Crash => self.start(),
            Action::Event { name, data } => self.event(name, data),
            Action::Desk(desk) => self.desk(desk),
            Action::Open(visit) => self.greet(*visit),
            Action::Locale(locale) => {
                self.locale = Some(locale.clone());
                self.go_on_elsewhere()
            }
            Action::Channel(channel) => {
                self.channel.clone_from(channel);
                self.go_on_elsewhere()
            }
            Action::FailDelivery => self.fail_delivery(),
        }
    }

    fn tell(&mut self, body: Body, attachments: Vec<dialog::Value>) -> Result<(), PlayError> {
        self.messages += 1;
        let inbound = Inbound {
            conversation: self.conversation.clone(),
            source: "test".to_owned(),
            id: format!("m{}", self.messages),
            body,
            attachments,
            by: Authority::Visitor,
        };
        let runtime = self.runtime();
        self.threads().block_on(runtime.accept(inbound))?;
        Ok(())
    }

    fn event(&mut self, name: &str, data: &Map<String, Json>) -> Result<(), PlayError> {
        self.messages += 1;
        let event = OutsideEvent {
            id: format!("e{}", self.messages),
            name: name.to_owned(),
            data: data.clone(),
            to: Addressee::User(UserId::from(USER)),
        };
        let runtime = self.runtime();
        self.threads().block_on(runtime.outside(event))?;
        Ok(())
    }

    fn desk(&mut self, what: &DeskAction) -> Result<(), PlayError> {
        let (runtime, id) = (self.runtime(), self.conversation.clone());
        let agent = Agent {
            person: PERSON.into(),
            name: PERSON_NAME.to_owned(),
        };
        self.messages += 1;
        let said = format!("p{}", self.messages);
        self.threads().block_on(async {
            let reported = |event| runtime.desk_reports(&id, event);
            match what {
                DeskAction::Joined => runtime.claim(&id, agent).await,
                DeskAction::Said(text) => runtime.say(&id, said, text.clone(), agent).await,
                DeskAction::Returned => runtime.return_to_bot(&id).await,
                DeskAction::Ended => reported(DeskEvent::Ended).await,
                DeskAction::Closed => reported(DeskEvent::Closed).await,
                DeskAction::GaveUp => reported(DeskEvent::GaveUp).await,
                DeskAction::Failed => {
                    let why = "the desk does not answer".to_owned();
                    reported(DeskEvent::Failed { why }).await
                }
            }
        })?;
        Ok(())
    }

    /// The offered choice with this key or label: the latest message that offered it, so that a test can click an old one.
    fn offered(&self, key: &str) -> Result<dialog::ChoiceId, PlayError> {
        let (runtime, id) = (self.runtime(), self.conversation.clone());
        let turns = self.threads().block_on(all_turns(&runtime, &id, Turn(1)))?;
        let messages = turns
            .iter()
            .rev()
            .flat_map(|turn| turn.messages.iter().rev());
        let mut choices = messages.flat_map(|message| &message.choices);
        choices
            .find(|choice| choice.id.key == key || choice.label == key)
            .map(|choice| choice.id.clone())
            .ok_or_else(|| PlayError::Impossible(format!("no choice `{key}` was offered")))
    }

    /// Greets, as a part of the test.
    fn greet(&mut self, visit: Visit) -> Result<(), PlayError> {
        if visit == Visit::Returning || !self.test.user.is_empty() {
            self.visit_before()?;
        }
        self.looked_at = Turn(0);
        self.open()
    }

    /// A conversation whose greeting the test does not look at.
    pub(super) fn open_silently(&mut self) -> Result<(), PlayError> {
        if !self.test.user.is_empty() {
            self.visit_before()?;
        }
        self.open()?;
        self.settle()?;
        self.look().map(|_| ())
    }

    /// An earlier conversation, in which what the test says of the user was learnt.
    fn visit_before(&mut self) -> Result<(), PlayError> {
        self.open_with(self.test.user.clone())?;
        self.settle()?;
        let asks_first = |name: &String| {
            let mut slots = self.bot().slots.iter();
            slots.any(|slot| slot.name == *name && slot.consent.is_some())
        };
        for _ in 0..self
            .test
            .user
            .keys()
            .filter(|name| asks_first(name))
            .count()
        {
            let yes = self.offered("affirm")?;
            self.tell(Body::Choice(yes), Vec::new())?;
            self.settle()?;
        }
        self.look().map(|_| ())
    }

    fn open(&mut self) -> Result<(), PlayError> {
        self.is_open = true;
        self.open_with(self.test.slots.clone())
    }

    fn open_with(&mut self, slots: Map<String, Json>) -> Result<(), PlayError> {
        self.conversations += 1;
        self.conversation = ConversationId(format!("c{}", self.conversations));
        self.looked_at = Turn(0);
        let new = NewConversation {
            id: Some(self.conversation.clone()),
            user: Some(UserId::from(USER)),
            channel: self.channel.clone(),
            locale: self.locale.clone(),
            slots,
            by: Authority::Integrator,
        };
        let runtime = self.runtime();
        self.threads().block_on(runtime.open(new))?;
        Ok(())
    }

    fn go_on_elsewhere(&mut self) -> Result<(), PlayError> {
        match self.is_open {
            true => self.open_silently(),
            false => Ok(()),
        }
    }

    fn fail_delivery(&mut self) -> Result<(), PlayError> {
        let (runtime, id) = (self.runtime(), self.conversation.clone());
        let turns = self.threads().block_on(all_turns(&runtime, &id, Turn(1)))?;
        let last = turns.iter().rev().find_map(|turn| turn.messages.last());
        let effect = last
            .map(|message| message.id.clone())
            .ok_or_else(|| PlayError::Impossible("the bot has said nothing yet".to_owned()))?;
        let why = "the test says so".to_owned();
        self.threads()
            .block_on(runtime.delivery_failed(effect, why))?;
        Ok(())
    }
}
