"""Regularizers for anybody's PyTorch loop."""
