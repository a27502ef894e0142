"""One lesson is three files of one name: what it computes (.py), what it says (.md), what was computed (.json)."""
