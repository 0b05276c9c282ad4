//! An answer while it is being read: what came, what waits for its rest, and how it ends.

use std::collections::VecDeque;

use crate::fault::Fault;
use crate::{Arguments, End, ErrorKind, Piece, Stop, ToolCall, Usage, estimate};

/// The most tool calls in one answer; more is a model that has lost its way.
const CALLS_MAX: usize = 128;

/// What the readers of all wire formats write into.
#[derive(Default)]
pub(crate) struct Draft {
    /// Pieces that can be given out.
    pub(crate) ready: VecDeque<Piece>,
    /// The stream's own end mark was read.
    pub(crate) over: bool,
    /// Why the model stopped, once it is known.
    pub(crate) stop: Option<Stop>,
    pub(crate) usage: Option<Usage>,
    pub(crate) model: Option<String>,
    /// What was said to say no.
    pub(crate) refusal: String,
    calls: Vec<Partial>,
    calls_given: u64,
    spoken: bool,
    output_estimate: u64,
}

/// A tool call whose parts are still coming.
struct Partial {
    index: Option<u64>,
    id: String,
    tool: String,
    arguments: String,
    signature: Option<String>,
}

impl Draft {
    pub(crate) fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.spoken |= !text.trim().is_empty();
        self.output_estimate += estimate::text(text);
        self.ready.push_back(Piece::Text(text.to_owned()));
    }

    /// A part of a call. Parts belong together by their index; some servers give none, or the same one to all calls, and then a
    /// new id begins a new call.
    pub(crate) fn call_part(
        &mut self,
        index: Option<u64>,
        id: &str,
        tool: &str,
        arguments: &str,
    ) -> Result<(), Fault> {
        let known = self.calls.iter().rposition(|call| {
            let same_place = index.is_none() || call.index == index;
            same_place && (id.is_empty() || call.id == id)
        });
        let at = match known {
            Some(at) => at,
            None if self.calls.len() < CALLS_MAX => {
                self.calls.push(Partial::new(index, id));
                self.calls.len() - 1
            }
            None => return Err(too_many_calls()),
        };
        self.output_estimate += estimate::text(tool) + estimate::text(arguments);
        self.calls[at].tool.push_str(tool);
        self.calls[at].arguments.push_str(arguments);
        Ok(())
    }

    /// A call that came in one piece.
    pub(crate) fn call(
        &mut self,
        id: Option<&str>,
        tool: &str,
        arguments: Arguments,
        signature: Option<String>,
    ) -> Result<(), Fault> {
        if self.calls_given >= CALLS_MAX as u64 {
            return Err(too_many_calls());
        }
        self.output_estimate += estimate::text(tool) + estimate::text(&arguments.to_text());
        self.give(ToolCall {
            id: id.unwrap_or_default().to_owned(),
            tool: tool.to_owned(),
            arguments,
            signature,
        });
        Ok(())
    }

    /// The call at this index is complete.
    pub(crate) fn call_end(&mut self, index: u64) {
        if let Some(at) = self.calls.iter().position(|call| call.index == Some(index)) {
            let call = self.calls.remove(at).complete();
            self.give(call);
        }
    }

    fn give(&mut self, mut call: ToolCall) {
        self.calls_given += 1;
        if call.id.is_empty() {
            call.id = format!("call-{}", self.calls_given);
        }
        self.ready.push_back(Piece::Call(call));
    }

    /// The end, after the last byte. `input_estimate` stands in for a provider that says nothing of its usage.
    pub(crate) fn close(&mut self, asked: &str, input_estimate: u64) -> Result<(), Fault> {
        let Some(stop) = self.stop else {
            return Err(Fault::new(
                ErrorKind::CutOff,
                "the answer stopped before its end",
            ));
        };
        for call in std::mem::take(&mut self.calls) {
            self.give(call.complete());
        }
        // No call is free of tokens: zeros are what some servers say when they don't count.
        let counted = self.usage.filter(|usage| usage.input + usage.output > 0);
        let usage = counted.unwrap_or(Usage {
            input: input_estimate,
            cached: 0,
            output: self.output_estimate,
            estimated: true,
        });
        if !self.spoken && self.calls_given == 0 {
            return Err(Fault {
                usage: Some(usage),
                ..self.silence(stop)
            });
        }
        let stop = match stop {
            Stop::Done if self.calls_given > 0 => Stop::Calls,
            Stop::Calls if self.calls_given == 0 => Stop::Done,
            stop => stop,
        };
        self.ready.push_back(Piece::End(End {
            stop,
            usage,
            model: self.model.take().unwrap_or_else(|| asked.to_owned()),
            tried: Vec::new(),
        }));
        Ok(())
    }

    fn silence(&self, stop: Stop) -> Fault {
        match stop {
            _ if !self.refusal.is_empty() => Fault::new(ErrorKind::Refused, self.refusal.clone()),
            Stop::Refused => Fault::new(
                ErrorKind::Refused,
                "the provider's filter refused to answer",
            ),
            Stop::Length => Fault::new(
                ErrorKind::Empty,
                "the limit of tokens was reached before a word was said",
            ),
            Stop::Done | Stop::Calls => Fault::new(ErrorKind::Empty, "the answer is empty"),
        }
    }
}

