"""Trees as arrays: how they are grown, descended, pruned and shrunken. The learners tree and forest walk here."""
