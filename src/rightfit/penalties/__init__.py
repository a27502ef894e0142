"""What coefficients cost: one penalty a file."""
