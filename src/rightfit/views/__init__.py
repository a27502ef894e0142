"""What regularization does to one run, computed: bias and variance, priors and posteriors, geometry."""
