"""Config objects → the rows that OVN's northbound database must hold."""

from dataclasses import dataclass

from . import balancers, gateway, names, nodes, ports
from .acls import Acls
from .row import Row
from .topology import Topology


@dataclass(frozen=True)
class Desired:
    """Rows by identity (table, key), and what they do not express."""

    rows: dict
    problems: tuple


def desired(config, outside=None, public=(), own=None):
    """`config`: a config.Config; `outside`: a gateway.Gateway or None; `public`: the names of the
    networks that the gateway connects with the outside; `own`: the nodes' way in, a nodes.Nodes,
    or None."""
    topology = Topology(config)
    problems = []
    made = [*ports.rows(topology), *balancers.rows(topology),
            *gateway.outside_sets(topology, public),
            *gateway.rows(topology, outside, public, problems, own),
            *(nodes.rows(own) if own else ()),
            *Acls(topology, public, problems).rows()]
    made.append(_switch(made))
    return Desired({row.identity: row for row in made},
                   tuple(sorted({*config.problems, *topology.problems, *problems})))


def _switch(rows):
    """The one switch of all interfaces. Addresses are unique in the whole config API, because
    each is reserved; so networks differ by ACLs, not by switches."""
    by_table = {table: frozenset(row.identity for row in rows if row.table == table)
                for table in ("ACL", "Load_Balancer", "Logical_Switch_Port")}
    outside = frozenset(identity for row in rows if row.table == "Logical_Switch"
                        for identity in row.references["ports"])
    return Row("Logical_Switch", "switch", "the switch of all interfaces", {"name": names.SWITCH},
               {"ports": by_table["Logical_Switch_Port"] - outside, "acls": by_table["ACL"],
                "load_balancer": by_table["Load_Balancer"]})
