"""Fit the cross-encoder's adapter and heads.

    python -m training.train DATA_FOLDER --base ~/.plumbline/models/multilingual-e5-small \
        --start-from rag/weights/crossencoder.safetensors --out NEW.safetensors --minutes 60

Each worker is a process with one thread; gradients are averaged after every step (on a shared
machine two single-threaded workers are several times as fast as one with two threads). The learning
rate falls linearly with the CPU time of the first worker, so the run ends when its minutes do. What
is saved is the mean of the weights before and after (Wortsman et al., "Robust fine-tuning of
zero-shot models", 2022), which keeps what the new pairs do not show. Without `--start-from` it
begins at the bare encoder.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, nn

from rag.config import load_settings
from rag.models.crossencoder import CrossEncoder, build, load_tokenizer
from rag.models.crossinput import EncodedPair, encode_pair, pad, pad_ids
from rag.models.embedder import load_embedder
from rag.text.language import detect_language
from training.across import translations
from training.pairs import Example, PairMaker
from training.sources import Sources, read_sources

_UNLABELLED = -1
_TOKEN_WEIGHT = 0.3
_BUFFER = 12
"""Batches drawn at once and sorted by length."""


def main() -> None:
    """Read the arguments and start the workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start-from", type=Path, help="an adapter to go on from")
    parser.add_argument(
        "--share", type=float, default=0.5, help="of the new weights in what is saved"
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="of CPU time a worker")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16, help="pairs a worker and step")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--held", type=int, default=1200, help="held-out pairs to report on")
    parser.add_argument("--check-every", type=float, default=8.0, help="minutes of wall time")
    options = parser.parse_args()
    os.environ.setdefault("MASTER_ADDR", "127.0.0.1")
    os.environ.setdefault("MASTER_PORT", "29517")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    sources = read_sources(options.data)
    translated = translations(sources.paragraphs, load_embedder(load_settings()))
    context = multiprocessing.get_context("spawn")
    arguments = [(rank, options, sources, translated) for rank in range(options.workers)]
    workers = [context.Process(target=_worker, args=args) for args in arguments]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise SystemExit("a worker failed; its message stands above")


def _worker(
    rank: int, options: argparse.Namespace, sources: Sources, translated: Mapping[str, str]
) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    distributed.init_process_group("gloo", rank=rank, world_size=options.workers)
    model = build(options.base, torch.bfloat16).train()
    if options.start_from:
        _load(model, options.start_from)
    tokenizer = load_tokenizer(options.base)
    held_maker = PairMaker(sources.split(True), options.seed, translated)
    held = list(itertools.islice(held_maker.stream(), options.held))
    stream = PairMaker(sources.split(False), options.seed + 1 + rank, translated).stream()
    batches = _batches(stream, tokenizer, options, random.Random(options.seed + rank))
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    begin, checked = time.process_time(), time.monotonic()
    losses: list[float] = []
    for step, batch in enumerate(batches):
        # The first worker says when to check and when to end: clocks that differ by a step would
        # leave one worker waiting at the barrier and the other for its gradients.
        due = step == 0 or time.monotonic() - checked > 60 * options.check_every
        told = torch.tensor([(time.process_time() - begin) / 60 / options.minutes, float(due)])
        distributed.broadcast(told, 0)
        used, check = float(told[0]), bool(told[1])
        rate = options.rate * min(1.0, (step + 1) / 50) * max(0.03, 1.0 - used)
        losses.append(_step(model, batch, optimizer, trained, rate))
        if check or used >= 1.0:
            checked = time.monotonic()
            if rank == 0:
                _save(model, options)
                _report(model, tokenizer, held, step, losses[-200:])
            distributed.barrier()
        if used >= 1.0:
            break


class _Batch:
    """Tensors of one step: ids and kinds [b, t], labels and task [b], token labels [b, t]."""

    def __init__(self, rows: list[tuple[Example, EncodedPair]]) -> None:
        ids, kinds = pad_ids([encoded for _, encoded in rows])
        self.ids, self.kinds = torch.tensor(ids), torch.tensor(kinds)
        self.labels = torch.tensor([float(example.label) for example, _ in rows])
        self.is_claim = torch.tensor([bool(example.pair.claim) for example, _ in rows])
        marks = [_token_labels(example, encoded) for example, encoded in rows]
        self.marks = torch.tensor(pad(marks, _UNLABELLED))


def _token_labels(example: Example, encoded: EncodedPair) -> list[int]:
    """1 where a token of the claim (or evidence) lies in a labelled span, 0 elsewhere in it."""
    if example.spans is None:
        return [_UNLABELLED] * len(encoded.ids)
    wanted = (4, 5) if example.pair.claim else (6, 7)
    return [
        int(any(start < stop and end > begin for begin, stop in example.spans))
        if kind in wanted
        else _UNLABELLED
        for kind, (start, end) in zip(encoded.kinds, encoded.offsets, strict=True)
    ]


