"""``rightfit summary``: the coefficients of a run as a table, with intervals from the file of the fit."""

from __future__ import annotations

import click

from rightfit.cli.choices import common

EPILOG = """\b
Examples:
    rightfit summary houses.rightfit
    rightfit summary houses.rightfit houses.csv
    rightfit summary houses.rightfit houses.csv --intervals bootstrap --level 0.9 --all
"""


@click.command(epilog=EPILOG, short_help="Print the coefficients of a run, with intervals.")
@click.argument("run")
@click.argument("data", required=False)
@click.option(
    "--intervals",
    default="debiased",
    show_default=True,
    metavar="KIND",
    help="debiased (confidence intervals), bootstrap (percentiles of the penalized coefficient) or none.",
)
@click.option("--level", type=float, default=0.95, show_default=True, help="Of the intervals.")
@click.option("--resamples", type=int, default=200, show_default=True, help="Of the bootstrap.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@click.option("--all", "everything", is_flag=True, help="List features without a coefficient, too.")
@common
def command(
    run: str,
    data: str | None,
    intervals: str,
    level: float,
    resamples: int,
    seed: int,
    everything: bool,
    quiet: bool,
    as_json: bool,
    debug: bool,
) -> int:
    """Print the coefficients of RUN with how often each feature is selected and, where DATA is the file of the fit,
    intervals. A run holds no rows, so that without DATA there are none."""
    import shutil

    from rightfit.data.table import read_table
    from rightfit.search.describe import describe_run
    from rightfit.store.file import load

    record = load(run)
    table = None if data is None else read_table(data)
    made = describe_run(record, table, intervals=intervals, level=level, count=resamples, seed=seed)
    if as_json:
        from rightfit.cli.summary import as_json as dump

        click.echo(dump(made.plain()))
    elif not quiet:
        click.echo(made.text(everything=everything, width=min(100, shutil.get_terminal_size((100, 24)).columns)))
    return 0
