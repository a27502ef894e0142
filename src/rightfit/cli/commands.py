"""The group of commands, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import importlib
import json
import os
import sys

import click

from rightfit import __version__
from rightfit.errors import RightfitError

COMMANDS = ("fit", "predict", "report", "summary", "views", "path", "augment", "learn")
_FILES = {"summary": "coefficients"}
"""Where a command's file does not have its name."""

HELP = """Find the regularization that generalizes, prove it on rows it has not seen, and show it.

\b
    rightfit fit houses.csv --target price
    rightfit predict houses.rightfit new-houses.csv -o predictions.csv
    rightfit report houses.rightfit
    rightfit summary houses.rightfit houses.csv
    rightfit learn
"""
EPILOG = """\b
Exit codes:
    0  done                        4  the fit asked for has no answer
    1  unexpected error            5  the .rightfit file is damaged or no run
    2  wrong command or option     6  an optional package is not installed
    3  unusable data or file     130  stopped by Ctrl-C
"""


class _Commands(click.Group):
    """Commands in the order of their use; each is a file of this room with a function ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"rightfit.cli.{_FILES.get(cmd_name, cmd_name)}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"the commands are {', '.join(COMMANDS)}."
            raise click.UsageError(f"there is no command {args[0]!r}: {advice}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    help=HELP,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="rightfit", message="%(prog)s %(version)s")
def commands() -> None:
    """All commands; what it prints is `HELP`."""


def run(words: list[str]) -> int:
    """Run the words of a command line; the exit code. Errors go to stderr, or to stdout as JSON with --json."""
    as_json = "--json" in words
    try:
        code = commands.main(args=words or ["--help"], prog_name="rightfit", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        from rightfit.cli.interrupt import SENTENCE

        return fail("Stopped", SENTENCE, 130, as_json)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "rightfit"
        return fail("OptionError", f"{_sentence(error.format_message())}\nSee `{where} --help`.", 2, as_json)
    except click.ClickException as error:
        return fail("OptionError", _sentence(error.format_message()), 2, as_json)
    except RightfitError as error:
        if "--debug" in words:
            raise
        return fail(type(error).__name__, str(error), error.exit_code, as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left: nothing more to say
        return 0
    except MemoryError:
        return fail("MemoryError", "the data does not fit into memory: drop columns or take fewer rows", 1, as_json)
    except Exception as error:
        if "--debug" in words:
            raise
        advice = "This is a fault in rightfit: please report it with what --debug prints."
        return fail(type(error).__name__, f"unexpected {type(error).__name__}: {error}\n{advice}", 1, as_json)


def _sentence(text: str) -> str:
    text = text[:1].lower() + text[1:].rstrip(".")
    return text if text.endswith(("?", "?)")) else f"{text}."


def fail(kind: str, message: str, code: int, as_json: bool) -> int:
    """Say what went wrong and give back the exit code."""
    if as_json:
        print(json.dumps({"error": {"type": kind, "message": message, "exit_code": code}}, ensure_ascii=False))
    else:
        print(f"rightfit: {message}", file=sys.stderr)
    return code
