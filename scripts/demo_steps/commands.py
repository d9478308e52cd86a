"""What to try while the demo runs."""

import shutil


def to_try(cluster, config_api, controller, namespace):
    """Text with commands to copy, for the application in `namespace`."""
    kubectl = "kubectl" if shutil.which("kubectl") else cluster.kubectl_path
    return f"""
Try, in another terminal:

  export KUBECONFIG={cluster.kubeconfig}
  {kubectl} get pods --all-namespaces --output wide
  {kubectl} get services --all-namespaces

  # the networks that came of it, as the config API has them
  curl {config_api.url}/virtual-networks | jq

  # a pod that is not Ready leaves the virtual addresses of its Services, and returns
  {kubectl} --namespace {namespace} annotate pod --all test.opencontrail.org/ready=false
  {kubectl} --namespace {namespace} annotate pod --all test.opencontrail.org/ready-

  # the interface that a node plugs for a pod
  {kubectl} --namespace {namespace} get pods --output yaml | grep pod-state

  # what the controller did, and the report again
  curl {controller.url}/metrics
  tail -f {controller.log}
  bin/kube-network-manager report --server {controller.state_url}

  # and all of it gone
  {kubectl} delete namespace {namespace}

Running until Ctrl-C."""
