"""What several experiments use: losses, settings, averages, linear theory, verdicts, drawing."""
