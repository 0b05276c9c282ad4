//! `cancel: flow`.

use super::cx::{Cx, Reask};
use crate::conversation::Outside;
use crate::{Handlers, Repeat, Trigger};

impl<'b> Cx<'b> {
    /// Ends the top flow and the flows that called it, up to the first that takes it by `on: { cancel: … }`.
    pub(crate) fn cancel(&mut self) {
        if self.calls_unsafely() {
            self.note("too late: a call that cannot be taken back runs");
            self.say_template(self.bot.built_in.too_late, Vec::new());
            return;
        }
        let lowest = self.inside().top_chain();
        while self.inside().frames.len() > lowest {
            let levels: Vec<&'b Handlers> = self.levels();
            let taken = levels
                .into_iter()
                .find_map(|handlers| self.first_of(handlers, &|one| *one == Trigger::Cancel));
            if let Some(plan) = taken {
                return self.perform(plan);
            }
            self.keep_provenance();
            let top = self.inside().frames.len() - 1;
            self.drop_frames(top);
        }
        self.chain_ended = true;
        self.say_template(self.bot.built_in.cancelled, Vec::new());
        self.reask(Reask::Resume);
    }

    fn calls_unsafely(&self) -> bool {
        let operation = self.top().and_then(|frame| frame.operation.as_ref());
        match operation.map(|operation| operation.what) {
            Some(Outside::Tool(tool)) => self.bot.tools[tool.index()].repeat != Repeat::Safe,
            Some(Outside::Model(_)) | None => false,
        }
    }
}
