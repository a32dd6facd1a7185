"""`checker` is what the jaxtyping import hook uses under pytest: an int may stand for a float."""

from beartype import BeartypeConf, beartype

checker = beartype(conf=BeartypeConf(is_pep484_tower=True))
