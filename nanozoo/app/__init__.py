"""The page in the browser: tabs over the workflows (extra `app`)."""
