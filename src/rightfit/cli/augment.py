"""``rightfit augment``: see what augmentation makes of a file, and write it with augmented copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rightfit.cli.choices import common, reading

if TYPE_CHECKING:
    from pathlib import Path

EPILOG = """\b
Examples:
    rightfit augment digits.csv --image 28x28 --preview
    rightfit augment flowers/ --flip horizontal --rotate 20 --cutout 12 --preview
    rightfit augment flowers.npz --shift 3 --copies 2 -o more-flowers.npz
    rightfit augment sms.csv --text message --thesaurus synonyms.csv --preview -o more.csv
"""
_PICTURES = ("flip", "turn", "rotate", "shift", "scale", "noise", "cutout", "fill", "drop")
_TEXTS = ("synonyms", "swap", "delete", "thesaurus")
"""Options that only images, or only texts, have."""


@click.command(epilog=EPILOG, short_help="See and write augmented images or texts.")
@click.argument("data")
@click.option("--image", metavar="SIZE", help="The columns are pixels of images of this size, such as 28x28.")
@click.option("--text", multiple=True, metavar="COLUMN", help="Augment the texts of this column (repeatable).")
@click.option("--label", metavar="COLUMN", help="What an image or text shows; it is never changed.")
@click.option(
    "--drop", multiple=True, default=None, metavar="COLUMN", help="With --image: no pixel, and no label (repeatable)."
)
@click.option("--preview", is_flag=True, help="Write a page with originals and what every step makes of them.")
@click.option("--page", metavar="FILE", help="The page; DATA-augment.html in this folder where not given.")
@click.option("-o", "--output", metavar="FILE", help="Write all rows with copies: .csv, .parquet; .npz for images.")
@click.option("--copies", type=int, default=1, show_default=True, help="Augmented copies of each row.")
@click.option("--examples", type=int, default=10, show_default=True, help="Rows that the page shows.")
@click.option("--flip", type=click.Choice(["horizontal", "vertical", "both"]), help="Mirror half of the images.")
@click.option("--turn", is_flag=True, default=None, help="Turn images by 0, 90, 180 or 270 degrees.")
@click.option("--rotate", type=float, metavar="DEGREES", help="Rotate images by at most so much, either way.")
@click.option("--shift", type=int, metavar="PIXELS", help="Shift images by at most so many whole pixels.")
@click.option("--scale", type=float, metavar="FACTOR", help="Enlarge or reduce images by at most this factor.")
@click.option("--noise", type=float, metavar="SHARE", help="Add noise: deviation as a share of the range of values.")
@click.option("--cutout", type=int, metavar="PIXELS", help="Cut a square of this size out of images.")
@click.option(
    "--fill", type=click.Choice(["black", "edge"]), help="What comes into view: black, or the nearest pixel; black."
)
@click.option("--synonyms", type=float, metavar="SHARE", help="Replace this share of words; needs --thesaurus.")
@click.option("--swap", type=float, metavar="SHARE", help="Exchange this share of words.")
@click.option("--delete", type=float, metavar="SHARE", help="Leave this share of words out.")
@click.option("--thesaurus", metavar="FILE", help="A table with columns word and synonyms, or WordNet's folder.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same bytes.")
@click.option("--force", is_flag=True, help="Replace existing files even if rightfit has not written them.")
@reading
@common
def command(data: str, **given: Any) -> int:
    """Augment the images or texts of DATA: a CSV or Parquet file, a folder of class folders with pictures, or an .npz
    file of arrays. Labels stay. Augment training rows alone; copies share `original_row` with their original, so that
    `fit --group original_row` keeps them together."""
    from pathlib import Path

    quiet, as_json = given.pop("quiet"), given.pop("as_json")
    given.pop("debug")
    page, output = _targets(data, given)
    holds_images = Path(data).is_dir() or Path(data).suffix.lower() == ".npz"
    if given["text"] and (given["image"] or holds_images):
        raise click.UsageError("--text and --image: give one of them; a folder or an .npz file holds images")
    if not (given["text"] or given["image"] or holds_images):
        raise click.UsageError("say what to augment: --image 28x28 for columns of pixels, or --text COLUMN")
    if given["copies"] < 1 or given["examples"] < 1:
        raise click.UsageError("--copies and --examples must be 1 or more")
    if not 0 <= given["seed"] < 2**63:
        raise click.UsageError(f"--seed must be 0 or more, not {given['seed']}")
    taken, others = (_TEXTS, _PICTURES) if given["text"] else (_PICTURES, _TEXTS)
    for name in others:
        if given[name] not in (None, ()):
            kind = "images" if given["text"] else "texts"
            raise click.UsageError(f"--{name} is for {kind}; here there are --{', --'.join(taken)}")

    if given["text"]:
        from rightfit.cli.augment_texts import augment_texts as augment
    else:
        from rightfit.cli.augment_images import augment_images as augment
    done = augment(data, page, output, given)

    from rightfit.cli.summary import as_json as dump
    from rightfit.cli.summary import note_lines

    said = {
        "steps": done.steps,
        "page": None if page is None else str(page),
        "output": None if output is None else str(output),
        "rows": done.rows,
        "written": done.written,
        "notes": [{"severity": n.severity, "subject": n.subject, "sentence": n.sentence} for n in done.notes],
    }
    if as_json:
        click.echo(dump(said))
        return 0
    if not quiet:
        for line in note_lines(n for n in done.notes if n.severity == "warning"):
            click.echo(line, err=True)
        click.echo(f"steps   {'; '.join(done.steps)}")
        if page is not None:
            click.echo(f"page    {page}")
        if output is not None:
            click.echo(f"output  {output}: {done.rows:,} rows and {done.written - done.rows:,} copies")
            click.echo("        copies share original_row with their original: give fit --group original_row")
    return 0


def _targets(data: str, given: dict[str, Any]) -> tuple[Path | None, Path | None]:
    """Where the page and the output go, checked before anything is computed."""
    from pathlib import Path

    from rightfit.cli.outputs import check_output, stem

    force, preview, page, output = (given.pop(name) for name in ("force", "preview", "page", "output"))
    if not (preview or page or output):
        raise click.UsageError("say what to make: --preview for a page, --output FILE for a file with copies")
    page_file = Path(page or f"{stem(data)}-augment.html") if preview or page else None
    output_file = Path(output) if output else None
    inputs = (data, *([given["thesaurus"]] if given["thesaurus"] else []))
    if page_file is not None:
        check_output(page_file, "--page", force=force, inputs=inputs, ours=True)
    if output_file is not None:
        check_output(output_file, "--output", force=force, inputs=inputs)
        if page_file is not None and page_file.absolute() == output_file.absolute():
            raise click.UsageError("--output and --page name the same file")
    return page_file, output_file
