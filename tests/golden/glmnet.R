# Fits small seeded data sets with glmnet and writes them, raw, as JSON: `Rscript glmnet.R FOLDER`.
#
# Called by make_glmnet.py, which checks the optimality of every fit before it becomes a fixture. Needs R with
# the packages glmnet, Matrix and jsonlite; the tests never run this file.
#
# All inputs are rounded to few decimals, so that the decimal text in the JSON is the very number that was
# fitted; coefficients are written with 17 significant digits.

suppressPackageStartupMessages({
  library(Matrix)
  library(glmnet)
  library(jsonlite)
})

folder <- commandArgs(trailingOnly = TRUE)[1]
glmnet.control(fdev = 0, devmax = 1) # walk all strengths that were given, whatever they explain

make_x <- function(n, p, sparse) {
  if (sparse) {
    x <- matrix(rbinom(n * p, 1, 0.2) * rnorm(n * p, 1, 1), n, p)
  } else {
    shared <- rnorm(n) # one common cause: columns are correlated
    x <- 0.6 * shared + matrix(rnorm(n * p), n, p)
    x <- sweep(x, 2, exp(seq(-1, 1, length.out = p)), "*") # scales differ by a factor of seven
    x <- sweep(x, 2, seq(-2, 2, length.out = p), "+")
  }
  round(x, 3)
}

make_y <- function(family, eta, classes) {
  n <- nrow(eta)
  switch(family,
    gaussian = round(eta[, 1] + rnorm(n), 3),
    binomial = rbinom(n, 1, plogis(eta[, 1])),
    poisson = rpois(n, exp(pmin(eta[, 1], 3))),
    multinomial = {
      odds <- exp(eta)
      apply(odds / rowSums(odds), 1, function(q) sample.int(classes, 1, prob = q)) - 1
    }
  )
}

