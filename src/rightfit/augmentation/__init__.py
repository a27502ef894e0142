"""New rows from old ones: images, texts and their preview."""
