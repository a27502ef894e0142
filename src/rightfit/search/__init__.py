"""The whole way from a table to a run, and from a run to predictions; tries what is no path (the mix of penalties)."""
