//! The registry of everything that can be found: a code that never changes its meaning, a name, how bad it is.
//! The long texts are in [`crate::explain`].

use crate::diagnostic::Severity;

/// One kind of diagnostic.
#[derive(Debug, PartialEq)]
pub struct Rule {
    /// `SB012`.
    pub code: &'static str,
    /// `unknown-state`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
}

macro_rules! rules {
    ($($constant:ident $code:literal $name:literal $severity:ident;)*) => {
        $(pub(crate) static $constant: Rule = Rule { code: $code, name: $name, severity: Severity::$severity };)*

        /// All rules, by code.
        pub static RULES: &[&Rule] = &[$(&$constant),*];
    };
}

rules! {
    YAML_SYNTAX "SB001" "yaml-syntax" Error;
    DUPLICATE_KEY "SB002" "duplicate-key" Error;
    UNKNOWN_KEY "SB003" "unknown-key" Error;
    WRONG_SHAPE "SB004" "wrong-shape" Error;
    MISSING_KEY "SB005" "missing-key" Error;
    WRONG_VALUE "SB006" "wrong-value" Error;
    DUPLICATE_NAME "SB007" "duplicate-name" Error;
    EMPTY_VALUE "SB008" "empty-value" Error;
    FILE_BOUNDS "SB009" "file-bounds" Error;
    CONFLICTING_KEYS "SB010" "conflicting-keys" Error;
    UNKNOWN_TEMPLATE "SB011" "unknown-template" Error;
    UNKNOWN_STATE "SB012" "unknown-state" Error;
    UNKNOWN_SLOT "SB013" "unknown-slot" Error;
    UNKNOWN_INTENT "SB014" "unknown-intent" Error;
    UNKNOWN_ENTITY "SB015" "unknown-entity" Error;
    UNKNOWN_TOOL "SB016" "unknown-tool" Error;
    UNKNOWN_EVENT "SB017" "unknown-event" Error;
    UNKNOWN_DESK "SB018" "unknown-desk" Error;
    UNKNOWN_MODEL "SB019" "unknown-model" Error;
    UNKNOWN_FLOW "SB020" "unknown-flow" Error;
    UNKNOWN_LOGIN "SB021" "unknown-login" Error;
    UNKNOWN_ARGUMENT "SB022" "unknown-argument" Error;
    UNKNOWN_LOCALE "SB023" "unknown-locale" Error;
    UNKNOWN_TYPE "SB024" "unknown-type" Error;
    BAD_NAME "SB025" "bad-name" Error;
    UNKNOWN_FILE "SB026" "unknown-file" Error;
    UNKNOWN_CHOICE "SB027" "unknown-choice" Error;
    TAG_TRAP "SB030" "starts-with-exclamation-mark" Error;
    FOLD_TRAP "SB031" "starts-with-greater-than" Error;
    BRACE_TRAP "SB032" "starts-with-braces" Error;
    BRACKET_TRAP "SB033" "starts-with-bracket" Error;
    COMMENT_TRAP "SB034" "cut-by-comment" Warning;
    COLON_TRAP "SB035" "colon-in-text" Error;
    COMMA_TRAP "SB036" "comma-in-text" Error;
    ALIAS "SB037" "alias" Error;
    EXPRESSION_SYNTAX "SB040" "expression-syntax" Error;
    UNBALANCED "SB041" "unbalanced-brackets" Error;
    TYPE_ERROR "SB042" "type-error" Error;
    BARE_WORD "SB043" "bare-word" Error;
    MAY_BE_UNSET "SB044" "may-be-unset" Warning;
    UNKNOWN_NAME "SB045" "unknown-name" Error;
    UNKNOWN_VALUE "SB046" "unknown-value" Error;
    UNGUARDED_INDEX "SB047" "unguarded-index" Warning;
    UNGUARDED_DIVISION "SB048" "unguarded-division" Warning;
    NOT_AVAILABLE_HERE "SB049" "not-available-here" Error;
    TEMPLATE_SYNTAX "SB050" "template-syntax" Error;
    TEMPLATE_VARIABLE "SB051" "template-variable-unset" Error;
    TEMPLATE_MISSING_LOCALE "SB052" "template-missing-in-locale" Warning;
    TEMPLATE_UNUSED "SB053" "template-unused" Warning;
    LABEL_MISSING "SB054" "label-missing" Warning;
    TEMPLATE_MISSING_DEFAULT "SB056" "template-missing-in-default" Error;
    CHANNEL_LIMIT "SB055" "channel-cannot-show" Warning;
    CHOICE_WITHOUT_TAKER "SB060" "choice-without-taker" Error;
    UNREACHABLE_STATE "SB061" "unreachable-state" Warning;
    SHADOWED_TRANSITION "SB062" "shadowed-transition" Warning;
    NO_WAY_OUT "SB063" "no-way-out" Error;
    LOOP_WITHOUT_INPUT "SB064" "loop-without-input" Error;
    CYCLE_WITHOUT_MISS "SB065" "cycle-without-miss" Warning;
    MISSING_OUTCOME "SB066" "missing-outcome" Error;
    NO_LAST_RESORT "SB067" "no-last-resort" Error;
    ENDLESS_ATTEMPTS "SB068" "endless-attempts" Warning;
    DIGRESSION_DEPTH "SB069" "digression-depth" Warning;
    LEAVES_RUNNING_CALL "SB070" "leaves-running-call" Error;
    TEXT_SLOT_STOLEN "SB071" "text-slot-stolen" Warning;
    AFTER_BEYOND_SESSION "SB072" "after-beyond-session" Warning;
    INTENT_WITHOUT_TAKER "SB073" "intent-without-taker" Warning;
    TOO_FEW_EXAMPLES "SB074" "too-few-examples" Warning;
    EXAMPLE_IN_TWO_INTENTS "SB075" "example-in-two-intents" Warning;
    ENTITY_UNUSED "SB076" "entity-unused" Warning;
    NEARLY_THE_SAME_EXAMPLE "SB077" "nearly-the-same-example" Warning;
    SECRET_EXPOSED "SB080" "secret-exposed" Error;
    RETRY_ON_NEVER "SB081" "retry-on-never" Error;
    NO_WAY_TO_A_PERSON "SB082" "no-way-to-a-person" Warning;
    MISSING_ENVIRONMENT "SB083" "missing-environment" Error;
    RECURSIVE_FLOWS "SB084" "recursive-flows" Error;
    UNFIT_REVIEWER "SB085" "unfit-reviewer" Error;
    MEMORY_OUT_OF_REACH "SB086" "memory-out-of-reach" Warning;
    STREAMING_OFF "SB090" "streaming-off" Info;
    PROPERTY_NOT_PROVED "SB091" "property-not-proved" Info;
    NOT_CONNECTED "SB092" "not-connected" Error;
}

/// The rule of that code or name.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.code.eq_ignore_ascii_case(code_or_name) || rule.name == code_or_name)
}
