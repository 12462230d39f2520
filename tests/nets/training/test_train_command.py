"""``sdeopt train``: options, a file, networks and data of one's own, and going on."""

import json
import re
from pathlib import Path
from typing import get_type_hints

import pytest
import typer
from typer.testing import CliRunner

torch = pytest.importorskip("torch")

from nets.communication import Local
from nets.couplings import QSGD
from nets.identity import digest_of, identity_of
from nets.train.command import train
from nets.train.described import Description, trainer_of
from nets.training import Trainer
from nets.training import command as torchrun
from sdeopt import results
from sdeopt.errors import SdeoptError
from sdeopt.run_files.objects import named_object

ROOT = Path(__file__).parents[3]
APP = typer.Typer()
APP.command()(train)
SMALL = ("--width", "8", "--agents", "2", "--epochs", "2", "--batch", "400", "--coupling", "5")


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch):
    # the example names its files from there
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("SDEOPT_DATA", raising=False)


def call(*words):
    done = CliRunner().invoke(APP, [*map(str, words)], env={"COLUMNS": "120"})
    assert done.exit_code == 0, done.output + repr(done.exception)
    return done.stdout


def refused(words, said):
    done = CliRunner().invoke(APP, [*SMALL[2:], *words])
    assert isinstance(done.exception, SdeoptError), done.output + repr(done.exception)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)


def test_options_are_those_of_the_other_command(tmp_path):
    said = call(
        *SMALL, "--rule", "EASGD", "--set", "network.dropout=0.5", "--out", tmp_path / "a.nc"
    )
    assert "quorum variable" in said
    found = results.load(tmp_path / "a.nc")
    torchrun.train(agents=2, epochs=2, batch=400, coupling=5.0, rule="EASGD", out=tmp_path / "b.nc")
    other = results.load(tmp_path / "b.nc")
    assert found.sizes == other.sizes
    assert found.attrs["order_seed"] == other.attrs["order_seed"] == 1
    assert not found["mean_loss"].equals(other["mean_loss"])  # eight neurons are not the usual ones
    call(*SMALL[2:], "--rule", "EASGD", "--out", tmp_path / "c.nc")
    assert results.load(tmp_path / "c.nc").drop_attrs().identical(other.drop_attrs())


def test_trying_the_criterion_leaves_no_trace(monkeypatch):
    """A pass of a network with dropout leaves the random states and the weights as they were."""
    words = {"network": "three_convolutions", "agents": 2, "batch": 50}

    def started():
        torch.manual_seed(3)
        made = trainer_of(Description.of(words), Local(2), "cpu")
        state = [made._state()[name] for name in ("ensemble", "optimizer", "batches")]
        return digest_of(identity_of(state)), torch.random.get_rng_state()

    tried, after = started()
    monkeypatch.setattr("nets.train.described._try", lambda *_: None)
    untried, alone = started()
    assert torch.equal(after, alone)
    assert tried == untried


def test_it_goes_on_from_its_checkpoint(tmp_path):
    whole, parts = tmp_path / "whole.nc", tmp_path / "parts.nc"
    call(*SMALL, "--out", whole)
    call(*SMALL, "--epochs", "1", "--resume", tmp_path / "state")
    call(*SMALL, "--resume", tmp_path / "state", "--out", parts)
    assert results.load(parts).drop_attrs().identical(results.load(whole).drop_attrs())


def test_a_network_data_and_a_criterion_of_ones_own(tmp_path):
    saved = tmp_path / "moons.pt"
    words = ("examples/own_network.toml", "--epochs", "3", "--agents", "2", "--save", saved)
    said = json.loads(call(*words, "--json"))
    from examples import own_network

    net = own_network.Net(16)
    net.load_state_dict(torch.load(saved, weights_only=True))
    test = own_network.data()["test"]
    right = (net(test.points).argmax(1) == test.labels).float().mean()
    assert said["result"]["quorum"]["test"]["accuracy"] == pytest.approx(float(right))
    assert right > 0.8


