//! The write-ahead log of the embedded engine's file.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Mutex;
use tokio::task;

/// Brings to the disk what has been written, once for all who wait for it at the same time.
pub struct WriteAheadLog {
    bring: Arc<dyn Fn() -> io::Result<()> + Send + Sync>,
    begun: AtomicU64,
    state: Arc<Mutex<State>>,
    /// How many writes have been sent to the engine that are not known to be on the disk.
    ahead: AtomicUsize,
}

/// A write that is not known to be on the disk, for as long as this is kept.
pub struct Ahead(Arc<WriteAheadLog>);

impl Drop for Ahead {
    fn drop(&mut self) {
        self.0.ahead.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What became of what was brought to the disk.
enum State {
    /// The last that was brought is this one.
    Brought(u64),
    /// The disk refused once: what it has of what was written before, nobody can tell until the file is opened anew.
    Failed,
}

impl WriteAheadLog {
    /// The log of an open database, which is beside its file.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn of(database: &Path) -> io::Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        let file = File::options().write(true).open(PathBuf::from(path))?;
        Ok(Self::with(move || file.sync_data()))
    }

    /// A log that is brought to the disk by this.
    pub(super) fn with(bring: impl Fn() -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self {
            bring: Arc::new(bring),
            begun: AtomicU64::new(0),
            state: Arc::new(Mutex::new(State::Brought(0))),
            ahead: AtomicUsize::new(0),
        }
    }

    /// To be called before a write is sent to the engine, and kept until that is on the disk.
    pub fn ahead(self: &Arc<Self>) -> Ahead {
        self.ahead.fetch_add(1, Ordering::SeqCst);
        Ahead(Arc::clone(self))
    }

    /// Whether there may be something in the engine that is not on the disk.
    pub fn is_behind(&self) -> bool {
        self.ahead.load(Ordering::SeqCst) > 0
    }

    /// Resolves once everything is on the disk that was written before it was asked for.
    ///
    /// # Errors
    /// The disk refuses, or has refused before.
    pub async fn on_disk(&self) -> io::Result<()> {
        let begun_before = self.begun.load(Ordering::SeqCst);
        let mut state = Arc::clone(&self.state).lock_owned().await;
        match *state {
            State::Failed => return Err(io::Error::other("the disk has refused what was written")),
            // It was begun after this was asked for.
            State::Brought(last) if last > begun_before => return Ok(()),
            State::Brought(_) => {}
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let bring = Arc::clone(&self.bring);
        // What the disk says is noted even if nobody waits for it any more.
        let brought = task::spawn_blocking(move || {
            let brought = bring();
            *state = match brought {
                Ok(()) => State::Brought(number),
                Err(_) => State::Failed,
            };
            brought
        });
        brought.await.map_err(io::Error::other).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use futures_util::future;

    use super::*;

    #[tokio::test]
    async fn who_waits_together_waits_once() {
        let (begin, brought) = mpsc::sync_channel(0);
        let begin = std::sync::Mutex::new(begin);
        let log = Arc::new(WriteAheadLog::with(move || {
            let begin = begin.lock().unwrap();
            begin.send(()).map_err(io::Error::other)
        }));
        let wait = || tokio::spawn(asked(Arc::clone(&log)));
        let first = wait();
        until(|| log.begun.load(Ordering::SeqCst) == 1).await;
        // What these have written may not be in what is brought already.
        let others: Vec<_> = (0..20).map(|_| wait()).collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(others.iter().all(|it| !it.is_finished()));
        brought.recv().unwrap();
        first.await.unwrap().unwrap();
        assert!(others.iter().all(|it| !it.is_finished()));
        task::spawn_blocking(move || brought.recv().unwrap())
            .await
            .unwrap();
        for other in future::join_all(others).await {
            other.unwrap().unwrap();
        }
        assert_eq!(log.begun.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_disk_that_refused_once_is_not_believed_again() {
        let full = std::sync::atomic::AtomicBool::new(true);
        let log = WriteAheadLog::with(move || match full.swap(false, Ordering::SeqCst) {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => Ok(()),
        });
        let refused = log.on_disk().await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::StorageFull);
        assert!(log.on_disk().await.is_err());
    }

    #[tokio::test]
    async fn what_the_disk_said_is_noted_though_nobody_waited() {
        let log = Arc::new(WriteAheadLog::with(|| {
            std::thread::sleep(Duration::from_millis(20));
            Err(io::ErrorKind::StorageFull.into())
        }));
        let waits = tokio::spawn(asked(Arc::clone(&log)));
        until(|| log.begun.load(Ordering::SeqCst) == 1).await;
        waits.abort();
        let refused = log.on_disk().await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::Other);
        assert_eq!(log.begun.load(Ordering::SeqCst), 1);
    }

    async fn asked(log: Arc<WriteAheadLog>) -> io::Result<()> {
        log.on_disk().await
    }

    async fn until(is_so: impl Fn() -> bool) {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
