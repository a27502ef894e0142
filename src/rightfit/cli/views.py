"""``rightfit views``: what regularization does to a run, computed from the file of its fit."""

from __future__ import annotations

from typing import Any

import click

from rightfit.cli.choices import common

EPILOG = """\b
Examples:
    rightfit views houses.rightfit --data houses.csv
    rightfit views houses.rightfit --data houses.csv --only bias-variance,geometry
    rightfit views houses.rightfit --data houses.csv --only geometry --column size --column rooms
    rightfit views houses.rightfit --data houses.csv --only boundary --beside tree,kernel,network
    rightfit views houses.rightfit --data houses.csv --only dropout,information --units 10
    rightfit views houses.rightfit --data houses.csv -o seen.rightfit --report seen.html
"""


@click.command(epilog=EPILOG, short_help="Compute what regularization does to a run, and show it.")
@click.argument("run")
@click.option("--data", required=True, metavar="FILE", help="The file that the run was fitted on: a run holds no rows.")
@click.option(
    "--only",
    metavar="VIEWS",
    help="bias-variance, geometry, bayes, boundary, dropout, information; several with commas, all by itself.",
)
@click.option("--models", type=int, help="Models whose spread tells bias from variance; 100, or 40 of trees.")
@click.option(
    "--resampling",
    default="pairs",
    show_default=True,
    metavar="KIND",
    help="Of bias and variance: pairs (of halves without a common row) or bootstrap.",
)
@click.option("--replicated", is_flag=True, help="Rows that agree in all columns are independent measurements.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME",
    help="Of the geometry two or three, of the boundary the first two (repeatable).",
)
@click.option(
    "--beside",
    metavar="FAMILIES",
    help="Of the boundary: families taught by its two columns alone; linear,tree,kernel, or more with commas.",
)
@click.option("--units", type=int, help="Of dropout and information: train a net of one hidden layer of so many units.")
@click.option("--noise", type=float, help="Of information: noise on each unit, in the layer's own size; 0.3.")
@click.option("-o", "--output", metavar="FILE", help="The run with its views; RUN-views.rightfit where not given.")
@click.option("--report", metavar="FILE", help="The report with the views; RUN-views.html where not given.")
@click.option("--force", is_flag=True, help="Replace existing files even if rightfit has not written them.")
@common
def command(
    run: str,
    data: str,
    only: str | None,
    models: int | None,
    resampling: str,
    replicated: bool,
    columns: tuple[str, ...],
    beside: str | None,
    units: int | None,
    noise: float | None,
    output: str | None,
    report: str | None,
    force: bool,
    quiet: bool,
    as_json: bool,
    debug: bool,
) -> int:
    """Compute bias and variance along the path of RUN, its geometry, the priors that it stands for, its boundary over
    two columns, and of nets the thinned nets of dropout and the bits of a hidden layer."""
    from pathlib import Path

    from rightfit.cli.outputs import check_output, stem
    from rightfit.cli.progress import Progress

    names = _words(only)
    run_file, page_file = Path(output or f"{stem(run)}-views.rightfit"), Path(report or f"{stem(run)}-views.html")
    if page_file.absolute() == run_file.absolute():
        raise click.UsageError("--output and --report name the same file")
    check_output(run_file, "--output", force=force, inputs=(run, data), ours=True)
    check_output(page_file, "--report", force=force, inputs=(run, data), ours=True)

    from rightfit.data.table import read_table
    from rightfit.report.page import write_page
    from rightfit.report.views import view_sentences
    from rightfit.search.asked import read_command
    from rightfit.store.file import load, save
    from rightfit.views.compute import compute_views

    options: dict[str, dict[str, Any]] = {
        "bias-variance": {"models": models, "resampling": resampling, "replicated": replicated},
        "geometry": {"columns": columns},
        "boundary": {"columns": columns[:2], "beside": None if beside is None else _words(beside)},
        "dropout": {"units": units},
        "information": {"units": units} | ({} if noise is None else {"noise": noise}),
    }
    record = load(run)
    with Progress(quiet=quiet) as progress:
        table = read_table(data, **read_command(record.command).reading())
        seen = compute_views(record, table, names, options, progress)
    save(seen, run_file)
    write_page(seen, page_file)
    sentences = view_sentences(seen.views)
    if as_json:
        from rightfit.cli.summary import as_json as dump

        views = {name: {"sentences": lines} for name, lines in sentences.items()}
        files = {"run": str(run_file), "report": str(page_file)}
        click.echo(dump(files | {"views": views, "missing": seen.views.missing}))
    elif not quiet:
        from rightfit.cli.summary import wrap

        for name, lines in sentences.items():
            click.echo("\n".join([name, *(line for sentence in lines for line in wrap(sentence, "  "))]))
        for name, reason in seen.views.missing.items():
            click.echo("\n".join(wrap(f"{name}: none. {reason}", "  ", first="")))
        click.echo(f"\nrun     {run_file}\nreport  {page_file}")
    return 0


def _words(text: str | None) -> tuple[str, ...]:
    """Different words between commas."""
    return tuple(dict.fromkeys(word.strip() for word in (text or "").split(",") if word.strip()))
