"""``rightfit learn``: opens the course, which is in the package, in the browser."""

from __future__ import annotations

import click

EPILOG = """\b
Examples:
    rightfit learn
    rightfit learn ridge
    rightfit learn --print
    rightfit learn -o course
"""


@click.command(epilog=EPILOG, short_help="Open the course: what regularization does, in ten lessons.")
@click.argument("lesson", required=False)
@click.option("--print", "only_print", is_flag=True, help="Print the path of the page, and open no browser.")
@click.option("-o", "--output", metavar="FOLDER", help="Lay the pages out there; by default in the user's cache.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(lesson: str | None, only_print: bool, output: str | None, debug: bool) -> int:
    """Open the course, or one LESSON of it, in the browser. It asks nobody for anything and can be read offline."""
    import webbrowser
    from pathlib import Path

    from rightfit.learn.course import LESSONS, find_folder, write_course

    if lesson is not None and lesson not in LESSONS:
        raise click.UsageError(f"there is no lesson {lesson!r}; the lessons are {', '.join(LESSONS)}")
    contents = write_course(find_folder() if output is None else Path(output))
    page = contents if lesson is None else contents.with_name(f"{lesson}.html")
    if only_print or not webbrowser.open(page.absolute().as_uri()):
        click.echo(page.absolute())
    return 0
