"""A random application: Namespaces, tiers, Services, and who uses whom, all from a seed."""

import random

_IMAGE = "example.org/app:1"
_NAMESPACES = ("red", "green", "blue")


def random_app(seed, pods):
    """The objects of an application with so many Pods."""
    dice = random.Random(seed)
    objects = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
               for name in _NAMESPACES]
    tiers = {name: [f"tier-{number}" for number in range(dice.randint(3, 8))]
             for name in _NAMESPACES}
    left, number = pods, 0
    while left:
        namespace, count = dice.choice(_NAMESPACES), min(left, dice.randint(1, 8))
        left, number = left - count, number + 1
        name = f"app-{number}"
        objects.append(_deployment(dice, namespace, name, count, tiers[namespace]))
        if dice.random() < 0.7:
            objects.append(_service(dice, namespace, name, tiers[namespace]))
    return objects


def _deployment(dice, namespace, name, count, tiers):
    labels = {"app": name}
    if dice.random() < 0.9:
        labels["name"] = dice.choice(tiers)
    used = ",".join(dice.sample(tiers, dice.randint(0, 3)))
    return {"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"replicas": count, "selector": {"matchLabels": {"app": name}}, "template": {
                "metadata": {"labels": labels, "annotations": {"uses": used} if used else {}},
                "spec": {"containers": [{"name": "main", "image": _IMAGE,
                                         "ports": [{"containerPort": 8080}]}]}}}}


def _service(dice, namespace, name, tiers):
    spec = {"selector": {"app": name}, "ports": [{"port": dice.choice((80, 8080)),
                                                  "targetPort": 8080}]}
    if dice.random() < 0.2:
        spec["clusterIP"] = "None"
    elif dice.random() < 0.2:
        spec["type"] = "LoadBalancer"
    labels = {"name": dice.choice(tiers)} if dice.random() < 0.9 else {}
    return {"apiVersion": "v1", "kind": "Service", "spec": spec,
            "metadata": {"name": name, "namespace": namespace, "labels": labels}}
