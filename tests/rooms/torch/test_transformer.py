"""A transformer of one's own, trained with the blocks together: rates of layers, early stopping that is interrupted and
resumed, an average of weights, and predictions with dropout on."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
import torch
from torch import nn
from torch.nn.functional import cross_entropy

import rightfit.torch as rt

WORDS, LENGTH = 12, 8


class Tagger(nn.Module):
    """Says of each word whether it is larger than the first word of its sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(0.1 * torch.randn(1, LENGTH, 16))
        self.embed = nn.Embedding(WORDS, 16)
        layer = nn.TransformerEncoderLayer(16, 2, 32, 0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 2)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder(self.embed(words) + self.place)).flatten(0, 1)


def _sentences(rows: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    words = torch.randint(0, WORDS, (rows, LENGTH), generator=torch.Generator().manual_seed(seed))
    return words, (words > words[:, :1]).long().flatten()


def _train(folder: Path, pause: int | None) -> tuple[nn.Module, rt.EarlyStopping, rt.WeightAverage]:
    """``pause`` is an epoch after which everything is saved, thrown away, and loaded again."""
    words, tags = _sentences(400, 0)
    hold, hold_tags = _sentences(200, 1)

    def start() -> tuple[nn.Module, torch.optim.Optimizer, rt.EarlyStopping, rt.WeightAverage]:
        torch.manual_seed(0)
        net = Tagger()
        groups = rt.parameter_groups(net, 0.05, lr=0.01, layer_decay=0.8, decay_embeddings=False)
        return net, torch.optim.AdamW(groups), rt.EarlyStopping(net, patience=4), rt.WeightAverage(net, decay=0.9)

    net, optimizer, stopping, average = start()
    for epoch in range(8):
        torch.manual_seed(epoch)
        net.train()
        for batch, labels in zip(words.split(80), tags.split(80 * LENGTH), strict=True):
            optimizer.zero_grad()
            cross_entropy(net(batch), rt.smooth_labels(labels, 0.02, classes=2)).backward()
            optimizer.step()
            average.update()
        net.eval()
        with torch.no_grad():
            losses = cross_entropy(net(hold), hold_tags, reduction="none").reshape(200, LENGTH).mean(dim=1)
        if stopping.update(losses):
            break
        if epoch == pause:
            parts = {"net": net, "optimizer": optimizer, "stopping": stopping, "average": average}
            torch.save({name: part.state_dict() for name, part in parts.items()}, folder / "saved.pt")
            net, optimizer, stopping, average = start()
            saved = torch.load(folder / "saved.pt", weights_only=True)
            net.load_state_dict(saved["net"])
            optimizer.load_state_dict(saved["optimizer"])
            stopping.load_state_dict(saved["stopping"])
            average.load_state_dict(saved["average"])
    return net, stopping, average


def test_the_blocks_train_a_transformer_and_survive_an_interruption(tmp_path: Path) -> None:
    net, stopping, average = _train(tmp_path, None)
    again, stopping_again, average_again = _train(tmp_path, 3)
    assert stopping.curve == stopping_again.curve
    for a, b in zip(net.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)
    for name, tensor in average.state_dict()["tensors"].items():
        assert torch.equal(tensor, average_again.state_dict()["tensors"][name])

    stopping.restore()
    words, tags = _sentences(300, 2)
    with torch.no_grad():
        single = (net(words).argmax(1) == tags).double().mean()
        with average.applied():
            averaged = (net(words).argmax(1) == tags).double().mean()
    assert float(single) > 0.9 and float(averaged) > 0.8
    found = rt.predict_with_dropout(
        net, words, 10, generator=torch.Generator().manual_seed(0), transform=lambda z: z.softmax(-1)
    )
    wrong = found.mean.argmax(1) != tags
    assert float(found.spread[wrong].mean()) > 2 * float(found.spread[~wrong].mean())


def test_layers_of_a_transformer_learn_at_their_own_rates() -> None:
    groups = rt.parameter_groups(Tagger(), 0.05, lr=0.01, layer_decay=0.5, decay_embeddings=False)
    depths = {p.name: (p.depth, p.weight_decay) for p in groups.parameters}
    assert depths["place"] == depths["embed.weight"] == (0, 0.0)
    assert depths["encoder.layers.0.self_attn.in_proj_weight"] == (1, 0.05)
    assert depths["encoder.layers.1.linear2.weight"] == (2, 0.05)
    assert depths["head.weight"] == (3, 0.05)
