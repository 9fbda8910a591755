"""The one exception that a user is meant to read."""


class UserError(ValueError):
    """Something that the person who called can put right.

    The message is one clear sentence that names the file or argument and says
    what to do. The command line prints it and ends with exit code 2.

    Example:
        >>> import nanozoo
        >>> try:
        ...     nanozoo.read_micrograph("nowhere.png")
        ... except nanozoo.UserError as error:
        ...     print(error)
        Cannot read nowhere.png (No such file or directory): check the path and its permissions.
    """


class OutputError(UserError):
    """The output cannot be written, for a reason that holds for all of it: the work ends."""
