//! What is refused before it waits in any line: ids and texts that are no ids and texts of a chat.

use crate::TurnError;
use crate::config::{ATTACHMENTS_MAX, ID_CHARS_MAX, TEXT_CHARS_MAX};
use crate::inbound::{Body, Inbound};

pub(crate) fn check_inbound(inbound: &Inbound) -> Result<(), TurnError> {
    check_id(&inbound.id)?;
    if inbound.attachments.len() > ATTACHMENTS_MAX {
        let what = format!("A message has at most {ATTACHMENTS_MAX} files.");
        return Err(TurnError::refused("too-many-attachments", what));
    }
    match &inbound.body {
        Body::Text(text) => check_text(text),
        Body::Choice(_) | Body::Event { .. } => Ok(()),
    }
}

pub(crate) fn check_id(id: &str) -> Result<(), TurnError> {
    let fits =
        !id.is_empty() && id.chars().count() <= ID_CHARS_MAX && !id.chars().any(char::is_control);
    match fits {
        true => Ok(()),
        false => Err(TurnError::refused(
            "id-refused",
            format!("An id has 1 to {ID_CHARS_MAX} characters, none of them control characters."),
        )),
    }
}

pub(crate) fn check_text(text: &str) -> Result<(), TurnError> {
    match text.chars().count() <= TEXT_CHARS_MAX {
        true => Ok(()),
        false => Err(TurnError::refused(
            "text-too-long",
            format!("A text has at most {TEXT_CHARS_MAX} characters."),
        )),
    }
}
