"""A run as one file: a sealed zip of JSON and ``.npy`` members, checked before anything in it is read."""
