"""Derivatives of a network's loss: those of torch, and the dense Hessian's eigenvalues."""

import pytest

torch = pytest.importorskip("torch")

from nets.against_theory.landscape import Landscape, curvature

CRITERION = torch.nn.functional.cross_entropy


@pytest.fixture
def network():
    torch.manual_seed(4)
    layers = torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2)
    return torch.nn.Sequential(*layers).double()


@pytest.fixture
def landscape(network):
    inputs = torch.randn(20, 3, dtype=torch.float64)
    return Landscape(network, CRITERION, inputs, torch.arange(20) % 2)


def own_point(landscape, network):
    weights = {name: p.detach()[None] for name, p in network.named_parameters()}
    return landscape.points(weights)[0]


def test_the_loss_and_gradient_are_those_of_the_network(network, landscape):
    loss = CRITERION(network(landscape.inputs), landscape.targets)
    loss.backward()
    point = own_point(landscape, network)
    gradient = torch.cat([p.grad.flatten() for p in network.parameters()])
    assert landscape.size == len(point) == 32
    torch.testing.assert_close(landscape.losses(point[None]), loss.detach()[None])
    torch.testing.assert_close(landscape.gradients(point[None])[0], gradient)
    torch.testing.assert_close(landscape.example_gradients(point).mean(0), gradient)
    hits = (network(landscape.inputs).argmax(1) == landscape.targets).double().mean()
    assert landscape.accuracies(point[None]).item() == hits.item()


def test_curvature_is_that_of_the_dense_hessian(network, landscape):
    point = own_point(landscape, network)
    columns = torch.stack([landscape.hessian_times(point, e) for e in torch.eye(32).double()])
    step = 1e-6 * torch.eye(32).double()
    numeric = (landscape.gradients(point + step) - landscape.gradients(point - step)) / 2e-6
    torch.testing.assert_close(columns, numeric, atol=1e-7, rtol=1e-6)
    eigenvalues = torch.linalg.eigvalsh(columns)
    found = curvature(landscape, point)
    assert found.smallest == pytest.approx(eigenvalues[0].item(), abs=1e-4)
    assert found.largest == pytest.approx(eigenvalues[-1].item(), rel=1e-4)
