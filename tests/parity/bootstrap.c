// A runtime of its own, with nothing but the C library: it does what the handlers of the other languages do.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST (16 << 20)

static int engine;
static const char *host;
static char *data;  // what came: headers, an empty line, the body
static size_t have;

static void fail(const char *what) {
    perror(what);
    exit(9);
}

static void dial(void) {
    char name[64];
    snprintf(name, sizeof name, "%s", host);
    char *colon = strchr(name, ':');
    if (!colon) fail("address");
    *colon = 0;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(colon + 1))};
    inet_aton(name, &at.sin_addr);
    engine = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(engine, (void *)&at, sizeof at)) fail("connect");
    int one = 1;
    setsockopt(engine, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void put(const char *text, size_t size) {
    while (size) {
        ssize_t sent = write(engine, text, size);
        if (sent <= 0) fail("write");
        text += sent;
        size -= sent;
    }
}

// The body of the next answer; its headers stay before it, in `data`.
static char *answer(size_t *size) {
    have = 0;
    for (;;) {
        data[have] = 0;
        char *end = have ? strstr(data, "\r\n\r\n") : NULL;
        if (end) {
            char *field = strcasestr(data, "\r\ncontent-length:");
            *size = field && field < end ? strtoul(field + 17, NULL, 10) : 0;
            char *body = end + 4;
            while (have < (size_t)(body - data) + *size) {
                ssize_t got = read(engine, data + have, MOST - have);
                if (got <= 0) exit(0);
                have += got;
            }
            body[*size] = 0;
            end[2] = 0;
            return body;
        }
        ssize_t got = read(engine, data + have, 65536);
        if (got <= 0) exit(0);
        have += got;
    }
}

static const char *header(const char *name, char *into, size_t room) {
    char wanted[80];
    snprintf(wanted, sizeof wanted, "\r\n%s:", name);
    char *found = strcasestr(data, wanted);
    into[0] = 0;
    if (found) {
        found += strlen(wanted);
        while (*found == ' ') found++;
        size_t length = strcspn(found, "\r");
        snprintf(into, length + 1 < room ? length + 1 : room, "%s", found);
    }
    return into;
}

static void post(const char *path, const char *more, const char *body, size_t size) {
    char head[512];
    int length = snprintf(head, sizeof head,
        "POST /2018-06-01/runtime/%s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %zu\r\n\r\n", path, host, more, size);
    char *whole = malloc(length + size);
    memcpy(whole, head, length);
    memcpy(whole + length, body, size);
    put(whole, length + size);
    free(whole);
    size_t ignored;
    answer(&ignored);
}

static void stream(const char *request) {
    char head[512];
    int length = snprintf(head, sizeof head,
        "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\n"
        "Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n\r\n", request, host);
    put(head, length);
    put("3\r\none\r\n", 8);
    usleep(20000);
    put("3\r\ntwo\r\n0\r\n\r\n", 13);
    size_t ignored;
    answer(&ignored);
}

static int asks(const char *event, const char *what) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"do\": \"%s\"", what);
    return strstr(event, wanted) != NULL;
}

int main(void) {
    host = getenv("AWS_LAMBDA_RUNTIME_API");
    data = malloc(MOST + 1);
    dial();
    if (!strcmp(getenv("_HANDLER"), "broken.handler")) {
        const char *error = "{\"errorType\": \"Error\", \"errorMessage\": \"broken on purpose\"}";
        post("init/error", "Lambda-Runtime-Function-Error-Type: Error\r\n", error, strlen(error));
        return 1;
    }
    char ask[256];
    int asked = snprintf(ask, sizeof ask, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    for (int count = 1;; count++) {
        size_t size;
        put(ask, asked);
        char *event = answer(&size);
        char request[64], path[160], text[2048];
        header("Lambda-Runtime-Aws-Request-Id", request, sizeof request);
        snprintf(path, sizeof path, "invocation/%s/response", request);
        if (asks(event, "raise")) {
            snprintf(path, sizeof path, "invocation/%s/error", request);
            const char *error = "{\"errorType\": \"Error\", \"errorMessage\": \"no, on purpose\", \"stackTrace\": [\"main\"]}";
            post(path, "Lambda-Runtime-Function-Error-Type: Error\r\n", error, strlen(error));
        } else if (asks(event, "exit")) {
            _exit(3);
        } else if (asks(event, "hang")) {
            sleep(60);
        } else if (asks(event, "stream")) {
            stream(request);
        } else if (asks(event, "count")) {
            post(path, "", text, snprintf(text, sizeof text, "%d", count));
        } else if (asks(event, "context")) {
            char arn[256], client[512], deadline[32];
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            header("Lambda-Runtime-Invoked-Function-Arn", arn, sizeof arn);
            header("Lambda-Runtime-Client-Context", client, sizeof client);
            header("Lambda-Runtime-Deadline-Ms", deadline, sizeof deadline);
            long long left = atoll(deadline) - now.tv_sec * 1000LL - now.tv_nsec / 1000000;
            char *custom = strstr(client, "\"custom\": ");
            size_t length = custom ? strcspn(custom + 10, "}") + 1 : 0;
            post(path, "", text, snprintf(text, sizeof text,
                "{\"request\": \"%s\", \"arn\": \"%s\", \"name\": \"%s\", \"version\": \"%s\", \"memory\": \"%s\","
                " \"group\": \"%s\", \"stream\": \"%s\", \"left\": %lld, \"custom\": %.*s}",
                request, arn, getenv("AWS_LAMBDA_FUNCTION_NAME"), getenv("AWS_LAMBDA_FUNCTION_VERSION"),
                getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), getenv("AWS_LAMBDA_LOG_GROUP_NAME"),
                getenv("AWS_LAMBDA_LOG_STREAM_NAME"), left, custom ? (int)length : 4, custom ? custom + 10 : "null"));
        } else {
            if (asks(event, "print")) {
                puts("said hello");
                fflush(stdout);
            }
            char *copy = malloc(size + 1);
            memcpy(copy, event, size);
            post(path, "", copy, size);
            free(copy);
        }
    }
}
