//! Why a message could not be rendered.

/// Why a message could not be rendered. The runtime says `failed` and traces the sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// No template of that name was compiled.
    #[error("There is no template `{template}`.")]
    NoTemplate {
        /// The name asked for.
        template: String,
    },
    /// A variable that the template reads is not set.
    #[error("The template `{template}` reads `{variable}`, which is not set.")]
    Unset {
        /// The template.
        template: String,
        /// As the author wrote it.
        variable: String,
    },
    /// A value is not of the kind that is needed where it stands.
    #[error("The template `{template}` needs {needs} where it has `{variable}`.")]
    WrongKind {
        /// The template.
        template: String,
        /// As the author wrote it.
        variable: String,
        /// What is needed.
        needs: &'static str,
    },
    /// An address that leads somewhere a customer's client must not follow, such as `javascript:`.
    #[error(
        "The template `{template}` makes the address `{url}`; only http, https, mailto, tel and paths are allowed."
    )]
    Address {
        /// The template.
        template: String,
        /// The address.
        url: String,
    },
    /// More text or more work than a message can be.
    #[error("The template `{template}` makes more than {} kB of text, or loops too long.", crate::evaluate::TEXT_BYTES_MAX / 1000)]
    TooLong {
        /// The template.
        template: String,
    },
}
