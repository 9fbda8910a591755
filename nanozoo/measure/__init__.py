"""From an image and its particles to nanometres: scale bars, particles, size distributions."""
