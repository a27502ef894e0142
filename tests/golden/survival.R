# Fits of survival times by survival::coxph and glmnet, written as JSON. Run by make_survival.py: Rscript survival.R FOLDER
suppressMessages({library(survival); library(glmnet); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
glmnet.control(fdev = 0, devmax = 1, epsnr = 1e-14, mxitnr = 1000)

# times on a coarse grid (ties), some cut off; strata shift the hazard; entry before the time itself
draw <- function(seed, n, p, grid = 12, weights = FALSE, entry = FALSE, strata = 1, signal = 0.7) {
  set.seed(seed)
  x <- round(matrix(rnorm(n * p), n, p) %*% diag(exp(seq(-1, 1, length.out = p)), p) + rep(rnorm(p), each = n), 4)
  truth <- rnorm(p) * rbinom(p, 1, 0.6) * signal
  group <- if (strata > 1) sample(strata, n, TRUE) else rep(1, n)
  eta <- scale(x) %*% truth + group / 2
  time <- if (grid) ceiling(rexp(n) * exp(-eta) * grid) else round(rexp(n) * exp(-eta), 6) + 1e-6
  time <- pmin(time, if (grid) 10 * grid else 10)
  list(
    x = x, time = as.numeric(time), status = rbinom(n, 1, 0.7), strata = group,
    weight = if (weights) round(rexp(n) + 0.1, 3) else rep(1, n),
    entry = if (entry) pmax(0, floor(time * runif(n, -0.5, 1)) - 1) else rep(-1, n),
    late = entry
  )
}

response <- function(d) if (d$late) Surv(d$entry, d$time, d$status) else Surv(d$time, d$status)

write <- function(name, d, extra) {
  record <- c(list(name = unbox(name)), d[c("x", "time", "status", "entry", "strata", "weight")], extra)
  writeLines(toJSON(record, digits = I(17), na = "string"), file.path(folder, paste0(name, ".json")))
}

# unpenalized: coefficients, twice the log partial likelihood at 0 and at the optimum, concordance of the predictor
plain <- function(name, d, ties) {
  strata <- d$strata
  once <- function(init) coxph(
    response(d) ~ d$x + strata(strata), ties = ties, weights = d$weight, robust = FALSE, init = init,
    control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100, timefix = FALSE)
  )
  fit <- once(rep(0, ncol(d$x)))
  start <- fit$loglik[1]
  for (again in 1:2) fit <- once(coef(fit)) # it stops by its likelihood; further steps settle the coefficients
  agree <- concordance(response(d) ~ predict(fit, type = "lp", reference = "zero") + strata(strata), weights = d$weight,
                       reverse = TRUE, timefix = FALSE)
  write(name, d, list(
    made_by = unbox(paste("survival", packageVersion("survival"), "on", R.version.string)), ties = unbox(ties),
    coef = as.numeric(coef(fit)), loglik = c(start, fit$loglik[2]), concordance = unbox(as.numeric(agree$concordance)),
    variance = vcov(fit)
  ))
}

plain("coxph_breslow", draw(1, 90, 5), "breslow")
plain("coxph_efron", draw(2, 90, 5), "efron")
plain("coxph_no_ties", draw(3, 120, 8, grid = 0), "efron")
plain("coxph_efron_weights", draw(4, 100, 4, weights = TRUE), "efron")
plain("coxph_breslow_strata", draw(5, 140, 5, strata = 4), "breslow")
plain("coxph_efron_entry", draw(6, 130, 5, entry = TRUE), "efron")
plain("coxph_breslow_everything", draw(7, 200, 6, weights = TRUE, entry = TRUE, strata = 3), "breslow")
plain("coxph_efron_everything", draw(8, 200, 6, weights = TRUE, entry = TRUE, strata = 3), "efron")
plain("coxph_efron_heavy_ties", draw(9, 150, 4, grid = 2), "efron")
plain("coxph_efron_pairs", draw(10, 160, 3, grid = 0, strata = 60), "efron")

# penalized: glmnet divides the deviance by 2 and by the sum of the weights; ties are Breslow's
penalized <- function(name, d, alpha, factors = 1, lower = -Inf, upper = Inf, standardize = TRUE,
                      lambda = c(0.2, 0.1, 0.05, 0.02, 0.01)) {
  p <- ncol(d$x)
  factors <- rep_len(factors, p)
  lower <- rep_len(lower, p)
  upper <- rep_len(upper, p)
  thresh <- if (d$late || max(d$strata) > 1) 1e-15 else 1e-20 # entry and strata are fitted by glmnet's other code
  y <- response(d)
  if (max(d$strata) > 1) y <- stratifySurv(y, d$strata)
  fit <- glmnet(d$x, y, family = "cox", weights = d$weight, alpha = alpha, lambda = lambda, penalty.factor = factors,
                lower.limits = lower, upper.limits = upper, standardize = standardize, thresh = thresh, maxit = 1e7)
  stopifnot(length(fit$lambda) == length(lambda))
  start <- glmnet(d$x, y, family = "cox", weights = d$weight, alpha = alpha, penalty.factor = factors,
                  standardize = standardize)$lambda[1]
  # what a fold adds to the deviance of the others, at coefficients fitted on the others (cv.glmnet, grouped = TRUE)
  fold <- rep_len(1:4, nrow(d$x))
  added <- sapply(1:4, function(k) {
    rest <- fold != k
    own <- glmnet(d$x[rest, ], y[rest, ], family = "cox", weights = d$weight[rest], alpha = alpha, lambda = lambda,
                  penalty.factor = factors, lower.limits = lower, upper.limits = upper, standardize = standardize,
                  thresh = thresh, maxit = 1e7)
    eta <- d$x %*% as.matrix(own$beta)
    apply(eta, 2, function(e) coxnet.deviance(pred = e, y = y, weights = d$weight, std.weights = FALSE) -
            coxnet.deviance(pred = e[rest], y = y[rest, ], weights = d$weight[rest], std.weights = FALSE))
  })
  write(name, d, list(
    made_by = unbox(paste("glmnet", packageVersion("glmnet"), "on", R.version.string)), ties = unbox("breslow"),
    alpha = unbox(alpha), lambda = lambda, factors = factors * p / sum(factors), lower = lower,
    upper = upper, standardize = unbox(standardize), coef = t(as.matrix(fit$beta)), steepest = unbox(start),
    null_deviance = unbox(fit$nulldev), explained = fit$dev.ratio, fold = fold, added = t(added)
  ))
}

penalized("glmnet_lasso", draw(21, 120, 12), 1)
penalized("glmnet_ridge", draw(22, 100, 8), 0)
penalized("glmnet_net_no_ties", draw(23, 140, 10, grid = 0), 0.5)
penalized("glmnet_lasso_weights", draw(24, 150, 10, weights = TRUE), 1)
penalized("glmnet_net_strata", draw(25, 160, 8, strata = 3), 0.5)
penalized("glmnet_lasso_entry", draw(26, 150, 8, entry = TRUE), 1)
penalized("glmnet_net_everything", draw(27, 200, 9, weights = TRUE, entry = TRUE, strata = 3), 0.5,
          factors = c(1, 0, 2, 0.5, 1, 1, 3, 1, 1))
penalized("glmnet_net_bounds", draw(28, 140, 8), 0.5, lower = c(-0.1, 0, -Inf, -Inf), upper = c(0.1, Inf, 0.2, Inf))
penalized("glmnet_ridge_raw_weights", draw(29, 110, 6, weights = TRUE), 0, standardize = FALSE)
penalized("glmnet_lasso_wide", draw(30, 60, 80, signal = 0.4), 1, lambda = c(0.2, 0.15, 0.1, 0.07))
