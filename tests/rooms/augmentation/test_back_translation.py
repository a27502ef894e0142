"""There and back again: through callables, and through a translation model that was made here, on disk."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from rightfit.augmentation.back_translation import BackTranslation
from rightfit.augmentation.translators import load_translator
from rightfit.errors import DataError, FileError, MissingExtraError, OptionError

TEXTS = ["the cat sat", "", "a dog ran", "it rained", "...", "the end"]
GERMAN = {
    "the cat sat": "die Katze sass",
    "a dog ran": "ein Hund rannte",
    "it rained": "es goss",
    "the end": "der Schluss",
}
ENGLISH = {
    "die Katze sass": "The  cat sat!",
    "ein Hund rannte": "a hound ran",
    "es goss": "it poured",
    "der Schluss": " ",
}


def test_paraphrases_in_order_without_identical_and_empty_ones() -> None:
    asked: list[int] = []

    def there(texts: list[str]) -> list[str]:
        asked.append(len(texts))
        return [GERMAN[text] for text in texts]

    for batch in (1, 3, 32):
        asked.clear()
        found = BackTranslation(there, lambda texts: [ENGLISH[text] for text in texts], batch)(TEXTS)
        assert found.texts == ("a hound ran", "it poured") and found.rows == (2, 3)
        assert sum(asked) == 4 and max(asked) <= batch
    assert BackTranslation(there, there)([]).texts == ()


@pytest.mark.parametrize("broken", [lambda texts: texts[1:], lambda texts: "one", lambda texts: [None] * len(texts)])
def test_a_translator_that_loses_texts_is_named(broken: object) -> None:
    with pytest.raises(DataError, match="translator back"):
        BackTranslation(lambda texts: texts, broken)(["a", "b"])  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="batch"):
        BackTranslation(lambda texts: texts, lambda texts: texts, batch=0)
    with pytest.raises(DataError, match="list of texts"):
        BackTranslation(lambda texts: texts, lambda texts: texts)("one")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A MarianMT model of one layer with random weights, and a tokenizer that learned twenty words, saved to disk."""
    pytest.importorskip("transformers")
    pieces_of = pytest.importorskip("sentencepiece")
    import torch
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    work = tmp_path_factory.mktemp("model")
    (work / "text").write_text("the cat sat on a mat\na dog ran on the mat\nit rained at the end\n" * 20)
    for side in ("source", "target"):
        pieces_of.SentencePieceTrainer.train(
            input=str(work / "text"),
            model_prefix=str(work / side),
            vocab_size=30,
            hard_vocab_limit=False,
            minloglevel=2,
        )
    learned = pieces_of.SentencePieceProcessor(model_file=str(work / "source.model"))
    pieces = ["</s>", "<unk>", *(learned.id_to_piece(k) for k in range(3, learned.get_piece_size())), "<pad>"]
    (work / "vocab.json").write_text(json.dumps({piece: k for k, piece in enumerate(pieces)}))
    sides = {f"{side}_spm": str(work / f"{side}.model") for side in ("source", "target")}
    tokenizer = MarianTokenizer(vocab=str(work / "vocab.json"), source_lang="en", target_lang="de", **sides)
    last, layer = len(pieces) - 1, {"layers": 1, "attention_heads": 2, "ffn_dim": 16}
    sizes = {f"{half}_{name}": value for half in ("encoder", "decoder") for name, value in layer.items()}
    special = {"eos_token_id": 0, "forced_eos_token_id": 0, "pad_token_id": last, "decoder_start_token_id": last}
    torch.manual_seed(0)
    config = MarianConfig(vocab_size=last + 1, d_model=16, max_position_embeddings=64, init_std=2.0, **sizes, **special)
    MarianMTModel(config).save_pretrained(work / "saved")
    tokenizer.save_pretrained(work / "saved")
    return work / "saved"


def test_a_saved_model_translates_batches(folder: Path) -> None:
    # random weights might stop at once, or say nothing but special signs and blanks
    silent = load_translator(folder).tokenizer.convert_tokens_to_ids(["<unk>", "<pad>", "\u2581"])
    options = {"most": 8, "min_new_tokens": 4, "suppress_tokens": silent}
    translate = load_translator(folder, **options)
    texts = ["the cat sat", "a dog ran on the mat at the end", "it rained"]
    together = translate(texts)
    assert together == [translate([text])[0] for text in texts]  # padding does not matter
    assert together == load_translator(folder, **options)(texts)
    assert all(text.strip() for text in together)
    found = BackTranslation(translate, translate, batch=2)(texts)
    assert list(found.rows) == sorted(found.rows) and len(found.rows) >= 1
    assert translate(["cat"]) != load_translator(folder, **options, prefix="the mat ")(["cat"])


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    with pytest.raises(FileError, match="no translation model"):
        load_translator(tmp_path)


def test_without_transformers_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match="pip install transformers"):
        load_translator("en-de")
