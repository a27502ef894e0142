# Relaxed fits of glmnet, as JSON: `Rscript relaxed.R FOLDER`. Called by make_relaxed.py; the tests never run this file.
#
# Inputs are rounded, so that the decimal text in the JSON is the very number that was fitted. For each gamma,
# coefficients are gamma times the penalized ones plus 1 - gamma times those of the refit.

suppressPackageStartupMessages({
  library(glmnet)
  library(jsonlite)
})

folder <- commandArgs(trailingOnly = TRUE)[1]
glmnet.control(fdev = 0, devmax = 1)

fixture <- function(name, seed, family, n, p, alpha, weights = FALSE, standardize = TRUE) {
  set.seed(seed)
  x <- round(0.6 * rnorm(n) + matrix(rnorm(n * p), n, p), 3)
  x <- round(sweep(x, 2, exp(seq(-1, 1, length.out = p)), "*"), 3)
  eta <- scale(x) %*% (rnorm(p) * rbinom(p, 1, 0.5)) * 0.5
  y <- switch(family, gaussian = round(eta + rnorm(n), 3), binomial = rbinom(n, 1, plogis(eta)),
              poisson = rpois(n, exp(eta / 2)))
  w <- if (weights) round(rexp(n) + 0.1, 3) else rep(1, n)
  lambda <- c(0.2, 0.1, 0.05, 0.02)
  spread <- if (family == "gaussian") {
    v <- w / sum(w)
    sqrt(sum(v * (y - sum(v * y))^2))
  } else 1
  # as values: glmnet evaluates its own call again elsewhere
  fit <- do.call(glmnet, list(x = x, y = y, family = family, weights = w, alpha = alpha, lambda = lambda,
                              standardize = standardize, relax = TRUE, thresh = 1e-22, maxit = 1e8))
  gammas <- c(1, 0.5, 0)
  coefs <- lapply(gammas, function(g) t(as.matrix(predict(fit, type = "coefficients", s = lambda, gamma = g, exact = FALSE))))
  record <- list(name = name, family = family, alpha = alpha, standardize = standardize, lambda = lambda,
                 made_by = paste("glmnet", packageVersion("glmnet"), "on", R.version.string),
                 l1 = alpha * lambda, l2 = (1 - alpha) * lambda / spread, gamma = gammas,
                 x = x, y = as.numeric(y), weight = w, coef = coefs)
  one <- c("name", "family", "alpha", "standardize", "made_by")
  record[one] <- lapply(record[one], unbox)
  writeLines(toJSON(record, digits = I(17)), file.path(folder, paste0(name, ".json")))
}

fixture("gaussian_lasso", 1, "gaussian", 80, 10, 1)
fixture("gaussian_net_weights", 2, "gaussian", 80, 10, 0.5, weights = TRUE)
fixture("gaussian_lasso_wide_raw", 3, "gaussian", 40, 50, 1, standardize = FALSE)
fixture("binomial_lasso", 4, "binomial", 150, 10, 1)
fixture("binomial_net_weights", 5, "binomial", 150, 8, 0.5, weights = TRUE)
fixture("poisson_lasso", 6, "poisson", 120, 10, 1)
