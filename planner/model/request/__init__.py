"""One request: its tokens, who answers, how often it succeeds, what a call costs."""
