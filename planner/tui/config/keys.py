"""Every key of the screen, declared once: bindings, hint line, help and palette read this list."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from planner.errors import Problem
from planner.records import dataclass

PLAN, LIBRARY, COMPARE, EXPLORE, SWEEP, FRONTIER, EXPLAIN, HELP, CLAIMS, CLAIM, CONFLICT, NOTES, PRICES = (
    "plan", "library", "compare", "moves", "sweep", "frontier", "explain", "help", "claims", "claim", "conflict",
    "notes", "prices",
)  # fmt: skip
VOLUME, MONTHS, IMPORT, ACTUALS = "volume", "months", "import", "actuals"
KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "comma": ",",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
}
GROUPS = ("Move", "Edit", "Numbers", "File", "Screen")


@dataclass(frozen=True)
class Key:
    """One action with its keys and its words.

    `label` is for the hint line (empty: not shown there), `help` a sentence for help and palette,
    `group` its heading in the help, `where` the screens that know it. An action that changes the plan
    is the app's ("app.undo"), any other the screen's.
    """

    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    group: str
    where: tuple[str, ...] = (PLAN,)

    @property
    def name(self) -> str:
        """The name of the action in a keymap file."""
        return self.action.rpartition(".")[2]


def _key(keys: str, action: str, label: str, help: str, group: str, *where: str) -> Key:
    return Key(tuple(keys.split()), action, label, help, group, where or (PLAN,))


_LISTS = (
    PLAN, LIBRARY, COMPARE, EXPLORE, SWEEP, FRONTIER, EXPLAIN, HELP, CLAIMS, CLAIM, CONFLICT, NOTES, PRICES, VOLUME,
    MONTHS, IMPORT, ACTUALS,
)  # fmt: skip
_OVER = _LISTS[2:]

KEYS: tuple[Key, ...] = (
    _key("j down", "down", "move", "Go down a row; 5j goes five", "Move", *_LISTS),
    _key("k up", "up", "move", "Go up a row", "Move", *_LISTS),
    _key("ctrl+d pagedown", "page_down", "", "Go down half a screen", "Move", *_LISTS),
    _key("ctrl+u pageup", "page_up", "", "Go up half a screen", "Move", *_LISTS),
    _key("gg home", "first", "", "Go to the first row; 12gg to the twelfth", "Move", *_LISTS),
    _key("G end", "last", "", "Go to the last row", "Move", *_LISTS),
    _key("J right_square_bracket", "next_section", "", "Go to the next section", "Move"),
    _key("K left_square_bracket", "previous_section", "", "Go to the section before", "Move"),
    _key("enter", "type", "take", "Take what is under the cursor into the plan", "Edit", EXPLORE, SWEEP, FRONTIER),
    _key("enter", "type", "its lines", "Show the month under the cursor line by line", "Numbers", ACTUALS),
    _key("w", "actuals", "why it differs", "What happened against the plan, and why", "Numbers", MONTHS),
    _key("enter", "type", "look from it", "View the plan as of the month under the cursor", "Numbers", MONTHS),
    _key("h left", "lower", "move", "Go left", "Move", SWEEP),
    _key("l right", "higher", "move", "Go right", "Move", SWEEP),
    _key("m", "metric", "number", "Choose the number that is shown", "Numbers", SWEEP),
    _key("m", "metric", "best in", "Sort the plans by another number", "Numbers", FRONTIER),
    _key("m", "metric", "rank by", "Rank moves by another number", "Numbers", EXPLORE),
    _key("a", "alone", "one at a time", "One change at a time, or pairs of them too", "Numbers", EXPLORE),
    _key("w", "filter", "filter", "Keep only plans within limits: success >= 90%", "Numbers", FRONTIER),
    _key("space", "switch", "", "Stop the search, and keep what is found", "Screen", FRONTIER, SWEEP),
    _key("w", "filter", "values", "Type the values to try: 2000:32000:5", "Numbers", SWEEP),
    _key("r", "rows", "rows", "Choose the field that goes down", "Numbers", SWEEP),
    _key("c", "columns", "columns", "Choose the field that goes across; none: a curve", "Numbers", SWEEP),
    _key("m", "metric", "number", "Show the cost of a request, or of an outcome", "Numbers", VOLUME),
    _key("a", "quality", "quality", "Both at one success rate, or each at its own", "Numbers", VOLUME),
    _key("w", "workload", "workload", "Choose the workload that is answered", "Numbers", VOLUME),
    _key("r", "first_side", "first", "Choose the first deployment", "Numbers", VOLUME),
    _key("c", "second_side", "second", "Choose the second deployment", "Numbers", VOLUME),
    _key("tab", "next_view", "view", "Next: moves, sweep, frontier, volume", "Move", EXPLORE, SWEEP, FRONTIER, VOLUME),
    _key("h left", "lower", "change", "Lower the value by one step", "Edit"),
    _key("l right", "higher", "change", "Raise the value by one step; 5l by five", "Edit"),
    _key("L shift+right", "much_higher", "", "Raise the value by ten steps", "Edit"),
    _key("H shift+left", "much_lower", "", "Lower the value by ten steps", "Edit"),
    _key("enter i", "type", "edit", "Type a value or a range, or choose from a list", "Edit"),
    _key("e", "explain", "explain", "Explain a number: its formula, inputs and sources", "Numbers", PLAN, COMPARE),
    _key("z", "large", "zoom", "Show one chart or table; each press shows the next", "Numbers"),
    _key("d", "compare", "compare", "Show what differs from the baseline, and why", "Numbers"),
    _key("b", "switch_baseline", "baseline", "Make the other plan the baseline, or undo that", "Numbers", COMPARE),
    _key("s", "save", "save", "Save the plan to its file", "File", PLAN, COMPARE, EXPLORE),
    _key("u", "app.undo", "undo", "Undo the last edit", "Edit"),
    _key("ctrl+r", "app.redo", "", "Redo the edit that was undone", "Edit"),
    _key("slash", "find", "find", "Find a field, a chart, a plan, by a few letters", "Move", PLAN, LIBRARY),
    _key("tab", "next_pane", "pane", "Next pane: form, numbers, each chart and table", "Move"),
    _key("m", "metric", "", "Show what moves another number most", "Numbers"),
    _key("shift+tab", "previous_pane", "", "Previous pane", "Move"),
    _key("x", "explore", "moves", "Next moves, sweep, frontier, API or own GPUs by volume", "Numbers"),
    _key("o", "app.library", "library", "Open another plan, from the library", "File"),
    _key("b", "app.baseline", "baseline", "Make the plan as it stands the baseline", "Numbers"),
    _key("g", "seek", "goal", "Find the value at which a result reaches a goal", "Numbers"),
    _key("enter l right", "type", "open", "Open the plan under the cursor", "File", LIBRARY),
    _key("n", "new", "new", "Make a new plan, from the starter or from another one", "File", LIBRARY),
    _key("c", "duplicate", "copy", "Copy the plan under a new name", "File", LIBRARY),
    _key("b", "against", "compare", "Compare the open plan with the one under the cursor", "Numbers", LIBRARY),
    _key("r", "rename", "rename", "Give the plan's file another name", "File", LIBRARY),
    _key("D delete", "delete", "delete", "Move the plan's file to the trash; u brings it back", "File", LIBRARY),
    _key("T", "trash", "", "Restore a plan from the trash", "File", LIBRARY),
    _key("u", "take_back", "undo", "Undo the last file action", "Edit", LIBRARY),
    _key("ctrl+r", "do_again", "", "Redo the file action that was undone", "Edit", LIBRARY),
    _key("space", "switch", "", "Switch on or off; fold or unfold a section", "Edit"),
    _key("full_stop", "repeat", "", "Do the last edit again, on this row", "Edit"),
    _key("r", "revert", "", "Give the field the value of the baseline", "Edit"),
    _key("", "sweep", "", "Sweep one field, as a curve, or two, as a map", "Numbers"),
    _key("", "frontier", "", "Frontier: plans that no other combination beats", "Numbers"),
    _key("V", "volume", "", "API or own GPUs: cost by volume, and where they cross", "Numbers"),
    _key("A", "add", "add", "Add a workload, deployment, raise, hire, change", "Edit"),
    _key("D delete", "remove", "", "Remove the part at its heading; on a field, ask first", "Edit"),
    _key("ctrl+e", "edit_file", "", "Edit the file in $EDITOR, then load the changes", "File"),
    _key("", "read_again", "", "Read the plan's file again", "File"),
    _key("I", "import_file", "", "Import a log, bill, ledger or benchmark, with preview", "File"),
    _key("enter", "type", "take", "Take the file into the plan", "File", IMPORT),
    _key("w", "actuals", "", "What happened against the plan, and why it differs", "Numbers"),
    _key("M", "months", "", "Month by month: least cash and cash-out marked", "Numbers"),
    _key("greater_than_sign", "next_month", "month", "View the next month; 14> views month 14", "Numbers"),
    _key("less_than_sign", "previous_month", "month", "View the previous month", "Numbers"),
    _key("escape", "whole_plan", "", "Back to month 1, to all charts, to the form", "Move"),
    _key("a", "everything", "", "Show every field, or only those that matter now", "Edit"),
    _key("enter", "type", "whole", "Show the full claim", "Numbers", CLAIMS),
    _key("a", "try", "try it here", "Apply the claim to the open plan", "Edit", CLAIMS, CLAIM),
    _key("u", "take_back", "undo", "Undo the claim in the plan", "Edit", CLAIM),
    _key("enter", "type", "save both", "Save the merge; losing values go to a file beside it", "File", CONFLICT),
    _key("h left", "theirs", "theirs", "Take their value of the field", "Edit", CONFLICT),
    _key("l right", "ours", "mine", "Take my value of the field", "Edit", CONFLICT),
    _key("H", "all_theirs", "", "Take theirs wherever both changed a field", "Edit", CONFLICT),
    _key("L", "all_ours", "", "Take mine wherever both changed a field", "Edit", CONFLICT),
    _key("S", "elsewhere", "save mine as", "Save mine under another name; the file stays as theirs", "File", CONFLICT),
    _key("r", "read_theirs", "read theirs", "Load theirs; u brings mine back", "File", CONFLICT),
    _key("P", "prices", "", "Prices: how old, and what newer ones in a file change", "Numbers", PLAN, LIBRARY),
    _key("enter", "type", "read", "Read newer prices; see what they would change", "Numbers", PRICES),
    _key("C", "claims", "", "Rules of thumb, recomputed; try one on the open plan", "Numbers", PLAN, LIBRARY),
    _key("S", "save_as", "", "Save the plan under another name", "File"),
    _key("R", "recover", "", "Restore edits that a crash left unsaved", "File"),
    _key("colon ctrl+p", "palette", "more", "Choose any action by name", "Screen", *_LISTS),
    _key("f", "jump", "jump", "Jump to any row, number or pane by the letters at it", "Move", *_LISTS),
    _key("escape q", "app.back", "back", "Go back", "Screen", *_OVER),
    _key("escape", "app.back", "", "Go back", "Screen", LIBRARY),
    _key("question_mark f1", "app.help", "help", "Show all keys", "Screen", *_LISTS),
    _key("y", "copy", "", "Copy the number or the row under the cursor", "Screen", *_LISTS),
    _key("Y", "copy_table", "", "Copy the whole table", "Screen", *_LISTS),
    _key("t", "app.choose_theme", "", "Choose the colours", "Screen", PLAN, LIBRARY),
    _key("v", "density", "", "Change between compact and roomy", "Screen", PLAN, LIBRARY),
    _key("E", "export", "", "Write a file: this screen, a report, the months", "File", *_LISTS),
    _key("", "ascii", "", "Switch between ASCII and Unicode drawing", "Screen", PLAN, LIBRARY),
    _key("", "mouse", "", "Leave the mouse to the terminal, or answer it again", "Screen", PLAN, LIBRARY),
    _key("", "app.keymap", "", "Change keys: write a keymap file, or read it again", "Screen", PLAN, LIBRARY),
    _key("ctrl+l", "redraw", "", "Draw the whole screen again", "Screen", *_LISTS),
    _key("ctrl+z", "app.suspend_process", "", "Go back to the shell; fg brings the screen back", "Screen", *_LISTS),
    _key("q ctrl+c", "app.quit", "quit", "Leave; asks first if there are unsaved edits", "Screen", PLAN, LIBRARY),
    _key("ctrl+c", "app.quit", "", "Leave; asks first if there are unsaved edits", "Screen", *_OVER),
)  # fmt: skip

SAID = {  # screens by what people call them, beside their sentences
    "actuals": "actuals variance why was happened forecast accuracy bills ledger",
    "months": "actuals months month by month was forecast variance why differs cash table retention",
    "compare": "differences diff against baseline waterfall bridge",
    "explore": "moves advice savings levers recommendations optimise goal next",
    "sweep": "heat map grid two fields sensitivity what if",
    "frontier": "pareto trade-off cheapest best combination goal",
    "volume": "break-even own gpus api crossover chart",
    "explain": "why formula sources evidence session segment retention",
    "claims": "rules of thumb",
    "prices": "price list age stale vendors catalog deprecated",
    "library": "plans files open",
    "seek": "goal target reach solve",
    "add": "new overage segment workload raise hire payment credit change",
    "import_file": "log usage bill csv actuals benchmark",
    "export": "report html xlsx workbook csv svg",
    "large": "zoom chart pane bigger alone",
    "metric": "tornado number swings",
}


def key_name(key: str) -> str:
    """Return a key of Textual's as it stands on keyboards.

    >>> key_name("ctrl+p"), key_name("question_mark"), key_name("shift+tab")
    ('^p', '?', 'shift+tab')
    """
    modifiers, _, last = key.rpartition("+")
    name = KEY_NAMES.get(last, last)
    return f"^{name}" if modifiers == "ctrl" else f"{modifiers}+{name}" if modifiers else name


def is_pair(key: str) -> bool:
    """Whether a key is one that is pressed twice, as "gg" is.

    >>> is_pair("gg"), is_pair("g"), is_pair("up")
    (True, False, False)
    """
    return len(key) == 2 and key[0] == key[1]


def key_named(name: str) -> str:
    """Return Textual's name of a key as it stands on the screen.

    >>> key_named("^p"), key_named("?"), key_named("esc"), key_named("j")
    ('ctrl+p', 'question_mark', 'escape', 'j')
    """
    if len(name) > 1 and name.startswith("^"):
        return f"ctrl+{name[1:]}"
    return next((key for key, shown in KEY_NAMES.items() if shown == name), name)


def on_screen(name: str, keys: Iterable[Key] = KEYS) -> list[Key]:
    """Return the keys that a screen knows, in the order they are declared."""
    return [key for key in keys if name in key.where]


def remapped(table: Mapping[str, Any], keys: Iterable[Key] = KEYS) -> tuple[tuple[Key, ...], list[Problem]]:
    """Return the keys as a keymap file wants them (`undo = "u ctrl+z"`), and what is wrong with it.

    A line that can't be used is left out; of two actions that want one key, the first keeps it.
    """
    keys = tuple(keys)
    names = {key.name for key in keys}
    problems = [Problem(name, "is not an action.", _near(name, names)) for name in table if name not in names]
    problems += [
        Problem(name, 'must be keys with spaces between, such as "u ctrl+z".')
        for name, wanted in table.items()
        if name in names and not isinstance(wanted, str)
    ]
    wanted = {name: tuple(text.split()) for name, text in table.items() if isinstance(text, str)}
    changed = tuple(replace(key, keys=wanted.get(key.name, key.keys)) for key in keys)
    return _without_clashes(changed, problems, set(wanted))


def _near(name: str, names: Iterable[str]) -> str:
    import difflib  # noqa: PLC0415 - only a misspelt keymap needs it

    near = difflib.get_close_matches(name, sorted(names), n=1)
    return f"Did you mean {near[0]}?" if near else ""


def _without_clashes(
    keys: tuple[Key, ...], problems: list[Problem], remapped_names: set[str]
) -> tuple[tuple[Key, ...], list[Problem]]:
    """Take a key from the later of two actions that share it on a screen, and say so."""
    taken: dict[tuple[str, str], str] = {}
    kept: dict[int, tuple[str, ...]] = {}
    order = sorted(range(len(keys)), key=lambda at: keys[at].name not in remapped_names)
    for at in order:
        key, free = keys[at], []
        for wanted in key.keys:
            others = {taken[where, wanted] for where in key.where if (where, wanted) in taken} - {key.name}
            if others:
                what = f"and {min(others)} both want {wanted}; {min(others)} has it."
                problems.append(Problem(key.name, what))
                continue
            free.append(wanted)
            taken.update({(where, wanted): key.name for where in key.where})
        kept[at] = tuple(free)
    return tuple(replace(key, keys=kept[at]) for at, key in enumerate(keys)), problems
