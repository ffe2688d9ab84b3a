//! Waiting for something to come true, briefly at first and then with longer pauses.

use std::{
    thread,
    time::{Duration, Instant},
};

const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Asks again and again until there is an answer, and returns it; `None` when the time is up.
///
/// # Errors
/// The first error of the question itself.
pub(crate) fn poll<T>(
    within: Duration,
    mut question: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<Option<T>> {
    let give_up_at = Instant::now() + within;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(answer) = question()? {
            return Ok(Some(answer));
        }
        if Instant::now() > give_up_at {
            return Ok(None);
        }
        thread::sleep(pause);
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_comes_back() {
        let mut asked = 0;
        let answer = poll(Duration::from_secs(20), || {
            asked += 1;
            Ok((asked == 3).then_some("yes"))
        });
        assert_eq!((answer.unwrap(), asked), (Some("yes"), 3));
    }

    #[test]
    fn no_answer_in_time_is_none() {
        assert_eq!(poll(Duration::ZERO, || Ok(None::<()>)).unwrap(), None);
    }

    #[test]
    fn an_error_ends_the_waiting() {
        let outcome = poll(Duration::from_secs(20), || Err::<Option<()>, _>(anyhow::anyhow!("broken")));
        assert_eq!(outcome.unwrap_err().to_string(), "broken");
    }
}