impl Partial {
    fn new(index: Option<u64>, id: &str) -> Self {
        Self {
            index,
            id: id.to_owned(),
            tool: String::new(),
            arguments: String::new(),
            signature: None,
        }
    }

    fn complete(self) -> ToolCall {
        ToolCall {
            id: self.id,
            tool: self.tool,
            arguments: Arguments::parse(&self.arguments),
            signature: self.signature,
        }
    }
}

fn too_many_calls() -> Fault {
    let message = format!("the model asked for more than {CALLS_MAX} tools at once");
    Fault::new(ErrorKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(parts: &[(Option<u64>, &str, &str, &str)]) -> Vec<(String, String, Arguments)> {
        let mut draft = Draft::default();
        for (index, id, tool, arguments) in parts {
            draft.call_part(*index, id, tool, arguments).unwrap();
        }
        draft.stop = Some(Stop::Calls);
        draft.close("m", 0).unwrap();
        let call = |piece| match piece {
            Piece::Call(call) => Some((call.id, call.tool, call.arguments)),
            _ => None,
        };
        draft.ready.into_iter().filter_map(call).collect()
    }

    fn expected(calls: [(&str, &str); 2]) -> Vec<(String, String, Arguments)> {
        let call = |(id, text): (&str, &str)| (id.into(), "f".into(), Arguments::parse(text));
        calls.map(call).into()
    }

    #[test]
    fn calls_are_told_apart_by_index_or_by_id() {
        let want = expected([("a", "{\"x\":1}"), ("b", "{}")]);
        let by_index = [
            (Some(0), "a", "f", "{\"x\""),
            (Some(1), "b", "f", ""),
            (Some(0), "", "", ":1}"),
        ];
        let without_index = [
            (None, "a", "f", "{\"x\""),
            (None, "", "", ":1}"),
            (None, "b", "f", "{}"),
        ];
        let same_index = [(Some(0), "a", "f", "{\"x\":1}"), (Some(0), "b", "f", "{}")];
        let repeated_id = [
            (Some(0), "a", "f", "{\"x\""),
            (Some(0), "a", "", ":1}"),
            (Some(1), "b", "f", "{}"),
        ];
        for parts in [&by_index[..], &without_index, &same_index, &repeated_id] {
            assert_eq!(calls(parts), want, "{parts:?}");
        }
        let without_id = [(Some(0), "", "f", "{\"x\":1}"), (Some(1), "", "f", "")];
        let want = expected([("call-1", "{\"x\":1}"), ("call-2", "{}")]);
        assert_eq!(calls(&without_id), want);
    }

    #[test]
    fn broken_arguments_are_kept_as_they_are() {
        let broken = calls(&[(Some(0), "a", "f", "{\"x\": ")]);
        assert_eq!(broken[0].2, Arguments::Broken("{\"x\": ".into()));
        let list = calls(&[(Some(0), "a", "f", "[1]")]);
        assert_eq!(list[0].2, Arguments::Broken("[1]".into()));
    }

    #[test]
    fn calls_are_bounded() {
        let mut draft = Draft::default();
        for index in 0..CALLS_MAX as u64 {
            draft.call_part(Some(index), "", "f", "").unwrap();
        }
        assert!(draft.call_part(Some(0), "", "", "{}").is_ok());
        assert!(draft.call_part(Some(999), "", "f", "").is_err());
    }
}
