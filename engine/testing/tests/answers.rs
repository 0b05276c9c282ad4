//! Who looks at a model's answers, in the conversations of a bot that has them all: `tests/bots/harbour`.

mod support;

use testing::Options;

#[test]
fn what_is_looked_at_is_said_only_if_it_passes() {
    let harbour = support::bot("tests/bots/harbour");
    let report = harbour.run(&Options::default());
    assert_eq!(report.failed(), 0, "{}", report.print());
    assert!(report.passed() > 0, "there are tests");
}
