// Bias and variance: drawn from data.views.bias_variance.
