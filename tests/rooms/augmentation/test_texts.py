"""Steps on texts: nothing but words changes, none is emptied, and a copy follows from seed and text alone."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightfit.augmentation.texts import Delete, Swap, Synonyms, TextAugmentation
from rightfit.augmentation.words import Words, like
from rightfit.errors import DataError, OptionError

THESAURUS = {"quick": ("fast", "speedy"), "dog": ("hound",), "win": ("gain",), "the": ("thee",), "same": ("same",)}
FOX = "The quick brown fox jumps over the lazy dog."
STEPS = [Synonyms(THESAURUS, 0.3), Swap(0.3), Delete(0.3)]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.integers(0, 3))
def test_words_joined_again_are_the_text_and_no_step_empties_it(text: str, seed: int) -> None:
    words = Words.of(text)
    assert str(words) == text
    for step in STEPS:
        changed = TextAugmentation(step, seed=seed)([text])[0]
        assert changed is not None
        assert bool(changed.strip()) == bool(text.strip())
        assert bool(len(Words.of(changed))) == bool(len(words))


def test_synonyms_keep_case_and_punctuation() -> None:
    found = {TextAugmentation(Synonyms(THESAURUS, 1.0), seed=k)(["QUICK, win the Dog!"])[0] for k in range(20)}
    assert found == {"FAST, gain the Hound!", "SPEEDY, gain the Hound!"}
    assert TextAugmentation(Synonyms(THESAURUS, keep=()))(["the"]) == ["thee"]
    short = {"ok": ("fine",), "2": ("two",), "1st": ("first",)}
    assert TextAugmentation(Synonyms(short))(["OK 2 1st"]) == ["OK 2 1st"]
    assert TextAugmentation(Synonyms(short, shortest=1))(["OK 2 1st"]) == ["FINE 2 1st"]
    assert TextAugmentation(Synonyms(THESAURUS))(["Unknown words, the same."]) == ["Unknown words, the same."]


@pytest.mark.parametrize(
    ("word", "model", "made"),
    [("hound", "DOG", "HOUND"), ("hound", "Dog", "Hound"), ("Hound", "dog", "hound"), ("fast", "iPod", "fast")],
)
def test_case(word: str, model: str, made: str) -> None:
    assert like(word, model) == made


@pytest.mark.parametrize("text", [FOX, "Stop! Now, please? I'm at 1.50 or 7,30 euros..."])
def test_a_swap_moves_two_words_and_nothing_else(text: str) -> None:
    before = Words.of(text)
    for seed in range(40):
        after = Words.of(TextAugmentation(Swap(0.01), seed=seed)([text])[0] or "")
        assert after.gaps == before.gaps
        moved = [a for a, b in zip(before.words, after.words, strict=True) if a.lower() != b.lower()]
        assert len(moved) == 2
        assert Counter(w.lower() for w in after.words) == Counter(w.lower() for w in before.words)
        assert after.words[0][0].isupper() or after.words[0][0].isdigit()


@pytest.mark.parametrize(
    ("text", "place", "left"),
    [
        ("The cat sat.", 0, "Cat sat."),
        ("Hello, world!", 0, "World!"),
        ("Hello, world!", 1, "Hello!"),
        ("win a PRIZE now!!!", 3, "win a PRIZE!!!"),
        ("one two", 1, "one"),
        ("It is late. The end is near.", 3, "It is late. End is near."),
        ("It costs 1.50 today", 2, "It costs today"),
    ],
)
def test_a_word_is_left_out_and_signs_stay(text: str, place: int, left: str) -> None:
    assert str(Words.of(text).without(place)) == left


def test_deletion_takes_the_share_and_keeps_the_order() -> None:
    text = " ".join(f"w{k}" for k in range(40))
    for seed in range(10):
        left = (TextAugmentation(Delete(0.25), seed=seed)([text])[0] or "").split()
        assert len(left) == 30
        assert left == sorted(left, key=lambda word: int(word[1:]))
    assert TextAugmentation(Delete(1.0))(["one"]) == ["one"]
    assert len((TextAugmentation(Delete(1.0))(["one two three"])[0] or "").split()) == 1


def test_a_copy_follows_from_seed_and_text_alone() -> None:
    texts = [f"{FOX} Number {k} of the quick ones." for k in range(30)]
    augment = TextAugmentation(*STEPS, seed=4)
    made = augment(texts)
    order = random.Random(1).sample(range(30), 30)
    assert augment([texts[k] for k in order]) == [made[k] for k in order]
    assert made == [augment([text])[0] for text in texts]
    assert made != TextAugmentation(*STEPS, seed=5)(texts)
    assert made != augment(texts, copy=1)
    assert TextAugmentation(Swap(0.2), seed=1)([FOX]) == ["The quick brown fox over the jumps lazy dog."]


def test_one_step_a_text_and_another_where_it_can_do_nothing() -> None:
    texts = [f"quick brown cats number{k}" for k in range(300)]
    kinds: Counter[str] = Counter()
    for text, made in zip(texts, TextAugmentation(*STEPS, seed=0)(texts), strict=True):
        before, after = text.split(), (made or "").split()
        same = Counter(before) == Counter(after)
        kinds["delete" if len(after) < 4 else "swap" if same else "synonyms"] += 1
    assert min(kinds[k] for k in ("delete", "swap", "synonyms")) > 70 and sum(kinds.values()) == 300
    assert TextAugmentation(Swap(), Synonyms(THESAURUS))(["Dog"]) == ["Hound"]


def test_what_is_no_text() -> None:
    augment = TextAugmentation(Delete())
    assert augment([None, "", " ... ", "one"]) == [None, "", " ... ", "one"]
    with pytest.raises(DataError, match="list of texts"):
        augment("one text")
    with pytest.raises(DataError, match="float"):
        augment([1.5])  # type: ignore[list-item]
    for mistake in (lambda: TextAugmentation(), lambda: TextAugmentation(Delete), lambda: Swap(0), lambda: Delete(1.2)):
        with pytest.raises(OptionError):
            mistake()


def test_function_words_are_known_in_small_letters() -> None:
    from rightfit.augmentation.texts import FUNCTION_WORDS

    assert all(re.fullmatch(r"[a-z']+", word) for word in FUNCTION_WORDS) and len(FUNCTION_WORDS) > 120
