//! The functions' release binaries as AWS Lambda runs them, beside a function that does nothing and one that makes
//! the same reads by the SDK alone (`benches/baseline`), in turns in one run.
//!
//!     cargo bench --bench functions [-- --counted [--write]]
//!
//! It builds them first. Each runs as a process of its own behind a Runtime API, over the embedded table, with its
//! keys in a Secrets Manager as deployed, both over TLS for starts and first requests. Prints the tables of
//! `docs/performance.md`. With `--counted` it counts instructions of the warm functions instead, which takes
//! valgrind, and fails where they are many more than `counts.tsv` has. Loopback only; it ends by itself.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot be made fails"
)]

mod process;
#[path = "../release/mod.rs"]
mod release;
mod runtime_api;
mod secrets_manager;
mod share;
mod shop;
mod tls;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use process::{Process, Program};
use share::Share;
use shop::{ORDER, Shop, event, new_source};
use tls::Tls;

/// How often each program is started.
const STARTS: usize = 15;
/// How many turns each program has, and how many requests it answers in one.
const TURNS: usize = 20;
const REQUESTS: usize = 25;
/// After how many requests memory is looked at again.
const MANY: usize = 10_000;
/// With how much memory a function has little of a processor.
const SHARES_MB: [u64; 2] = [128, 256];

/// Instructions of a warm request as they were last counted, and how many times as many are too many.
const COUNTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/functions/counts.tsv");
const MOST_MORE: f64 = 1.05;
const HEADER: &str = "request\tinstructions (x86-64, release, valgrind --tool=callgrind)\n";

const FUNCTIONS: [&str; 4] = [
    "get-order",
    "list-customer-payment-sources",
    "create-payment-source",
    "patch-order",
];

/// What is measured: a function with a request, and the reads that are made beside it by the SDK alone.
struct Subject {
    name: &'static str,
    function: &'static str,
    event: Value,
    reads: Value,
}

fn subjects(shop: &Shop) -> [Subject; 5] {
    let token = &shop.token;
    let order = format!("/api/orders/{ORDER}");
    let order_reads = json!({ "items": {
        "pk": shop.partition("order", ORDER), "sk": ["order", "source"],
    } });
    let customer = shop.partition("customer", &shop.customer);
    let wallet_reads = [
        json!({ "range": { "pk": customer, "from": "customer", "to": "gateway#~" } }),
        json!({ "items": { "pk": customer, "sk": ["wallet"] } }),
    ];
    let get_order = |query: &str| event(token, "GET", "/api/orders/{id}", &order, query, None);
    let note = json!({ "metadata": { "note": "measured" } });
    let note = json!({ "data": { "type": "orders", "id": ORDER, "attributes": note } });
    [
        Subject {
            name: "get order",
            function: "get-order",
            event: get_order(""),
            reads: json!([order_reads]),
        },
        Subject {
            name: "order with a wallet of 10",
            function: "get-order",
            event: get_order("include=available_customer_payment_sources"),
            reads: json!([order_reads, wallet_reads[0], wallet_reads[1]]),
        },
        Subject {
            name: "list of 10",
            function: "list-customer-payment-sources",
            event: {
                let path = "/api/customer_payment_sources";
                event(token, "GET", path, path, "", None)
            },
            reads: json!(wallet_reads),
        },
        Subject {
            name: "create payment source",
            function: "create-payment-source",
            event: {
                let (path, body) = ("/api/stripe_payments", new_source("pm_card_visa"));
                event(token, "POST", path, path, "", Some(body))
            },
            reads: json!([order_reads]),
        },
        Subject {
            name: "patch order",
            function: "patch-order",
            event: event(token, "PATCH", "/api/orders/{id}", &order, "", Some(note)),
            reads: json!([order_reads]),
        },
    ]
}

fn build() -> PathBuf {
    let packages = FUNCTIONS.iter().chain(&["baseline"]);
    let packages = packages.flat_map(|it| ["--package", *it]);
    release::build(
        ["--bins", "--features", "lambda"]
            .into_iter()
            .chain(packages),
    )
}

/// A subject's programs: the function, and what makes its reads.
struct Pair {
    name: &'static str,
    event: Value,
    function: Program,
    raw: Program,
}

fn pairs(shop: &Shop, binaries: &Path, environment: &[(String, String)]) -> Vec<Pair> {
    let program = |name: &str, reads: &Value| Program {
        binary: binaries.join(name),
        environment: [environment, &[("READS".to_owned(), reads.to_string())]].concat(),
    };
    let pair = |it: Subject| Pair {
        name: it.name,
        function: program(it.function, &it.reads),
        raw: program("raw", &it.reads),
        event: it.event,
    };
    subjects(shop).into_iter().map(pair).collect()
}

