"""What benchmarks/run consists of."""
