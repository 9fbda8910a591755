"""The one exception that a user is meant to read."""


class UserError(ValueError):
    """Something that the person who called can put right.

    The message is one clear sentence that names the file or argument and says
    what to do. The command line prints it and ends with exit code 2.
    """
