"""The images that a command is given: files, folders, and files of several images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from nanozoo.core.errors import UserError
from nanozoo.core.files import check_writable, file_stamp
from nanozoo.io.micrograph import Micrograph, find_images, read_frames

NAMED = 5
"""Most images that the message about none at all names."""


class Images:
    """Lists the images of some paths, and reads them one after the other under unique names.

    Args:
        paths: Image files and folders of images.

    Raises:
        UserError: If there is no image at all.
    """

    def __init__(self, paths: str | Path | Iterable[str | Path]):
        found: set[Path] = set()
        self.errors: list[str] = []
        """A sentence for each folder without an image, and for each image that cannot be read."""
        for path in [paths] if isinstance(paths, (str, Path)) else paths:
            try:
                found.update(find_images(path))
            except UserError as error:
                self.errors.append(str(error))
        if not found:
            stated = self.errors or ["Expected at least one image. Received: none"]
            raise UserError(stated[0])
        self.files = sorted(found)
        """The image files, sorted."""
        self._stamps: dict[Path, object] = {}
        alike = Counter(path.stem for path in self.files)
        self._taken: set[str] = set()
        self._stems = {
            path: self._free(
                path.stem if alike[path.stem] == 1 else f"{path.resolve().parent.name}_{path.stem}"
            )
            for path in self.files
        }

    def stem(self, path: Path) -> str:
        """Name of one of `files` in the results, unique among them."""
        return self._stems[path]

    def alone(self, path: Path) -> Images:
        """The same with one file only, which can be sent elsewhere; it has no errors yet."""
        found = object.__new__(Images)
        found.errors, found.files, found._stamps = [], [path], {}
        found._stems = {path: self._stems[path]}
        found._taken = {name for name in self._stems.values() if name.startswith(self.stem(path))}
        return found

    def __str__(self) -> str:
        return ", ".join(map(str, self.files))

    def check_output(self, out: Path) -> None:
        """Refuse a folder for results that holds images, or cannot be written.

        Raises:
            UserError: If it does or cannot.
        """
        if any(path.parent.resolve() == out.resolve() for path in self.files):
            raise UserError(
                f"The folder {out} holds images to work on, and results could replace them: "
                "choose another output folder."
            )
        check_writable(out)

    def read(
        self, path: Path, pixel_size_nm: float | None = None
    ) -> Iterator[tuple[str, Micrograph]]:
        """Read the images of a file; what cannot be read goes to `errors`.

        Args:
            path: One of `files`.
            pixel_size_nm: Pixel size, nm; it goes before the one that the file states.

        Returns:
            Each image with its name in the results: the file's stem, with folder or number
            where stems are alike, and the frame's name where the file holds several.
        """
        self._stamps[path] = file_stamp(path)
        frames = read_frames(path, pixel_size_nm)
        while True:
            try:
                micrograph = next(frames)
            except StopIteration:
                return
            except UserError as error:
                self.errors.append(str(error))
                continue
            stem = self.stem(path)
            if micrograph.frame is not None:
                stem = self._free(f"{stem}_{micrograph.frame}")
            yield stem, micrograph

    def check_unchanged(self, path: Path) -> None:
        """Refuse to keep what was found in a file that was written since `read` began.

        Args:
            path: One of `files`, which `read` was asked for.

        Raises:
            UserError: If the file was changed or removed.
        """
        if file_stamp(path) != self._stamps[path]:
            raise UserError(
                f"The file {path} was changed or removed while it was being worked on, so nothing "
                "was written for it: give the same command again when it is whole."
            )

    def check_used(self, used: int, done: str) -> None:
        """Refuse to write results of no image at all.

        Args:
            used: How many images could be used.
            done: What was to be done with them, such as "measured".

        Raises:
            UserError: If it is none; the message holds the first of `errors`.
        """
        if not used:
            more = len(self.errors) - NAMED
            raise UserError(
                f"No image could be {done}. {' '.join(self.errors[:NAMED])}"
                f"{f' And {more} more like these.' if more > 0 else ''}"
            )

    def _free(self, wanted: str) -> str:
        """The name that is wanted, with a number where it is taken; from now on it is taken."""
        name, number = wanted, 2
        while name in self._taken:
            name, number = f"{wanted}_{number}", number + 1
        self._taken.add(name)
        return name