#[tokio::main]
async fn main() {
    let binaries = build();
    let shop = Shop::start().await;
    let is_given = |name: &str| std::env::args().any(|it| it == name);
    if is_given("--counted") {
        count(&shop, &binaries, is_given("--write")).await;
    } else {
        starts(&shop, &binaries).await;
        shares(&shop, &binaries).await;
        warm(&shop, &binaries).await;
        sizes(&binaries);
    }
    shop.stop().await;
}

/// Starts and first requests, over TLS and with the keys from Secrets Manager.
async fn starts(shop: &Shop, binaries: &Path) {
    let tls = Tls::new();
    let environment = shop.environment(Some(&tls)).await;
    println!(
        "\n| | start to first `/next`, ms | raw | ratio | first request, ms | raw | CPU of start, ms | of first request, ms |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for pair in pairs(shop, binaries, &environment) {
        let (mut function, mut raw) = (Started::default(), Started::default());
        for _ in 0..STARTS {
            raw.add(&pair.raw, &pair.event).await;
            function.add(&pair.function, &pair.event).await;
        }
        let (start, raw_start) = (median(&function.starts), median(&raw.starts));
        println!(
            "| {} | {:.1} | {:.1} | {:.2} | {:.1} | {:.1} | {:.1} | {:.1} |",
            pair.name,
            millis(start),
            millis(raw_start),
            start.as_secs_f64() / raw_start.as_secs_f64(),
            millis(median(&function.first)),
            millis(median(&raw.first)),
            millis(median(&function.cpu_of_start)),
            millis(median(&function.cpu_of_first)),
        );
    }
}

/// First requests, and those after them one after the other, with the share of a processor that comes with little
/// memory. A start has a whole one at Lambda.
async fn shares(shop: &Shop, binaries: &Path) {
    let tls = Tls::new();
    let environment = shop.environment(Some(&tls)).await;
    println!(
        "\n| | memory, MB | first request, ms | without its gateways, ms | warm p50, ms | warm p99, ms |"
    );
    println!("|---|---|---|---|---|---|");
    for pair in pairs(shop, binaries, &environment) {
        for memory in SHARES_MB {
            let (mut first, mut own, mut warm) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..STARTS {
                let share = match Share::of(memory) {
                    Ok(share) => share,
                    Err(error) => {
                        return println!("| no shares of a processor here: {error} | | | | | |");
                    }
                };
                let (mut process, heard) = pair.function.start_heard().await;
                share.hold(process.id()).unwrap();
                let took = process.invoke(&pair.event).await.0;
                first.push(took);
                for _ in 0..REQUESTS {
                    warm.push(process.invoke(&pair.event).await.0);
                }
                process.stop();
                own.push(took.saturating_sub(heard.gateways_of_first()));
            }
            println!(
                "| {} | {memory} | {:.1} | {:.1} | {:.1} | {:.1} |",
                pair.name,
                millis(median(&first)),
                millis(median(&own)),
                millis(median(&warm)),
                millis(percentile(&warm, 99)),
            );
        }
    }
}

#[derive(Default)]
struct Started {
    starts: Vec<Duration>,
    first: Vec<Duration>,
    cpu_of_start: Vec<Duration>,
    cpu_of_first: Vec<Duration>,
}

impl Started {
    async fn add(&mut self, program: &Program, event: &Value) {
        let mut process = program.start().await;
        self.starts.push(process.started_in);
        let begun = process.cpu();
        self.cpu_of_start.push(begun);
        self.first.push(process.invoke(event).await.0);
        self.cpu_of_first.push(process.cpu() - begun);
        process.stop();
    }
}

/// Warm requests in turns.
async fn warm(shop: &Shop, binaries: &Path) {
    let environment = shop.environment(None).await;
    let bare = Program {
        binary: binaries.join("bare"),
        environment: environment.clone(),
    };
    println!(
        "\n| | p50, ms | p99, ms | raw p50 | ratio | CPU, ms | raw | ratio | memory, MB | answer, bytes |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for pair in pairs(shop, binaries, &environment) {
        let mut function = Warm::start(&pair.function, &pair.event).await;
        let mut raw = Warm::start(&pair.raw, &pair.event).await;
        for _ in 0..TURNS {
            raw.turn(&pair.event).await;
            function.turn(&pair.event).await;
        }
        let (p50, raw_p50) = (median(&function.took), median(&raw.took));
        let (cpu, raw_cpu) = (function.cpu_of_each(), raw.cpu_of_each());
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.1} | {} |",
            pair.name,
            millis(p50),
            millis(percentile(&function.took, 99)),
            millis(raw_p50),
            p50.as_secs_f64() / raw_p50.as_secs_f64(),
            millis(cpu),
            millis(raw_cpu),
            cpu.as_secs_f64() / raw_cpu.as_secs_f64(),
            function.process.memory(),
            function.bytes,
        );
        if pair.name == "get order" {
            let before = function.process.memory();
            for _ in 0..MANY {
                function.process.invoke(&pair.event).await;
            }
            let after = function.process.memory();
            println!(
                "| {} after {MANY} requests | | | | | | | | {before:.1} → {after:.1} | |",
                pair.name
            );
        }
        function.process.stop();
        raw.process.stop();
    }
    let event = &subjects(shop)[0].event;
    let mut bare = Warm::start(&bare, event).await;
    for _ in 0..TURNS {
        bare.turn(event).await;
    }
    println!(
        "| a bare function | {:.2} | {:.2} | | | {:.2} | | | {:.1} | {} |",
        millis(median(&bare.took)),
        millis(percentile(&bare.took, 99)),
        millis(bare.cpu_of_each()),
        bare.process.memory(),
        bare.bytes,
    );
    bare.process.stop();
}