fixture <- function(name, seed, family, n = 100, p = 12, alpha = 1, classes = 3, weights = FALSE, offset = FALSE,
                    factors = NULL, lower = -Inf, upper = Inf, standardize = TRUE, intercept = TRUE, sparse = FALSE,
                    strengths = NULL, signal = 0.5) {
  set.seed(seed)
  outputs <- if (family == "multinomial") classes else 1
  x <- make_x(n, p, sparse)
  truth <- matrix(rnorm(p * outputs) * rbinom(p * outputs, 1, 0.5), p, outputs) * signal
  shift <- if (offset) round(rnorm(n, 0, 0.5), 3) else rep(0, n)
  eta <- scale(x, TRUE, !sparse) %*% truth + shift + if (intercept) 0.4 else 0
  y <- make_y(family, eta, classes)
  w <- if (weights) round(rexp(n) + 0.05, 3) else rep(1, n)
  if (weights) w[c(3, n)] <- 0 # rows that must not count at all
  factors <- if (is.null(factors)) rep(1, p) else rep_len(factors, p)
  lower <- rep_len(lower, p)
  upper <- rep_len(upper, p)
  if (is.null(strengths)) strengths <- c(0.2, 0.1, 0.05, 0.025, 0.01, 0.005, 0.002)

  arguments <- list(
    x = if (sparse) Matrix(x, sparse = TRUE) else x, y = if (family %in% c("binomial", "multinomial")) factor(y) else y,
    family = family, weights = w, alpha = alpha, lambda = strengths, standardize = standardize,
    intercept = intercept, penalty.factor = factors, lower.limits = lower, upper.limits = upper,
    thresh = 1e-22, maxit = 1e8
  )
  if (offset) arguments$offset <- shift
  if (family == "gaussian") arguments$type.gaussian <- "naive"
  fit <- do.call(glmnet, arguments)
  stopifnot(length(fit$lambda) == length(strengths), fit$jerr == 0)

  # glmnet's own grid of 100 strengths, where factors and bounds leave no room for conventions
  ends <- numeric(0)
  if (all(factors == 1) && all(is.infinite(lower)) && all(is.infinite(upper))) {
    arguments$lambda <- NULL
    arguments$thresh <- 1e-7
    grid <- do.call(glmnet, arguments)$lambda
    stopifnot(length(grid) == 100)
    ends <- range(grid)[2:1]
  }

  # The objective that glmnet solved, in terms that need no glmnet to read:
  #   weighted mean loss + l1 * sum_j f_j s_j |b_j| + l2 / 2 * sum_j f_j s_j^2 b_j^2
  # glmnet rescales the factors to sum to p, counting an excluded column as 1, and it divides a gaussian y (less
  # the offset) by its standard deviation first, which leaves l1 as it is and divides l2 by that deviation.
  counted <- ifelse(is.finite(factors), factors, 1)
  rescaled <- ifelse(is.finite(factors), factors * p / sum(counted), Inf)
  spread <- 1
  if (family == "gaussian") {
    v <- w / sum(w)
    z <- y - shift
    centre <- if (intercept) sum(v * z) else 0
    spread <- sqrt(sum(v * (z - centre)^2))
  }
  coef <- if (outputs == 1) array(as.matrix(fit$beta), c(p, 1, length(strengths))) else {
    aperm(simplify2array(lapply(fit$beta, as.matrix)), c(1, 3, 2))
  }
  constant <- if (outputs == 1) matrix(fit$a0, 1) else as.matrix(fit$a0)
  record <- list(
    name = name, seed = seed, family = family, made_by = paste("glmnet", packageVersion("glmnet"), "on", R.version.string),
    sparse = sparse, standardize = standardize, intercept = intercept, alpha = alpha, lambda = strengths,
    grid_ends = ends, l1 = alpha * strengths, l2 = (1 - alpha) * strengths / spread,
    x = x, y = y, weight = w, offset = shift, factors = rescaled, lower = lower, upper = upper,
    glmnet_intercept = t(constant), # strengths by outputs
    glmnet_coef = aperm(coef, c(3, 1, 2)) # strengths by columns by outputs
  )
  one <- c("name", "seed", "family", "made_by", "sparse", "standardize", "intercept", "alpha")
  record[one] <- lapply(record[one], unbox)
  writeLines(toJSON(record, digits = I(17), na = "string"), file.path(folder, paste0(name, ".json")))
}

some <- c(1, 0, 2, 0.5, 1, Inf, 1)

fixture("gaussian_lasso", 1, "gaussian", n = 120, p = 20)
fixture("gaussian_ridge_offset", 2, "gaussian", alpha = 0, offset = TRUE)
fixture("gaussian_net_weights", 3, "gaussian", n = 150, p = 15, alpha = 0.5, weights = TRUE)
fixture("gaussian_lasso_factors", 4, "gaussian", p = 14, factors = some)
fixture("gaussian_net_bounds_raw", 5, "gaussian", alpha = 0.5, lower = c(-0.1, 0, -Inf), upper = c(0.15, Inf, 0.05), standardize = FALSE)
fixture("gaussian_net_sparse_weights", 6, "gaussian", n = 200, p = 30, alpha = 0.1, weights = TRUE, sparse = TRUE)
fixture("gaussian_lasso_origin", 7, "gaussian", p = 10, intercept = FALSE)
fixture("gaussian_nonnegative_weights", 26, "gaussian", n = 60, p = 25, lower = 0, weights = TRUE)
fixture("gaussian_everything", 9, "gaussian", n = 140, p = 16, alpha = 0.5, weights = TRUE, offset = TRUE, factors = some,
        lower = c(-0.2, -Inf), upper = c(0.1, 0.3, Inf))
