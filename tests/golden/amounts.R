# Fits gamma and Tweedie elastic nets on small seeded data with glmnet's families by object and writes them, raw, as
# JSON: `Rscript amounts.R FOLDER`. Called by make_amounts.py, which checks every fit before it becomes a fixture.
# Needs R with glmnet, Matrix, statmod and jsonlite; the tests never run this file.

suppressPackageStartupMessages({
  library(Matrix)
  library(glmnet)
  library(statmod)
  library(jsonlite)
})

folder <- commandArgs(trailingOnly = TRUE)[1]
glmnet.control(fdev = 0, devmax = 1, mxitnr = 200, epsnr = 1e-15)

fixture <- function(name, seed, power, n = 120, p = 12, alpha = 1, weights = FALSE, offset = FALSE, factors = NULL,
                    lower = -Inf, upper = Inf, standardize = TRUE, intercept = TRUE, sparse = FALSE, signal = 0.4,
                    strengths = c(0.2, 0.1, 0.05, 0.025, 0.01, 0.005, 0.002)) {
  set.seed(seed)
  x <- if (sparse) matrix(rbinom(n * p, 1, 0.3) * rnorm(n * p, 1, 1), n, p) else {
    sweep(0.6 * rnorm(n) + matrix(rnorm(n * p), n, p), 2, exp(seq(-1, 1, length.out = p)), "*")
  }
  x <- round(x, 3)
  truth <- rnorm(p) * rbinom(p, 1, 0.5) * signal
  shift <- if (offset) round(rnorm(n, 0, 0.5), 3) else rep(0, n)
  mean <- exp(pmin(pmax(scale(x) %*% truth + shift + if (intercept) 0.4 else 0, -4), 4))[, 1]
  y <- if (power == 2) rgamma(n, 2) * mean / 2 else {
    paid <- rpois(n, 1.2) # claims, each of a gamma size
    sapply(seq_len(n), function(i) sum(rgamma(paid[i], 2))) * mean / 2.4
  }
  y <- round(y, 3)
  if (power == 2) y <- pmax(y, 0.001)
  w <- if (weights) round(rexp(n) + 0.05, 3) else rep(1, n)
  if (weights) w[c(3, n)] <- 0
  factors <- if (is.null(factors)) rep(1, p) else rep_len(factors, p)
  lower <- rep_len(lower, p)
  upper <- rep_len(upper, p)
  kept <- w > 0 # weights of zero count in glmnet's starting values by object
  arguments <- list(
    x = if (sparse) Matrix(x[kept, ], sparse = TRUE) else x[kept, ], y = y[kept],
    family = if (power == 2) Gamma("log") else tweedie(var.power = power, link.power = 0), weights = w[kept],
    alpha = alpha, lambda = strengths, standardize = standardize, intercept = intercept, penalty.factor = factors,
    lower.limits = lower, upper.limits = upper, thresh = 1e-22, maxit = 1e8
  )
  if (offset) arguments$offset <- shift[kept]
  fit <- do.call(glmnet, arguments)
  stopifnot(length(fit$lambda) == length(strengths), fit$jerr == 0)

  # glmnet rescales the factors to sum to p, counting an excluded column as 1 (see glmnet.R)
  counted <- ifelse(is.finite(factors), factors, 1)
  rescaled <- ifelse(is.finite(factors), factors * p / sum(counted), Inf)
  record <- list(
    name = name, seed = seed, family = if (power == 2) "gamma" else "tweedie", settings = if (power == 2) numeric(0) else power,
    made_by = paste("glmnet", packageVersion("glmnet"), "on", R.version.string), sparse = sparse, standardize = standardize,
    intercept = intercept, alpha = alpha, lambda = strengths, x = x, y = y, weight = w, offset = shift, factors = rescaled,
    lower = lower, upper = upper, glmnet_intercept = fit$a0, glmnet_coef = t(as.matrix(fit$beta))
  )
  one <- c("name", "seed", "family", "made_by", "sparse", "standardize", "intercept", "alpha")
  record[one] <- lapply(record[one], unbox)
  writeLines(toJSON(record, digits = I(17), na = "string"), file.path(folder, paste0(name, ".json")))
}

some <- c(1, 0, 2, 0.5, 1, Inf, 1)
fixture("gamma_lasso", 1, 2)
fixture("gamma_net_weights_offset", 2, 2, alpha = 0.5, weights = TRUE, offset = TRUE)
fixture("gamma_lasso_factors_bounds", 3, 2, p = 14, factors = some, lower = -0.2, upper = c(0.1, Inf))
fixture("gamma_ridge_raw", 4, 2, p = 8, alpha = 0, standardize = FALSE)
fixture("gamma_net_sparse_weights", 5, 2, n = 200, p = 20, alpha = 0.5, sparse = TRUE, weights = TRUE)
fixture("gamma_net_origin", 6, 2, p = 8, alpha = 0.5, intercept = FALSE)
fixture("tweedie_lasso", 11, 1.5, n = 200)
fixture("tweedie_net_weights_offset", 12, 1.3, n = 200, alpha = 0.5, weights = TRUE, offset = TRUE)
fixture("tweedie_lasso_factors_sparse", 13, 1.7, n = 220, p = 14, factors = some, sparse = TRUE)
fixture("tweedie_ridge_raw", 14, 1.9, n = 150, p = 8, alpha = 0, standardize = FALSE)
fixture("tweedie_net_bounds", 15, 1.1, n = 200, alpha = 0.5, lower = c(-0.1, 0, -Inf), upper = c(0.15, Inf, 0.05))
