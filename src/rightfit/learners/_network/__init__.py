"""Nets, many side by side: what `rightfit.learners.network` is made of."""
