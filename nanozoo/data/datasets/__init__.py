"""Data sets as tensorflow_datasets builders, registered in `nanozoo.core.registry.DATASETS`."""

from nanozoo.data.datasets import (  # noqa: F401
    bam_tio2,
    coco,
    emps,
    folder,
    groschner_gold,
    horwath_gold,
    nasa_ebc,
    nasa_superalloy,
    nffa_sem,
    simulated_scenes,
    uhcs,
)
