"""Dropout of any module with a rate and random numbers that are handed in, and normalization over rows with weights.

Modules drop by functions of torch: `Dropout` and its kin, attention inside `MultiheadAttention` and the encoders and
decoders made of it, or a function that ``forward`` calls itself. All are caught on their way, and drop

    x * (drawn >= rate) / (1 - rate)

with the rate of the net's own rung, instead of the one that the module was made with, which says by being above 0 that
numbers are dropped in this place. So a rate can be walked in, and luck is that of the seed.

Batch normalization counts rows by their weights, so that batches can be filled up with rows of weight zero. When nets
predict, they are normalized by what the averaged net's own layers are like on rows that taught.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod, sqrt
from typing import Any, final

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from rightfit.errors import OptionError


@final
class Dropping(TorchFunctionMode):
    """While it is entered, dropout takes what was handed in."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []
        """Of the numbers that the places need, in the order of the way."""
        self.widest = 0
        """Numbers that one function returned, at most."""
        self.normalizes = False
        """Whether a layer is normalized over the rows of a batch."""
        self._drawn: Sequence[torch.Tensor] | None = None
        self._rate = torch.zeros(())
        self._share = torch.ones(1)
        self._place = 0
        self._notes = self._settles = False

    def note(self, rows: int) -> Dropping:
        """For a way of so many rows on which the places are noted."""
        self._drawn, self._notes, self._settles = None, True, False
        self._share, self.shapes, self.widest, self.normalizes = torch.full((rows,), 1 / rows), [], 0, False
        return self

    def begin(
        self, drawn: Sequence[torch.Tensor] | None, rate: torch.Tensor, share: torch.Tensor, *, settles: bool = False
    ) -> Dropping:
        """For one way through one net, with a rate that is a tensor of one number, None where nothing is dropped;
        ``share`` (b,) are weights of rows that sum to one. Where it ``settles``, what layers are normalized by is kept
        in their buffers."""
        self._drawn, self._rate, self._share, self._place, self._notes = drawn, rate, share, 0, False
        self._settles = settles
        return self

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        handler = HANDLERS.get(func)
        if handler is not None:
            return handler(self, func, *args, **(kwargs or {}))
        found = func(*args, **(kwargs or {}))
        if self._notes and isinstance(found, torch.Tensor):
            self.widest = max(self.widest, found.numel())
        return found

    def drop(self, values: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
        """``values`` with some of their numbers left out; each number of ``shape`` decides on what it is spread to."""
        if self._notes:
            self.shapes.append(tuple(shape))
            self.widest = max(self.widest, values.numel())
        if self._drawn is None:
            return values
        if self._place >= len(self._drawn) or self._drawn[self._place].shape != torch.Size(shape):
            raise OptionError(
                "the module drops numbers in other places than for its first batch: let them stay the same"
            )
        kept = (self._drawn[self._place] >= self._rate).to(values.dtype) / (1.0 - self._rate)
        self._place += 1
        return values * kept

    def normalize(
        self,
        values: torch.Tensor,
        mean: torch.Tensor,
        variance: torch.Tensor,
        weight: torch.Tensor | None,
        bias: torch.Tensor | None,
        least: float,
    ) -> torch.Tensor:
        """Values (b, channels, ...) normalized over rows by their shares, and over places (Ioffe and Szegedy 2015)."""
        if len(values) != len(self._share):
            raise OptionError(
                "a ladder cannot normalize over anything but rows (BatchNorm): take GroupNorm or LayerNorm"
            )
        self.normalizes = True
        rest = tuple(range(2, values.ndim))
        shape = (1, -1, *[1] * len(rest))
        share = self._share.to(values.dtype).view(-1, *[1] * (values.ndim - 1)) / prod(values.shape[2:])
        middle = (values * share).sum((0, *rest))
        away = values - middle.view(shape)
        spread = (away * away * share).sum((0, *rest))
        if self._settles:
            mean.copy_(middle)
            variance.copy_(spread)
        away = away / (spread + least).sqrt().view(shape)
        away = away if weight is None else away * weight.view(shape)
        return away if bias is None else away + bias.view(shape)


def _elements(
    mode: Dropping, func: Any, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> torch.Tensor:
    return mode.drop(input, input.shape) if training and p > 0 else input


def _channels(
    mode: Dropping, func: Any, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> torch.Tensor:
    return mode.drop(input, (*input.shape[:2], *[1] * (input.ndim - 2))) if training and p > 0 else input


def _refused(
    mode: Dropping, func: Any, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> torch.Tensor:
    if training and p > 0:
        raise OptionError(f"a ladder cannot give {func.__name__} a rate of its own: take Dropout, or a rate of 0")
    return input


def _batch_norm(
    mode: Dropping,
    func: Any,
    input: torch.Tensor,
    running_mean: torch.Tensor | None,
    running_var: torch.Tensor | None,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> torch.Tensor:
    if not training:
        found: torch.Tensor = func(input, running_mean, running_var, weight, bias, training, momentum, eps)
        return found
    if running_mean is None or running_var is None:
        raise OptionError("a ladder cannot settle a BatchNorm without track_running_stats: leave that on")
    return mode.normalize(input, running_mean, running_var, weight, bias, eps)


def _attention(
    mode: Dropping,
    func: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    **more: Any,
) -> torch.Tensor:
    if more.get("enable_gqa"):
        if dropout_p:
            raise OptionError("a ladder cannot drop inside attention of groups (enable_gqa): give it dropout_p=0")
        found: torch.Tensor = func(query, key, value, attn_mask, 0.0, is_causal, scale=scale, **more)
        return found
    if is_causal:
        attn_mask = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool, device=query.device).triu(1)
    elif attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = ~attn_mask  # for this function true takes part, for modules it is left out
    return _attend(mode, query, key, value, attn_mask, dropout_p, scale)[0]


def _attend(
    mode: Dropping,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    p: float,
    scale: float | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """What attention says, and its weights (Vaswani and others 2017, equation 1); a mask of truth values leaves out
    where it is true, one of numbers is added."""
    scores = query @ key.transpose(-2, -1) * (scale or 1.0 / sqrt(query.shape[-1]))
    if mask is not None:
        scores = scores.masked_fill(mask, -torch.inf) if mask.dtype == torch.bool else scores + mask
    weights = torch.softmax(scores, -1)
    weights = mode.drop(weights, weights.shape) if p else weights
    return weights @ value, weights


def _heads(
    mode: Dropping,
    func: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: torch.Tensor | None,
    in_proj_bias: torch.Tensor | None,
    bias_k: torch.Tensor | None,
    bias_v: torch.Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: torch.Tensor,
    out_proj_bias: torch.Tensor | None,
    training: bool = True,
    key_padding_mask: torch.Tensor | None = None,
    need_weights: bool = True,
    attn_mask: torch.Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: torch.Tensor | None = None,
    k_proj_weight: torch.Tensor | None = None,
    v_proj_weight: torch.Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
    **more: Any,
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """`torch.nn.functional.multi_head_attention_forward`, inputs (length, rows, width)."""
    unusual = query.ndim != 3 or bias_k is not None or add_zero_attn
    if unusual and training and dropout_p:
        raise OptionError(
            "a ladder cannot drop inside a MultiheadAttention with add_bias_kv, add_zero_attn or without rows: give it "
            "dropout=0"
        )
    if unusual:
        return func(
            query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v,
            add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=training,
            key_padding_mask=key_padding_mask, need_weights=need_weights, attn_mask=attn_mask,
            use_separate_proj_weight=use_separate_proj_weight, q_proj_weight=q_proj_weight,
            k_proj_weight=k_proj_weight, v_proj_weight=v_proj_weight, average_attn_weights=average_attn_weights,
            is_causal=is_causal, **more,
        )  # fmt: skip
    projections = (
        (q_proj_weight, k_proj_weight, v_proj_weight)
        if use_separate_proj_weight or in_proj_weight is None
        else in_proj_weight.chunk(3)
    )
    biases = (None,) * 3 if in_proj_bias is None else in_proj_bias.chunk(3)
    rows = query.shape[1]
    q, k, v = (
        functional.linear(x, weight, bias).reshape(len(x), rows, num_heads, -1).permute(1, 2, 0, 3)  # type: ignore[arg-type]
        for x, weight, bias in zip((query, key, value), projections, biases, strict=True)
    )
    mask = None if attn_mask is None else _add(attn_mask, q)
    if mask is not None and mask.ndim == 3:
        mask = mask.reshape(rows, num_heads, *mask.shape[1:])
    if key_padding_mask is not None:
        padding = _add(key_padding_mask, q)[:, None, None, :]
        mask = padding if mask is None else mask + padding
    said, weights = _attend(mode, q, k, v, mask, dropout_p if training else 0.0)
    out = functional.linear(said.permute(2, 0, 1, 3).flatten(2), out_proj_weight, out_proj_bias)
    if not need_weights:
        return out, None
    return out, weights.mean(1) if average_attn_weights else weights


def _add(mask: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """A mask as numbers that are added."""
    if mask.dtype != torch.bool:
        return mask.to(like.dtype)
    return torch.zeros_like(mask, dtype=like.dtype).masked_fill(mask, -torch.inf)


HANDLERS: dict[Any, Callable[..., Any]] = {
    functional.dropout: _elements,
    functional.dropout1d: _channels,
    functional.dropout2d: _channels,
    functional.dropout3d: _channels,
    functional.alpha_dropout: _refused,
    functional.feature_alpha_dropout: _refused,
    functional.batch_norm: _batch_norm,
    functional.scaled_dot_product_attention: _attention,
    functional.multi_head_attention_forward: _heads,
}
