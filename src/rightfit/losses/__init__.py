"""What a prediction costs: one loss a file, means over rows."""
