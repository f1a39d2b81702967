"""Makes the shipped weights from public data: the cross-encoder's adapter and the regressions."""
