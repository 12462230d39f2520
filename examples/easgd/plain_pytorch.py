"""`nets.EASGD` in a loop of plain PyTorch: ``python examples/easgd/plain_pytorch.py``.

It takes the place of ``torch.optim.SGD`` and nothing else changes. What is tested is the quorum
variable, a running average of the path, which `at_quorum` shows in the network's own parameters.
"""

import torch
from torch.utils.data import DataLoader, TensorDataset

import nets

digits = nets.data.load("digits")
torch.manual_seed(1)
loader = DataLoader(TensorDataset(*digits.train), batch_size=32, shuffle=True)
network = torch.nn.Sequential(
    torch.nn.Flatten(), torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)
)
optimizer = nets.EASGD(network.parameters(), lr=0.02, coupling=0.5, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
criterion = torch.nn.CrossEntropyLoss()

for _ in range(3):
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(network(inputs), targets).backward()
        optimizer.step()
    scheduler.step()

network.eval()
with optimizer.at_quorum(), torch.no_grad():
    right = network(digits.test.inputs).argmax(1) == digits.test.targets
print(f"test accuracy at the quorum variable: {100 * float(right.double().mean()):.1f}%")
