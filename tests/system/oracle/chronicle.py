"""What must last from one check to the next: load-balancer addresses, short names, and the
statuses of other implementations."""

from . import cluster as k8s


class Chronicle:
    """Records every change between two checks, and judges the second one. `kept`: how often an
    address or a short name lasted. `said`: how often a Normal Event was written as it must be."""

    def __init__(self):
        self._notes = []  # since the last check: UID → Service
        self._foreign = set()  # addresses that other clients had meanwhile
        self._last = None  # the judgement of the last check
        self._seen = (0, 0)
        self.kept = self.said = 0

    def note(self, api, foreign=()):
        """Records the Services after a change. `foreign`: public addresses that other clients
        took or released."""
        self._notes.append({k8s.uid_of(item): item for item in api.get("/api/v1/services")["items"]})
        self._foreign |= set(foreign)

    def look(self, judgement):
        """Starts anew from a judgement without complaints."""
        self._notes, self._foreign, self._last = [_by_uid(judgement)], set(), judgement
        self.kept, self.said = self.kept + self._seen[0], self.said + self._seen[1]

    def complaints(self, judgement, events):
        """What did not last. `events`: the existing Events, None if some may be lost."""
        notes = [*self._notes, _by_uid(judgement)]
        kept, out = 0, _of_others(notes, judgement.meaning)
        for uid, service in notes[-1].items():
            had = [(f"its load-balancer address {address}", address, address in judgement.meaning.ingress(service))
                   for address in self._shown(uid)]
            if short := self._short(uid, service, judgement):
                had.append((f"the short name of {short}", short, judgement.short_name(k8s.key_of(service)) == short))
            needed = [address for _, address, _ in had]
            needed += judgement.public_addresses(k8s.key_of(service))
            if self._unchanged(notes, uid):
                owned = self._owned(uid, service, judgement)
                kept += len(owned)
                out += [f"{k8s.key_of(service)} has lost {address}, which it claims still" for address, still in owned
                        if not still]
            if not self._alone(notes, uid, needed):
                continue
            kept += len(had)
            out += [f"{k8s.key_of(service)} has lost {what}" for what, _, still in had if not still]
        unsaid = [] if events is None or not self._last else _moments(judgement) - _moments(self._last)
        self._seen = kept, len(unsaid)
        return out + [f"no Event says {item}" for item in unsaid if not events.normal(*item)]

    def _shown(self, uid):
        """The load-balancer addresses at the last check."""
        service = _by_uid(self._last).get(uid) if self._last else None
        return self._last.meaning.ingress(service) if service else []

    def _owned(self, uid, service, judgement):
        """(address, whether the Service still has it) for each address that the Service had and
        still claims. A Service keeps its address even if others claim it."""
        if not self._last:
            return []
        before, now = self._last.meaning.outside.had, judgement.meaning.outside.had
        return [(address, uid in now[address]) for address in judgement.meaning.claimed(k8s.key_of(service))
                if uid in before[address] and str(address) not in self._foreign]

    @staticmethod
    def _unchanged(notes, uid):
        """Whether the Service requested the same all the time, and has a selector."""
        requests = [_request(note[uid]) for note in notes if uid in note]
        same = all(request == requests[0] for request in requests)
        return same and notes[-1][uid]["spec"].get("selector")

    def _short(self, uid, service, judgement):
        """The address that must have the short name: its former holder, or the first of a new
        Service."""
        needed = judgement.public_addresses(k8s.key_of(service))
        if self._last and uid in _by_uid(self._last):
            had = self._last.short_name(k8s.key_of(service))
            return had if had in needed else None
        return needed[0] if self._last and needed else None

    def _alone(self, notes, uid, addresses):
        """Whether a Service requested the same since its first record, and no other Service or
        client had, claimed or requested one of the addresses meanwhile."""
        if not self._unchanged(notes, uid):
            return False
        spec = notes[-1][uid]["spec"]
        texts = {*map(str, addresses), *(spec.get("externalIPs") or [])} | {spec.get("loadBalancerIP")} - {None}
        return not texts & self._foreign and not any(
            texts & {*(service["spec"].get("externalIPs") or []), service["spec"].get("loadBalancerIP"),
                     *map(str, k8s.ingress_of(service))}
            for note in notes for other, service in note.items() if other != uid)


def _of_others(notes, meaning):
    """Changed statuses of LoadBalancer Services that another implementation serves."""
    return [f"{k8s.key_of(service)} belongs to another implementation, "
            f"but its status changed to {service['status']}"
            for uid, service in notes[-1].items() if len(notes) > 1 and uid in notes[-2]
            and service["spec"]["type"] == notes[-2][uid]["spec"]["type"] == "LoadBalancer"
            and not meaning.is_load_balancer(service) and service["status"] != notes[-2][uid]["status"]]


def _by_uid(judgement):
    return {k8s.uid_of(item): item for item in judgement.snapshot.services.values()}


def _request(service):
    """The fields that decide which addresses a Service may have."""
    spec = service["spec"]
    return (spec["type"], spec.get("loadBalancerClass"), spec.get("loadBalancerIP"), spec.get("externalIPs"),
            spec.get("clusterIPs"))


def _moments(judgement):
    """(UID, reason, word) of the Normal Events that must be written."""
    out = set()
    for key, pod in judgement.meaning.pods.items():
        for end in ("", "_v6"):
            if item := judgement.there.get(("instance-ip", k8s.uid_of(pod) + end)):
                out.add((k8s.uid_of(pod), "NetworkReady", item["instance_ip_address"]))
    for key, service in judgement.meaning.services.items():
        out |= {(k8s.uid_of(service), "ExternalAddressAssigned", str(address))
                for address in judgement.public_addresses(key)}
    return out
