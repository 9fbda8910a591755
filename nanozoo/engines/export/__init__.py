"""Networks as files that need no nanozoo."""