struct Warm {
    process: Process,
    took: Vec<Duration>,
    cpu: Duration,
    bytes: usize,
}

impl Warm {
    async fn start(program: &Program, event: &Value) -> Self {
        let mut process = program.start().await;
        let mut bytes = 0;
        for _ in 0..REQUESTS {
            let answer = process.invoke(event).await.1;
            bytes = answer["body"].as_str().map_or(0, str::len);
        }
        Self {
            process,
            took: Vec::new(),
            cpu: Duration::ZERO,
            bytes,
        }
    }

    async fn turn(&mut self, event: &Value) {
        let begun = self.process.cpu();
        for _ in 0..REQUESTS {
            self.took.push(self.process.invoke(event).await.0);
        }
        self.cpu += self.process.cpu() - begun;
    }

    fn cpu_of_each(&self) -> Duration {
        self.cpu / u32::try_from(self.took.len()).unwrap()
    }
}

/// Instructions of a warm request: those of many less those of few, by as many as are between. Fails where a function
/// takes many more than are checked in; `--write` checks in what was counted.
async fn count(shop: &Shop, binaries: &Path, writes: bool) {
    const FEW: usize = 20;
    const MORE: usize = 60;
    let environment = shop.environment(None).await;
    let known = std::fs::read_to_string(COUNTS).unwrap();
    let known_of = |name: &str| {
        let line = known.lines().find(|it| it.split('\t').next() == Some(name));
        line.and_then(|it| it.split('\t').nth(1)?.parse::<u64>().ok())
    };
    let (mut counts, mut too_many) = (String::from(HEADER), Vec::new());
    println!("\n| | instructions | checked in | raw | ratio |\n|---|---|---|---|---|");
    for pair in pairs(shop, binaries, &environment) {
        let mut of_both = [0_u64; 2];
        for (count, program) in of_both.iter_mut().zip([&pair.function, &pair.raw]) {
            let few = counted(program, &pair.event, FEW).await;
            let more = counted(program, &pair.event, FEW + MORE).await;
            *count = (more - few) / MORE as u64;
        }
        let ([function, raw], name) = (of_both, pair.name);
        let known = known_of(name);
        let ratio = function as f64 / raw as f64;
        let checked_in = known.map_or("-".to_owned(), |it| it.to_string());
        println!("| {name} | {function} | {checked_in} | {raw} | {ratio:.2} |");
        counts.push_str(&format!("{name}\t{function}\n"));
        if known.is_some_and(|it| function as f64 > it as f64 * MOST_MORE) {
            too_many.push(name);
        }
    }
    if writes {
        std::fs::write(COUNTS, counts).unwrap();
        return;
    }
    assert!(
        too_many.is_empty(),
        "{too_many:?} take more than {MOST_MORE} times the instructions that {COUNTS} has. Look at where they go \
         (callgrind_annotate); if they are worth it, check them in: --counted --write"
    );
}

async fn counted(program: &Program, event: &Value, requests: usize) -> u64 {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("counts");
    let mut process = program.start_under(Some(&file)).await;
    for _ in 0..requests {
        process.invoke(event).await;
    }
    process.stop();
    let text = std::fs::read_to_string(file).unwrap();
    let totals = text.lines().find_map(|it| it.strip_prefix("totals: "));
    totals.unwrap().trim().parse().unwrap()
}

/// What a function weighs, as built for this machine and as it is packed.
fn sizes(binaries: &Path) {
    println!("\n| binary | MB | packed, MB |\n|---|---|---|");
    for name in FUNCTIONS.iter().chain(&["bare", "raw"]) {
        let file = binaries.join(name);
        let size = std::fs::metadata(&file).unwrap().len();
        let packed = Command::new("gzip")
            .args(["--best", "--stdout"])
            .arg(&file)
            .output();
        let packed = packed.map_or(0, |it| it.stdout.len());
        let megabytes = |bytes: f64| bytes / 1_000_000.0;
        println!(
            "| {name} | {:.2} | {:.2} |",
            megabytes(size as f64),
            megabytes(packed as f64)
        );
    }
}

fn median(of: &[Duration]) -> Duration {
    percentile(of, 50)
}

fn percentile(of: &[Duration], percent: usize) -> Duration {
    let mut of = of.to_vec();
    of.sort_unstable();
    of[(of.len() - 1) * percent / 100]
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
