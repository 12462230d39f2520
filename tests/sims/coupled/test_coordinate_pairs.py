import numpy as np
import pytest

from sims.coupled.pairs import Clusters, least_density, pairs
from sims.shared.measures import Basins

CLUSTERS = Clusters(
    -1.5, 1.4, Basins(np.array([-1.5, 0.0, 1.4]), np.zeros(3), np.array([-0.7, 0.6])), reach=0.3
)
CORNERS = [[-1.5, -1.5], [-1.5, 1.4], [1.4, -1.5], [1.4, 1.4]]


def test_pairs_of_points_of_one_replica_stay_together():
    points = np.arange(24.0).reshape(2, 3, 4)
    both = pairs(points)
    assert both.shape == (2, 6, 2)
    assert both[1].min() == 12.0
    assert (both[..., 1] - both[..., 0] == 1.0).all()


def test_the_last_of_an_odd_number_of_coordinates_is_left_out():
    assert pairs([[1.0, 2.0, 3.0]]).tolist() == [[[1.0, 2.0]]]


def test_every_corner_is_counted_for_itself():
    shares = CLUSTERS.populations([[*CORNERS[0], *CORNERS[1]], [*CORNERS[2], *CORNERS[2]]])
    assert shares.tolist() == [[[0.5, 0.5], [0.0, 0.0]], [[0.0, 0.0], [1.0, 0.0]]]


def test_what_is_between_the_corners():
    points = [[*CORNERS[3], 0.0, 1.4], [0.0, 0.0, -1.5, 0.5]]
    assert CLUSTERS.between(points).tolist() == [0.5, 1.0]
    assert CLUSTERS.at_origin(points).tolist() == [0.0, 0.5]


def test_minima_that_share_a_basin_do_not_count_twice():
    smooth = Clusters(-1.5, 1.4, Basins(np.zeros(1), np.zeros(1), np.zeros(0)), reach=0.3)
    assert smooth.between(CORNERS).tolist() == [0.0] * 4


def test_near_is_near_along_both_coordinates():
    points = [[-1.5 + 0.29, 1.4 - 0.29, -1.5 + 0.29, 1.4 - 0.31]]
    assert CLUSTERS.near(points).tolist() == [0.5]


def test_the_fullest_basin_is_that_of_all_replicas_together():
    points = [[*CORNERS[1], *CORNERS[1], *CORNERS[1]], [*CORNERS[1], *CORNERS[2], *CORNERS[2]]]
    assert CLUSTERS.in_fullest(points).tolist() == [1.0, pytest.approx(1 / 3)]


def test_corners_that_mirror_one_another_are_not_one_basin():
    assert CLUSTERS.in_fullest([[*CORNERS[1], *CORNERS[2]]]).tolist() == [0.5]


def test_least_density_of_an_even_law_and_of_one_with_a_gap():
    # 100 counts in a square: four standard deviations of the least of 100 are 0.4
    points = np.random.default_rng(0).uniform(-1, 1, (100, 100, 2))
    assert least_density(points, -1.0, 1.0, side=0.2) > 0.6
    assert least_density(np.abs(points), -1.0, 1.0, side=0.2) == 0.0


def test_squares_fit_a_whole_number_of_times():
    assert least_density([[0.1, 0.1]], 0.0, 1.0, side=5.0) == 1.0
