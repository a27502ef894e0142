# Fits small seeded data sets of several responses with glmnet's mgaussian and writes them as JSON:
# `Rscript responses.R FOLDER`. Needs R with glmnet, Matrix and jsonlite; the tests never run this file.
#
# All inputs are rounded to few decimals, so that the decimal text in the JSON is the very number that was fitted.
# What glmnet solved, in terms that need no glmnet to read, with h = weight / sum(weight):
#   sum_i h_i ||y_i - offset_i - b0 - x_i B||^2 / 2
#     + strength * sum_j f_j (alpha s_j ||B_j|| + (1 - alpha) / 2 s_j^2 ||B_j||^2)

suppressPackageStartupMessages({
  library(Matrix)
  library(glmnet)
  library(jsonlite)
})

folder <- commandArgs(trailingOnly = TRUE)[1]
glmnet.control(fdev = 0, devmax = 1) # walk all strengths that were given, whatever they explain

fixture <- function(name, seed, n = 90, p = 10, responses = 3, alpha = 1, weights = FALSE, offset = FALSE,
                    factors = NULL, standardize = TRUE, intercept = TRUE, sparse = FALSE,
                    strengths = c(0.6, 0.3, 0.15, 0.08, 0.04, 0.01)) {
  set.seed(seed)
  x <- if (sparse) matrix(rbinom(n * p, 1, 0.25) * rnorm(n * p, 1, 1), n, p) else {
    sweep(0.6 * rnorm(n) + matrix(rnorm(n * p), n, p), 2, exp(seq(-1, 1, length.out = p)), "*")
  }
  x <- round(x, 3)
  truth <- matrix(rnorm(p * responses), p, responses) * rbinom(p, 1, 0.5) * 0.5
  shift <- if (offset) round(rnorm(n, 0, 0.5), 3) else rep(0, n)
  y <- round(scale(x, TRUE, !sparse) %*% truth + shift + matrix(rnorm(n * responses), n) + intercept, 3)
  w <- if (weights) round(rexp(n) + 0.05, 3) else rep(1, n)
  if (weights) w[c(3, n)] <- 0 # rows that must not count at all
  factors <- if (is.null(factors)) rep(1, p) else rep_len(factors, p)
  arguments <- list(
    x = if (sparse) Matrix(x, sparse = TRUE) else x, y = y, family = "mgaussian", weights = w, alpha = alpha,
    lambda = strengths, standardize = standardize, standardize.response = FALSE, intercept = intercept,
    penalty.factor = factors, offset = if (offset) matrix(shift, n, responses), thresh = 1e-22, maxit = 1e8
  )
  fit <- do.call(glmnet, arguments)
  stopifnot(length(fit$lambda) == length(strengths), fit$jerr == 0)
  counted <- ifelse(is.finite(factors), factors, 1)
  coef <- aperm(simplify2array(lapply(fit$beta, as.matrix)), c(2, 1, 3)) # strengths by columns by responses
  record <- list(
    name = name, seed = seed, made_by = paste("glmnet", packageVersion("glmnet"), "on", R.version.string),
    sparse = sparse, standardize = standardize, intercept = intercept, alpha = alpha, strengths = strengths,
    x = x, y = y, weight = w, offset = shift, factors = ifelse(is.finite(factors), factors * p / sum(counted), Inf),
    glmnet_intercept = t(as.matrix(fit$a0)), glmnet_coef = coef
  )
  one <- c("name", "seed", "made_by", "sparse", "standardize", "intercept", "alpha")
  record[one] <- lapply(record[one], unbox)
  writeLines(toJSON(record, digits = I(17), na = "string"), file.path(folder, paste0(name, ".json")))
}

fixture("lasso", 1)
fixture("lasso_weights", 2, weights = TRUE)
fixture("net_weights_offset", 3, alpha = 0.5, weights = TRUE, offset = TRUE, responses = 2)
fixture("net_raw", 4, alpha = 0.3, standardize = FALSE, responses = 4)
fixture("lasso_factors", 5, factors = c(1, 0, 2, 0.5, 1, Inf, 1))
fixture("lasso_origin_sparse", 6, intercept = FALSE, sparse = TRUE, strengths = c(0.3, 0.15, 0.08, 0.04, 0.01))
fixture("ridge", 7, alpha = 0)
fixture("lasso_wide", 8, n = 40, p = 60, strengths = c(0.8, 0.5, 0.3, 0.2))
fixture("net_sparse_factors_weights", 9, alpha = 0.7, sparse = TRUE, factors = c(0.5, 1, 2), weights = TRUE, responses = 5,
        strengths = c(0.3, 0.15, 0.08, 0.04, 0.01))
