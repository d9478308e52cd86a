"""Rows of OVN's northbound database as plain values."""

from dataclasses import dataclass, field

# In external_ids: the key marks a row as the renderer's and says which one it is. The object
# says to people where it comes from, also when it is deleted.
KEY = "config-api-renderer"
OBJECT = "config-api-object"


@dataclass(frozen=True)
class Row:
    """One row. `columns`: name → text, number, frozenset of texts, or dict of texts.
    `references`: name → frozenset of (table, key): rows of the renderer that the column refers
    to. References to other rows in that column belong to others and stay."""

    table: str
    key: str
    about: str
    columns: dict = field(default_factory=dict)
    references: dict = field(default_factory=dict)

    @property
    def identity(self):
        return self.table, self.key


@dataclass(frozen=True)
class Observed:
    """A row that is there. `key` is None for a row of others. `references`: name → frozenset of
    uuids. `columns` has every column that the renderer may write."""

    table: str
    uuid: str
    key: str = None
    about: str = ""
    columns: dict = field(default_factory=dict)
    references: dict = field(default_factory=dict)


# What the renderer may write: table → columns with values, columns with references to rows.
TABLES = {
    "Logical_Switch": (("name",), ("ports", "acls", "load_balancer")),
    "Logical_Switch_Port": (("name", "type", "options", "addresses", "port_security"), ()),
    "Port_Group": (("name",), ("ports",)),
    "Address_Set": (("name", "addresses"), ()),
    "ACL": (("priority", "direction", "match", "action"), ()),
    "Load_Balancer": (("name", "protocol", "vips"), ()),
    "Logical_Router": (("name",), ("ports", "static_routes", "policies", "nat", "load_balancer")),
    "Logical_Router_Port": (("name", "mac", "networks"), ("gateway_chassis",)),
    "Gateway_Chassis": (("name", "chassis_name", "priority"), ()),
    "Logical_Router_Static_Route": (("ip_prefix", "nexthop"), ()),
    "Logical_Router_Policy": (("priority", "match", "action"), ()),
    "NAT": (("type", "external_ip", "logical_ip"), ()),
}
# Tables whose names the database keeps unique: a row of others with the name blocks ours.
UNIQUE_NAMES = ("Logical_Switch_Port", "Port_Group", "Address_Set", "Logical_Router_Port",
                "Gateway_Chassis")
# Rows of these tables live as long as a row refers to them.
OWNED_BY_REFERENCE = ("Logical_Switch_Port", "ACL", "Logical_Router_Port", "Gateway_Chassis",
                      "Logical_Router_Static_Route", "Logical_Router_Policy", "NAT")
