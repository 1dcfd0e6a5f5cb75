"""Title a new plan after its own file name, instead of the plan it was copied from."""

from pathlib import Path

from planner.files.loading import load_text
from planner.files.saving import edited_text


def title_of(path: Path) -> str:
    """Return a file's name as a title.

    >>> title_of(Path("saved/voice-pilot_2.toml"))
    'Voice pilot 2'
    """
    words = " ".join(path.stem.replace("-", " ").replace("_", " ").split())
    return words[:1].upper() + words[1:]


def titled(text: str, path: Path, *, library: Path | None = None, name: Path | None = None) -> str:
    """Return the text of a plan for the file at `path`, titled after its name (or `name`); everything else stays.

    Raises ScenarioError if the text isn't a plan.
    """
    loaded = load_text(text, path=path, library=library)
    title = title_of(name or path)
    if not title or title == loaded.scenario.title:
        return text
    return edited_text(loaded, loaded.scenario.model_copy(update={"title": title}))
