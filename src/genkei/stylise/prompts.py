"""Prompts with weights and without a length limit, as numbers for SDXL's two text encoders.

The dialect of the web user interfaces: `(a)` counts 1.1 times, `[a]` 1/1.1, `(a:1.3)` 1.3 times; they nest,
and `\\(` is a bracket. A prompt goes through the encoder in pieces of 75 tokens, and the pieces' numbers are
strung together; weights scale the numbers of their tokens, the mean of a piece kept.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

STRONGER = 1.1
PIECE = 75
"""Tokens of a piece; the encoder reads 77 with its start and end."""
_TOKENS = re.compile(r"\\[\\()\[\]]|[()\[\]]|:\s*[+-]?[\d.]+\s*\)|[^\\()\[\]:]+|[:\\]")
_WEIGHT = re.compile(r":\s*([+-]?[\d.]+)\s*\)")


@dataclass(frozen=True)
class Words:
    text: str
    weight: float


@dataclass(frozen=True)
class Encoded:
    """What a UNet of SDXL reads of a prompt."""

    tokens: "torch.Tensor"
    """[1, 77 k, c]: both encoders' numbers side by side."""
    pooled: "torch.Tensor"
    """[1, c]: the second encoder's sum of the first piece."""


def parse(prompt: str) -> tuple[Words, ...]:
    """Stretches of text of one weight, in order; brackets that never close count as closed at the end."""
    found: list[Words] = []
    opened: list[tuple[str, int]] = []
    for token in _TOKENS.findall(prompt):
        weight = _WEIGHT.fullmatch(token)
        if token in "([":
            opened.append((token, len(found)))
        elif weight and opened and opened[-1][0] == "(":
            _scale(found, opened.pop()[1], _number(weight.group(1), prompt))
        elif token in ")]" and opened and opened[-1][0] == {")": "(", "]": "["}[token]:
            _scale(found, opened.pop()[1], STRONGER if token == ")" else 1 / STRONGER)
        else:
            found.append(Words(token[1:] if len(token) == 2 and token[0] == "\\" else token, 1.0))
    for bracket, since in reversed(opened):
        _scale(found, since, STRONGER if bracket == "(" else 1 / STRONGER)
    return _joined(found)


def encode(pipeline: Any, prompt: str, pieces: int = 0) -> Encoded:
    """Numbers of a prompt for a pipeline with SDXL's two tokenizers and encoders, in `pieces` at least.

    The layer before the last of each encoder is read ("clip skip 2" of the web user interfaces, which is what
    SDXL was trained with).
    """
    import torch

    words = parse(prompt)
    sides, pooled = [], None
    for tokenizer, encoder in (
        (pipeline.tokenizer, pipeline.text_encoder),
        (pipeline.tokenizer_2, pipeline.text_encoder_2),
    ):
        rows, weights = _pieces(tokenizer, words, max(pieces, 1))
        states = []
        for k, (row, weight) in enumerate(zip(rows, weights, strict=True)):
            with torch.no_grad():
                out = encoder(torch.tensor([row], device=encoder.device), output_hidden_states=True)
            if k == 0:
                pooled = out[0]
            states.append(_weighed(out.hidden_states[-2], torch.tensor(weight)))
        sides.append(torch.cat(states, 1))
    longest = max(side.shape[1] for side in sides)
    if any(side.shape[1] != longest for side in sides):
        raise ValueError("the checkpoint's two tokenizers cut the prompt differently; shorten it")
    assert pooled is not None
    return Encoded(torch.cat(sides, -1), pooled)


def pieces_of(pipeline: Any, prompt: str) -> int:
    """How many pieces a prompt takes."""
    return len(_pieces(pipeline.tokenizer, parse(prompt), 1)[0])


def _pieces(
    tokenizer: Any, words: tuple[Words, ...], least: int
) -> tuple[list[list[int]], list[list[float]]]:
    """Rows of 77 token numbers and their weights."""
    numbers: list[int] = []
    weights: list[float] = []
    for stretch in words:
        found = tokenizer(stretch.text, add_special_tokens=False, truncation=False, verbose=False).input_ids
        numbers += found
        weights += [stretch.weight] * len(found)
    start, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else end
    count = max(-(-len(numbers) // PIECE), least)
    rows, scales = [], []
    for k in range(count):
        piece = numbers[k * PIECE : (k + 1) * PIECE]
        scale = weights[k * PIECE : (k + 1) * PIECE]
        spare = PIECE - len(piece)
        rows.append([start, *piece, end, *[pad] * spare])
        scales.append([1.0, *scale, 1.0, *[1.0] * spare])
    return rows, scales


def _weighed(states: "torch.Tensor", weight: "torch.Tensor") -> "torch.Tensor":
    """Token numbers times their weights, the mean of all brought back to what it was."""
    if bool((weight == 1).all()):
        return states
    scaled = states * weight.to(states)[None, :, None]
    mean = scaled.mean()
    return scaled * (states.mean() / mean) if abs(float(mean)) > 1e-8 else scaled


def _scale(found: list[Words], since: int, factor: float) -> None:
    found[since:] = [Words(words.text, words.weight * factor) for words in found[since:]]


def _number(text: str, prompt: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"the weight {text!r} in the prompt {prompt[:60]!r} is no number") from error


def _joined(found: list[Words]) -> tuple[Words, ...]:
    """Neighbours of one weight are one."""
    out: list[Words] = []
    for words in found:
        if out and out[-1].weight == words.weight:
            out[-1] = Words(out[-1].text + words.text, words.weight)
        else:
            out.append(words)
    return tuple(out)
