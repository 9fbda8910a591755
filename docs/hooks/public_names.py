"""Shows griffe the public names of nanozoo, which are loaded lazily, and runnable examples."""

from __future__ import annotations

import ast
import re

import griffe


class PublicNames(griffe.Extension):
    """Adds each name of `nanozoo._PUBLIC` to the package, from the module that defines it.

    Sections called `Example` become what griffe calls `Examples`: code that is run.
    """

    def on_instance(self, *, obj: griffe.Object, **kwargs) -> None:
        """Rename the section once an object is read."""
        if obj.docstring:
            text = obj.docstring.value
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", text, flags=re.MULTILINE)

    def on_package(self, *, pkg: griffe.Module, **kwargs) -> None:
        """Add the names once the package is read."""
        if pkg.name != "nanozoo":
            return
        public = ast.literal_eval(str(pkg["_PUBLIC"].value))
        for name, module in public.items():
            if name not in pkg.members:
                pkg.set_member(name, griffe.Alias(name, f"{module}.{name}", parent=pkg))
