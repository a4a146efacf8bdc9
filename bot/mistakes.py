"""What pydantic finds wrong with a file or a setting, in words that say what to do."""

from pydantic_core import ErrorDetails


def remedy(problem: ErrorDetails) -> str:
    """What to do about it, without a full stop and without what was given: that may be a secret."""
    match problem["type"]:
        case "extra_forbidden":
            return "there is no such key; take it out"
        case "missing":
            return "it is missing; add it"
        case "literal_error":
            return f"give it as {problem['ctx']['expected'].replace(chr(39), '')}"
        case "bool_parsing":
            return "give it as true or false"
        case "string_type":
            return "give it as text, in quotes"
    return problem["msg"].removeprefix("Value error, ").rstrip(".")
