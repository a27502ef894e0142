"""From a file to numbers: tables, what their columns are, how they become a design, which rows teach and which
judge."""