def test_python_files_are_found_beside_the_file_that_names_them(tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("own_network.toml", "own_network.py"):
        text = (ROOT / "examples" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = call("mine/own_network.toml", "--epochs", "1", "--agents", "2", "--save", "moons.pt")
    assert "after 1 epochs: loss, accuracy" in said
    assert said.rstrip().endswith("written: moons.pt")


def test_a_part_without_examples_has_no_column(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("two.py").write_text(
        "import torch\n"
        "from torch.utils.data import TensorDataset\n"
        "rows = TensorDataset(torch.randn(8, 2), torch.arange(8) % 2)\n"
        "data = {'train': rows, 'test': rows}\n"
        "def net(): return torch.nn.Linear(2, 2)\n",
        encoding="utf-8",
    )
    said = call("--data", "two.py:data", "--network", "two.py:net", "--batch", "4", "--epochs", "1")
    assert "train" in said
    assert "validation" not in said


@pytest.mark.parametrize(
    ("words", "differs"),
    [
        (("--noise", "Gaussian:0.1"), True),
        (("--set", "noise={name = 'Uniform', half_width = 0.1, enters = 'weights'}"), True),
        (("--precision", "bfloat16"), True),
        (("--period", "3"), True),
        (("--set", "rule.participation=0.5", "--set", "rule.delay=[0, 2]"), True),
        (("--period", "2", "--set", "rule.staggered=true"), True),
        (("--set", "rule.graph={name = 'Matchings'}"), False),
        (("--set", "rule.graph={name = 'Weights', matrix = [[0.9, 0.1], [0.2, 0.8]]}"), True),
        (("--optimizer", "Adam", "--set", "optimizer.lr=0.01"), True),
        (("--set", "scheduler={name = 'StepLR', step_size = 1}"), True),
        # without momentum there is no Nesterov's, which is the default
        (("--momentum", "0"), True),
        (("--set", "optimizer.dampening=0.1"), True),
        (("--seed", "1"), False),
    ],
    ids=str,
)
def test_what_is_asked_for_is_done(words, differs, tmp_path):
    results_of = []
    for place, more in enumerate(((), words)):
        path = tmp_path / f"{place}.nc"
        call(*SMALL, *more, "--out", path)
        results_of.append(results.load(path)["agent_loss"])
    assert results_of[0].equals(results_of[1]) is not differs


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rule", "EASG"), "did you mean 'EASGD'"),
        (("--set", "rule.participaton=0.5"), "did you mean 'participation'"),
        (("--set", "rule.graph={name = 'Rung'}"), "did you mean 'Ring'"),
        (("--rule", "EASGD", "--set", "rule.graph={name = 'Ring'}"), "EASGD takes no graph"),
        (("--rule", "SD-QSGD", "--set", "rule.delay=2"), "setting of the rule 'SD-QSGD'"),
        (("--optimizer", "Adm"), "did you mean 'Adam'"),
        (("--set", "optimizer.betas=1"), "no option of the optimizer 'SGD'"),
        (("--set", "scheduler={name = 'StepRL'}"), "did you mean 'StepLR'"),
        (("--network", "own.py:Net"), "there is no file own.py"),
        (("--network", "perceptrom"), "did you mean 'perceptron'"),
        (("--data", "examples/own_network.py:data"), "a network of your own"),
        (("--data", "examples/own_network.py:Moons.x"), "no object"),
        (("--data", "math:pi"), "with the key 'train'"),
        (("--precision", "float16"), "no precision 'float16'"),
        (("--noise", "0.1"), "no noise law"),
        (("--noise", "Gaussian"), "write LAW:SIZE"),
        (("--set", "criterion=cross_entropi"), "did you mean 'cross_entropy'"),
        (("--set", "agent=3"), "did you mean 'agents'"),
        (("--set", "network={widths = [3]}"), "lacks a name"),
        (("--set", "network=3"), "network is 3, but must be a name"),
        (("--set", "data=3"), "data is 3, but must be a name"),
        (("--set", "noise=3"), "noise is 3, but must be a name"),
        (
            ("--set", "noise={name = 'Gaussian', standard_deviation = 1, when = 'epoch'}"),
            "no option of the noise 'Gaussian' 'when'",
        ),
        (("--set", "optimizer.lr=-1"), "lr = -1, momentum = 0.9, nesterov = True} cannot be used"),
        (("--set", "optimizer.lr=abc"), "cannot be used: TypeError"),
        (("--set", "optimizer={name = 'Adam', betas = [1, 2]}"), "Invalid beta parameter"),
        (("--set", "optimizer.nesterov=perhaps"), "nesterov of the optimizer 'SGD' is 'perhaps'"),
        (("--set", "optimizer.nesterov=true", "--momentum", "0"), "Nesterov momentum requires"),
        (("--optimizer", "LBFGS"), "optimizer = {name = 'LBFGS'} cannot be used"),
        (("--set", "scheduler.name=StepLR"), "'StepLR' needs step_size"),
        (("--set", "scheduler=LambdaLR"), "'LambdaLR' needs lr_lambda"),
        (("--set", "scheduler={name = 'StepLR', step_size = 0}"), "ZeroDivisionError"),
        (
            ("--set", "scheduler={name = 'OneCycleLR', max_lr = 0.1, total_steps = 1}"),
            "total_steps = 1} cannot be used",
        ),
        (("--set", "network.depth=5"), "no option of the network 'perceptron' 'depth'"),
        (("--set", "network.widths=[-3]"), "widths = [-3]} cannot be used"),
        (
            ("--network", "examples/own_network.py:Net", "--set", "network.depth=5"),
            "no option of the network 'examples/own_network.py:Net' 'depth'",
        ),
        (
            ("--network", "examples/own_network.py:Net", "--set", "network.width=no"),
            "(own_network.py, line ",
        ),
        (("--set", "data={name = 'math:pi', digits = 3}"), "takes no settings"),
        (("--set", "drops.foo=1"), "no option of the table 'drops' 'foo'"),
        (("--set", "drops.factors=1"), "drops = {factors = 1} cannot be used"),
        (("--set", "drops.shared=no"), "drops.shared is 'no'"),
        (("--set", "drops=3"), "drops is 3, but must be true, false, or a table"),
        (("--set", "together='false'"), "together is 'false', but must be True or False"),
        (("--set", "channels_last=maybe"), "channels_last is 'maybe'"),
        (("--set", "way=3"), "way is 3"),
        (("--set", "criterion=relu"), "no criterion 'relu'"),
        (("--set", "criterion=3"), "criterion is 3"),
        (("--set", "criterion=mse_loss"), "criterion = {name = 'mse_loss'} cannot be used: "),
        (("--set", "criterion=multilabel_soft_margin_loss"), "cannot be used: "),
        (("--rule", "averaging"), "the coupling rule 'averaging' needs period"),
        (("--set", "running_statistics=kept"), "did you mean 'keep'"),
        (("--device", "cudda"), "device is 'cudda', but torch cannot compute there"),
        (("--device", "cuda:99"), "device is 'cuda:99', but torch cannot compute there"),
    ],
    ids=str,
)
def test_mistakes_get_one_sentence(words, said):
    refused(words, said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "r.foo"), "kept in .nc or .zarr"),
        (("--out", "file/r.nc"), "choose another with --out"),
        (("--out", "folder.nc"), "folder.nc is a folder that holds something else"),
        (("--out", "full.zarr"), "full.zarr is a folder that holds something else"),
        (("--save", "folder.nc"), "--save is folder.nc, a folder"),
        (("--save", "file/net.pt"), "choose another with --save"),
        (("--save", "a.nc", "--out", "a.nc"), "--out and --save are both a.nc"),
        (("--save", "new", "--checkpoint", "new"), "--save and --checkpoint are both new"),
        (("--checkpoint", "file"), "give another folder as the checkpoint"),
    ],
    ids=str,
)
def test_places_are_tried_before_the_training(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder.nc").mkdir()
    Path("full.zarr").mkdir()
    Path("full.zarr", "thesis.tex").touch()
    monkeypatch.setattr(Trainer, "run", lambda *_: pytest.fail("it trained first"))
    refused(words, said)


def test_folders_that_are_missing_are_made(tmp_path):
    out, saved = tmp_path / "new" / "a.zarr", tmp_path / "newer" / "a.pt"
    for _ in range(2):  # results may be written over
        call(*SMALL, "--epochs", "0", "--out", out, "--save", saved)
    assert results.load(out).sizes["epoch"] == 1
    assert saved.is_file()


def test_loaders_say_the_size_of_a_batch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(
        "import torch\n"
        "from torch.utils.data import DataLoader, TensorDataset\n"
        "rows = TensorDataset(torch.randn(8, 2), torch.arange(8) % 2)\n"
        "def data(): return {'train': DataLoader(rows, 4, shuffle=True), 'test': rows}\n"
        "def net(): return torch.nn.Linear(2, 2)\n",
        encoding="utf-8",
    )
    words = ("--data", "own.py:data", "--network", "own.py:net")
    assert "train" in call(*words, "--epochs", "1")
    refused((*words, "--batch", "4"), "the loader has a batch size already")


OWN_BUFFERS = """
import torch
from torch import nn
from torch.utils.data import TensorDataset

points = torch.randn(200, 2, generator=torch.Generator().manual_seed(1))
rows = TensorDataset(points, (points[:, 0] > points[:, 1]).long())
data = {'train': rows, 'test': rows}

def spectral():
    normalized = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 8))
    return nn.Sequential(normalized, nn.Tanh(), nn.Linear(8, 2))

def normalized():
    return nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 2))

class Averaging(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.register_buffer('average', torch.zeros(2))

    def forward(self, x):
        y = self.layer(x)
        if self.training:
            self.average.mul_(0.5).add_(0.5 * y.detach().mean(0))
        return y - self.average
"""


@pytest.mark.parametrize("network", ["spectral", "Averaging", "normalized"])
def test_buffers_that_agents_do_not_share_are_saved_as_they_were_measured(
    network, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(OWN_BUFFERS, encoding="utf-8")
    words = ("--data", "own.py:data", "--network", f"own.py:{network}", "--batch", "20")
    words += ("--set", "running_statistics=keep")  # which others than `normalized` do not have
    said = json.loads(call(*words, "--epochs", "2", "--save", "net.pt", "--json"))
    net = named_object(f"own.py:{network}")()
    net.load_state_dict(torch.load("net.pt", weights_only=True))
    points, labels = named_object("own.py:rows").tensors
    with torch.no_grad():
        loss = torch.nn.functional.cross_entropy(net.eval()(points), labels)
    assert float(loss) == pytest.approx(said["result"]["quorum"]["test"]["loss"])


def test_batch_normalization_is_treated_as_the_file_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(OWN_BUFFERS, encoding="utf-8")
    Path("own.toml").write_text(
        "epochs = 1\nbatch = 20\nagents = 2\ndata = 'own.py:data'\nnetwork = 'own.py:normalized'\n"
    )
    refused(("own.toml",), "say running_statistics='drop'")
    kept, dropped = (
        json.loads(call("own.toml", "--set", f"running_statistics={how}", "--json"))["result"]
        for how in ("keep", "drop")
    )
    assert kept["agent"] != dropped["agent"]


def test_the_example_of_the_help_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = train.__doc__
    words = re.search(r'Example: "sdeopt train (.*)"', text).group(1).split()
    (tmp_path / "digits.toml").write_text(
        "\n".join(line.strip() for line in text.partition("\b")[2].splitlines())
    )
    assert call(*words) == call("digits.toml", "--batch", "128")


def test_help_shows_the_defaults_of_a_description():
    hints = get_type_hints(train, include_extras=True)
    options = {name: each.__metadata__[0] for name, each in hints.items() if name != "return"}
    shown = {name: each.show_default for name, each in options.items()}
    usual = Description()
    for name in ("agents", "epochs", "data", "network", "precision", "seed"):
        assert shown[name] == str(getattr(usual, name))
    optimizer, rule = usual.optimizer, usual.rule
    assert (shown["optimizer"], shown["rule"]) == (optimizer["name"], rule["name"])
    assert float(shown["learning_rate"]) == optimizer["lr"]
    assert float(shown["momentum"]) == optimizer["momentum"]
    assert float(shown["coupling"]) == rule["coupling"]
    assert int(shown["period"]) == QSGD(1.0).period
