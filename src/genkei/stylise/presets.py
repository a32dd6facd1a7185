"""The words that make a figure of a drawing, as data; spelled as the checkpoints' users spell them."""

from dataclasses import dataclass

PONY_QUALITY = "score_9, score_8_up, score_7_up, source anime, figure"
PVC = "figure, natural lighting, exqusite visual effect, delicate details, fully body"
PVC_NOT = "NSFW, cleavage, breasts, bad image, worst dquality"
PONY_NOT = (
    "engrish text, low quality, worst quality, score_4,score_3,score_2,score_1, ugly, bad feet, bad hands"
)
CINEMA = (
    "surreal, amazing quality, masterpiece, best quality, awesome, inspiring, cinematic composition, "
    "soft shadows, Film grain, shallow depth of field, highly detailed, high budget, cinemascope, epic, "
    "color graded cinematic, atmospheric lighting, natural, figure, natural lighting, "
    "exqusite visual effect, delicate details"
)
CINEMA_NOT = (
    "lowres,(bad),text,error,fewer,extra,missing,worst quality,jpeg artifacts,low quality,watermark,"
    "unfinished,displeasing,oldest,early,chromatic aberration,artistic error,username,english text,scan,"
    "[abstract]"
)


@dataclass(frozen=True)
class Preset:
    """What is wished for and what is not; weights as `(word:1.2)`, `(word)` 1.1 and `[word]` 1/1.1."""

    positive: str
    negative: str

    def with_words(self, more: str) -> "Preset":
        """The user's own words come first."""
        return Preset(f"{more}, {self.positive}", self.negative) if more.strip() else self


PRESETS = {
    "pvc": Preset(PVC, PVC_NOT),
    "pony": Preset(f"{PONY_QUALITY}, {PVC}", f"{PONY_NOT}, {PVC_NOT}"),
    "cinema": Preset(CINEMA, CINEMA_NOT),
}
