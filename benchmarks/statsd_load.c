/* Sends StatsD lines to 127.0.0.1 at a given rate for a given time, and says what it sent.
 *
 * usage: statsd_load udp|tcp PORT SERIES LINES_PER_SECOND SECONDS
 *
 * A third each of counters, gauges and timers; each series has four tags, one counter and one timer
 * in ten a sample rate. 50 lines a datagram. A rate of 0 is as fast as it goes. Never longer than
 * 120 seconds, never anywhere but to loopback.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINES = 50, SIZE = 8192, BURST = 32, MAX_SECONDS = 120 };

struct packet {
    char bytes[SIZE];
    size_t length;
    uint64_t counted; /* sum of its counters' values over their rates */
};

static uint64_t state = 88172645463325252ULL;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void add_line(struct packet *packet, unsigned series)
{
    char value[32];
    const char *kinds[] = {"c", "g", "ms"};
    unsigned kind = series % 3, name = series % 201, rated = kind != 1 && series % 10 == 0;
    unsigned whole = (unsigned)(next_random() % 100) + 1;
    if (kind == 0) {
        snprintf(value, sizeof value, "%u", whole);
        packet->counted += rated ? whole * 10 : whole;
    } else if (kind == 1) {
        snprintf(value, sizeof value, "%u.%02u", whole * 9, (unsigned)(next_random() % 100));
    } else {
        snprintf(value, sizeof value, "%u.%u", whole * 3, (unsigned)(next_random() % 10));
    }
    packet->length += (size_t)snprintf(
        packet->bytes + packet->length, SIZE - packet->length,
        "shop.metric.%u:%s|%s%s|#system:1,path:shop/unit-%u,unit:web-%u,route:r%u\n", name, value,
        kinds[kind], rated ? "|@0.1" : "", series / 201 % 50, series % 7, series / 201);
}

static struct packet *make_packets(unsigned series, unsigned *count)
{
    unsigned lines = series * 4 < 5000 ? 5000 : series * 4;
    struct packet *packets;
    *count = (lines + LINES - 1) / LINES;
    packets = calloc(*count, sizeof *packets);
    if (packets == NULL) {
        perror("calloc");
        exit(1);
    }
    for (unsigned one = 0; one < *count; one++)
        for (unsigned line = 0; line < LINES; line++)
            add_line(&packets[one], (one * LINES + line) % series);
    return packets;
}

static int connected(int kind, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int sock = socket(AF_INET, kind, 0), size = 8 << 20;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sock < 0 || connect(sock, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("connect");
        exit(1);
    }
    setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return sock;
}

/* Sends `count` packets from `first` on, as datagrams; returns how many went out. */
static unsigned send_datagrams(int sock, struct packet *first, unsigned count)
{
    struct iovec vectors[BURST];
    struct mmsghdr messages[BURST];
    int sent;
    memset(messages, 0, sizeof messages);
    for (unsigned one = 0; one < count; one++) {
        vectors[one].iov_base = first[one].bytes;
        vectors[one].iov_len = first[one].length;
        messages[one].msg_hdr.msg_iov = &vectors[one];
        messages[one].msg_hdr.msg_iovlen = 1;
    }
    sent = sendmmsg(sock, messages, count, 0);
    if (sent < 0) {
        if (errno == ECONNREFUSED || errno == ENOBUFS || errno == EINTR)
            return 0;
        perror("sendmmsg");
        exit(1);
    }
    return (unsigned)sent;
}

/* Sends `count` packets from `first` on, as a stream; returns `count`. */
static unsigned send_stream(int sock, struct packet *first, unsigned count)
{
    for (unsigned one = 0; one < count; one++) {
        size_t done = 0;
        while (done < first[one].length) {
            ssize_t wrote = write(sock, first[one].bytes + done, first[one].length - done);
            if (wrote < 0) {
                perror("write");
                exit(1);
            }
            done += (size_t)wrote;
        }
    }
    return count;
}

int main(int arguments, char **words)
{
    unsigned count, at = 0;
    uint64_t lines = 0, bytes = 0, counted = 0, packets_sent = 0;
    if (arguments != 6) {
        fprintf(stderr, "usage: statsd_load udp|tcp PORT SERIES LINES_PER_SECOND SECONDS\n");
        return 2;
    }
    int is_udp = strcmp(words[1], "udp") == 0;
    double rate = atof(words[4]), seconds = atof(words[5]);
    unsigned series = (unsigned)atoi(words[3]);
    if (series == 0 || seconds <= 0)
        return 2;
    if (seconds > MAX_SECONDS)
        seconds = MAX_SECONDS;
    struct packet *packets = make_packets(series, &count);
    int sock = connected(is_udp ? SOCK_DGRAM : SOCK_STREAM, (unsigned)atoi(words[2]));
    double begun = now(), time = begun;
    for (; time - begun < seconds; time = now()) {
        if (rate > 0 && (double)lines > (time - begun) * rate) {
            struct timespec pause = {.tv_nsec = 200000};
            nanosleep(&pause, NULL);
            continue;
        }
        unsigned burst = count - at < BURST ? count - at : BURST;
        unsigned sent = is_udp ? send_datagrams(sock, packets + at, burst)
                               : send_stream(sock, packets + at, burst);
        for (unsigned one = at; one < at + sent; one++) {
            bytes += packets[one].length;
            counted += packets[one].counted;
        }
        lines += (uint64_t)sent * LINES;
        packets_sent += sent;
        at = (at + sent) % count;
    }
    printf("{\"lines\": %llu, \"packets\": %llu, \"bytes\": %llu, \"counted\": %llu, "
           "\"seconds\": %.3f}\n",
           (unsigned long long)lines, (unsigned long long)packets_sent, (unsigned long long)bytes,
           (unsigned long long)counted, time - begun);
    close(sock);
    free(packets);
    return 0;
}
