# Survival curves of survival::coxph by survfit, written as JSON: `Rscript baseline.R FOLDER`. Needs R with survival and
# jsonlite; the tests never run this file. Inputs are rounded, so that the decimal text is the very number.
suppressMessages({library(survival); library(jsonlite)})
folder <- commandArgs(TRUE)[1]

fixture <- function(name, seed, ties, n = 120, p = 3, weights = FALSE, entry = FALSE, strata = 1) {
  set.seed(seed)
  x <- matrix(round(rnorm(n * p, 1), 3), n, p, dimnames = list(NULL, paste0("x", 1:p)))
  group <- if (strata > 1) sample(strata, n, TRUE) else rep(1, n)
  time <- ceiling(rexp(n) * exp(-0.5 * x[, 1] + group / 2) * 15)
  status <- rbinom(n, 1, 0.7)
  since <- if (entry) pmax(0, floor(time * runif(n, -0.5, 1)) - 1) else rep(-1, n)
  weight <- if (weights) round(rexp(n) + 0.1, 3) else rep(1, n)
  table <- data.frame(x, time, status, since, group)
  outcome <- if (entry) "Surv(since, time, status)" else "Surv(time, status)"
  right <- paste(c(colnames(x), if (strata > 1) "strata(group)"), collapse = " + ")
  fit <- coxph(as.formula(paste(outcome, "~", right)), table, ties = ties, weights = weight, robust = FALSE,
               control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100, timefix = FALSE))
  rows <- data.frame(x[1:4, ] + 0.5, group = rep_len(sort(unique(group)), 4), time = 1, status = 1, since = 0)
  moments <- c(0.5, 1, 2, 3.5, 5, 8)
  curve <- t(sapply(1:4, function(k) {
    one <- survfit(fit, newdata = rows[k, ], se.fit = FALSE)
    summary(one, times = moments, extend = TRUE)$surv
  }))
  one <- function(value) unbox(value)
  writeLines(toJSON(list(
    name = one(name), made_by = one(paste("survival", packageVersion("survival"), "on", R.version.string)),
    ties = one(ties), x = unname(x), time = time, status = status, entry = since, strata = group, weight = weight,
    coef = as.numeric(coef(fit)), rows = unname(as.matrix(rows[, 1:p])), rows_strata = rows$group, moments = moments,
    survival = curve
  ), digits = I(17)), file.path(folder, paste0(name, ".json")))
}

fixture("breslow", 1, "breslow")
fixture("efron", 2, "efron")
fixture("breslow_strata_weights", 3, "breslow", weights = TRUE, strata = 3)
fixture("efron_strata_entry", 4, "efron", n = 200, entry = TRUE, strata = 2)
fixture("efron_everything", 5, "efron", n = 220, weights = TRUE, entry = TRUE, strata = 3)
