# Rscript glmnet.R FOLDER OUT TASK FAMILY L1 TOLERANCE INTERCEPT N P SPARSE CHECKED
# Times glmnet() or cv.glmnet() alone; reads and writes raw little-endian numbers.
suppressPackageStartupMessages({library(Matrix); library(glmnet)})
given <- commandArgs(TRUE)
folder <- given[1]; out <- given[2]; task <- given[3]; family <- given[4]
l1 <- as.numeric(given[5]); tolerance <- as.numeric(given[6]); intercept <- given[7] == "1"
n <- as.integer(given[8]); p <- as.integer(given[9]); sparse <- given[10] == "1"
checked <- as.integer(strsplit(given[11], ",")[[1]])
numbers <- function(name, kind, count, size) {
  stream <- file(file.path(folder, name), "rb"); on.exit(close(stream))
  readBin(stream, kind, count, size = size)
}
kilobytes <- function(name) {
  lines <- tryCatch(readLines("/proc/self/status"), error = function(e) character(0))
  line <- grep(paste0("^", name, ":"), lines, value = TRUE)
  if (length(line)) as.numeric(gsub("[^0-9]", "", line)) else NA
}
spent <- function(time) {
  if (nzchar(Sys.getenv("RIGHTFIT_BENCH_PROCESSOR"))) time[["user.self"]] + time[["sys.self"]] else time[["elapsed"]]
}
y <- numbers("y.bin", "double", n, 8)
strengths <- numbers("strengths.bin", "double", 1000, 8)
if (sparse) {
  ends <- numbers("X-indptr.bin", "integer", p + 1L, 4)
  X <- new("dgCMatrix", i = numbers("X-indices.bin", "integer", ends[p + 1L], 4), p = ends,
           x = numbers("X-data.bin", "double", ends[p + 1L], 8), Dim = c(n, p))
} else {
  X <- numbers("X.bin", "double", as.double(n) * p, 8)
  dim(X) <- c(n, p)
}
glmnet.control(fdev = 0, devmax = 1, mnlam = length(strengths))
answer <- if (family == "binomial" || family == "multinomial") factor(y) else y
invisible(gc())
before <- kilobytes("VmRSS")
try(writeLines("5", "/proc/self/clear_refs"), silent = TRUE)
options <- list(X, answer, family = family, alpha = l1, lambda = strengths, standardize = FALSE, thresh = tolerance,
                maxit = 1e8)
if (task == "path") {
  seconds <- spent(system.time(fit <- do.call(glmnet, c(options, intercept = intercept))))
  stopifnot(length(fit$lambda) == length(strengths), fit$jerr == 0)
  stream <- file(file.path(out, "coef.bin"), "wb")
  for (j in checked) {
    if (family == "multinomial") {
      for (k in seq_along(fit$beta)) writeBin(c(fit$a0[k, j], as.numeric(fit$beta[[k]][, j])), stream)
    } else writeBin(c(fit$a0[j], as.numeric(fit$beta[, j])), stream)
  }
  close(stream)
  chosen <- NA
} else {
  fold <- numbers("fold.bin", "integer", n, 4)
  seconds <- spent(system.time(fit <- do.call(cv.glmnet, c(options, list(foldid = fold)))))
  chosen <- fit$lambda.min
}
writeLines(c(paste0("seconds=", seconds), paste0("chosen=", chosen), paste0("peak=", kilobytes("VmHWM") - before)),
           file.path(out, "result.txt"))
