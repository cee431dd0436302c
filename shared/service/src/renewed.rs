use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::{BoxFuture, Clock, Timestamp};
use store::{SealingKey, SealingKeys};
use tokio::sync::Mutex;

/// How old what was read may become: what stands for longer than this is known to every process that
/// answers.
pub const RENEWED_EVERY: Duration = Duration::from_secs(300);

/// How often something is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How old what was read may become.
    pub renewed_every: Duration,
    /// How long a process waits after it has read before something unknown has it read again: ids that a caller or a
    /// hand in the table makes up cost no read each.
    pub look_up_pause: Duration,
    /// How long what is known is left alone after it could not be read again.
    pub pause_after_failure: Duration,
}

impl Pace {
    /// That of the deployment's own secrets.
    pub const OF_SECRETS: Self = Self {
        renewed_every: RENEWED_EVERY,
        look_up_pause: Duration::from_secs(10),
        pause_after_failure: Duration::from_secs(30),
    };
}

type Reader<T> = Box<dyn Fn() -> BoxFuture<'static, Result<T, String>> + Send + Sync>;

/// What a process has read from outside and reads again while it runs: keys.
pub struct Renewed<T> {
    current: RwLock<Arc<T>>,
    read: Reader<T>,
    pace: Pace,
    clock: Arc<dyn Clock>,
    /// Whether it was ever read.
    is_read: AtomicBool,
    /// From when on it is to be read again, in milliseconds since 1970.
    old_at: AtomicI64,
    /// Held by who reads it, with when it was read last while the process ran.
    read_at: Mutex<Option<Timestamp>>,
}

impl<T> fmt::Debug for Renewed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewed").finish_non_exhaustive()
    }
}

impl<T: 'static> Renewed<T> {
    /// Reads it for the first time; it is read again at the pace of secrets.
    ///
    /// # Errors
    /// The reader's.
    pub async fn first<E: fmt::Display + 'static>(
        read: impl Fn() -> BoxFuture<'static, Result<T, E>> + Send + Sync + 'static,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, E> {
        let current = read().await?;
        let pace = Pace::OF_SECRETS;
        let old_at = clock.now().plus(pace.renewed_every).unix_millis();
        Ok(Self {
            is_read: AtomicBool::new(true),
            old_at: AtomicI64::new(old_at),
            ..Self::unread(current, read, pace, clock)
        })
    }

    /// What is read once somebody needs it; until then it is `nothing`.
    pub fn unread<E: fmt::Display + 'static>(
        nothing: T,
        read: impl Fn() -> BoxFuture<'static, Result<T, E>> + Send + Sync + 'static,
        pace: Pace,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            current: RwLock::new(Arc::new(nothing)),
            read: Box::new(move || {
                let reading = read();
                Box::pin(async move { reading.await.map_err(|error| error.to_string()) })
            }),
            pace,
            clock,
            is_read: AtomicBool::new(false),
            old_at: AtomicI64::new(i64::MIN),
            read_at: Mutex::default(),
        }
    }

    /// As it was read last.
    pub fn current(&self) -> Arc<T> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Reads it again once it is old; one request does, others go on with what is known. Where it cannot be read, what
    /// is known stays, and it is said in the log.
    pub async fn renew_when_old(&self) {
        if !self.is_old() {
            return;
        }
        // A request that was given up in the midst of it has read it nevertheless.
        if let Ok(mut read_at) = self.read_at.try_lock()
            && self.is_old()
            && !self.was_just_read(*read_at)
        {
            self.renew(&mut read_at).await;
        }
    }

    /// Reads it again because something is not known by it, a pause after the last time at the earliest; then it stays
    /// unknown.
    pub async fn look_up(&self, is_known: impl Fn(&T) -> bool) {
        if is_known(&self.current()) {
            return;
        }
        let mut read_at = self.read_at.lock().await;
        if self.was_just_read(*read_at) || is_known(&self.current()) {
            return;
        }
        self.renew(&mut read_at).await;
    }

    fn was_just_read(&self, read_at: Option<Timestamp>) -> bool {
        let since = read_at.map(|at| self.clock.now().since(at));
        since.is_some_and(|it| it < self.pace.look_up_pause)
    }

    fn is_old(&self) -> bool {
        self.clock.now().unix_millis() >= self.old_at.load(Ordering::Relaxed)
    }

    async fn renew(&self, read_at: &mut Option<Timestamp>) {
        *read_at = Some(self.clock.now());
        let kept_for = match (self.read)().await {
            Ok(read) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
                self.is_read.store(true, Ordering::Relaxed);
                self.pace.renewed_every
            }
            Err(error) => {
                if self.is_read.load(Ordering::Relaxed) {
                    tracing::error!(%error, "the keys cannot be read again");
                } else {
                    tracing::error!(%error, "the keys cannot be read: tokens are refused until they can be");
                }
                self.pace.pause_after_failure
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
        clock.pass(Pace::OF_SECRETS.pause_after_failure);
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
        clock.pass(Pace::OF_SECRETS.look_up_pause);
        renewed.look_up(|it| *it == 7).await;
        assert_eq!(reads.load(Ordering::Relaxed), 3);
    }
}
