package main

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// strip is the transform of the informers: it leaves the fields that k8sclient keeps (k8sclient/api/objects.hpp), so
// that both caches hold the same.
func strip(object any) (any, error) {
	switch full := object.(type) {
	case *corev1.Pod:
		return stripPod(full), nil
	case *corev1.Service:
		full.ObjectMeta = stripMeta(&full.ObjectMeta)
	case *corev1.Namespace:
		full.ObjectMeta = stripMeta(&full.ObjectMeta)
	case *discoveryv1.EndpointSlice:
		full.ObjectMeta = stripMeta(&full.ObjectMeta, "kubernetes.io/service-name")
	}
	return object, nil
}

func stripPod(full *corev1.Pod) *corev1.Pod {
	out := &corev1.Pod{
		ObjectMeta: stripMeta(&full.ObjectMeta, "app"),
		Spec:       corev1.PodSpec{NodeName: full.Spec.NodeName, HostNetwork: full.Spec.HostNetwork},
		Status:     corev1.PodStatus{Phase: full.Status.Phase},
	}
	for _, condition := range full.Status.Conditions {
		if condition.Type == corev1.PodReady {
			out.Status.Conditions = []corev1.PodCondition{{Type: condition.Type, Status: condition.Status}}
		}
	}
	return out
}

func stripMeta(full *metav1.ObjectMeta, labels ...string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: full.Name, Namespace: full.Namespace, UID: full.UID, ResourceVersion: full.ResourceVersion,
		CreationTimestamp: full.CreationTimestamp, DeletionTimestamp: full.DeletionTimestamp,
		Labels:      kept(full.Labels, labels...),
		Annotations: kept(full.Annotations, "opencontrail.org/pod-state"),
	}
}

func kept(all map[string]string, keys ...string) map[string]string {
	var out map[string]string
	for _, key := range keys {
		if value, there := all[key]; there {
			if out == nil {
				out = map[string]string{}
			}
			out[key] = value
		}
	}
	return out
}
