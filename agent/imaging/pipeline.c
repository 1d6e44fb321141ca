/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/pipeline.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/imaging/region.h"

#define THREADS_MAX 4
#define POLL_MS 100 /* how soon a cancellation is seen */
#define REPORT_MS 1000
#define RATE_SAMPLES 8 /* the rate is that of the last so many reports */

struct pipeline {
    const struct pipeline_work *work;
    const struct progress *progress;
    atomic_size_t next_run;
    atomic_ullong done, moved;
    atomic_bool stop;
    pthread_mutex_t lock;    /* guards what follows */
    pthread_cond_t finished; /* a worker has ended */
    unsigned running;
    bool failed;
    struct failure failure;
    /* Only for the reporting thread. */
    struct {
        uint64_t ms, done;
    } samples[RATE_SAMPLES];
    unsigned sample_count;
    uint64_t reported_ms;
};

void pipeline_count(struct pipeline *l, uint64_t done, uint64_t moved)
{
    atomic_fetch_add(&l->done, done);
    atomic_fetch_add(&l->moved, moved);
}

bool pipeline_stopped(const struct pipeline *l)
{
    return atomic_load(&l->stop);
}

/* The first failure is the one that counts: those after it are mostly its consequences. */
static void set_failure(struct pipeline *l, const struct failure *f)
{
    pthread_mutex_lock(&l->lock);
    if (!l->failed)
        l->failure = *f;
    l->failed = true;
    pthread_mutex_unlock(&l->lock);
    atomic_store(&l->stop, true);
}

static void work_runs(struct pipeline *l, void *worker)
{
    const struct pipeline_work *w = l->work;
    struct failure f;

    while (!pipeline_stopped(l)) {
        size_t run = atomic_fetch_add(&l->next_run, 1);
        int result = 0;
        if (run < w->runs)
            result = w->run(w->arg, worker, run, l, &f);
        else if (w->finish)
            result = w->finish(w->arg, worker, l, &f);
        if (result)
            set_failure(l, &f);
        if (run >= w->runs)
            return;
    }
}

static void *worker_main(void *arg)
{
    struct pipeline *l = arg;
    struct failure f;
    void *worker = l->work->open(l->work->arg, &f);

    if (worker) {
        work_runs(l, worker);
        l->work->close(l->work->arg, worker);
    } else {
        set_failure(l, &f);
    }
    pthread_mutex_lock(&l->lock);
    l->running--;
    pthread_cond_signal(&l->finished);
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static uint64_t add_sample(struct pipeline *l, uint64_t ms, uint64_t done)
{
    unsigned kept = l->sample_count < RATE_SAMPLES ? l->sample_count : RATE_SAMPLES - 1;

    if (kept == RATE_SAMPLES - 1)
        memmove(l->samples, l->samples + (l->sample_count - kept), kept * sizeof(l->samples[0]));
    l->samples[kept].ms = ms;
    l->samples[kept].done = done;
    l->sample_count = kept + 1;
    if (!kept || ms <= l->samples[0].ms)
        return 0;
    return (done - l->samples[0].done) * 1000 / (ms - l->samples[0].ms);
}

static void report(struct pipeline *l, uint64_t ms)
{
    char what[64] = "";
    size_t run = atomic_load(&l->next_run);
    struct progress_report r = {.step = l->work->step,
                                .what = what,
                                .done = atomic_load(&l->done),
                                .total = l->work->total,
                                .moved = atomic_load(&l->moved),
                                .seconds_left = UINT32_MAX};

    l->reported_ms = ms;
    r.rate = add_sample(l, ms, r.done);
    if (r.rate && r.total >= r.done && (r.total - r.done) / r.rate < UINT32_MAX)
        r.seconds_left = (uint32_t)((r.total - r.done) / r.rate);
    if (l->work->runs)
        l->work->describe(l->work->arg, run < l->work->runs ? run : l->work->runs - 1, what, sizeof(what));
    if (l->work->regions && l->work->runs)
        region_set_place(l->work->regions, run, &r.part_done, &r.part_total);
    if (l->progress->report)
        l->progress->report(l->progress->arg, &r);
}

static void wait_a_moment(struct pipeline *l)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += POLL_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_cond_timedwait(&l->finished, &l->lock, &until);
}

static void watch(struct pipeline *l)
{
    struct failure f;

    pthread_mutex_lock(&l->lock);
    while (l->running) {
        wait_a_moment(l);
        pthread_mutex_unlock(&l->lock);
        if (!pipeline_stopped(l) && l->progress->cancelled && l->progress->cancelled(l->progress->arg)) {
            fail(&f, "cancelled", "the %s was cancelled", l->work->step);
            set_failure(l, &f);
        }
        if (clock_ms() - l->reported_ms >= REPORT_MS)
            report(l, clock_ms());
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
}

static unsigned thread_count(unsigned wanted)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned n = wanted ? wanted : processors < 1 ? 2 : (unsigned)processors + 1;

    return n < THREADS_MAX ? n : THREADS_MAX;
}

static void init(struct pipeline *l, const struct pipeline_work *work, const struct progress *p)
{
    pthread_condattr_t attributes;

    memset(l, 0, sizeof(*l));
    l->work = work;
    l->progress = p;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&l->finished, &attributes);
    pthread_condattr_destroy(&attributes);
}

int pipeline_run(const struct pipeline_work *work, const struct progress *p, struct failure *f)
{
    pthread_t threads[THREADS_MAX];
    unsigned started = 0, wanted = thread_count(work->threads);
    struct pipeline l;

    init(&l, work, p);
    report(&l, clock_ms());
    l.running = wanted;
    while (started < wanted && !pthread_create(&threads[started], NULL, worker_main, &l))
        started++;
    if (started < wanted) {
        set_failure(&l, &(struct failure){"out-of-memory", "a worker thread cannot be started"});
        pthread_mutex_lock(&l.lock);
        l.running -= wanted - started;
        pthread_mutex_unlock(&l.lock);
    }
    watch(&l);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    report(&l, clock_ms());
    pthread_cond_destroy(&l.finished);
    pthread_mutex_destroy(&l.lock);
    if (l.failed)
        *f = l.failure;
    return l.failed ? -1 : 0;
}