def _batches(
    stream: Iterator[Example], tokenizer: Any, options: argparse.Namespace, rng: random.Random
) -> Iterator[_Batch]:
    while True:
        drawn = list(itertools.islice(stream, options.batch * _BUFFER))
        rows = [(e, encode_pair(tokenizer, e.pair, options.max_tokens)) for e in drawn]
        rows.sort(key=lambda row: len(row[1].ids))
        groups = [rows[i : i + options.batch] for i in range(0, len(rows), options.batch)]
        rng.shuffle(groups)
        yield from map(_Batch, groups)


def _step(
    model: CrossEncoder,
    batch: _Batch,
    optimizer: torch.optim.Optimizer,
    trained: list[nn.Parameter],
    rate: float,
) -> float:
    loss = _loss(model, batch)
    optimizer.zero_grad(set_to_none=False)
    torch.autograd.backward(loss)
    grads = torch.cat([p.grad.flatten() for p in trained if p.grad is not None])
    distributed.all_reduce(grads)
    grads /= distributed.get_world_size()
    grads *= min(1.0, 1.0 / (float(grads.norm()) + 1e-6))
    at = 0
    for parameter in trained:
        if parameter.grad is not None:
            size = parameter.numel()
            parameter.grad.copy_(grads[at : at + size].view_as(parameter))
            at += size
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    return float(loss.detach())


def _loss(model: CrossEncoder, batch: _Batch) -> Tensor:
    logits = model(batch.ids, batch.kinds)
    pair = torch.where(batch.is_claim, logits.support, logits.answerable)
    loss = nn.functional.binary_cross_entropy_with_logits(pair, batch.labels)
    column = torch.where(batch.is_claim, 0, 1)
    token = logits.tokens.gather(2, column[:, None, None].expand(-1, batch.ids.shape[1], 1))[..., 0]
    for value in (0, 1):
        mask = batch.marks == value
        if mask.any():
            wanted = torch.full_like(token[mask], float(value))
            entropy = nn.functional.binary_cross_entropy_with_logits(token[mask], wanted)
            loss = loss + _TOKEN_WEIGHT * entropy
    return loss


def _report(
    model: CrossEncoder, tokenizer: Any, held: list[Example], step: int, losses: list[float]
) -> None:
    """Print the held-out AUROC by kind of pair and language."""
    model.eval()
    rows: dict[str, tuple[list[float], list[bool]]] = defaultdict(lambda: ([], []))
    encoded = [(e, encode_pair(tokenizer, e.pair, 256)) for e in held]
    encoded.sort(key=lambda row: len(row[1].ids))
    for i in range(0, len(encoded), 16):
        batch = _Batch(encoded[i : i + 16])
        with torch.inference_mode():
            logits = model(batch.ids, batch.kinds)
        pair = torch.where(batch.is_claim, logits.support, logits.answerable)
        for (example, _), score in zip(encoded[i : i + 16], pair.tolist(), strict=True):
            task = "support" if example.pair.claim else "answerable"
            kind = example.kind if example.kind in ("across", "marked", "answered") else ""
            name = f"{task} {kind} {detect_language(example.pair.evidence)}".replace("  ", " ")
            rows[name][0].append(score)
            rows[name][1].append(example.label)
    model.train()
    parts = [f"{name} {auroc(*pairs):.3f}" for name, pairs in sorted(rows.items())]
    mean = sum(losses) / len(losses)
    print(f"{time.strftime('%T')} step {step} loss {mean:.4f}", *parts, sep=" | ", flush=True)


def auroc(scores: list[float], labels: list[bool]) -> float:
    """Area under the ROC curve: the chance that a true pair outranks a false one."""
    true = [s for s, label in zip(scores, labels, strict=True) if label]
    false = [s for s, label in zip(scores, labels, strict=True) if not label]
    wins = sum((t > f) + 0.5 * (t == f) for t in true for f in false)
    return wins / max(1, len(true) * len(false))


def _save(model: CrossEncoder, options: argparse.Namespace) -> None:
    """Save the weights, averaged with those that training went on from."""
    from safetensors.torch import load_file, save_file

    state = {name: value.float() for name, value in model.trained_state().items()}
    if options.start_from:
        before, share = load_file(options.start_from), options.share
        state = {n: share * t + (1 - share) * before[n].float() for n, t in state.items()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    partial = options.out.with_suffix(".partial")
    save_file({n: t.half().contiguous() for n, t in state.items()}, partial)
    partial.replace(options.out)


def _load(model: CrossEncoder, path: Path) -> None:
    from safetensors.torch import load_file

    model.load_state_dict({n: t.float() for n, t in load_file(path).items()}, strict=False)


if __name__ == "__main__":
    main()
