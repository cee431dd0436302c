use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::{BoxFuture, Clock, Timestamp};
use store::{SealingKey, SealingKeys};
use tokio::sync::Mutex;

/// How old what was read may become: what stands for longer than this is known to every process that
/// answers.
pub const RENEWED_EVERY: Duration = Duration::from_secs(300);

/// How long a process waits after it was looked up before something unknown has it looked up again: ids
/// that a caller or a hand in the table makes up cost no read each.
const LOOK_UP_PAUSE: Duration = Duration::from_secs(10);

/// How long it is left alone after it could not be read.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(30);

type Reader<T> = Box<dyn Fn() -> BoxFuture<'static, Result<T, String>> + Send + Sync>;

/// What a process has read from outside and reads again while it runs: keys.
pub struct Renewed<T> {
    current: RwLock<Arc<T>>,
    read: Reader<T>,
    clock: Arc<dyn Clock>,
    /// From when on it is to be read again, in milliseconds since 1970.
    old_at: AtomicI64,
    /// Held by who reads it, with when it was looked up last.
    looked_up_at: Mutex<Option<Timestamp>>,
}

impl<T> fmt::Debug for Renewed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewed").finish_non_exhaustive()
    }
}

impl<T: 'static> Renewed<T> {
    /// Reads it for the first time.
    ///
    /// # Errors
    /// The reader's.
    pub async fn first<E: fmt::Display + 'static>(
        read: impl Fn() -> BoxFuture<'static, Result<T, E>> + Send + Sync + 'static,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, E> {
        let current = read().await?;
        let old_at = clock.now().plus(RENEWED_EVERY).unix_millis();
        Ok(Self {
            current: RwLock::new(Arc::new(current)),
            read: Box::new(move || {
                let reading = read();
                Box::pin(async move { reading.await.map_err(|error| error.to_string()) })
            }),
            clock,
            old_at: AtomicI64::new(old_at),
            looked_up_at: Mutex::default(),
        })
    }

    /// As it was read last.
    pub fn current(&self) -> Arc<T> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Reads it again once it is five minutes old; one request does, others go on with what is known.
    /// Where it cannot be read, what is known stays, and it is said in the log.
    pub async fn renew_when_old(&self) {
        if !self.is_old() {
            return;
        }
        if let Ok(_reading) = self.looked_up_at.try_lock()
            && self.is_old()
        {
            self.renew().await;
        }
    }

    /// Reads it again because something is not known by it, ten seconds after the last time at the
    /// earliest; then it stays unknown.
    pub async fn look_up(&self, is_known: impl Fn(&T) -> bool) {
        let mut looked_up_at = self.looked_up_at.lock().await;
        let now = self.clock.now();
        let was_looked_up = looked_up_at.is_some_and(|at| now.since(at) < LOOK_UP_PAUSE);
        if was_looked_up || is_known(&self.current()) {
            return;
        }
        *looked_up_at = Some(now);
        self.renew().await;
    }

    fn is_old(&self) -> bool {
        self.clock.now().unix_millis() >= self.old_at.load(Ordering::Relaxed)
    }

    async fn renew(&self) {
        let kept_for = match (self.read)().await {
            Ok(read) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
                RENEWED_EVERY
            }
            Err(error) => {
                tracing::error!(%error, "the keys cannot be read again");
                PAUSE_AFTER_FAILURE
            }
        };
        let old_at = self.clock.now().plus(kept_for).unix_millis();
        self.old_at.store(old_at, Ordering::Relaxed);
    }
}

impl SealingKeys for Renewed<Vec<SealingKey>> {
    fn known(&self) -> Arc<Vec<SealingKey>> {
        self.current()
    }

    fn look_up<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(self.look_up(move |keys| keys.iter().any(|it| it.id == id)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[derive(Default)]
    struct TestClock(AtomicI64);

    impl TestClock {
        fn pass(&self, duration: Duration) {
            let millis = i64::try_from(duration.as_millis()).unwrap();
            self.0.fetch_add(millis, Ordering::Relaxed);
        }
    }

    impl Clock for TestClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_millis(self.0.load(Ordering::Relaxed))
        }
    }

    /// What is read is how often it was read; from the third time on it fails.
    async fn counted() -> (Renewed<u32>, Arc<TestClock>, Arc<AtomicU32>) {
        let (clock, reads) = (Arc::<TestClock>::default(), Arc::<AtomicU32>::default());
        let counted = Arc::clone(&reads);
        let read = move || -> BoxFuture<'static, Result<u32, &str>> {
            let read = counted.fetch_add(1, Ordering::Relaxed) + 1;
            let answer = [Ok(1), Ok(2)].get(read as usize - 1).copied();
            Box::pin(async move { answer.unwrap_or(Err("no answer")) })
        };
        let renewed = Renewed::first(read, clock.clone()).await.unwrap();
        (renewed, clock, reads)
    }

    #[tokio::test]
    async fn what_was_read_is_read_again_after_five_minutes_and_stays_where_it_cannot_be() {
        let (renewed, clock, reads) = counted().await;
        clock.pass(RENEWED_EVERY - Duration::from_secs(1));
        renewed.renew_when_old().await;
        assert_eq!(*renewed.current(), 1);
        clock.pass(Duration::from_secs(1));
        renewed.renew_when_old().await;
        renewed.renew_when_old().await;
        assert_eq!((*renewed.current(), reads.load(Ordering::Relaxed)), (2, 2));
        clock.pass(RENEWED_EVERY);
        renewed.renew_when_old().await;
        renewed.renew_when_old().await;
        assert_eq!((*renewed.current(), reads.load(Ordering::Relaxed)), (2, 3));
        clock.pass(PAUSE_AFTER_FAILURE);
        renewed.renew_when_old().await;
        assert_eq!(reads.load(Ordering::Relaxed), 4);
    }

    #[tokio::test]
    async fn the_unknown_is_looked_up_once_in_ten_seconds() {
        let (renewed, clock, reads) = counted().await;
        renewed.look_up(|it| *it == 1).await;
        assert_eq!(reads.load(Ordering::Relaxed), 1, "it is known");
        for garbage in 7..100 {
            renewed.look_up(|it| *it == garbage).await;
        }
        assert_eq!((*renewed.current(), reads.load(Ordering::Relaxed)), (2, 2));
        clock.pass(LOOK_UP_PAUSE);
        renewed.look_up(|it| *it == 7).await;
        assert_eq!(reads.load(Ordering::Relaxed), 3);
    }
}
