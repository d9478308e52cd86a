package main

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	namespaces       = 20
	endpointsInSlice = 20
)

// created is the same in every run, as are all objects: the bytes of two runs differ in nothing but versions.
var created = metav1.NewTime(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC))

// uid returns a well-formed UID. Kinds differ in `group`.
func uid(group, number int) types.UID {
	return types.UID(fmt.Sprintf("%08x-0b5e-4c1d-9e0f-%012x", group, number))
}

func namespaceName(number int) string { return fmt.Sprintf("bench-%02d", number%namespaces) }

func podName(number int) string { return fmt.Sprintf("web-7d4b9c6f5d-%05d", number) }

func podIP(number int) string {
	return fmt.Sprintf("10.%d.%d.%d", 1+number/65536, number/256%256, number%256)
}

func nodeName(number int) string { return fmt.Sprintf("node-%04d.example.internal", number%200) }

func namespace(number int) *corev1.Namespace {
	return &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{
			Name: namespaceName(number), UID: uid(1, number), CreationTimestamp: created,
			Labels:        map[string]string{"kubernetes.io/metadata.name": namespaceName(number)},
			ManagedFields: managed("kubectl", `{"f:metadata":{"f:labels":{".":{},"f:kubernetes.io/metadata.name":{}}}}`, ""),
		},
		Spec:   corev1.NamespaceSpec{Finalizers: []corev1.FinalizerName{corev1.FinalizerKubernetes}},
		Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive},
	}
}

func service(number int) *corev1.Service {
	name := fmt.Sprintf("web-%04d", number)
	ip := fmt.Sprintf("10.254.%d.%d", 16+number/250, 1+number%250)
	single := corev1.IPFamilyPolicySingleStack
	internal := corev1.ServiceInternalTrafficPolicyCluster
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: namespaceName(number), UID: uid(2, number), CreationTimestamp: created,
			Labels:        map[string]string{"app": name, "app.kubernetes.io/managed-by": "Helm"},
			ManagedFields: managed("helm", serviceFields, ""),
		},
		Spec: corev1.ServiceSpec{
			Type: corev1.ServiceTypeClusterIP, ClusterIP: ip, ClusterIPs: []string{ip},
			IPFamilies: []corev1.IPFamily{corev1.IPv4Protocol}, IPFamilyPolicy: &single,
			InternalTrafficPolicy: &internal, SessionAffinity: corev1.ServiceAffinityNone,
			Selector: map[string]string{"app": name},
			Ports: []corev1.ServicePort{
				{Name: "http", Protocol: corev1.ProtocolTCP, Port: 80, TargetPort: intstr.FromString("http")},
				{Name: "metrics", Protocol: corev1.ProtocolTCP, Port: 9090, TargetPort: intstr.FromInt32(9090)},
			},
		},
	}
}

func endpointSlice(number int) *discoveryv1.EndpointSlice {
	yes, no := true, false
	protocol, port, name := corev1.ProtocolTCP, int32(8080), "http"
	owner := fmt.Sprintf("web-%04d", number)
	out := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Name: owner + "-x7k2p", Namespace: namespaceName(number), UID: uid(3, number), CreationTimestamp: created,
			Labels: map[string]string{"app": owner, "kubernetes.io/service-name": owner,
				"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"},
			Annotations: map[string]string{"endpoints.kubernetes.io/last-change-trigger-time": "2026-11-01T08:00:00Z"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Service", Name: owner, UID: uid(2, number),
				Controller: &yes, BlockOwnerDeletion: &yes}},
			ManagedFields: managed("kube-controller-manager", sliceFields, ""),
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: &name, Protocol: &protocol, Port: &port}},
	}
	for i := number * endpointsInSlice; i < (number+1)*endpointsInSlice; i++ {
		node := nodeName(i)
		out.Endpoints = append(out.Endpoints, discoveryv1.Endpoint{
			Addresses:  []string{podIP(i)},
			Conditions: discoveryv1.EndpointConditions{Ready: &yes, Serving: &yes, Terminating: &no},
			TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: namespaceName(number), Name: podName(i),
				UID: uid(4, i)},
			NodeName: &node,
		})
	}
	return out
}

