"""Translation models of Hugging Face as translators for `rightfit.augmentation.back_translation`.

This is the one door to ``transformers``, which is imported when a model is loaded. Models are never bundled; their
names, such as ``Helsinki-NLP/opus-mt-en-de``, are downloaded by ``transformers``, and folders are read from disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, final

from rightfit.errors import FileError, MissingExtraError, OptionError


@final
class HuggingFaceTranslator:
    """A model that writes a text for a text (MarianMT, T5, NLLB ...), with its tokenizer.

    Args:
        model, tokenizer: as ``AutoModelForSeq2SeqLM`` and ``AutoTokenizer`` load them.
        prefix: written before each text, as T5 wants it: ``"translate English to German: "``.
        most: tokens that a translation, and what is read of a text, may have; longer texts are cut off.
        options: further ones of ``model.generate``, such as ``num_beams=4``. Nothing is drawn at random by itself.
    """

    def __init__(self, model: Any, tokenizer: Any, *, prefix: str = "", most: int = 256, **options: Any) -> None:
        if most < 1:
            raise OptionError(f"most must be 1 or more, not {most}")
        self.model, self.tokenizer = model.eval(), tokenizer
        self.prefix, self.most = prefix, most
        self.options = {"do_sample": False, "num_beams": 1, **options}

    def __call__(self, texts: list[str]) -> list[str]:
        """As many translations, in their order. Shorter texts are padded, which attention does not look at."""
        read = self.tokenizer(
            [self.prefix + text for text in texts],
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=self.most,
        )
        known = {name: read[name].to(self.model.device) for name in ("input_ids", "attention_mask")}
        written = self.model.generate(**known, max_new_tokens=self.most, **self.options)
        decoded: list[str] = self.tokenizer.batch_decode(written, skip_special_tokens=True)
        return [text.strip() for text in decoded]


def load_translator(name: str | Path, *, device: str = "cpu", **options: Any) -> HuggingFaceTranslator:
    """A translator from a folder, or by its name at Hugging Face; ``options`` are those of `HuggingFaceTranslator`.

    MissingExtraError without ``transformers``; FileError where the folder or the name holds no translation model.
    """
    try:
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
    except ImportError as error:
        raise MissingExtraError(
            "translation models need the package transformers: pip install transformers sentencepiece"
        ) from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(name))
        model = AutoModelForSeq2SeqLM.from_pretrained(str(name))
    except (OSError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise FileError(f"{name} holds no translation model that can be loaded: {reason}") from error
    return HuggingFaceTranslator(model.to(device), tokenizer, **options)
