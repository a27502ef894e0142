"""``rightfit report``: the page of a run, made again from the run alone."""

from __future__ import annotations

import click

from rightfit.cli.choices import common

EPILOG = """\b
Examples:
    rightfit report houses.rightfit
    rightfit report houses.rightfit -o houses.html --open
"""


@click.command(epilog=EPILOG, short_help="Write the report of a run again.")
@click.argument("run")
@click.option("-o", "--output", metavar="FILE", help="The page; RUN-report.html in this folder where not given.")
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@click.option("--force", is_flag=True, help="Replace an existing file even if rightfit has not written it.")
@common
def command(run: str, output: str | None, show: bool, force: bool, quiet: bool, as_json: bool, debug: bool) -> int:
    """Write the report of RUN: one html file that opens offline and asks nobody for anything."""
    from pathlib import Path

    from rightfit.cli.outputs import check_output, stem

    page = Path(output or f"{stem(run)}-report.html")
    check_output(page, "--output", force=force, inputs=(run,), ours=True)

    from rightfit.report.page import write_page
    from rightfit.store.file import load

    write_page(load(run), page)
    if as_json:
        from rightfit.cli.summary import as_json as dump

        click.echo(dump({"report": str(page), "bytes": page.stat().st_size}))
    elif not quiet:
        click.echo(f"report  {page}")
    if show:
        import webbrowser

        webbrowser.open(page.absolute().as_uri())
    return 0
