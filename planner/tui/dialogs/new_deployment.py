"""Ask for the model of a new deployment."""

from planner.catalog.hardware import llm_names
from planner.tui.dialogs.picker import Option, Picker
from planner.tui.session.field_choices import api_models
from planner.tui.session.model_facts import model_text, open_model_text
from planner.tui.session.new_deployment import FIRST_GPU


def model_picker() -> Picker:
    """Return a picker of every model: open ones to host, and those sold by API."""
    options = [
        Option(name, name, words=f"open model, on {FIRST_GPU}", late=open_model_text) for name in llm_names()
    ]
    options += [Option(name, name, words="API", late=model_text) for name in api_models()]
    return Picker("Which model? Type a few letters", options)
