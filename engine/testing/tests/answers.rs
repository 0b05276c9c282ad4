//! Who looks at a model's answers, in the conversations of a bot that has them all: `tests/bots/harbour`.

mod support;

use testing::Options;

/// Another seed finds other things; this one is the same for everybody.
const SEED: u64 = 1;
const RANDOM_CONVERSATIONS: usize = 500;

#[test]
fn what_is_looked_at_is_said_only_if_it_passes() {
    let harbour = support::bot("tests/bots/harbour");
    let report = harbour.run(&Options::default());
    assert_eq!(report.failed(), 0, "{}", report.print());
    assert!(report.passed() > 0, "there are tests");
}

#[test]
fn whatever_happens_a_model_s_call_has_a_yes_of_its_own() {
    let harbour = support::bot("tests/bots/harbour");
    let fuzzed = testing::fuzz(
        &harbour.deployment,
        &harbour.training,
        SEED,
        RANDOM_CONVERSATIONS,
    );
    assert_eq!(fuzzed.failed, 0, "{fuzzed}");
}