fixture("gaussian_net_wide", 10, "gaussian", n = 60, p = 80, alpha = 0.5, strengths = c(0.5, 0.3, 0.2, 0.1, 0.05, 0.03))
fixture("binomial_lasso", 11, "binomial", n = 150, p = 15)
fixture("binomial_net_weights_offset", 12, "binomial", n = 160, alpha = 0.5, weights = TRUE, offset = TRUE)
fixture("binomial_lasso_factors", 13, "binomial", n = 140, p = 14, factors = some)
fixture("binomial_net_bounds", 14, "binomial", n = 140, alpha = 0.1, lower = c(-0.1, 0, -Inf), upper = c(0.15, Inf, 0.05))
fixture("binomial_ridge", 15, "binomial", n = 120, p = 10, alpha = 0)
fixture("binomial_lasso_sparse_raw", 16, "binomial", n = 200, p = 20, standardize = FALSE, sparse = TRUE, signal = 1)
fixture("binomial_net_origin_weights", 17, "binomial", n = 150, p = 8, alpha = 0.5, weights = TRUE, intercept = FALSE)
fixture("binomial_everything", 18, "binomial", n = 180, p = 16, alpha = 0.5, weights = TRUE, offset = TRUE, factors = some,
        lower = c(-0.3, -Inf), upper = c(0.2, 0.3, Inf), sparse = TRUE)
fixture("binomial_net_wide_weights", 19, "binomial", n = 60, p = 80, alpha = 0.5, weights = TRUE,
        strengths = c(0.3, 0.2, 0.1, 0.05, 0.03))
fixture("poisson_lasso", 21, "poisson", n = 120, p = 15, signal = 0.3)
fixture("poisson_net_weights_offset", 22, "poisson", n = 150, alpha = 0.5, weights = TRUE, offset = TRUE, signal = 0.3)
fixture("poisson_lasso_factors_bounds_sparse", 23, "poisson", n = 200, p = 14, factors = some, lower = -0.15, upper = c(0.1, Inf),
        sparse = TRUE, signal = 0.4)
fixture("poisson_ridge_raw", 24, "poisson", n = 120, p = 10, alpha = 0, standardize = FALSE, signal = 0.3)
fixture("poisson_net_origin", 25, "poisson", n = 120, p = 8, alpha = 0.1, intercept = FALSE, signal = 0.3)
fixture("multinomial_lasso", 31, "multinomial", n = 160, p = 10)
fixture("multinomial_net_weights", 32, "multinomial", n = 200, p = 8, alpha = 0.5, classes = 4, weights = TRUE)
fixture("multinomial_lasso_factors_sparse", 33, "multinomial", n = 200, p = 14, factors = c(1, 0.25, 2, 0.5, 1, Inf, 1), sparse = TRUE, signal = 1)
fixture("multinomial_ridge_raw", 34, "multinomial", n = 150, p = 6, alpha = 0, standardize = FALSE)

