//! Workloads and benchmarks of the frame-diff encoder.
