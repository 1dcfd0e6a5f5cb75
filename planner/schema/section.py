"""The base of every section of a scenario file."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen table of fields; a key that is not a field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
