//! Whatever happens in whatever order, the promises hold.

mod event;
mod promises;

use proptest::{
    prelude::*,
    test_runner::{FailurePersistence, FileFailurePersistence},
};

use event::{Event, Play};

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Inbound),
        2 => Just(Event::Duplicate),
        2 => Just(Event::Stop),
        2 => Just(Event::Start),
        1 => Just(Event::Help),
        6 => Just(Event::WorkerStep),
        6 => (0_i64..40).prop_map(Event::Pass),
        2 => Just(Event::WorkerDies),
        3 => any::<bool>().prop_map(Event::SenderDies),
        2 => Just(Event::WorkerStalls),
        2 => Just(Event::StalledWorkerGoesOn),
        2 => Just(Event::PersonReplies),
        1 => Just(Event::Pause),
        2 => Just(Event::Resume),
        1 => Just(Event::Close),
        1 => Just(Event::Reopen),
        1 => Just(Event::ModelFails),
        3 => (0_usize..6).prop_map(Event::CarrierMood),
        3 => (any::<prop::sample::Index>(), 0_usize..5).prop_map(|(message, state)| Event::Report(message, state)),
    ]
}

fn story() -> impl Strategy<Value = Vec<Event>> {
    let meanwhile = event().prop_map(|event| Event::WhileTheModelWrites(Box::new(event)));
    prop::collection::vec(prop_oneof![6 => event(), 1 => meanwhile], 1..60)
}

fn play(story: &[Event]) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut play = Play::begin().await;
        for event in story {
            play.happen(event).await;
            play.check_so_far().await?;
        }
        play.finish().await;
        play.check_so_far().await?;
        play.check_the_end().await
    })
}

/// A story that failed is kept beside this file, in `interleavings.regressions`, and is told first from then on.
fn kept() -> Box<dyn FailurePersistence> {
    Box::new(FileFailurePersistence::WithSource("regressions"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: Some(kept()), ..ProptestConfig::default() })]

    #[test]
    fn the_promises_hold_in_every_story(story in story()) {
        play(&story)?;
    }
}

#[test]
fn the_promises_hold_when_the_carrier_loses_a_message_and_the_next_to_send_it_dies() {
    for taken in [false, true] {
        let mut story = vec![Event::Inbound, Event::CarrierMood(1), Event::Pass(2), Event::WorkerStep];
        // The first of the steps sends, the next ones look up. Who would send dies as soon as there is something to send again.
        for _ in 0..8 {
            story.extend([Event::WorkerStep, Event::SenderDies(taken), Event::Pass(39), Event::Pass(39)]);
        }
        play(&story).unwrap();
    }
}

#[test]
fn the_promises_hold_when_every_step_goes_wrong_once() {
    let story = [
        Event::Inbound,
        Event::Duplicate,
        Event::WorkerDies,
        Event::Pass(35),
        Event::WhileTheModelWrites(Box::new(Event::Inbound)),
        Event::SenderDies(true),
        Event::Pass(35),
        Event::WorkerStep,
        Event::CarrierMood(0),
        Event::WorkerStep,
        Event::WorkerStep,
        Event::Stop,
        Event::WorkerStep,
        Event::Start,
        Event::Inbound,
        Event::Pass(2),
        Event::PersonReplies,
        Event::WorkerStep,
        Event::WorkerStep,
    ];
    play(&story).unwrap();
}
