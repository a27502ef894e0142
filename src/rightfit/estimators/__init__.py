"""scikit-learn's door: its linear models by its names, and general ones that show path, evidence and choice."""
