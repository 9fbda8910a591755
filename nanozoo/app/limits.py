"""How much one upload may be, and what is said of one that is more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from nanozoo.app.heads import stated_size
from nanozoo.core.checks import check_int
from nanozoo.core.errors import UserError
from nanozoo.io.micrograph import Micrograph, read_frames

_MEGA = 1_000_000
_MB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What the page takes.

    Args:
        upload_mb: Largest file, megabytes of 1024 x 1024 bytes, at least 1.
        files: Most files of one batch, at least 1.
        megapixels: Largest image, millions of pixels, at least 1.
        train_steps: Most training steps of one run, at least 1.

    Raises:
        UserError: If one of them is below 1 or no whole number.
    """

    upload_mb: int = 200
    files: int = 500
    megapixels: int = 70
    train_steps: int = 2000

    def __post_init__(self):
        for name, value in vars(self).items():
            check_int(name, value, 1)

    def check_files(self, paths: list[Path]) -> None:
        """Refuse more files than a batch may have, and files that are too large or gone.

        What the head of a file says of its image is enough to refuse it: nothing is decoded.

        Raises:
            UserError: If there are, naming the first.
        """
        if len(paths) > self.files:
            raise UserError(
                f"The page takes {self.files} files at once: give fewer, or use "
                f"`nanozoo measure FOLDER`. Received: {len(paths)} files"
            )
        for path in paths:
            if not path.exists():
                raise UserError(f"The file {path.name} is no longer here: choose it again.")
            size = path.stat().st_size
            if size > self.upload_mb * _MB:
                raise UserError(
                    f"The file {path.name} has {size / _MB:.0f} MB and the page takes "
                    f"{self.upload_mb} MB: start it with --max-upload-mb {-(-size // _MB)}, or "
                    "use `nanozoo measure`."
                )
            stated = stated_size(path)
            if stated is not None:
                self._check_pixels(path, *stated)

    def _check_pixels(self, path: Path, width: int, height: int) -> None:
        if height * width > self.megapixels * _MEGA:
            raise UserError(
                f"The image {path.name} has {width} x {height} px and the page takes "
                f"{self.megapixels} million pixels: cut it into parts, or use `nanozoo measure`."
            )

    def check_steps(self, steps: float) -> None:
        """Refuse a training of no step or of more than the page takes.

        Raises:
            UserError: If it is one.
        """
        if not 1 <= steps <= self.train_steps:
            raise UserError(
                f"Expected 1 to {self.train_steps} steps: for more use `nanozoo finetune`. "
                f"Received: {steps:g}"
            )

    def read(self, path: Path, frame: int = 1) -> Micrograph:
        """Read one image of an uploaded file.

        Args:
            path: The file.
            frame: Number of the image in the file, from 1.

        Returns:
            The image, whose path is the bare name of its file.

        Raises:
            UserError: If it cannot be read, is too large, or there is no such frame.
        """
        self.check_files([path])
        try:
            image = next(islice(read_frames(path), frame - 1, None), None)
        except UserError as error:
            raise UserError(str(error).replace(str(path), path.name)) from error
        if image is None:
            raise UserError(
                f"The file {path.name} has no image number {frame}: choose a smaller number. "
                f"Received: {frame}"
            )
        height, width = image.pixels.shape[:2]
        self._check_pixels(path, width, height)
        return replace(image, path=Path(path.name))
