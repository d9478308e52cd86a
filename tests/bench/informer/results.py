"""The goals of the informer benchmark, and its page in docs/."""

from benchlib import plot, report

from rounds import CLIENT_GO, OURS, TRANSPORT

SERVERS = {"apiserver": "kube-apiserver", "replay": "replay server"}
COLUMNS = {"sync_cpu_s": "CPU to sync", "sync_s": "time to sync", "peak_mb": "peak", "steady_mb": "steady",
           "paced_cpu_us": "CPU of a paced change", "burst_cpu_us": "CPU of a change in a burst",
           "delay_p50_us": "change to handler, p50"}
UNITS = {"s": " s", "mb": " MB", "us": " µs"}


def best(figures, client, encoding, figure):
    """The setting of a client with the lowest `figure`, and that figure. It is the least of all rounds: what disturbs a
    run only adds to it."""
    runs = {name: values[figure]["least"] for name, values in figures.items()
            if name.startswith(f"{client}, ") and name.endswith(f", {encoding}") and figure in values}
    name = min(runs, key=runs.get)
    return name.split(", ")[1], runs[name]


def judge(figures, per_pod):
    """Compares the figures with the goals."""
    goals = report.Goals()

    def against_client_go(what, server, encoding, figure, limit):
        ours_at, ours = best(figures[server], OURS, encoding, figure)
        theirs_at, theirs = best(figures[server], CLIENT_GO, encoding, figure)
        goals.at_most(f"{what}, against client-go: {ours_at} against {theirs_at}", ours / theirs, limit, "×")

    mode, ours = best(figures["apiserver"], OURS, "protobuf", "sync_cpu_s")
    transport = figures["apiserver"].get(f"{TRANSPORT}, {mode}, protobuf")
    transport = transport["sync_cpu_s"]["least"] if transport else best(
        figures["apiserver"], TRANSPORT, "protobuf", "sync_cpu_s")[1]
    goals.at_most(f"CPU to sync, kube-apiserver, against the transport alone: {mode}", ours / transport, 1.2, "×")
    against_client_go("CPU to sync, kube-apiserver", "apiserver", "protobuf", "sync_cpu_s", 1 / 5)
    against_client_go("CPU to sync, replay", "replay", "protobuf", "sync_cpu_s", 1 / 8)
    chosen = figures["apiserver"][f"{OURS}, {mode}, protobuf"]
    goals.at_most(f"peak memory: {mode}", chosen["peak_mb"]["median"], 17, " MB")
    goals.at_most(f"steady memory: {mode}", chosen["steady_mb"]["median"], 16, " MB")
    against_client_go("peak memory", "apiserver", "protobuf", "peak_mb", 1 / 12)
    against_client_go("steady memory", "apiserver", "protobuf", "steady_mb", 1 / 8)
    goals.at_most("kept of a Pod", per_pod["kept bytes"], 250, " B")
    for server, name in SERVERS.items():
        against_client_go(f"CPU to sync from JSON, {name}", server, "json", "sync_cpu_s", 1 / 4)
    against_client_go("CPU of a paced change", "replay", "protobuf", "paced_cpu_us", 1 / 4)
    against_client_go("CPU of a change in a burst", "replay", "protobuf", "burst_cpu_us", 1 / 12)
    against_client_go("change to handler, p50", "replay", "protobuf", "delay_p50_us", 1 / 2)
    for key, name, limit in (("protobuf", "protobuf", 12), ("json", "JSON", 150)):
        goals.at_most(f"decode and store, thousand instructions for a Pod, {name}",
                      per_pod[f"{key} instructions"] / 1000, limit)
    return goals


def table(figures):
    """The median figures of all clients on all servers."""
    rows = []
    for server, name in SERVERS.items():
        for case, values in figures[server].items():
            cells = [f"{values[key]['median']:,.3g}{UNITS[key.rsplit('_', 1)[1]]}" if key in values else ""
                     for key in COLUMNS]
            rows.append((f"{name}: {case}", *cells))
    return report.table(("server: client, first state, encoding", *COLUMNS.values()), rows)


def document(result, goals):
    """Writes results, plot and tables to docs/."""
    report.write_json("informer", {**result, "goals": goals.rows})
    bars = {f"{SERVERS[server]}: {case}": values["sync_cpu_s"]["median"]
            for server, by_case in result["figures"].items() for case, values in by_case.items()}
    pods = result["sizes"]["pods"]
    report.write_plot("informer", plot.bars(f"CPU to sync {pods:,} pods", "seconds, user and system", bars))
    report.fill("informer", table(result["figures"]))
    report.fill("informer-goals", goals.table())