# Every family with what the ones above leave out: few rows, heavy weights, one-sided bounds, offsets without an
# intercept, factors that are zero for many columns, both forms of columns, standardized or not.
half <- c(0, 1)
steep <- c(0.1, 5, 1, 2)
fixture("gaussian_lasso_sparse", 101, "gaussian", n = 90, p = 12, sparse = TRUE)
fixture("gaussian_ridge_weights_raw", 102, "gaussian", n = 80, p = 8, alpha = 0, weights = TRUE, standardize = FALSE)
fixture("gaussian_ridge_origin", 103, "gaussian", n = 70, p = 6, alpha = 0, intercept = FALSE)
fixture("gaussian_net_offset_origin", 104, "gaussian", n = 90, p = 9, alpha = 0.3, offset = TRUE, intercept = FALSE)
fixture("gaussian_lasso_weights_offset_raw", 105, "gaussian", n = 90, p = 9, weights = TRUE, offset = TRUE, standardize = FALSE)
fixture("gaussian_net_half_free", 106, "gaussian", n = 80, p = 8, alpha = 0.7, factors = half)
fixture("gaussian_lasso_steep_factors_sparse", 107, "gaussian", n = 100, p = 12, factors = steep, sparse = TRUE, weights = TRUE)
fixture("gaussian_negative", 108, "gaussian", n = 80, p = 9, upper = 0, offset = TRUE)
fixture("gaussian_net_small", 109, "gaussian", n = 18, p = 5, alpha = 0.9)
fixture("gaussian_lasso_wide_sparse", 110, "gaussian", n = 50, p = 60, sparse = TRUE, strengths = c(0.5, 0.3, 0.2, 0.1, 0.05))
fixture("gaussian_ridge_wide_factors", 111, "gaussian", n = 30, p = 40, alpha = 0, factors = steep, strengths = c(1, 0.5, 0.2, 0.1))
fixture("gaussian_net_box_sparse", 112, "gaussian", n = 100, p = 10, alpha = 0.5, lower = -0.1, upper = 0.1, sparse = TRUE)
fixture("binomial_lasso_weights", 121, "binomial", n = 110, p = 9, weights = TRUE)
fixture("binomial_lasso_offset_origin", 122, "binomial", n = 110, p = 8, offset = TRUE, intercept = FALSE)
fixture("binomial_ridge_sparse", 123, "binomial", n = 120, p = 10, alpha = 0, sparse = TRUE, signal = 1)
fixture("binomial_ridge_weights_raw", 124, "binomial", n = 110, p = 7, alpha = 0, weights = TRUE, standardize = FALSE)
fixture("binomial_net_half_free", 125, "binomial", n = 130, p = 8, alpha = 0.6, factors = half, signal = 0.3)
fixture("binomial_nonnegative", 126, "binomial", n = 110, p = 10, lower = 0)
fixture("binomial_net_steep_factors_sparse", 127, "binomial", n = 130, p = 12, alpha = 0.8, factors = steep, sparse = TRUE, signal = 1)
fixture("binomial_lasso_wide_sparse", 128, "binomial", n = 60, p = 70, sparse = TRUE, signal = 1, strengths = c(0.2, 0.1, 0.07, 0.05))
fixture("binomial_net_offset_raw", 129, "binomial", n = 120, p = 8, alpha = 0.2, offset = TRUE, standardize = FALSE)
fixture("poisson_lasso_weights", 141, "poisson", n = 100, p = 9, weights = TRUE, signal = 0.3)
fixture("poisson_lasso_offset_raw", 142, "poisson", n = 100, p = 8, offset = TRUE, standardize = FALSE, signal = 0.3)
fixture("poisson_ridge_sparse", 143, "poisson", n = 110, p = 9, alpha = 0, sparse = TRUE, signal = 0.5)
fixture("poisson_net_half_free", 144, "poisson", n = 110, p = 8, alpha = 0.5, factors = half, signal = 0.2)
fixture("poisson_nonnegative_offset", 145, "poisson", n = 100, p = 9, lower = 0, offset = TRUE, signal = 0.3)
fixture("poisson_net_box_weights", 146, "poisson", n = 100, p = 9, alpha = 0.4, lower = -0.1, upper = 0.15, weights = TRUE, signal = 0.3)
fixture("poisson_lasso_steep_factors", 147, "poisson", n = 100, p = 8, factors = steep, signal = 0.3)
fixture("poisson_lasso_wide", 148, "poisson", n = 40, p = 50, signal = 0.2, strengths = c(0.5, 0.3, 0.2, 0.15))
fixture("multinomial_lasso_raw", 161, "multinomial", n = 130, p = 7, standardize = FALSE)
fixture("multinomial_ridge_weights", 162, "multinomial", n = 130, p = 6, alpha = 0, weights = TRUE)
fixture("multinomial_net_sparse", 163, "multinomial", n = 150, p = 9, alpha = 0.5, sparse = TRUE, signal = 1)
fixture("multinomial_net_four", 164, "multinomial", n = 160, p = 6, alpha = 0.7, classes = 4)
fixture("multinomial_lasso_steep_factors", 165, "multinomial", n = 150, p = 8, factors = steep)
fixture("multinomial_nonnegative", 166, "multinomial", n = 140, p = 7, lower = 0)
fixture("multinomial_lasso_origin", 167, "multinomial", n = 140, p = 6, intercept = FALSE)
