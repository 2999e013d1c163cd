"""The one table of keys: bindings, footer, help and the docs are made from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from textual._context import active_app
from textual.binding import Binding


class Where(StrEnum):
    """Where a key works; the value heads its part of the help."""

    FUNCTION = "The chosen function and version"
    ROWS = "Functions and versions"
    EDITOR = "Payload editor"
    RESPONSE = "Response"
    LOG = "Log"
    LINES = "Lists, logs and answers"
    ENVIRONMENTS = "Environments"
    QUEUE = "Queue"
    FAULTS = "Faults"
    NEIGHBOURS = "Neighbours"
    DEAD_LETTERS = "Dead letters"
    SOURCES = "Sources"
    TESTER = "Filter tester"
    CONCURRENCY = "Concurrency"
    LAYERS = "Layers"
    PAYLOADS = "Payloads"
    BURST = "Burst"
    COMPARE = "Two answers"
    CANARY = "Traffic shift"
    INSIDE = "Inside the target"
    JOURNAL = "Journal"
    EVERYWHERE = "Everywhere"
    FILTER = "Filter"
    VALUE = "A value that is typed"
    SCREEN = "Function screen"
    DIALOG = "Dialogs"
    HELP = "Help"
    TOUR = "Tour"


@dataclass(frozen=True, slots=True)
class Key:
    """One key (or several that mean the same), what it does and where."""

    id: str
    keys: str  # as Textual spells them, separated by commas
    action: str
    description: str  # one or two words, for the footer
    tooltip: str  # a sentence, for the help
    where: Where
    rank: int = 0  # place in the footer, lowest first; 0 keeps it out
    priority: bool = False


_E, _F, _R, _L = Where.EVERYWHERE, Where.FUNCTION, Where.ROWS, Where.LINES
_S, _I = Where.SCREEN, Where.INSIDE
_V, _Q = Where.ENVIRONMENTS, Where.QUEUE
_N, _D = Where.NEIGHBOURS, Where.DEAD_LETTERS

KEYS: tuple[Key, ...] = (
    Key("invoke", "i", "invoke", "invoke", "Invoke the chosen row with the payload.", _F, 10),
    Key("event", "m", "toggle_event", "Event", "RequestResponse or Event.", _F, 20),
    Key("dry-run", "M", "toggle_dry_run", "DryRun", "DryRun: check, run nothing.", _F),
    Key("payload", "e", "edit_payload", "payload", "Edit the payload.", _F, 30),
    Key("editor", "E", "edit_outside", "$EDITOR", "Edit the payload in $VISUAL or $EDITOR.", _F),
    Key("publish", "p", "publish", "publish", "Publish $LATEST as a new version.", _F, 40),
    Key("alias", "a", "alias", "alias", "Create or repoint an alias, share traffic.", _F, 50),
    Key("diff", "d", "diff", "diff", "Compare two of version, alias and $LATEST.", _F, 52),
    Key("shift", "b", "shift", "shift", "Move an alias to another version, by steps.", _F, 72),
    Key("payloads", "P", "payloads", "payloads", "Payloads: samples, saved, sent, files.", _F, 73),
    Key("burst", "number_sign", "burst", "many times", "Invoke many times, several at once.", _F, 82),
    Key("compare", "equals_sign", "compare", "compare", "Two answers to the payload, side by side.", _F, 83),
    Key("stream", "ampersand", "stream", "stream", "Stream the answer, or wait for all of it.", _F),
    Key("client-context", "at", "client_context", "client context", "Set the client context.", _F),
    Key("new", "ctrl+n", "screen.new", "new", "Make a new function.", _R, 72),
    Key("order", "O", "order", "order", "Sort by the next column.", _R),
    Key("columns", "vertical_line", "columns", "columns", "Choose columns, and what to sort by.", _R),
    Key("list.mark", "space", "toggle_mark", "mark", "Mark the row.", _R, 74),
    Key("list.mark_all", "asterisk", "mark_all", "mark all", "Mark all rows shown, or none.", _R),
    Key("list.invert", "tilde", "invert_marks", "invert", "Mark the rows that are not, and no others.", _R),
    Key("bulk", "A", "screen.bulk", "change many", "Change the marked rows, or all shown.", _R, 76),
    Key("delete", "x", "screen.delete", "delete", "Delete it; asks first.", _R),
    Key(
        "list.open",
        "enter",
        "select",
        "open",
        "Go on to what belongs to it; fold JSON.",
        _R,
        60,
    ),
    Key("send", "ctrl+j", "screen.invoke", "invoke", "Invoke without leaving the editor.", Where.EDITOR, 5),
    Key(
        "leave-editor",
        "escape",
        "screen.back",
        "leave",
        "Stop waiting, or leave the editor.",
        Where.EDITOR,
        6,
    ),
    Key(
        "view", "space", "next_view", "next view", "Answer, stack trace, end of the log.", Where.RESPONSE, 15
    ),
    Key("json.fold_all", "z", "fold_all", "fold", "Fold or unfold everything.", Where.RESPONSE, 61),
    Key("log.pause", "s", "toggle_follow", "pause", "Hold the log still, or follow it again.", Where.LOG, 8),
    Key("log.level", "l", "level", "level", "Only lines of a level, or worse.", Where.LOG),
    Key("log.times", "T", "times", "times", "Time of day, with the date, or in UTC.", Where.LOG),
    Key("log.longer", "less_than_sign", "range(1)", "from earlier", "Begin earlier.", Where.LOG),
    Key("log.shorter", "greater_than_sign", "range(-1)", "from later", "Begin later.", Where.LOG),
    Key("raw", "R", "raw", "raw", "Lambda's own lines as they came.", Where.LOG, 66),
    Key("log.add", "plus", "add_function", "add", "Follow one more function in this log.", Where.LOG, 67),
    Key("log.drop", "minus", "drop_function", "take away", "Follow one function less.", Where.LOG, 68),
    Key(
        "log.previous_error", "comma", "next_error(-1)", "error before", "Go to the error before.", Where.LOG
    ),
    Key("log.next_error", "full_stop", "next_error(1)", "next error", "Go to the next error.", Where.LOG),
    Key("lines.wrap", "w", "toggle_wrap", "wrap", "Wrap long lines, or not.", _L, 64),
    Key("list.next_match", "n", "next_match(1)", "next match", "Go to the next match.", _L),
    Key("list.previous_match", "N", "next_match(-1)", "match before", "Go to the match before.", _L),
    Key("list.down", "j,down", "move(1)", "down", "Down.", _L),
    Key("list.up", "k,up", "move(-1)", "up", "Up.", _L),
    Key("list.top", "g,home", "top", "top", "To the first line.", _L),
    Key("list.bottom", "G,end", "bottom", "bottom", "To the last line; a log follows from there.", _L),
    Key("list.page_down", "ctrl+f,pagedown", "page(1)", "page down", "A page down.", _L),
    Key("list.page_up", "ctrl+b,pageup", "page(-1)", "page up", "A page up.", _L),
    Key("list.left", "left", "side(-1)", "left", "To the left; fold JSON.", _L),
    Key("list.right", "right", "side(1)", "right", "To the right; unfold JSON.", _L),
    Key("filter", "slash", "filter", "filter", "Filter rows; search in text.", _E, 70),
    Key("command", "colon", "app.command_palette", "command", "Find any action, function or theme.", _E, 80),
    Key("palette", "ctrl+p", "app.command_palette", "palette", "The same, also from an editor.", _E),
    Key("help", "question_mark", "app.help", "help", "Show these keys.", _E, 90),
    Key("next-pane", "tab", "screen.move_focus(1)", "next pane", "Go to the next pane.", _E),
    Key("previous-pane", "shift+tab", "screen.move_focus(-1)", "pane before", "Go to the pane before.", _E),
    Key("pane-functions", "1", "pane('functions')", "functions", "Go to the functions.", _E),
    Key("pane-versions", "2", "pane('versions')", "versions", "Go to the versions and aliases.", _E),
    Key("pane-invoke", "3", "pane('invoke')", "response", "Go to the response.", _E),
    Key("pane-log", "4", "pane('log')", "log", "Go to the log.", _E),
    Key("refresh", "r", "refresh", "refresh", "Ask the target again, now.", _E),
    Key("copy", "y", "copy", "copy", "Copy the ARN, value or line.", _E),
    Key("copy-command", "Y", "copy_command", "copy as aws", "Copy the invocation as an aws command.", _E),
    Key("go-back", "left_square_bracket", "go(-1)", "go back", "The function looked at before.", _E),
    Key("go-forward", "right_square_bracket", "go(1)", "go forward", "The function looked at after it.", _E),
    Key("jump", "ctrl+o", "app.jump", "jump", "A letter on everything that can be gone to.", _E),
    Key("console", "o", "console", "console", "Its page in the AWS console; copies the URL.", _E),
    Key("target", "t", "app.target", "target", "Look at another account, region or engine.", _E),
    Key("back", "escape", "back", "back", "Stop waiting, clear a filter, go back.", _E),
    Key("quit", "q", "app.quit", "quit", "Quit, from the main screen.", _E),
    Key("interrupt", "ctrl+c", "app.interrupt", "how to quit", "Copy selected text; say how to quit.", _E),
    Key("leave", "escape", "leave", "close", "Close without doing anything.", Where.DIALOG, 10),
    Key("close-help", "q", "leave", "close", "Close the help.", Where.HELP),
    Key("tour", "question_mark", "tour", "tour", "A short tour of the main screen.", Where.HELP),
    Key("tour.next", "enter,right", "turn(1)", "next", "The next page of the tour.", Where.TOUR, 10),
    Key("tour.before", "backspace,left", "turn(-1)", "before", "The page before.", Where.TOUR, 20),
    Key(
        "clear-filter", "escape", "clear_filter", "clear", "Clear the filter and leave it.", Where.FILTER, 20
    ),
    Key("configuration", "c", "configuration", "settings", "See and change the function's settings.", _F, 55),
    Key("part-overview", "1", "part('overview')", "overview", "What it is, who calls it.", _S),
    Key("part-settings", "2", "part('settings')", "settings", "Settings and environment variables.", _S),
    Key("part-versions", "3", "part('versions')", "versions", "Versions and aliases.", _S),
    Key("part-code", "4", "part('code')", "code", "The deployed code.", _S),
    Key("part-sources", "5", "part('sources')", "sources", "Event sources: queues and streams.", _S),
    Key("part-async", "6", "part('async')", "async", "Asynchronous events.", _S),
    Key("part-limits", "7", "part('limits')", "limits", "Reserved and provisioned concurrency.", _S),
    Key("part-access", "8", "part('access')", "access", "Function URL and permissions.", _S),
    Key("part-layers", "9", "part('layers')", "layers", "Layers.", _S),
    Key("part-tags", "0", "part('tags')", "tags", "Tags.", _S),
    Key("part-role", "minus", "part('role')", "role", "What it may do, and what it lacks.", _S),
    Key("change", "enter", "select", "change", "Change the chosen row.", _S, 10),
    Key("review", "ctrl+s", "review", "review", "Look at what was changed, and send it.", _S, 12),
    Key("add", "ctrl+n", "add", "add", "Add a row.", _S, 20),
    Key("remove", "x", "remove", "remove", "Remove the chosen row.", _S, 60),
    Key("undo-change", "u", "undo_change", "undo", "Take back the change of the chosen row.", _S, 25),
    Key("clean-up", "C", "clean_up", "clean up", "Delete old versions that no alias uses.", _S, 58),
    Key("stop-start", "s", "stop_start", "stop/start", "Let the event source fetch, or stop it.", _S, 15),
    Key("url", "U", "url", "URL", "Give the function or an alias a URL.", _S, 25),
    Key("fix-grants", "f", "fix_grants", "fix grants", "Add the grants that callers of a URL lack.", _S, 30),
    Key("upload", "U", "upload", "upload", "Deploy a folder, file or zip.", _S, 20),
    Key("download", "W", "download", "download", "Save the deployed package as a zip.", _S, 25),
    Key("watch", "H", "watch", "watch", "Deploy a folder when it is saved, or stop.", _S, 22),
    Key("stop-transfer", "s", "stop_transfer", "stop", "Stop the upload or download.", _S, 5),
    Key("edit-code", "E", "edit_code", "$EDITOR", "Edit the file in $EDITOR and deploy it.", _S, 30),
    Key("pick-value", "ctrl+l", "pick_value", "list", "Pick from those that the account has.", _S, 11),
    Key("reveal", "v", "reveal", "values", "Show or mask the values of variables.", _S, 30),
    Key("import-env", "I", "import_env", "import .env", "Take variables from a .env file.", _S, 40),
    Key("export-env", "W", "export_env", "write .env", "Write the variables to a .env file.", _S),
    Key("pick", "enter", "submit", "take it", "Take the choice under the cursor.", Where.VALUE, 10),
    Key("keep-value", "enter", "submit", "keep", "Keep what is typed.", Where.VALUE, 10),
    Key("forget-value", "escape", "forget", "forget", "Leave the value as it was.", Where.VALUE, 20),
    Key("next-choice", "down", "next_choice(1)", "next", "The next value there is.", Where.VALUE, 30),
    Key("choice-before", "up", "next_choice(-1)", "before", "The value before.", Where.VALUE),
    Key("use-payload", "enter", "select", "use it", "Make it the payload.", Where.PAYLOADS, 10),
    Key("save-payload", "ctrl+n", "save_payload", "save", "Save the payload at hand.", Where.PAYLOADS, 20),
    Key("rename-payload", "f2", "rename_payload", "rename", "Rename the saved one.", Where.PAYLOADS, 30),
    Key("delete-payload", "x", "delete_payload", "delete", "Delete the saved one; asks.", Where.PAYLOADS, 60),
    Key("stop-burst", "s", "stop_burst", "stop", "Send no more.", Where.BURST, 10),
    Key(
        "another-burst", "number_sign", "another_burst", "another", "Ask for another burst.", Where.BURST, 20
    ),
    Key("again", "i", "again", "again", "Invoke both again.", Where.COMPARE, 10),
    Key("next-step", "enter", "next_step", "next step", "Take the next step now.", Where.CANARY, 10),
    Key("hold-shift", "space", "hold_shift", "hold/go on", "Hold it here, or go on.", Where.CANARY, 20),
    Key("shift-back", "u", "shift_back", "back", "All to the old version, at once.", Where.CANARY, 30),
    Key("inspect-environments", "V", "inspect('environments')", "environments", "Environments, live.", _I),
    Key("inspect-queue", "Q", "inspect('queue')", "queue", "Asynchronous events, and the clock.", _I),
    Key("inspect-journal", "J", "inspect('journal')", "journal", "What was changed and said; undo.", _I),
    Key("undo-write", "u", "undo", "undo", "Take the chosen change back.", Where.JOURNAL, 10),
    Key("inspect-faults", "F", "inspect('faults')", "faults", "Faults: make AWS's bad days happen.", _I),
    Key("kill", "x", "kill", "kill", "Kill the chosen environment.", _V, 10),
    Key("hold", "s", "hold", "freeze", "Have it stand still, or go on.", _V, 20),
    Key("cool", "X", "cool", "force cold", "Make the next invocation a cold start.", _V, 30),
    Key("provision", "ctrl+n", "provision", "provisioned", "Keep environments warm ahead of time.", _V, 40),
    Key("longer", "less_than_sign", "range(1)", "longer", "Show a longer time.", _V, 50),
    Key("shorter", "greater_than_sign", "range(-1)", "shorter", "Show a shorter time.", _V, 51),
    Key("open-event", "enter", "select", "open", "Its attempts, payload and response.", _Q, 5),
    Key("run-now", "i", "run_now", "run now", "Attempt the chosen event at once.", _Q, 10),
    Key("fast-forward", "f", "fast_forward", "fast-forward", "Jump to the next due moment.", _Q, 15),
    Key("clock-speed", "T", "speed", "clock", "Let the engine's clock run at another speed.", _Q, 20),
    Key("pause-events", "s", "pause", "pause/go on", "Its function's events wait, or go on.", _Q, 25),
    Key("replay", "R", "replay", "replay", "Accept it once more, as a new one; asks.", _Q, 30),
    Key("edit-replay", "e", "edit_replay", "edit, replay", "Edit its payload and accept it anew.", _Q, 35),
    Key("drop", "x", "drop", "drop", "Forget the event; asks first.", _Q, 60),
    Key("queue-waiting", "1", "list('waiting')", "under way", "Events that are not over.", _Q),
    Key("queue-failed", "2", "list('failed')", "given up", "Events that were given up.", _Q, 40),
    Key("queue-done", "3", "list('done')", "done", "Events that ended well lately.", _Q, 41),
    Key("next-page", "right_square_bracket", "page(1)", "next page", "The next page of events.", _Q, 45),
    Key("page-before", "left_square_bracket", "page(-1)", "page before", "The page before.", _Q, 46),
    Key("send-text", "ctrl+j", "send", "send", "Send what is typed.", Where.DIALOG),
    Key(
        "text-outside",
        "ctrl+e",
        "outside",
        "$EDITOR",
        "Edit the text in $EDITOR.",
        Where.DIALOG,
        priority=True,
    ),  # else it is the end of the line, to a text area
    Key("inspect-neighbours", "B", "inspect('neighbours')", "neighbours", "Queues, buckets and others.", _I),
    Key("look-inside", "enter", "select", "look inside", "See what it holds; read it whole.", _N, 10),
    Key("put", "i", "put", "put in", "Put something in, from a sample or typed.", _N, 20),
    Key("new-neighbour", "ctrl+n", "new", "new", "Make a queue, a topic or a bucket.", _N, 30),
    Key("start-neighbours", "s", "start", "start them", "Start the services beside Lambda.", _N, 5),
    Key("delete-neighbour", "x", "delete", "delete", "Delete it with all it holds; asks first.", _N, 60),
    Key(
        "inspect-dead-letters",
        "D",
        "inspect('dead-letters')",
        "dead letters",
        "Dead letters: what failed, and back.",
        _I,
    ),
    Key("open-letters", "enter", "select", "open", "See what lies in it; read it whole.", _D, 10),
    Key("redrive", "R", "redrive", "redrive", "Bring the marked or chosen ones back.", _D, 20),
    Key("redrive-all", "A", "redrive_all", "all", "Bring all back, or go on where it stopped.", _D, 25),
    Key("edit-redrive", "e", "edit_redrive", "edit, redrive", "Edit it and bring it back.", _D, 30),
    Key("stop-redrive", "s", "stop", "stop", "Bring no more back; start what sleeps.", _D, 5),
    Key("delete-letters", "x", "delete", "delete", "Delete for good; asks first.", _D, 60),
    Key("arm", "enter", "select", "arm", "Arm the chosen fault.", Where.FAULTS, 10),
    Key("disarm", "x", "disarm", "disarm", "Take the chosen switch back.", Where.FAULTS, 20),
    Key("clear-faults", "X", "clear", "clear all", "Take all switches back.", Where.FAULTS, 30),
    Key("inspect-sources", "S", "inspect('sources')", "sources", "Event sources at work; try filters.", _I),
    Key("batch-size", "enter", "select", "batches", "How many records make a batch.", Where.SOURCES, 15),
    Key("pause-source", "s", "stop_start", "pause/go on", "Let it fetch, or stop it.", Where.SOURCES, 10),
    Key("try-filter", "e", "try_filter", "try a filter", "See which clause fails.", Where.SOURCES, 20),
    Key("pick-record", "ctrl+r", "pick", "pick a record", "One read lately, or a sample.", Where.TESTER, 5),
    Key("keep-pattern", "ctrl+s", "keep", "set the filter", "Give it to the mapping.", Where.TESTER, 6),
    Key(
        "inspect-concurrency",
        "K",
        "inspect('concurrency')",
        "concurrency",
        "Who has and who uses concurrency.",
        _I,
    ),
    Key("reserve", "enter", "select", "reserve", "Reserve; see first what it does.", Where.CONCURRENCY, 10),
    Key("provision-function", "ctrl+n", "provision", "provisioned", "Keep it warm.", Where.CONCURRENCY, 40),
    Key("inspect-layers", "L", "inspect('layers')", "layers", "Layers, and who uses them.", _I),
    Key("publish-layer", "p", "publish", "publish", "Publish a folder or zip.", Where.LAYERS, 10),
    Key("delete-layer", "x", "delete", "delete", "Delete the version; asks first.", Where.LAYERS, 60),
    Key("elsewhere", "ctrl+t", "elsewhere", "elsewhere", "Compare with another target.", Where.DIALOG),
    Key("stop-job", "s", "stop_job", "stop", "Begin no more of it.", Where.DIALOG, 5),
    Key("make-function", "enter", "submit", "create", "Make the function.", Where.DIALOG, 1),
    Key("next-field", "tab", "move_focus(1)", "next field", "Go to the next field.", Where.DIALOG, 8),
    Key(
        "previous-field",
        "shift+tab",
        "move_focus(-1)",
        "field before",
        "Go to the field before.",
        Where.DIALOG,
    ),
    Key("toggle-column", "space", "toggle_column", "show", "Show the column, or not.", Where.DIALOG, 1),
    Key("sort-by", "enter", "sort_by", "sort", "Sort by it; again, backwards.", Where.DIALOG, 2),
    Key("complete", "tab", "complete", "complete", "Take what is suggested.", Where.FILTER, 5),
    Key("keep-filter", "enter", "submit", "keep", "Keep the filter, go back to the rows.", Where.FILTER, 10),
)

BY_ID: Mapping[str, Key] = {key.id: key for key in KEYS}


def bindings(*ids: str) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """Textual bindings of the keys named."""
    return [_binding(BY_ID[name]) for name in ids]


def _binding(key: Key) -> Binding:
    return Binding(
        key.keys,
        key.action,
        key.description,
        show=key.rank > 0,
        tooltip=key.tooltip,
        id=key.id,
        priority=key.priority,
    )


_SIGNS = {
    "number_sign": "#",
    "equals_sign": "=",
    "ampersand": "&",
    "at": "@",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "escape": "esc",
    "comma": ",",
    "full_stop": ".",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "vertical_line": "|",
    "asterisk": "*",
    "tilde": "~",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "minus": "-",
    "plus": "+",
    "greater_than_sign": ">",
}


def shown(keys: str) -> str:
    """How keys are written for people: ``question_mark`` is ``?``."""
    return " ".join(_SIGNS.get(key.strip(), key.strip()) for key in keys.split(","))


def keys_of(name: str) -> str:
    """How the keys are written that an action has now, in the config of the person in front of the screen."""
    changed: Mapping[str, str] = getattr(active_app.get(None), "keys_changed", {})
    return shown(changed.get(name, BY_ID[name].keys))


def key_of(name: str) -> str:
    """The first of them, for a sentence: ``f"Press {key_of('invoke')}."``"""
    return keys_of(name).split(" ")[0]


_NAMED = re.compile(r"<([a-z_.-]+)>")


def spelled(sentence: str) -> str:
    """A sentence of ours with the keys in it: ``Press <invoke>.`` Text from outside does not belong in it."""
    return _NAMED.sub(lambda found: key_of(found[1]), sentence)
