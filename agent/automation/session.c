/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/session.h"

#include <limits.h>
#include <string.h>
#include <time.h>

#include "agent/automation/init.h"
#include "agent/automation/job_run.h"
#include "agent/base/console.h"
#include "agent/protocol/checkin.h"
#include "agent/protocol/server_notice.h"

#define WAIT_SECONDS 50
/* While disks may still appear the wait is short, so that a new one is told soon. */
#define FIRST_WAIT_SECONDS 2
#define FIRST_WAITS 5
#define REFUSED_SECONDS 10

struct state {
    const struct session *s;
    struct http *http;
    struct machine_identity machine;
    struct assignment next;
    unsigned told_generation;
    bool stay; /* do not reboot for want of a job */
    bool idle_told;
};

static void pause_seconds(unsigned seconds)
{
    nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
}

static int notice(void *arg, const char *message, unsigned pause)
{
    (void)arg;
    server_notice(message, pause);
    return 0;
}

static void welcome(const struct machine_identity *m, bool again)
{
    if (again)
        return;
    console_line("checked in: this machine is %s (number %llu)", m->name, (unsigned long long)m->id);
    if (m->is_new)
        console_line("it is new to the server; give it a job there: slipway deploy IMAGE %s", m->name);
}

/* Until the server takes it: an answer that makes no sense, or a refusal, may be mended at the server. */
static void check_in(struct state *st)
{
    bool again = st->machine.id != 0;
    struct failure f;

    machine_refresh(st->s->machine);
    st->told_generation = st->s->machine->disks_generation;
    while (checkin_send(st->http, &st->s->machine->inventory, &st->machine, &st->next, &f) != 0) {
        console_alert("check-in refused: %s; trying again in %d s", f.message, REFUSED_SECONDS);
        pause_seconds(REFUSED_SECONDS);
    }
    welcome(&st->machine, again);
}

/* Fills st->next, by long poll or, when this machine or the server's knowledge of it has changed, by another check-in.
 */
static void wait_for_job(struct state *st, unsigned waits)
{
    unsigned seconds = waits < FIRST_WAITS ? FIRST_WAIT_SECONDS : WAIT_SECONDS;
    struct failure f;

    if (st->s->machine->is_real)
        init_reap();
    machine_refresh(st->s->machine);
    if (st->told_generation != st->s->machine->disks_generation) {
        check_in(st);
        return;
    }
    if (!st->idle_told)
        console_line("waiting for a job");
    st->idle_told = true;
    if (checkin_wait(st->http, st->machine.id, seconds, &st->next, &f) == 0)
        return;
    console_alert("%s", f.message);
    pause_seconds(1);
    check_in(st);
}

static int run_next(struct state *st)
{
    struct assignment next = st->next;
    struct failure f;
    int result = -1;

    memset(&st->next, 0, sizeof(st->next));
    st->idle_told = false;
    if (next.has_job) {
        result = job_run(st->s->server, st->machine.name, st->s->machine, &next.job, &f);
    } else {
        console_alert("%s", next.why.message);
        if (next.job.id != 0)
            job_refuse(st->s->server, &next.job, &next.why);
        else
            pause_seconds(REFUSED_SECONDS);
    }
    job_release(&next.job);
    return result;
}

/* Returns whether the session is over, with *ret. */
static bool after_job(struct state *st, enum job_finish finish, int result, enum session_end *ret)
{
    if (st->s->once) {
        *ret = result == 0 ? SESSION_ONCE_SUCCEEDED : SESSION_ONCE_FAILED;
        return true;
    }
    if (result == 0 && finish != FINISH_HOLD) {
        *ret = finish == FINISH_POWEROFF ? SESSION_POWEROFF : finish == FINISH_KEXEC ? SESSION_KEXEC : SESSION_REBOOT;
        return true;
    }
    st->stay = true;
    console_line("this machine stays in automation");
    return false;
}

static enum session_end run(struct state *st)
{
    enum session_end end;
    enum job_finish finish;
    unsigned waits = 0;

    check_in(st);
    for (;;) {
        if (st->next.has_job || st->next.job_bad) {
            finish = st->next.job.finish;
            if (after_job(st, finish, run_next(st), &end))
                return end;
        } else if (st->next.reboot_when_idle && !st->stay) {
            console_line("no job for this machine");
            return SESSION_REBOOT;
        }
        wait_for_job(st, waits++);
    }
}

enum session_end session_run(const struct session *s)
{
    struct state st = {.s = s};
    enum session_end end;

    while (!(st.http = http_open(s->server, NULL, UINT_MAX))) {
        console_alert("out of memory; trying again");
        pause_seconds(REFUSED_SECONDS);
    }
    http_on_retry(st.http, notice, NULL);
    end = run(&st);
    http_close(st.http);
    return end;
}
