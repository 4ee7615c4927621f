/* Preloaded into an nginx whose calls are to be counted: when it closes a connection that it accepted, the file that CALLS names
 * gets a line, "NAME COUNT ..." for all that was called with it. Used by t/calls.t. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_SOCKETS = 1024, MOST_NAMES = 16 };

/* In the order in which each was first called with it; a connection has places, any other descriptor none. */
static struct {
    int accepted;
    struct {
        const char *name;
        int count;
    } calls[MOST_NAMES];
} sockets[MOST_SOCKETS];

static int file = -1;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("CALLS");
    file = name == NULL ? -1 : open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void count(int fd, const char *name) {
    if (fd < 0 || fd >= MOST_SOCKETS || !sockets[fd].accepted) {
        return;
    }
    for (int i = 0; i < MOST_NAMES; ++i) {
        if (sockets[fd].calls[i].name == NULL || strcmp(sockets[fd].calls[i].name, name) == 0) {
            sockets[fd].calls[i].name = name;
            ++sockets[fd].calls[i].count;
            return;
        }
    }
}

static void tell(int fd) {
    if (fd < 0 || fd >= MOST_SOCKETS || !sockets[fd].accepted) {
        return;
    }
    char line[1024] = "";
    size_t size = 0;
    for (int i = 0; i < MOST_NAMES && sockets[fd].calls[i].name != NULL; ++i) {
        size += (size_t)snprintf(line + size, sizeof(line) - size, "%s%s %d", i == 0 ? "" : " ",
                                 sockets[fd].calls[i].name, sockets[fd].calls[i].count);
    }
    dprintf(file, "%s\n", line);
    memset(&sockets[fd], 0, sizeof(sockets[fd]));
}

#define REAL(name)                                 \
    static __typeof__(name) *real;                 \
    if (real == NULL) {                            \
        *(void **)&real = dlsym(RTLD_NEXT, #name); \
    }

#define COUNTED_AS(shown, type, name, parameters, arguments) \
    type name parameters {                                   \
        REAL(name)                                           \
        count(fd, shown);                                    \
        return real arguments;                               \
    }
#define COUNTED(type, name, parameters, arguments) COUNTED_AS(#name, type, name, parameters, arguments)

COUNTED(ssize_t, recv, (int fd, void *to, size_t size, int flags), (fd, to, size, flags))
COUNTED(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
COUNTED(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size))
COUNTED(ssize_t, readv, (int fd, const struct iovec *to, int pieces), (fd, to, pieces))
COUNTED(ssize_t, send, (int fd, const void *from, size_t size, int flags), (fd, from, size, flags))
COUNTED(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
COUNTED(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size))
COUNTED(ssize_t, writev, (int fd, const struct iovec *from, int pieces), (fd, from, pieces))
COUNTED(ssize_t, sendfile64, (int fd, int from, off64_t *at, size_t size), (fd, from, at, size))
COUNTED(int, epoll_ctl, (int epoll, int command, int fd, struct epoll_event *event), (epoll, command, fd, event))
COUNTED(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size), (fd, level, name, value, size))
COUNTED(int, shutdown, (int fd, int how), (fd, how))

/* Under a name of its own here: some headers declare it with any number of arguments. */
int counted_ioctl(int fd, unsigned long request, void *argument) __asm__("ioctl");
int counted_ioctl(int fd, unsigned long request, void *argument) {
    static int (*real)(int, unsigned long, void *);
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "ioctl");
    }
    count(fd, "ioctl");
    return real(fd, request, argument);
}

/* What is called where a compiler knows the size of the memory (_FORTIFY_SOURCE). */
COUNTED_AS("recv", ssize_t, __recv_chk, (int fd, void *to, size_t size, size_t room, int flags),
           (fd, to, size, room, flags))
COUNTED_AS("read", ssize_t, __read_chk, (int fd, void *to, size_t size, size_t room), (fd, to, size, room))

int accept4(int listening, struct sockaddr *peer, socklen_t *size, int flags) {
    REAL(accept4)
    const int fd = real(listening, peer, size, flags);
    if (fd >= 0 && fd < MOST_SOCKETS) {
        sockets[fd].accepted = 1;
    }
    return fd;
}

int close(int fd) {
    REAL(close)
    tell(fd);
    return real(fd);
}
