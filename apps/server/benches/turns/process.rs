//! What a process has used, as Linux counts it.

use anyhow::Context as _;

/// Microseconds in one tick of `/proc`, which is always a hundredth of a second to programs.
const MICROS_A_TICK: f64 = 10_000.0;

/// What a process has used until now.
pub(crate) struct Usage {
    cpu_ticks: f64,
    /// Memory that is in use, in KiB.
    pub(crate) resident_kib: u64,
}

impl Usage {
    pub(crate) fn of(id: u32) -> anyhow::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The program's name comes second and may hold anything; the numbers follow its closing bracket.
        let numbers = stat.rsplit(')').next().context("no numbers")?;
        let ticks = numbers.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        let cpu_ticks = ticks.sum::<Result<f64, _>>()?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(Self { cpu_ticks, resident_kib: resident.trim().trim_end_matches(" kB").parse()? })
    }

    pub(crate) fn cpu_micros_since(&self, before: &Self) -> f64 {
        (self.cpu_ticks - before.cpu_ticks) * MICROS_A_TICK
    }
}
