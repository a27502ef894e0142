"""``rightfit fit``: from a file to a proven model, its run and its report."""

from __future__ import annotations

import time
from typing import Any

import click

from rightfit.cli.choices import (
    columns,
    common,
    mixing,
    read_kinds,
    read_learners,
    read_mixing,
    read_monotone,
    read_seconds,
    reading,
)

EPILOG = """\b
Examples:
    rightfit fit houses.csv --target price
    rightfit fit houses.csv --target price --learners linear,tree,boosting --time-budget 60s
    rightfit fit visits.parquet --target churned --drop customer_id --group clinic --holdout 0.2
    rightfit fit claims.csv.gz --target count --task counts --offset log_exposure --as zip=category
"""


@click.command(epilog=EPILOG, short_help="Find a model for a column of a file, and prove it.")
@click.argument("data")
@columns
@click.option("-o", "--output", metavar="FILE", help="The run; DATA.rightfit in this folder where not given.")
@click.option("--report", metavar="FILE", help="The report; DATA-report.html in this folder where not given.")
@click.option("--no-report", is_flag=True, help="Write no report.")
@click.option("--force", is_flag=True, help="Replace existing files even if rightfit has not written them.")
@click.option("--group", metavar="COLUMN", help="Rows of one group stay together: person, site, batch.")
@click.option("--time", metavar="COLUMN", help="Earlier rows teach, later rows judge.")
@click.option("--fold-column", metavar="COLUMN", help="Your own folds: one for each value.")
@click.option(
    "--duplicates",
    default="apart",
    show_default=True,
    metavar="WORD",
    help="Rows that are copies of others: dealt apart like any rows, or kept together in one fold.",
)
@click.option("--dates/--no-dates", default=True, help="Let a date that is found order the folds.  [default: yes]")
@click.option("--folds", type=int, help="Number of folds; 10, or 5 of 10,000 rows or more.")
@click.option("--repeats", type=int, default=1, show_default=True, help="Deal the rows to folds so many times.")
@click.option(
    "--rule",
    default="one_se",
    show_default=True,
    metavar="RULE",
    help="best, one_se, within or within:5 (sparsest within 1 or 5 % of the best), aic, bic, ebic or gcv.",
)
@reading
@click.option("--image", metavar="SIZE", help="The columns are pixels of images, 28x28 or 32x32x3.")
@mixing
@click.option(
    "--learners",
    metavar="FAMILIES",
    help="linear, tree, forest, boosting, network: families that are compared; all that are installed where not given, "
    "linear alone where a penalty is given.",
)
@click.option(
    "--setting",
    "settings",
    multiple=True,
    metavar="NAME=VALUES",
    help="Values to try of a family's setting, such as tree.max_depth=3,6 (repeatable).",
)
@click.option(
    "--monotone",
    multiple=True,
    metavar="COLUMN=SIGN",
    help="Predictions may only rise (age=+) or only fall (age=-) with the column, in every family (repeatable).",
)
@click.option(
    "--prefer",
    default="best",
    show_default=True,
    metavar="WORD",
    help="best; simple (the simplest family within one standard error of the best); stack (a mixture, where better).",
)
@click.option("--time-budget", metavar="TIME", help="Such as 60s or 5m: what is not walked by then is left out.")
@click.option("--strengths", type=int, default=100, show_default=True, help="Steps of each linear path.")
@click.option(
    "--standardize/--no-standardize",
    default=True,
    help="Penalize columns as if all had the same spread.  [default: yes]",
)
@click.option(
    "--holdout", type=float, default=0.0, show_default=True, help="Share of rows set aside first and used once."
)
@click.option(
    "--attack",
    type=float,
    default=0.0,
    show_default=True,
    metavar="SIZE",
    help="Move numbers of unseen rows by so many deviations against a network, and say what is left (FGSM, PGD).",
)
@common
def command(data: str, output: str | None, report: str | None, no_report: bool, force: bool, **given: Any) -> int:
    """Fit DATA (CSV, TSV or Parquet, also gzipped): walk from strong to weak regularization, score every step on
    rows that it has not seen, choose one by a rule, and say why."""
    since = time.perf_counter()
    quiet, as_json = given.pop("quiet"), given.pop("as_json")
    given.pop("debug")
    mixed = read_mixing(given.pop("penalty"), given.pop("l1_ratio"))
    kinds = read_kinds(given.pop("kinds"))
    learners = read_learners(given.pop("learners"), given.pop("settings"))
    monotone = read_monotone(given.pop("monotone"))
    budget = read_seconds(given.pop("time_budget"))

    from rightfit.cli.interrupt import watch
    from rightfit.cli.outputs import check_output, stem
    from rightfit.cli.progress import Progress
    from rightfit.search.options import FitOptions

    options = FitOptions(kinds=kinds, monotone=monotone, time_budget=budget, **learners, **mixed, **given)
    from dataclasses import replace
    from pathlib import Path

    run_file = Path(output or f"{stem(data)}.rightfit")
    page_file = None if no_report else Path(report or f"{stem(data)}-report.html")
    if page_file is not None and page_file.absolute() == run_file.absolute():
        raise click.UsageError("--output and --report name the same file")
    check_output(run_file, "--output", force=force, inputs=(data,), ours=True)
    if page_file is not None:
        check_output(page_file, "--report", force=force, inputs=(data,), ours=True)

    with Progress(quiet=quiet) as progress:
        from rightfit.data.table import read_table
        from rightfit.search.fit import fit_table
        from rightfit.store.file import load, save

        progress("read", 0, 1, f"reading {Path(data).name}")
        with watch(progress, as_json=as_json):
            run = fit_table(read_table(data, **options.reading()), options, progress, since=since)
        save(run, run_file)
        if page_file is not None:
            from rightfit.report.page import write_page

            progress("report", 1, 1, "writing the report")
            try:
                # from the file alone, as `rightfit report` would, but for the times, which are not stored
                write_page(replace(load(run_file), families=run.families), page_file)
            except KeyboardInterrupt:
                from rightfit.cli.commands import fail

                progress.close()
                return fail("Stopped", f"stopped by Ctrl-C; {run_file} was saved, the report was not", 130, as_json)

    from rightfit.cli.summary import fit_as_json, fit_lines

    if as_json:
        click.echo(fit_as_json(run, run_file, page_file, interrupted=progress.interrupted))
    elif not quiet:
        click.echo("\n".join(fit_lines(run, run_file, page_file)))
    return 130 if progress.interrupted else 0
