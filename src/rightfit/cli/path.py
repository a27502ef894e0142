"""``rightfit path``: the path of one penalty at once, without folds."""

from __future__ import annotations

from typing import Any

import click

from rightfit.cli.choices import columns, common, mixing, read_kinds, read_mixing, reading

EPILOG = """\b
Examples:
    rightfit path houses.csv --target price
    rightfit path houses.csv --target price --l1-ratio 0.5 -o houses-path.html
"""
_SHOWN = 20


@click.command(epilog=EPILOG, short_help="Draw the path of one penalty at once, without folds.")
@click.argument("data")
@columns
@click.option("-o", "--output", metavar="FILE", help="The picture; DATA-path.html in this folder where not given.")
@click.option("--force", is_flag=True, help="Replace an existing file even if rightfit has not written it.")
@reading
@mixing
@click.option("--strengths", type=int, default=100, show_default=True, help="Steps of the path.")
@click.option(
    "--standardize/--no-standardize",
    default=True,
    help="Penalize columns as if all had the same spread.  [default: yes]",
)
@common
def command(data: str, output: str | None, force: bool, **given: Any) -> int:
    """Walk DATA from strong to weak regularization with one penalty (the lasso where none is given): print in which
    order the columns enter, and write a picture. No rows are held out, so nothing is chosen or proven."""
    quiet, as_json = given.pop("quiet"), given.pop("as_json")
    given.pop("debug")
    mixed = read_mixing(given.pop("penalty"), given.pop("l1_ratio"))
    asked = [*(mixed["l1_ratio"] or ()), *mixed.get("families", ())] or [1.0]
    if len(asked) > 1:
        raise click.UsageError("--l1-ratio, --penalty: a path has one penalty; give one")
    kinds = read_kinds(given.pop("kinds"))

    from pathlib import Path

    from rightfit import __version__
    from rightfit.cli.interrupt import watch
    from rightfit.cli.outputs import check_output, stem
    from rightfit.cli.progress import Progress
    from rightfit.search.options import FitOptions
    from rightfit.store.atomic import written

    options = FitOptions(kinds=kinds, **mixed, **given)
    page = Path(output or f"{stem(data)}-path.html")
    check_output(page, "--output", force=force, inputs=(data,), ours=True)

    from rightfit.data.table import read_table
    from rightfit.report.path_page import render_path
    from rightfit.search.path import walk_table

    with watch(Progress(quiet=True), as_json=as_json):
        table = read_table(data, **options.reading())
        walked = walk_table(table, options, asked[0])
    names = [feature.name for feature in walked.features]
    with written(page) as stream:
        text = render_path(
            walked.trace,
            names,
            title=f"The path of {walked.task.target}",
            subtitle=f"{table.source.name}, {walked.penalty}, all rows",
            loss=walked.task.loss,
            version=__version__,
        )
        stream.write(text.encode("utf-8", "replace"))

    from rightfit.cli.summary import as_json as dump
    from rightfit.cli.summary import printable

    strengths, explained = walked.trace.strengths, walked.trace.explained
    if as_json:
        order = [{"feature": names[j], "step": k, "strength": float(strengths[k])} for j, k in walked.order]
        click.echo(dump({"path": str(page), "penalty": walked.penalty, "steps": len(strengths), "order": order}))
    elif not quiet:
        click.echo(f"{walked.penalty}, {len(strengths)} steps, {len(walked.order):,} of {len(names):,} features enter")
        click.echo(f"{'':>4}  {'strength':>10}  {'explained':>9}  feature")
        for place, (j, k) in enumerate(walked.order[:_SHOWN], start=1):
            click.echo(f"{place:>4}  {strengths[k]:>10.4g}  {100 * explained[k]:>7.1f} %  {printable(names[j])}")
        if len(walked.order) > _SHOWN:
            click.echo(f"      and {len(walked.order) - _SHOWN:,} more")
        click.echo(f"\npath    {page}")
    return 0
