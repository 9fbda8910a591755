"""Classical methods: image to labels, without keras."""
