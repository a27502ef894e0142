// The Bayesian view: drawn from data.views.bayes.
