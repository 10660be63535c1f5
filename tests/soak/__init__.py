"""Long runs: `make soak` kills parts of a running installation and compares what it promised with what it kept."""
