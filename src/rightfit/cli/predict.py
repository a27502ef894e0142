"""``rightfit predict``: predictions of a run for a new file, in the order of its rows."""

from __future__ import annotations

from typing import Any

import click

from rightfit.cli.choices import common, read_numbers, reading

EPILOG = """\b
Examples:
    rightfit predict houses.rightfit new-houses.csv -o predictions.csv
    rightfit predict churn.rightfit visits.parquet --id customer_id -o predictions.parquet
    rightfit predict trial.rightfit patients.csv --times 1,2,5
    rightfit predict houses.rightfit new-houses.csv | head
"""


@click.command(epilog=EPILOG, short_help="Predict the rows of a new file.")
@click.argument("run")
@click.argument("data")
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    help="CSV or Parquet by its ending; - is stdout, as CSV.  [default: -]",
)
@click.option(
    "--id", "ids", multiple=True, metavar="COLUMN", help="Copy this column beside the predictions (repeatable)."
)
@click.option(
    "--times", metavar="TIMES", help="Of a run of survival times: the chance of no event up to each, as 1,2,5."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
@reading
@common
def command(
    run: str,
    data: str,
    output: str,
    ids: tuple[str, ...],
    times: str | None,
    force: bool,
    quiet: bool,
    as_json: bool,
    debug: bool,
    **written: Any,
) -> int:
    """Predict the rows of DATA with RUN. What `rightfit fit` was told about how its file is written holds for DATA
    too. Columns may have moved or be in excess; a missing or mistyped one is refused
    by name; new levels and values far outside the training range are counted in a warning on stderr."""
    from pathlib import Path

    from rightfit.cli.outputs import check_output

    moments = read_numbers("--times", times)
    if output != "-":
        check_output(Path(output), "--output", force=force, inputs=(run, data))

    from rightfit.data.dialect import Told
    from rightfit.search.predict import predict_file
    from rightfit.store.file import load

    told = Told(**written)
    record = load(run)
    from rightfit.cli.summary import as_json as dump
    from rightfit.cli.summary import note_lines

    if as_json and output == "-":
        import io

        stream = io.BytesIO()
        done = predict_file(record, data, stream, ids=ids, times=moments, format="json", told=told)
        rows = [] if not stream.getvalue() else stream.getvalue().decode().splitlines()
        import json

        predictions = [json.loads(row) for row in rows]
    else:
        import sys

        target = sys.stdout.buffer if output == "-" else Path(output)
        done = predict_file(record, data, target, ids=ids, times=moments, told=told)
        predictions = None
    if as_json:
        notes = [{"severity": n.severity, "subject": n.subject, "sentence": n.sentence} for n in done.notes]
        result = {
            "rows": done.rows,
            "output": None if output == "-" else output,
            "columns": done.columns,
            "notes": notes,
        }
        click.echo(dump(result | ({} if predictions is None else {"predictions": predictions})))
    elif not quiet:
        for line in note_lines(n for n in done.notes if n.severity == "warning"):
            click.echo(line, err=True)
        if output != "-":
            click.echo(f"{done.rows:,} rows predicted: {output}", err=True)
    return 0
