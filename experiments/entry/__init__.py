"""The command line: words to studies, help, sweeps and the summary on the console."""
