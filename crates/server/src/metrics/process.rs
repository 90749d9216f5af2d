//! [`Process`]: what the system says of this process, under the names that every exporter uses.

use std::fs;

use prometheus_client::{
    metrics::gauge::Gauge,
    registry::{Registry, Unit},
};

/// What the system says of this process. Only Linux says it as text; elsewhere it stays 0.
#[derive(Debug)]
pub(super) struct Process {
    resident: Gauge,
    descriptors: Gauge,
    threads: Gauge,
}

impl Process {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let [resident, descriptors, threads] = std::array::from_fn(|_| Gauge::default());
        registry.register_with_unit(
            "process_resident_memory",
            "Memory that is resident",
            Unit::Bytes,
            resident.clone(),
        );
        registry.register("process_open_fds", "File descriptors in use", descriptors.clone());
        registry.register("process_threads", "Threads", threads.clone());
        Self { resident, descriptors, threads }
    }

    /// Asks the system.
    pub(super) fn read(&self) {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        self.resident.set(field(&status, "VmRSS:") * 1024);
        self.threads.set(field(&status, "Threads:"));
        let descriptors = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        self.descriptors.set(super::gauge(descriptors));
    }
}

/// The number in a line of `/proc/self/status`, `proc_pid_status(5)`.
fn field(status: &str, name: &str) -> i64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_field_is_the_number_of_its_line() {
        let status = "Name:\tdoorward\nVmRSS:\t    7312 kB\nThreads:\t9\n";
        assert_eq!((field(status, "VmRSS:"), field(status, "Threads:")), (7312, 9));
        assert_eq!(field(status, "VmSwap:"), 0);
    }
}
