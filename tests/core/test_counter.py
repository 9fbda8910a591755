"""Watchers are told of every thing, and of parts as of the whole."""

from nanozoo.core.progress import Counter, Progress, part_of


def test_a_counter_tells_before_and_after_every_thing():
    told = []
    counter = Counter(told.append, 2)
    counter.start("a")
    counter.finish(errors=["Too small.", "Too dark."])
    counter.finish("b")
    assert told == [
        Progress(0, 2, "a"),
        Progress(1, 2, "a", error="Too small. Too dark."),
        Progress(2, 2, "b"),
    ]
    assert [one.share for one in told] == [0.0, 0.5, 1.0]


def test_nobody_is_told():
    counter = Counter(None, 1)
    counter.start("a")
    counter.finish()
    assert part_of(None, 1, 1, "part") is None


def test_a_part_is_counted_in_the_whole():
    told = []
    part_of(told.append, 10, 5, "second part")(Progress(2, 4, "training", "loss 1"))
    assert told == [Progress(12, 19, "second part", "loss 1")]
