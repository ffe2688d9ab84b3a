//! For whom work is being done, so that whoever shares out what is scarce can keep some of it for each.

use std::{cell::Cell, future::poll_fn, pin::pin};

thread_local! {
    static CURRENT: Cell<Workload> = const { Cell::new(Workload::Upkeep) };
}

/// A kind of work that must not starve for the sake of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workload {
    /// Taking in what carriers post.
    Webhooks,
    /// Answering visitors of web pages.
    Chat,
    /// All else of the API.
    Api,
    /// Doing jobs.
    Worker,
    /// What runs the server: its start, readiness, metrics.
    #[default]
    Upkeep,
}

impl Workload {
    /// Returns for whom the caller works.
    pub fn current() -> Self {
        CURRENT.get()
    }

    /// Does work for this kind. A task that the work starts is upkeep, unless it is told otherwise.
    pub async fn run<F: Future>(self, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|context| {
            let _entered = Entered::begin(self);
            work.as_mut().poll(context)
        })
        .await
    }
}

/// A workload while its work is polled; when it goes, the one before is back, also after a panic.
struct Entered {
    before: Workload,
}

impl Entered {
    fn begin(workload: Workload) -> Self {
        Self { before: CURRENT.replace(workload) }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        task::{Context, Poll, Waker},
    };

    use super::*;

    /// Polls once.
    fn poll<T>(work: impl Future<Output = T>) -> Poll<T> {
        pin!(work).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn what_nobody_has_named_is_upkeep() {
        assert_eq!(Workload::current(), Workload::Upkeep);
    }

    #[test]
    fn work_knows_for_whom_it_is_done_and_what_is_around_it_too() {
        let inner = Workload::Worker.run(async { Workload::current() });
        let outer = Workload::Api.run(async { (Workload::current(), inner.await, Workload::current()) });
        assert_eq!(poll(outer), Poll::Ready((Workload::Api, Workload::Worker, Workload::Api)));
        assert_eq!(Workload::current(), Workload::Upkeep);
    }

    #[test]
    fn work_that_waits_leaves_the_thread_to_others() {
        assert!(poll(Workload::Webhooks.run(std::future::pending::<()>())).is_pending());
        assert_eq!(Workload::current(), Workload::Upkeep);
    }

    #[test]
    fn work_that_panics_leaves_the_thread_to_others() {
        let fails = || poll(Workload::Webhooks.run(async { panic!("a fault") }));
        assert!(catch_unwind(AssertUnwindSafe(fails)).is_err());
        assert_eq!(Workload::current(), Workload::Upkeep);
    }
}
