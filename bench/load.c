// So many keep-alive callers of one engine, in one process that costs next to nothing.
// load PORT CALLERS TOTAL FILE: sends the request in FILE, again and again; prints figures as JSON.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROOM (16 << 20)
#define SILENCE_MS 20000

typedef struct {
    int socket, working;
    size_t sent, got, wanted;  // bytes of the request, of the answer, of the whole answer once that is known
    double began;
    char *answer;
} Caller;

static char *request;
static size_t request_size, answer_room;
static long left, done, bad;
static double *took;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void begin(Caller *one) {
    one->working = left > 0;
    if (one->working) {
        left--;
        one->sent = one->got = one->wanted = 0;
        one->began = now();
    }
}

static void measure(Caller *one) {
    one->answer[one->got] = 0;
    char *end = strstr(one->answer, "\r\n\r\n");
    if (!end) return;
    char *field = strcasestr(one->answer, "\r\ncontent-length:");
    size_t size = field && field < end ? strtoul(field + 17, NULL, 10) : 0;
    one->wanted = end + 4 - one->answer + size;
    if (one->answer[9] != '2') bad++;
}

// Goes on until the socket would block; whether an answer was completed on the way does not matter.
static void work(Caller *one) {
    while (one->working) {
        while (one->sent < request_size) {
            ssize_t count = write(one->socket, request + one->sent, request_size - one->sent);
            if (count < 0 && errno == EAGAIN) break;
            if (count < 0) fail("write");
            one->sent += count;
        }
        ssize_t count = read(one->socket, one->answer + one->got, answer_room - one->got);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) fail("read");
        one->got += count;
        if (!one->wanted) measure(one);
        if (one->wanted && one->got >= one->wanted) {
            took[done++] = now() - one->began;
            begin(one);
        }
    }
}

int main(int count, char **words) {
    if (count != 5) return 2;
    int port = atoi(words[1]), callers = atoi(words[2]);
    long total = left = atol(words[3]);
    int file = open(words[4], O_RDONLY);
    struct stat about;
    if (file < 0 || fstat(file, &about)) fail(words[4]);
    request_size = about.st_size;
    request = malloc(request_size);
    if (read(file, request, request_size) != (ssize_t)request_size) fail(words[4]);
    answer_room = callers > 4 ? 1 << 20 : ROOM;
    took = malloc(total * sizeof *took);
    int epoll = epoll_create1(0);
    Caller *all = calloc(callers, sizeof *all);
    double began = now();
    for (int i = 0; i < callers; i++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
        all[i].socket = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(all[i].socket, (void *)&at, sizeof at)) fail("connect");
        int one = 1;
        setsockopt(all[i].socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        fcntl(all[i].socket, F_SETFL, O_NONBLOCK);
        all[i].answer = malloc(answer_room + 1);
        begin(&all[i]);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &all[i]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].socket, &event);
    }
    while (done < total) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll, events, 64, SILENCE_MS);
        if (ready <= 0) fail("no answer");
        for (int i = 0; i < ready; i++) work(events[i].data.ptr);
    }
    double seconds = now() - began;
    qsort(took, total, sizeof *took, compare);
    printf("{\"rate\": %.1f, \"p50\": %.6f, \"p99\": %.6f, \"bad\": %ld}\n", total / seconds, took[total / 2] * 1e3,
        took[total * 99 / 100] * 1e3, bad);
}
