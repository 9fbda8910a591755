"""What there is to know about a dataset before it is downloaded."""

from __future__ import annotations

from dataclasses import dataclass

from nanozoo.core.downloads import Download
from nanozoo.core.errors import UserError

PARTICLES = "a mask a particle"
PIXELS = "a class a pixel"
IMAGES = "a class an image"
OWN = "as in your files"


@dataclass(frozen=True)
class Card:
    """Where a dataset comes from and what may be done with it.

    Args:
        name: Its name in the registry.
        shows: What the images show.
        annotation: `PARTICLES`, `PIXELS`, `IMAGES` or `OWN`.
        licence: Of the images and annotations, as their authors state it.
        homepage: URL.
        citation: The publication to cite, with its DOI.
        images: Number of images; None where the user's files decide.
        classes: Names of classes 1, 2, ... of pixels or particles, or of all classes of images.
        pixels: Number type of the stored images: "uint8", "uint16" or "float32".
        downloads: Files that are fetched without asking.
        manual: Where a person has to fetch something: what, and where to put it.
    """

    name: str
    shows: str
    annotation: str
    licence: str
    homepage: str
    citation: str
    images: int | None = None
    classes: tuple[str, ...] = ("particle",)
    pixels: str = "uint8"
    downloads: tuple[Download, ...] = ()
    manual: str = ""

    @property
    def access(self) -> str:
        """How it is fetched: "automatic", "manual", or "local" where nothing is downloaded."""
        if self.manual:
            return "manual"
        return "automatic" if self.downloads else "local"

    @property
    def checked_by(self) -> str:
        """What downloads are checked by."""
        kinds = {
            "SHA-256" if item.sha256 else "MD5" if item.md5 else "the hash of the first download"
            for item in self.downloads
        }
        return " and ".join(sorted(kinds))

    def changed(self, expected: str, received: object) -> UserError:
        """The error for files that are not laid out as when the dataset was published.

        Args:
            expected: What should be there.
            received: What is there in its place.
        """
        return UserError(
            f"The dataset {self.name} is not laid out as nanozoo knows it: compare it with "
            f"{self.homepage} and report it to the authors of nanozoo. Expected {expected}. "
            f"Received: {received}"
        )


def github_archive(repository: str, commit: str) -> Download:
    """A repository as it was at a commit.

    GitHub publishes no hash of the archives that it makes, so that of the first one is kept.

    Args:
        repository: "owner/name".
        commit: All 40 digits.
    """
    name = repository.split("/")[1]
    return Download(
        f"https://github.com/{repository}/archive/{commit}.zip",
        name=f"datasets/{name}-{commit[:12]}.zip",
    )
