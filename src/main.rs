//! `cargo run`: Billfold on this machine.

use std::process::ExitCode;

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
