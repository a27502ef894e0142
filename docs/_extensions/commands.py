"""The directive ``command``: the reference of one command, made from click itself, so that it is never stale.

```{command} fit
```
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import click

from rightfit.cli.commands import commands


def find_command(words: str) -> click.Command:
    """The command of these words; ``rightfit`` itself where there are none."""
    found: click.Command = commands
    for word in words.split():
        assert isinstance(found, click.Group)
        deeper = found.get_command(click.Context(found), word)
        if deeper is None:
            raise LookupError(f"there is no command {words!r}")
        found = deeper
    return found


def describe_command(words: str) -> list[str]:
    """Lines of Markdown: how it is called, what it does, every option, its examples."""
    command = find_command(words)
    name = f"rightfit {words}".rstrip()
    context = click.Context(command, info_name=name)
    usage = " ".join(command.collect_usage_pieces(context))
    lines = ["```text", f"{name} {usage}", "```", ""]
    lines += [*_prose(command.help or ""), "", f"```{{program}} {name}", "```", ""]
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            lines += [f"```{{option}} {_signature(parameter)}", _explanation(parameter, context), "```", ""]
    return [*lines, *_prose(command.epilog or "")]


def _signature(option: click.Option) -> str:
    """``-t, --target COLUMN``; both ways of a switch."""
    ways = sorted(option.opts, key=len) + option.secondary_opts
    if option.is_flag or option.count:
        return ", ".join(ways)
    kind = option.metavar or (
        "|".join(option.type.choices) if isinstance(option.type, click.Choice) else option.type.name.upper()
    )
    return ", ".join(f"{way} {kind}" if way == ways[-1] else way for way in ways)


def _explanation(option: click.Option, context: click.Context) -> str:
    extra: dict[str, Any] = dict(option.get_help_extra(context))
    words = [option.help or ""]
    if option.required:
        words.append("Must be given.")
    if "default" in extra and "[default" not in words[0]:
        words.append(f"[default: {extra['default']}]")
    return re.sub(r"\[default: ([^\]]+)\]", r"Default: `\1`.", " ".join(words))


def _prose(text: str) -> Iterator[str]:
    """Paragraphs of click's help; those behind a line ``\\b`` keep their lines, as an indented block."""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        mark, _, kept = paragraph.partition("\n")
        if mark != "\b":
            yield from (paragraph, "")
            continue
        first, _, rest = kept.partition("\n")
        if not first.startswith(" "):
            yield from (first, "")
            kept = rest
        yield from ("```text", inspect.cleandoc("\n" + kept), "```", "")


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's door."""
    from sphinx.util.docutils import SphinxDirective

    class Command(SphinxDirective):
        required_arguments = 0
        optional_arguments = 1
        final_argument_whitespace = True

        def run(self) -> list[Any]:
            text = "\n".join(describe_command(self.arguments[0] if self.arguments else ""))
            return self.parse_text_to_nodes(text)

    app.add_directive("command", Command)
    return {"parallel_read_safe": True}
