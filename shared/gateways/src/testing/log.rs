use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, set_default};
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::MakeWriter;

/// What this thread logs from [`Self::open`] to [`Self::close`].
pub(crate) struct Log {
    lines: Lines,
    _listening: DefaultGuard,
    /// With a single dispatcher alive, tracing asks the thread that comes to a line first, which may
    /// be another test's without any, and remembers that nobody wants the line.
    _second: Dispatch,
}

impl Log {
    pub fn open() -> Self {
        let lines = Lines::default();
        let subscriber = fmt().with_ansi(false).with_writer(lines.clone());
        Self {
            _listening: set_default(subscriber.finish()),
            _second: Dispatch::new(fmt().finish()),
            lines,
        }
    }

    /// The text of the log.
    pub fn close(self) -> String {
        String::from_utf8(self.lines.0.lock().unwrap().clone()).unwrap()
    }
}

/// The lines of a log that stand for tries, in their order.
pub(crate) fn tries(log: &str) -> Vec<&str> {
    let lines = log.lines();
    lines.filter(|it| it.contains("gateway call")).collect()
}

/// Fails where a log has one of these texts.
pub(crate) fn assert_hides(log: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}
