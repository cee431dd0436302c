//! `cargo run`: Billfold on this machine.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// As the functions allocate: a sixth of the server's time was the system's allocator (`benches/load.rs`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match billfold::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("billfold: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
