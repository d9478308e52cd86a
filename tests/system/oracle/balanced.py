"""The addresses of LoadBalancer Services: which may and must be shown, and why one is missing."""

import ipaddress

from . import cluster as k8s
from .problems import Told
from .settings import family_of, refusal


class Balanced:
    """`complaints`: wrong statuses. `problems`: the problems that must be reported on Services."""

    def __init__(self, meaning):
        self._meaning, self._ranges = meaning, meaning.settings.public_ranges
        self._shown = {key: meaning.ingress(service) for key, service in meaning.services.items()}
        self.complaints, self.problems = [], []
        for key, service in meaning.k8s.services.items():
            status = (service.get("status") or {}).get("loadBalancer") or {}
            if key in meaning.services and meaning.is_load_balancer(service):
                self._judge(key, service)
            elif service["spec"]["type"] != "LoadBalancer" or meaning.is_load_balancer(service):
                self.complaints += [f"{key} is no load balancer of the controller, but shows {status}"] if status else []

    def _judge(self, key, service):
        shown = self._shown[key]
        families = list(dict.fromkeys(address.version for address in k8s.addresses(service["spec"].get("clusterIPs"))))
        ranged = [family for family in families if any(family_of(text) == family for text in self._ranges)]
        if len(shown) != len({address.version for address in shown}) or \
                {address.version for address in shown} - set(ranged):
            self.complaints.append(f"{key} shows {shown}, of the families {ranged}")
        self.complaints += [f"{key} shows {address}, which it cannot have" for address in shown
                            if refusal(address, self._ranges, public=True) or not self._meaning.has(key, address)]
        request = request_of(service)
        if request == "odd" or request and request.version not in families:
            self._say(service, "InvalidLoadBalancerIP", *([str(request)] if request != "odd" else []))
            request = None
        for family in ranged:
            has = next((address for address in shown if address.version == family), None)
            if request and request.version == family and has != request:
                self._refused(key, service, request)
            elif not has:
                self._exhausted(key, service, family)
        # A request of a family without a range is refused for that reason. Any other missing
        # address must be reported too.
        if request and request.version not in ranged and not shown:
            self._say(service, "NoPublicAddress")
        elif not ranged and not request:
            self._say(service, "NoPublicAddress")

    def _say(self, service, reason, *words):
        self.problems.append(Told.on("Service", service, reason, *words))

    def _refused(self, key, service, request):
        reason = refusal(request, self._ranges, public=True)
        if not reason and not self._meaning.settings.may_choose(key[0]):
            reason = "AddressNotAllowed"
        if not reason and self._meaning.is_crowded(key[0]):
            return self._say(service, "PublicAddressLimit", f"IPv{request.version}")
        if not reason:
            reason = "AddressInUse"
            if not self._has_another(key, request):
                self.complaints.append(f"{key} asks for {request}, which is free, and shows {self._shown[key]}")
        self._say(service, reason, str(request))

    def _exhausted(self, key, service, family):
        """The Service has no address of the family. An address that it has as an external IP is
        not assigned a second time."""
        if self._meaning.is_crowded(key[0]):
            return self._say(service, "PublicAddressLimit", f"IPv{family}")
        external = k8s.addresses(service["spec"].get("externalIPs"))
        for text in self._ranges:
            free = (address for address in ipaddress.ip_network(text).hosts() if address.version == family
                    and address not in external and not refusal(address, self._ranges, public=True)
                    and not self._has_another(key, address))
            if (address := next(free, None)):
                self.complaints.append(f"{key} has no address of IPv{family}, though {address} is free")
        self._say(service, "NoPublicAddress", f"IPv{family}")

    def _has_another(self, key, address):
        """Whether another Service or another client has or claims an address."""
        return address in self._meaning.foreign or self._meaning.holder(address) not in (None, key)


def request_of(service):
    """The requested address; `odd` if the text is no address, None without a request."""
    text = service["spec"].get("loadBalancerIP")
    return (k8s.address_of(text) or "odd") if text else None
