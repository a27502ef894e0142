"""Rules that stop on a path: evidence in, one step out, with its reason. One file a rule, file name = public name."""
