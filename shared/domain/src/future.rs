use std::pin::Pin;

/// What a port's methods return: an answer that takes its time.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
