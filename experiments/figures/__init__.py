"""A figure takes tidy frames and labels, and gives a chart: what stands on it, and the frame behind it."""
