"""Calibration: which numbers the survey supports, how sure they are, how well they forecast, and what stays unknown."""
