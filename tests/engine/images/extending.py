"""An extension for images in tests: a static program that does what its variables say."""

from __future__ import annotations

from typing import Any

from tests.engine.deploying import log_lines
from tests.engine.images.building import SPEAKING, BuiltImage, compiled, layer, program

# Registers for everything and prints what it is told, behind EXT and its name. CRASH names the one that exits
# at its first invocation. TELL names the one that subscribes to the Logs API and prints what that sends.
EXTENSION = (
    SPEAKING
    + r"""
static void listens(const char *api, const char *id) {
    char request[1024], body[256], *line = 0;
    size_t room = 0;
    int door = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in place = {.sin_family = AF_INET};
    socklen_t size = sizeof place;
    bind(door, (struct sockaddr *)&place, size);
    listen(door, 4);
    getsockname(door, (struct sockaddr *)&place, &size);
    int length = snprintf(body, sizeof body,
        "{\"types\": [\"platform\"], \"buffering\": {\"timeoutMs\": 25},"
        " \"destination\": {\"protocol\": \"TCP\", \"port\": %d}}", ntohs(place.sin_port));
    length = snprintf(request, sizeof request,
        "PUT /2020-08-15/logs HTTP/1.1\r\nHost: %s\r\nLambda-Extension-Identifier: %s\r\n"
        "Content-Length: %d\r\n\r\n%s", api, id, length, body);
    exchange(request, length);
    if (fork()) return;
    FILE *stream = fdopen(accept(door, 0, 0), "r");
    while (getline(&line, &room, stream) > 0)
        if (!strstr(line, "EXT ")) printf("EXT told %s", line), fflush(stdout);
    exit(0);
}

int main(int argc, char **argv) {
    char request[1024], id[64];
    const char *api = getenv("AWS_LAMBDA_RUNTIME_API"), *name = strrchr(argv[0], '/') + 1;
    const char *crash = getenv("CRASH"), *tell = getenv("TELL"), *root = getenv("LAMBDA_TASK_ROOT");
    const char *wanted = "{\"events\": [\"INVOKE\", \"SHUTDOWN\"]}";
    int length = snprintf(request, sizeof request,
        "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: %s\r\nLambda-Extension-Name: %s\r\n"
        "Content-Length: %d\r\n\r\n%s", api, name, (int)strlen(wanted), wanted);
    if (exchange(request, length)) return 1;
    sscanf(strcasestr(got, "lambda-extension-identifier:") + 28, " %60[^\r]", id);
    int shared = open("/tmp/shared", O_CREAT | O_WRONLY | O_APPEND, 0666);
    dprintf(shared, "%s ", name);
    printf("EXT %s registered, task root %s\n", name, root ? root : "unknown");
    fflush(stdout);
    if (tell && !strcmp(tell, name)) listens(api, id);
    for (;;) {
        length = snprintf(request, sizeof request,
            "GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: %s\r\n"
            "Lambda-Extension-Identifier: %s\r\n\r\n", api, id);
        if (exchange(request, length)) return 1;
        char *event = strstr(got, "\r\n\r\n") + 4;
        printf("EXT %s %s\n", name, event);
        fflush(stdout);
        if (strstr(event, "SHUTDOWN")) return 0;
        if (crash && !strcmp(crash, name)) return 4;
    }
}
"""
)


def extended_image(*names: str) -> BuiltImage:
    """An image with these extensions beside its program."""
    own = compiled(EXTENSION)
    files: dict[str, bytes | str | None] = {"app": program(), "hidden/program": own, "first": "/tmp/shared"}
    files |= {f"opt/extensions/{name}": own for name in names[:1]}
    files |= {f"opt/extensions/{name}": "/hidden/program" for name in names[1:]}
    return BuiltImage.of(layer(files), Entrypoint=["/app"])


def told(logs: Any, function: str, name: str) -> list[str]:
    """What one of its extensions has printed."""
    start = f"EXT {name} "
    return [line.removeprefix(start).strip() for line in log_lines(logs, function) if line.startswith(start)]
