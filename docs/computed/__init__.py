"""What pages compute while they are built; see the directive ``computed``."""
