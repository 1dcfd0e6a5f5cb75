"""The base of every section of a plan file."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen table of fields; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
