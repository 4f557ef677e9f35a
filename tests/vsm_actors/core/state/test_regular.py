from vsm_actors.core.state.regular import regular


def test_a_sum_counts_each_step_and_silence_is_zero() -> None:
    series = regular(10.0, 6, 100.0, holds=False)
    series = series.add(101.0, 2.0).add(109.0, 3.0).add(135.0, 1.0).advance(140.0)

    assert series.values.tolist() == [5.0, 0.0, 0.0, 1.0]
    assert series.current == 0.0


def test_a_level_holds_its_last_value() -> None:
    series = regular(10.0, 6, 100.0, holds=True)
    series = series.add(101.0, 2.0).add(109.0, 3.0).add(135.0, 1.0).advance(140.0)

    assert series.values.tolist() == [3.0, 3.0, 3.0, 1.0]
    assert series.current == 1.0


def test_only_the_newest_steps_are_kept() -> None:
    series = regular(10.0, 3, 0.0, holds=False)
    for step in range(5):
        series = series.add(step * 10.0, float(step))

    assert series.advance(50.0).values.tolist() == [2.0, 3.0, 4.0]


def test_a_long_pause_costs_no_more_than_the_length() -> None:
    series = regular(10.0, 3, 0.0, holds=False).add(1.0, 7.0).advance(1e9)

    assert series.values.tolist() == [0.0, 0.0, 0.0]


def test_what_comes_late_counts_in_the_step_under_way() -> None:
    series = regular(10.0, 3, 100.0, holds=False).add(50.0, 1.0)

    assert series.current == 1.0
    assert series.advance(105.0) is series
