//! The demo bot: its conversations hold, and random ones break no law.

mod support;

use testing::Options;

/// Another seed finds other things; this one is the same for everybody.
const SEED: u64 = 1;
/// A sample: `switchboard test --random 20000` runs them all.
const RANDOM_CONVERSATIONS: usize = 2_000;

#[test]
fn the_demo_bot_holds_its_conversations_and_survives_random_ones() {
    let demo = support::demo();
    let report = demo.run(&Options::default());
    let coverage = report.coverage.summary(&demo.deployment.bot, &demo.files);
    println!("{}{}", coverage.print(20), report.print());
    assert_eq!(report.failed(), 0, "{}", report.print());
    let fuzzed = testing::fuzz(&demo.deployment, &demo.training, SEED, RANDOM_CONVERSATIONS);
    println!("{fuzzed}");
    assert_eq!(fuzzed.failed, 0, "{fuzzed}");
    assert!(fuzzed.events > RANDOM_CONVERSATIONS, "{fuzzed}");
}
