"""Used and collapsed dimensions are told apart, and what is left in sigma is not lost."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from nanozoo.core.errors import UserError
from nanozoo.embed.latent_use import latent_use


def space(images=200):
    """Dimensions: used, collapsed, by its sigma alone, and barely below the limit."""
    rng = np.random.default_rng(0)
    scale = np.array([1.0, 0.0, 0.0, 0.09])
    mean = scale * rng.standard_normal((images, 4))
    sigma = np.tile([0.1, 1.0, 1.0, 1.0], (images, 1))
    sigma[:, 2] = rng.uniform(0.8, 0.9, images)
    return mean, sigma


def test_dimensions_are_sorted_by_what_they_tell():
    found = latent_use(*space())
    assert found.collapsed == (1, 2, 3) and found.by_sigma_alone == (2,)
    assert found.most_used(2) == [0, 3]
    assert found.kl_nats[1] == 0 < found.kl_nats[2] < found.kl_nats[0]
    assert found.sentence.startswith(
        "Over 200 images 1 of 4 dimensions are used; 3 are collapsed: 1, 2, 3. Of 2 the standard"
    )


def test_divergence_is_the_integral_of_its_definition():
    mean, sigma = np.array([[0.7], [-1.2]]), np.array([[0.3], [0.8]])

    def divergence(m: float, s: float) -> float:
        def integrand(x):
            return norm.pdf(x, m, s) * (norm.logpdf(x, m, s) - norm.logpdf(x))

        return quad(integrand, -8, 8)[0]

    wanted = [divergence(m, s) for m, s in zip(mean[:, 0], sigma[:, 0])]
    np.testing.assert_allclose(latent_use(mean, sigma).kl_nats, [np.mean(wanted)], rtol=1e-6)


def test_a_plain_autoencoder_has_means_alone():
    mean, _ = space()
    found = latent_use(mean[:, :1])
    assert (
        found.kl_nats is None and found.collapsed == () and "none is collapsed" in found.sentence
    )
    many = latent_use(np.zeros((2, 30)))
    assert "30 are collapsed" in many.sentence and "19 and 10 more" in many.sentence


@pytest.mark.parametrize(
    ("mean", "sigma", "words"),
    [
        (np.zeros((1, 3)), None, "two images"),
        (np.zeros((3, 2)), np.zeros((3, 2)), "least sigma 0"),
        (np.zeros((3, 2)), np.ones((3, 1)), r"\(3, 1\)"),
        (np.full((3, 2), np.nan), None, "finite"),
    ],
)
def test_what_does_not_do_is_refused(mean, sigma, words):
    with pytest.raises(UserError, match=words):
        latent_use(mean, sigma)
