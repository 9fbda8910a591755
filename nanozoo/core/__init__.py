"""Registry, weights, files and argument checks: what every other package stands on."""
