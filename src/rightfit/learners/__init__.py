"""Families of models that walk from strongly to weakly regularized: one learner a file."""
