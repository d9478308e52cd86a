"""What must last from one look to the next: load-balancer addresses, short names, statuses of others."""

from . import cluster as k8s


class Chronicle:
    """Is told of every change between two looks, and judges what the second one finds. `kept`: how often an address or a
    short name was seen to last. `said`: how often something good was seen to be said."""

    def __init__(self):
        self._notes = []  # from the last look on: UID → Service
        self._strange = set()  # addresses that were somebody else's meanwhile
        self._last = None  # the judgement of the last look
        self._seen = (0, 0)
        self.kept = self.said = 0

    def note(self, api, strangers=()):
        """After a change. `strangers`: addresses in the public network that somebody else took or gave up."""
        self._notes.append({k8s.uid_of(item): item for item in api.get("/api/v1/services")["items"]})
        self._strange |= set(strangers)

    def look(self, judgement):
        """All is well so far: from here on anew."""
        self._notes, self._strange, self._last = [_by_uid(judgement)], set(), judgement
        self.kept, self.said = self.kept + self._seen[0], self.said + self._seen[1]

    def complaints(self, judgement, events):
        """What did not last. `events`: those that there are, None where some may be lost."""
        notes = [*self._notes, _by_uid(judgement)]
        kept, out = 0, _of_others(notes, judgement.meaning)
        for uid, service in notes[-1].items():
            had = [(f"its load-balancer address {address}", address, address in judgement.meaning.ingress(service))
                   for address in self._shown(uid)]
            if short := self._short(uid, service, judgement):
                had.append((f"the short name of {short}", short, judgement.short_name(k8s.key_of(service)) == short))
            wanted = [address for _, address, _ in had] + judgement.public_addresses(k8s.key_of(service))
            if self._unchanged(notes, uid):
                owned = self._owned(uid, service, judgement)
                kept += len(owned)
                out += [f"{k8s.key_of(service)} has lost {address}, which it claims still" for address, still in owned
                        if not still]
            if not self._alone(notes, uid, wanted):
                continue
            kept += len(had)
            out += [f"{k8s.key_of(service)} has lost {what}" for what, _, still in had if not still]
        unsaid = [] if events is None or not self._last else _moments(judgement) - _moments(self._last)
        self._seen = kept, len(unsaid)
        return out + [f"no Event says {item}" for item in unsaid if not events.normal(*item)]

    def _shown(self, uid):
        """The load-balancer addresses at the last look."""
        service = _by_uid(self._last).get(uid) if self._last else None
        return self._last.meaning.ingress(service) if service else []

    def _owned(self, uid, service, judgement):
        """(address, whether it has it still) of what its specification names and what it had, be it claimed by others or
        not: who has an address keeps it."""
        if not self._last:
            return []
        before, now = self._last.meaning.outside.had, judgement.meaning.outside.had
        return [(address, uid in now[address]) for address in judgement.meaning.claimed(k8s.key_of(service))
                if uid in before[address] and str(address) not in self._strange]

    @staticmethod
    def _unchanged(notes, uid):
        """Whether it has wished for the same all the time, and got something."""
        wishes = [_wish(note[uid]) for note in notes if uid in note]
        return all(wish == wishes[0] for wish in wishes) and notes[-1][uid]["spec"].get("selector")

    def _short(self, uid, service, judgement):
        """The address that must have the short name: the one that had it, or the first of a new Service."""
        wanted = judgement.public_addresses(k8s.key_of(service))
        if self._last and uid in _by_uid(self._last):
            had = self._last.short_name(k8s.key_of(service))
            return had if had in wanted else None
        return wanted[0] if self._last and wanted else None

    def _alone(self, notes, uid, addresses):
        """Whether a Service has wished for the same since it was first noted, and nobody else has had, claimed or asked
        for any of the addresses meanwhile."""
        if not self._unchanged(notes, uid):
            return False
        spec = notes[-1][uid]["spec"]
        texts = {*map(str, addresses), *(spec.get("externalIPs") or [])} | {spec.get("loadBalancerIP")} - {None}
        return not texts & self._strange and not any(
            texts & {*(service["spec"].get("externalIPs") or []), service["spec"].get("loadBalancerIP"),
                     *map(str, k8s.ingress_of(service))}
            for note in notes for other, service in note.items() if other != uid)


def _of_others(notes, meaning):
    """Statuses of LoadBalancer Services that are somebody else's to serve."""
    return [f"{k8s.key_of(service)} is not ours, but its status changed to {service['status']}"
            for uid, service in notes[-1].items() if len(notes) > 1 and uid in notes[-2]
            and service["spec"]["type"] == notes[-2][uid]["spec"]["type"] == "LoadBalancer"
            and not meaning.is_load_balancer(service) and service["status"] != notes[-2][uid]["status"]]


def _by_uid(judgement):
    return {k8s.uid_of(item): item for item in judgement.snapshot.services.values()}


def _wish(service):
    """What decides which addresses it may have."""
    spec = service["spec"]
    return (spec["type"], spec.get("loadBalancerClass"), spec.get("loadBalancerIP"), spec.get("externalIPs"),
            spec.get("clusterIPs"))


def _moments(judgement):
    """(UID, reason, word) of what is good and set up."""
    out = set()
    for key, pod in judgement.meaning.pods.items():
        for end in ("", "_v6"):
            if item := judgement.there.get(("instance-ip", k8s.uid_of(pod) + end)):
                out.add((k8s.uid_of(pod), "NetworkReady", item["instance_ip_address"]))
    for key, service in judgement.meaning.services.items():
        out |= {(k8s.uid_of(service), "ExternalAddressAssigned", str(address))
                for address in judgement.public_addresses(key)}
    return out
