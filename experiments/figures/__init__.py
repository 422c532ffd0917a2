"""One file a figure. A figure takes tidy frames and labels, and gives a matplotlib Figure and the frame behind it."""