// pod returns a Pod as a Deployment of a usual chart leaves it: two containers, probes, a projected token, the fields'
// managers. Only `ready` differs between its two states.
func pod(number int, ready bool) *corev1.Pod {
	yes := true
	priority, grace, expiration := int32(0), int64(30), int64(3607)
	node := nodeName(number)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: podName(number), GenerateName: "web-7d4b9c6f5d-", Namespace: namespaceName(number), UID: uid(4, number),
			CreationTimestamp: created, Generation: 1,
			Labels: map[string]string{
				"app": fmt.Sprintf("web-%04d", number/endpointsInSlice), "app.kubernetes.io/name": "web",
				"app.kubernetes.io/instance": "web-production", "app.kubernetes.io/version": "4.18.2",
				"app.kubernetes.io/part-of": "storefront", "pod-template-hash": "7d4b9c6f5d",
			},
			Annotations: map[string]string{
				"checksum/config":            strings.Repeat("9f86d081884c7d65", 4),
				"prometheus.io/scrape":       "true",
				"prometheus.io/port":         "9090",
				"opencontrail.org/pod-state": fmt.Sprintf(`{"ipAddress":"%s"}`, podIP(number)),
			},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web-7d4b9c6f5d",
				UID: uid(5, number), Controller: &yes, BlockOwnerDeletion: &yes}},
			ManagedFields: append(managed("kube-controller-manager", podFields, ""),
				managed("kubelet", podStatusFields, "status")...),
		},
		Spec: corev1.PodSpec{
			NodeName: node, RestartPolicy: corev1.RestartPolicyAlways, TerminationGracePeriodSeconds: &grace,
			DNSPolicy: corev1.DNSClusterFirst, ServiceAccountName: "web", DeprecatedServiceAccount: "web",
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: &yes}, SchedulerName: "default-scheduler",
			Priority: &priority, EnableServiceLinks: &yes,
			Containers:  []corev1.Container{container("web", 8080), container("metrics-sidecar", 9090)},
			Tolerations: tolerations(),
			Volumes: []corev1.Volume{
				{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
					LocalObjectReference: corev1.LocalObjectReference{Name: "web-config"}}}},
				{Name: "kube-api-access-7xk2p", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
					Sources: []corev1.VolumeProjection{
						{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{ExpirationSeconds: &expiration, Path: "token"}},
						{ConfigMap: &corev1.ConfigMapProjection{
							LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"},
							Items:                []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
					}}}},
			},
		},
		Status: podStatus(number, ready),
	}
}

func container(name string, port int32) corev1.Container {
	probe := func(path string) *corev1.Probe {
		return &corev1.Probe{
			ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path,
				Port: intstr.FromString("http"), Scheme: corev1.URISchemeHTTP}},
			TimeoutSeconds: 1, PeriodSeconds: 10, SuccessThreshold: 1, FailureThreshold: 3,
		}
	}
	out := corev1.Container{
		Name:  name,
		Image: "registry.example.internal/storefront/" + name + ":4.18.2",
		Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: port, Protocol: corev1.ProtocolTCP}},
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{"cpu": resource.MustParse("100m"), "memory": resource.MustParse("128Mi")},
			Limits:   corev1.ResourceList{"memory": resource.MustParse("256Mi")},
		},
		VolumeMounts: []corev1.VolumeMount{
			{Name: "config", ReadOnly: true, MountPath: "/etc/storefront"},
			{Name: "kube-api-access-7xk2p", ReadOnly: true, MountPath: "/var/run/secrets/kubernetes.io/serviceaccount"},
		},
		LivenessProbe: probe("/healthz"), ReadinessProbe: probe("/readyz"),
		TerminationMessagePath: "/dev/termination-log", TerminationMessagePolicy: corev1.TerminationMessageReadFile,
		ImagePullPolicy: corev1.PullIfNotPresent,
	}
	for _, key := range []string{"DATABASE", "CACHE", "QUEUE"} {
		out.Env = append(out.Env, corev1.EnvVar{Name: key + "_URL",
			Value: "https://" + strings.ToLower(key) + ".storefront.svc.cluster.local:8443/production"})
	}
	for _, field := range []string{"metadata.name", "metadata.namespace", "status.podIP"} {
		out.Env = append(out.Env, corev1.EnvVar{Name: "K8S_" + strings.ToUpper(field[strings.Index(field, ".")+1:]),
			ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: field}}})
	}
	return out
}

func tolerations() []corev1.Toleration {
	seconds := int64(300)
	return []corev1.Toleration{
		{Key: "node.kubernetes.io/not-ready", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute,
			TolerationSeconds: &seconds},
		{Key: "node.kubernetes.io/unreachable", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute,
			TolerationSeconds: &seconds},
	}
}

func podStatus(number int, ready bool) corev1.PodStatus {
	word := corev1.ConditionFalse
	if ready {
		word = corev1.ConditionTrue
	}
	out := corev1.PodStatus{
		Phase: corev1.PodRunning, HostIP: "198.51.100.7", HostIPs: []corev1.HostIP{{IP: "198.51.100.7"}},
		PodIP: podIP(number), PodIPs: []corev1.PodIP{{IP: podIP(number)}}, StartTime: &created,
		QOSClass: corev1.PodQOSBurstable,
	}
	for _, kind := range []corev1.PodConditionType{"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady",
		"PodScheduled"} {
		condition := corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: created}
		if kind == corev1.PodReady || kind == corev1.ContainersReady {
			condition.Status = word
		}
		out.Conditions = append(out.Conditions, condition)
	}
	yes := true
	for i, name := range []string{"web", "metrics-sidecar"} {
		image := "registry.example.internal/storefront/" + name
		out.ContainerStatuses = append(out.ContainerStatuses, corev1.ContainerStatus{
			Name: name, Ready: ready, Started: &yes, Image: image + ":4.18.2",
			ImageID:     image + "@sha256:" + strings.Repeat("a1b2c3d4e5f60718", 4),
			ContainerID: fmt.Sprintf("containerd://%056x%08x", i, number),
			State:       corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: created}},
		})
	}
	return out
}
