"""Why a network answers what it answers: class activation maps and gradients of the input."""
