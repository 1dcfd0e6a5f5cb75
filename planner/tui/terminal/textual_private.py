"""Every private name of Textual's that the screen uses, by its class: each may go with a new minor version."""

PRIVATE = {
    "App": (
        "_driver", "_filters", "_batch_count", "_check_bindings", "_dispatch_message", "_refresh_truecolor_filter",
    ),
    "Screen": ("_compositor", "_layout_required"),
    "Widget": ("_attach", "_styles_cache", "_bindings", "_component_styles"),
}  # fmt: skip
TESTED = ("8.2",)  # the minors that the whole suite ran with
