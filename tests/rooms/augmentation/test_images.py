"""Steps on images: exact where pixels fall on pixels, as torch's own sampling elsewhere; draws, types, limits."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rightfit.augmentation.images import (  # noqa: E402
    Change,
    Cutout,
    Flip,
    ImageAugmentation,
    Motion,
    Noise,
    Rotate,
    Scale,
    Shift,
    Turn,
    augment_arrays,
)
from rightfit.errors import DataError, OptionError  # noqa: E402

STEPS = [Flip(), Flip("vertical"), Turn(), Rotate(20), Shift(2, 1), Shift(1.5, 0.3, False), Scale(1.3), Noise(0.2)]
STEPS += [Cutout(4), Cutout(3, 0.5, 0.5)]


def images(count: int = 6, channels: int = 2, height: int = 8, width: int = 8) -> torch.Tensor:
    return torch.rand(count, channels, height, width, generator=torch.Generator().manual_seed(3))


def once(step: Motion | Change, batch: torch.Tensor, **options: object) -> torch.Tensor:
    return ImageAugmentation(step, **options)(batch)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (7, 7), (5, 9)])
def test_flips_are_torch_flips_and_twice_is_nothing(height: int, width: int) -> None:
    batch = images(height=height, width=width)
    assert torch.equal(once(Flip(chance=1), batch), batch.flip(3))
    assert torch.equal(once(Flip("vertical", chance=1), batch), batch.flip(2))
    assert torch.equal(ImageAugmentation(Flip(chance=1), Flip(chance=1))(batch), batch)


@pytest.mark.parametrize("size", [7, 8, 28])
@pytest.mark.parametrize("turns", [-1, 0, 1, 2, 3, 4])
def test_right_angles_are_torch_turns(size: int, turns: int) -> None:
    batch = images(height=size, width=size)
    assert torch.equal(once(Rotate((90.0 * turns, 90.0 * turns)), batch), batch.rot90(turns, (2, 3)))


def test_turns_are_all_four() -> None:
    batch = images(1).expand(200, -1, -1, -1)
    turned = once(Turn(), batch)
    four = torch.stack([batch[0].rot90(k, (1, 2)) for k in range(4)])
    counts = torch.stack([(turned == one).flatten(1).all(1) for one in four]).sum(1)
    assert counts.sum() == 200 and counts.min() > 25


@pytest.mark.parametrize(("right", "down"), [(0, 0), (2, 0), (0, -3), (-1, 2), (9, 0)])
def test_whole_shifts_are_rolls_with_fill(right: int, down: int) -> None:
    batch = images()
    expected = torch.full_like(batch, 0.25)
    for y in range(8):
        for x in range(8):
            if 0 <= y - down < 8 and 0 <= x - right < 8:
                expected[:, :, y, x] = batch[:, :, y - down, x - right]
    assert torch.equal(once(Shift((right, right), (down, down)), batch, fill=0.25), expected)
    shifted = once(Shift((right, right), (down, down)), batch, fill="edge")
    y, x = (torch.arange(8) - down).clamp(0, 7), (torch.arange(8) - right).clamp(0, 7)
    assert torch.equal(shifted, batch[:, :, y][:, :, :, x])


def test_whole_shifts_are_all_as_likely() -> None:
    spot = torch.zeros(900, 1, 7, 7)
    spot[:, :, 3, 3] = 1
    places = once(Shift(1, 1), spot).sum((0, 1))
    assert places[2:5, 2:5].sum() == 900 and places[2:5, 2:5].min() > 65


def test_half_a_pixel_is_the_mean_of_two() -> None:
    batch = images(channels=1)
    moved = once(Shift((0.5, 0.5), (0, 0), whole=False), batch)
    torch.testing.assert_close(moved[..., 1:], (batch[..., 1:] + batch[..., :-1]) / 2)
    torch.testing.assert_close(moved[..., 0], batch[..., 0] / 2)  # half of it is outside, where all is 0


@pytest.mark.parametrize("fill", [0.0, 0.4, "edge"])
def test_rotation_and_scale_are_bilinear_as_a_loop_would_say(fill: float | str) -> None:
    """Pixel by pixel in plain Python, on an image that is not square."""
    batch = images(1, 1, 5, 8).double()
    angle, factor = 0.3, 1.25
    turned = ImageAugmentation(Rotate((math.degrees(angle), math.degrees(angle))), fill=fill)(batch)
    zoom = Scale(factor)
    object.__setattr__(zoom, "maps", lambda n, g: torch.diag(torch.tensor([0.8, 0.8, 1.0]).double())[None])
    scaled = ImageAugmentation(zoom, fill=fill)(batch)

    def value(x: int, y: int) -> float:
        if fill == "edge":
            x, y = min(max(x, 0), 7), min(max(y, 0), 4)
        return float(batch[0, 0, y, x]) if 0 <= x < 8 and 0 <= y < 5 else float(fill)

    def at(x: float, y: float) -> float:
        left, top = math.floor(x), math.floor(y)
        u, v = x - left, y - top
        top_row = (1 - u) * value(left, top) + u * value(left + 1, top)
        return (1 - v) * top_row + v * ((1 - u) * value(left, top + 1) + u * value(left + 1, top + 1))

    for i in range(5):
        for j in range(8):
            x, y = j - 3.5, i - 2.0
            from_x, from_y = math.cos(angle) * x - math.sin(angle) * y, math.sin(angle) * x + math.cos(angle) * y
            said = torch.tensor(at(from_x + 3.5, from_y + 2.0)).double()
            torch.testing.assert_close(turned[0, 0, i, j], said, rtol=0, atol=1e-6)
            said = torch.tensor(at(0.8 * x + 3.5, 0.8 * y + 2.0)).double()
            torch.testing.assert_close(scaled[0, 0, i, j], said, rtol=0, atol=1e-6)


def test_motions_are_resampled_once() -> None:
    """There and back is the image itself, to the bit: nothing is interpolated, and nothing falls off the border."""
    batch = images()
    there_and_back = ImageAugmentation(
        Rotate((30, 30)), Shift((2, 2), (1, 1)), Shift((-2, -2), (-1, -1)), Rotate((-30, -30))
    )
    assert torch.equal(there_and_back(batch), batch)


def test_order_of_motions() -> None:
    batch = images()
    both = ImageAugmentation(Shift((2, 2), (0, 0)), Rotate((90, 90)))(batch)
    one_by_one = once(Rotate((90, 90)), once(Shift((2, 2), (0, 0)), batch))
    assert torch.equal(both, one_by_one)
    assert not torch.equal(both, once(Shift((2, 2), (0, 0)), once(Rotate((90, 90)), batch)))


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_type_shape_and_range_are_kept_and_the_batch_is_not_touched(step: Motion | Change) -> None:
    for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.uint8):
        batch = (images() * 255).to(dtype) if dtype == torch.uint8 else images().to(dtype)
        before = batch.clone()
        out = once(step, batch)
        assert out.dtype == dtype and out.shape == batch.shape
        assert out.min() >= min(batch.min(), 0) and out.max() <= batch.max()
        assert torch.equal(batch, before) and out.data_ptr() != batch.data_ptr()
        flat = once(step, batch[:, 0])
        assert flat.shape == (6, 8, 8)
        assert torch.equal(flat, once(step, batch[:, :1])[:, 0])


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_one_seed_one_result_and_every_image_its_own_draw(step: Motion | Change) -> None:
    batch = images(1).expand(40, -1, -1, -1)
    first, again = once(step, batch, seed=5), once(step, batch, seed=5)
    assert torch.equal(first, again)
    assert not torch.equal(first, once(step, batch, seed=6))
    assert len(torch.unique(first.flatten(1), dim=0)) > 1
    moving = ImageAugmentation(step, seed=5)
    state = moving.generator.get_state()
    assert not torch.equal(moving(batch), moving(batch))
    moving.generator.set_state(state)
    assert torch.equal(moving(batch), first)


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_chance(step: Motion | Change) -> None:
    batch = images(400)
    for chance in (0.0, 0.3):
        kind = type(step)(**{**step.__dict__, "chance": chance})
        alike = (once(kind, batch) == batch).flatten(1).all(1).float().mean()
        assert alike >= 0.7 - 0.1 if chance else alike == 1


def test_noise_has_the_deviation_that_was_asked_for() -> None:
    grey = torch.full((200, 1, 10, 10), 100.0)
    out = once(Noise(0.05), grey, limits=(0.0, 200.0)) - grey
    assert abs(float(out.std()) - 10) < 0.3 and abs(float(out.mean())) < 0.3


def test_cutout_cuts_one_square_that_any_pixel_may_be_in() -> None:
    white = torch.ones(500, 3, 9, 9)
    out = once(Cutout(4), white, limits=(0.0, 1.0))
    holes = (out == 0).all(1)
    assert torch.equal(holes[:, None].expand_as(out), out == 0)
    sizes = holes.flatten(1).sum(1)
    assert sizes.max() == 16 and sizes.min() >= 4
    assert (holes.float().mean(0) > 0).all()
    assert torch.unique(once(Cutout(4, 0.5), white, limits=(0.0, 1.0))).tolist() == [0.5, 1.0]


def test_no_images_and_no_steps() -> None:
    assert ImageAugmentation(Rotate(10))(images(0)).shape == (0, 2, 8, 8)
    assert torch.equal(ImageAugmentation()(images()), images())


def test_mistakes_are_named() -> None:
    augment = ImageAugmentation(Rotate(10))
    with pytest.raises(DataError, match=r"\(8, 8\)"):
        augment(torch.rand(8, 8))
    with pytest.raises(DataError, match="float"):
        augment(torch.ones(2, 8, 8, dtype=torch.int64))
    with pytest.raises(DataError, match="from_numpy"):
        augment(images().numpy())
    with pytest.raises(DataError, match="finite"):
        augment(torch.full((2, 8, 8), torch.nan))
    for mistake in (
        lambda: Flip("diagonal"),
        lambda: Rotate((5, 1)),
        lambda: Rotate(float("nan")),
        lambda: Shift(1.5),
        lambda: Scale(0.5),
        lambda: Noise(-1),
        lambda: Cutout(0),
        lambda: Flip(chance=1.5),
        lambda: ImageAugmentation(Flip),
        lambda: ImageAugmentation(fill="wrap"),
        lambda: ImageAugmentation(limits=(1, 0)),
    ):
        with pytest.raises(OptionError):
            mistake()


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_arrays_of_numpy(dtype: type, channels: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(3, 200, (5, 6, 8, *channels)).astype(dtype)
    out = augment_arrays([Flip(chance=1)], pixels, seed=0)
    assert out.dtype == dtype
    np.testing.assert_array_equal(out, pixels[:, :, ::-1])
    moved = augment_arrays([Shift((1, 1), (0, 0))], pixels, seed=0)
    np.testing.assert_array_equal(moved[:, :, 1:], pixels[:, :, :-1])
    assert (moved[:, :, 0] == pixels.min()).all()  # black
    edge = augment_arrays([Shift((1, 1), (0, 0))], pixels, seed=0, fill="edge")
    np.testing.assert_array_equal(edge[:, :, 0], pixels[:, :, 0])
    noisy = augment_arrays([Rotate(20), Noise(0.3)], pixels, seed=1)
    assert noisy.min() >= pixels.min() and noisy.max() <= pixels.max() and (noisy != pixels).any()
    one = np.full((2, 4, 4), 7, dtype=dtype)
    np.testing.assert_array_equal(augment_arrays([Rotate(20), Noise(0.3)], one, seed=1, fill="edge"), one)


def test_gradients_pass_through() -> None:
    """For attacks through an augmentation: the gradient of a sum is where pixels went, none where they fell off."""
    batch = images(2, 1).requires_grad_()
    ImageAugmentation(Shift((3, 3), (0, 0)))(batch).sum().backward()
    assert batch.grad is not None
    assert (batch.grad[..., :5] == 1).all() and (batch.grad[..., 5:] == 0).all()


def test_a_rotated_image_is_as_grid_sample_says() -> None:
    """The same map in the units of torch, with half-pixel centres (align_corners=False), on a square."""
    batch = images(3, 2, 16, 16).double()
    angle = math.radians(25)
    cos, sin = math.cos(angle), math.sin(angle)
    theta = torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0]], dtype=torch.float64).expand(3, 2, 3)
    grid = torch.nn.functional.affine_grid(theta, [3, 2, 16, 16], align_corners=False)
    said = torch.nn.functional.grid_sample(batch, grid, align_corners=False)
    torch.testing.assert_close(once(Rotate((25, 25)), batch), said, rtol=0, atol=1e-12)
