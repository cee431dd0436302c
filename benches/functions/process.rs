//! A function's process, and what it uses of the machine.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use serde_json::Value;

use crate::runtime_api::RuntimeApi;

/// What is started, and in which environment.
#[derive(Clone)]
pub struct Program {
    pub binary: PathBuf,
    pub environment: Vec<(String, String)>,
}

/// A function that runs.
pub struct Process {
    api: RuntimeApi,
    child: Child,
    /// How long it took from its start until it asked for its first event.
    pub started_in: Duration,
}

impl Program {
    /// Starts it, and waits until it asks for an event.
    pub async fn start(&self) -> Process {
        self.start_under(None).await
    }

    /// The same under another program, which counts its instructions into a file.
    pub async fn start_under(&self, counted_in: Option<&Path>) -> Process {
        self.run(counted_in, Stdio::null()).await
    }

    /// Starts it, listening to what it logs as it does at Lambda.
    pub async fn start_heard(&self) -> (Process, Heard) {
        let mut program = self.clone();
        let as_json = ("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned());
        program.environment.push(as_json);
        let mut process = program.run(None, Stdio::piped()).await;
        let log = process.child.stdout.take().unwrap();
        (process, Heard(thread::spawn(|| lines(log))))
    }

    async fn run(&self, counted_in: Option<&Path>, log: Stdio) -> Process {
        let mut api = RuntimeApi::start().await;
        let mut command = match counted_in {
            None => Command::new(&self.binary),
            Some(file) => {
                let mut counted = Command::new("valgrind");
                counted.args(["--quiet", "--tool=callgrind"]);
                counted.arg(format!("--callgrind-out-file={}", file.display()));
                counted.arg(&self.binary);
                counted
            }
        };
        command
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "measured")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "measured")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "measured")
            .envs(self.environment.iter().cloned())
            .stdout(log)
            .stderr(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn().unwrap();
        let started_in = api.asked().await - begun;
        Process {
            api,
            child,
            started_in,
        }
    }
}

impl Process {
    /// Has an event answered, with a status of 2xx: how long it took, and the answer's body.
    pub async fn invoke(&mut self, event: &Value) -> (Duration, Value) {
        let (took, answer) = self.api.invoke(event.to_string()).await;
        let read: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let is_done = read["statusCode"].as_u64().is_some_and(|it| it < 300);
        assert!(is_done, "{}", text(&answer));
        self.api.asked().await;
        (took, read)
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The time that it had of a processor so far.
    pub fn cpu(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let used = threads.filter_map(|thread| {
            let file = thread.ok()?.path().join("schedstat");
            let text = fs::read_to_string(file).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(used.sum())
    }

    /// The most memory that it had so far, in megabytes.
    pub fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|it| it.starts_with("VmHWM:")).unwrap();
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1024.0
    }

    /// Ends it as Lambda does.
    pub fn stop(mut self) {
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

/// What a function logs, line by line, until it ends.
pub struct Heard(JoinHandle<Vec<Value>>);

impl Heard {
    /// How long the first request waited for gateways, in whole milliseconds for each of its calls; once the process
    /// has ended.
    pub fn gateways_of_first(self) -> Duration {
        let lines = self.0.join().unwrap();
        let first = lines.iter().take_while(|it| it["message"] != "request");
        let calls = first.filter_map(|it| it["GatewayCalls"].as_u64());
        Duration::from_millis(calls.sum())
    }
}

fn lines(log: ChildStdout) -> Vec<Value> {
    let lines = BufReader::new(log).lines().map_while(Result::ok);
    lines
        .filter_map(|it| serde_json::from_str(&it).ok())
        .collect()
}

fn text(answer: &Bytes) -> String {
    String::from_utf8_lossy(answer).chars().take(600).collect()
}
