//! The share of a processor that Lambda gives a function with little memory, as a control group of Linux's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The memory with which a function has one processor whole, in MB (AWS, "Configure Lambda function memory").
const WHOLE_MB: u64 = 1_769;

/// In which time a function may use its share, in microseconds.
const PERIOD_US: u64 = 20_000;

const GROUPS: &str = "/sys/fs/cgroup";

/// A group whose processes have that share together.
pub struct Share {
    folder: PathBuf,
}

impl Share {
    /// The share that comes with so much memory.
    ///
    /// # Errors
    /// Who measures may make no groups here.
    pub fn of(memory_mb: u64) -> io::Result<Self> {
        let quota = memory_mb * PERIOD_US / WHOLE_MB;
        let name = format!("measured-{}", std::process::id());
        let first_version = Path::new(GROUPS).join("cpu");
        let is_first_version = first_version.is_dir();
        let groups = match is_first_version {
            true => first_version,
            false => Path::new(GROUPS).to_owned(),
        };
        let share = Self {
            folder: groups.join(name),
        };
        fs::create_dir(&share.folder)?;
        match is_first_version {
            true => {
                share.write("cpu.cfs_period_us", PERIOD_US)?;
                share.write("cpu.cfs_quota_us", quota)?;
            }
            false => share.write("cpu.max", format!("{quota} {PERIOD_US}"))?,
        }
        Ok(share)
    }

    /// Holds a process to it from now on.
    ///
    /// # Errors
    /// The process is gone, or may not be moved.
    pub fn hold(&self, process: u32) -> io::Result<()> {
        self.write("cgroup.procs", process)
    }

    fn write(&self, file: &str, value: impl ToString) -> io::Result<()> {
        fs::write(self.folder.join(file), value.to_string())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.folder);
    }
}
