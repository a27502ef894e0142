"""A run goes into a file and comes back as it was; everything else is a StoreError, whatever happened to the bytes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as some
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import NonInteractiveExampleWarning

from rightfit.errors import FileError, StoreError
from rightfit.records import Run
from rightfit.store import arrays, file
from tests.rooms.store.arbitrary import records, same

pytestmark = pytest.mark.filterwarnings(
    f"ignore::{NonInteractiveExampleWarning.__module__}.NonInteractiveExampleWarning"
)
RELAXED = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def specimen() -> bytes:
    """The bytes of some run, the same in every test."""
    found: list[Run] = []

    @settings(max_examples=3, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(records(Run))
    def build(run: Run) -> None:
        found.append(run)

    build()
    return max((file.to_bytes(run) for run in found), key=len)


@pytest.fixture(scope="module", autouse=True)
def made_before_the_tests() -> None:
    """The specimen is made outside of any property test, whichever test a worker runs first."""
    specimen()


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sealed(content: bytes) -> bytes:
    """Any zip with the seal that a forger would give it."""
    body = content[:-64]
    return body + hashlib.sha256(body).hexdigest().encode()


def forged(
    parts: dict[str, bytes], compression: int = zipfile.ZIP_STORED, manifest: dict[str, Any] | None = None
) -> bytes:
    """A run with a valid manifest and seal around whatever a forger put inside."""
    parts = {k: v for k, v in parts.items() if k != "manifest.json"}
    facts = {k: {"sha256": hashlib.sha256(v).hexdigest(), "size": len(v)} for k, v in sorted(parts.items())}
    plain = {"format": file.FORMAT, "members": facts, "written by": "a forger"} | (manifest or {})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("manifest.json", json.dumps(plain))
        for name, data in parts.items():
            archive.writestr(name, data)
        archive.comment = b"rightfit sha256 " + b"0" * 64
    return sealed(buffer.getvalue())


@RELAXED
@given(records(Run))
def test_any_run_comes_back_as_it_was_and_gives_the_same_bytes_again(run: Run) -> None:
    content = file.to_bytes(run)
    back = file.from_bytes(content, "run")
    assert same(run, back)
    assert file.to_bytes(back) == content


def test_a_forged_but_honest_file_loads() -> None:
    """Otherwise the tests below would pass for the wrong reason."""
    assert file.to_bytes(file.from_bytes(forged(members(specimen())), "run")) == specimen()


@settings(max_examples=300, deadline=None)
@given(some.data())
def test_any_changed_byte_is_noticed(data: some.DataObject) -> None:
    content = bytearray(specimen())
    place = data.draw(some.integers(0, len(content) - 1))
    content[place] ^= data.draw(some.integers(1, 255))
    with pytest.raises(StoreError):
        file.from_bytes(bytes(content), "run")


@settings(max_examples=100, deadline=None)
@given(some.data())
def test_any_cut_or_growth_is_noticed(data: some.DataObject) -> None:
    content = specimen()
    changed = content[: data.draw(some.integers(0, len(content) - 1))] + data.draw(some.binary(max_size=3))
    with pytest.raises(StoreError):
        file.from_bytes(changed if changed != content else b"", "run")


@settings(max_examples=300, deadline=None)
@given(some.data())
def test_bytes_changed_under_a_valid_seal_give_the_record_or_a_store_error(data: some.DataObject) -> None:
    content = bytearray(specimen())
    for _ in range(data.draw(some.integers(1, 3))):
        content[data.draw(some.integers(0, len(content) - 65))] ^= data.draw(some.integers(1, 255))
    try:
        run = file.from_bytes(sealed(bytes(content)), "run")
    except StoreError:
        return
    assert file.to_bytes(run) == specimen()  # the change was in what a zip does not use, such as a time stamp


@settings(max_examples=150, deadline=None)
@given(some.data())
def test_json_of_the_wrong_shape_is_a_store_error(data: some.DataObject) -> None:
    parts = members(specimen())
    plain = json.loads(parts["run.json"])
    place: Any = plain
    while True:
        key = data.draw(some.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(some.integers(0, 3)) == 0:
            break
        place = place[key]
    place[key] = data.draw(
        some.sampled_from([None, True, -1, 0.5, "x", [], [[]], {}, {"array": 0}, {"array": -1}, 10**400])
    )
    parts["run.json"] = json.dumps(plain).encode()
    try:
        assert isinstance(file.from_bytes(forged(parts), "run"), Run)
    except StoreError:
        pass


@settings(max_examples=200, deadline=None)
@given(some.binary(max_size=200), some.integers(0, 140), some.integers(1, 255))
def test_any_bytes_as_an_array_are_an_array_or_a_store_error(noise: bytes, place: int, bits: int) -> None:
    honest = bytearray(arrays.to_bytes(np.arange(6.0).reshape(2, 3), "array"))
    honest[place] ^= bits
    for content in (noise, bytes(honest), honest[:12] + noise):
        try:
            assert arrays.from_bytes(bytes(content), "array").dtype.str in arrays.DTYPES
        except StoreError:
            pass


def test_arrays_that_could_run_or_explode_are_refused() -> None:
    pickled = io.BytesIO()
    np.save(pickled, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    huge = arrays.to_bytes(np.zeros(3), "array").replace(b"(3,)", b"(3000000000000,)")[: 64 + 64]
    for content in (pickled.getvalue(), huge):
        with pytest.raises(StoreError):
            arrays.from_bytes(content, "array")
    for array in (np.array(["a"]), np.array([object()]), np.array([1j]), np.zeros(2, "f2"), np.zeros(1, "m8[s]")):
        with pytest.raises(StoreError):
            arrays.to_bytes(array, "array")


@pytest.mark.parametrize(
    "name",
    ["../evil.npy", "/etc/evil", "arrays/../x.npy", "arrays/12345.npy", "arrays/0001.pkl", "x/", "arrays\\0001.npy"],
)
def test_members_with_other_names_are_refused(name: str) -> None:
    with pytest.raises(StoreError, match="member that runs do not have"):
        file.from_bytes(forged(members(specimen()) | {name: b"x"}), "run")


def test_compressed_members_are_refused_before_they_unfold() -> None:
    with pytest.raises(StoreError, match="compressed"):
        file.from_bytes(
            forged(members(specimen()) | {"arrays/0999.npy": b"0" * 10_000_000}, zipfile.ZIP_DEFLATED), "run"
        )


def test_too_many_and_missing_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = members(specimen())
    array = next(name for name in parts if name.startswith("arrays/"))
    with pytest.raises(StoreError):
        file.from_bytes(forged({k: v for k, v in parts.items() if k != array}), "run")
    with pytest.raises(StoreError, match="belong to nothing"):
        file.from_bytes(forged(parts | {"arrays/0999.npy": parts[array]}), "run")
    with pytest.raises(StoreError, match="not a run"):
        file.from_bytes(forged({"word/document.xml": b""}), "run")
    monkeypatch.setattr(file, "MOST_MEMBERS", 3)
    with pytest.raises(StoreError, match="members"):
        file.from_bytes(forged(parts), "run")


def test_sizes_are_limited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "a.rightfit"
    path.write_bytes(specimen())
    monkeypatch.setattr(file, "LARGEST_TEXT", 100)
    with pytest.raises(StoreError, match="too large"):
        file.load(path)
    monkeypatch.setattr(file, "LARGEST", 100)
    with pytest.raises(StoreError, match="larger than"):
        file.load(path)


def test_a_manifest_of_other_members_is_refused() -> None:
    parts = members(specimen())
    facts = json.loads(parts["manifest.json"])["members"]
    facts["run.json"]["sha256"] = "0" * 64
    with pytest.raises(StoreError, match="manifest"):
        file.from_bytes(forged(parts, manifest={"members": facts}), "run")


def test_a_newer_format_says_so() -> None:
    with pytest.raises(StoreError, match=r"rightfit 9\.9 in format 7.*upgrade"):
        file.from_bytes(forged(members(specimen()), manifest={"format": 7, "written by": "rightfit 9.9"}), "run")


def test_files_that_are_no_runs_say_so(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.rightfit").write_bytes(b"")
    for name in ("data.csv", "empty.rightfit"):
        with pytest.raises(StoreError, match=f"{name} is not a run"):
            file.load(tmp_path / name)
    with pytest.raises(FileError, match="no file"):
        file.load(tmp_path / "absent.rightfit")
    with pytest.raises(FileError, match="folder"):
        file.load(tmp_path)


def test_saving_is_atomic(tmp_path: Path) -> None:
    run = file.from_bytes(specimen(), "run")
    path = tmp_path / "a.rightfit"
    file.save(run, path)
    file.save(run, path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.rightfit"]
    assert path.read_bytes() == specimen()
    with pytest.raises(FileError, match="does not exist"):
        file.save(run, tmp_path / "nowhere" / "a.rightfit")
    with pytest.raises(FileError, match="folder"):
        file.save(run, tmp_path)
