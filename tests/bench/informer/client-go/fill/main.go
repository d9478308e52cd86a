// Fills etcd with the objects of the informer benchmark, as a kube-apiserver stores them. Writing past the API server
// takes seconds instead of minutes, and status and managedFields are as given. `fill --help` lists the flags.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// writers is the number of writes at a time.
const writers = 32

func main() {
	etcd := flag.String("etcd", "", "address of etcd")
	pods := flag.Int("pods", 20000, "number of Pods")
	services := flag.Int("services", 1000, "number of Services, and of EndpointSlices with 20 endpoints each")
	change := flag.Bool("change", false, "only write all Pods again, no longer Ready")
	sample := flag.String("sample", "", "write one Pod as pod.pb and pod.json into this folder, and nothing else")
	flag.Parse()
	var err error
	if *sample != "" {
		err = writeSample(*sample)
	} else {
		err = fill(*etcd, *pods, *services, *change)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fill:", err)
		os.Exit(1)
	}
}

func fill(etcd string, pods, services int, change bool) error {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{etcd}})
	if err != nil {
		return err
	}
	defer client.Close()
	if change {
		return put(client, pods, "pods/", func(i int) (string, runtime.Object) {
			return namespaceName(i) + "/" + podName(i), pod(i, false)
		})
	}
	if err := put(client, namespaces, "namespaces/", func(i int) (string, runtime.Object) {
		return namespaceName(i), namespace(i)
	}); err != nil {
		return err
	}
	if err := put(client, services, "services/specs/", func(i int) (string, runtime.Object) {
		object := service(i)
		return object.Namespace + "/" + object.Name, object
	}); err != nil {
		return err
	}
	if err := put(client, services, "endpointslices/", func(i int) (string, runtime.Object) {
		object := endpointSlice(i)
		return object.Namespace + "/" + object.Name, object
	}); err != nil {
		return err
	}
	return put(client, pods, "pods/", func(i int) (string, runtime.Object) {
		return namespaceName(i) + "/" + podName(i), pod(i, true)
	})
}

// put writes the objects below /registry/ `prefix`, each in a transaction of its own: it gets a version of its own, as
// in a real cluster.
func put(client *clientv3.Client, count int, prefix string, make func(int) (string, runtime.Object)) error {
	var work errgroup.Group
	work.SetLimit(writers)
	for i := 0; i < count; i++ {
		work.Go(func() error {
			key, object := make(i)
			stored, err := encode(object)
			if err != nil {
				return err
			}
			_, err = client.Put(context.Background(), "/registry/"+prefix+key, string(stored))
			return err
		})
	}
	return work.Wait()
}

// setKind adds what an object in Go leaves to its type.
func setKind(object runtime.Object) error {
	kinds, _, err := scheme.Scheme.ObjectKinds(object)
	if err != nil {
		return err
	}
	object.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind(kinds[0]))
	return nil
}

func encode(object runtime.Object) ([]byte, error) {
	if err := setKind(object); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(object, &out)
	return out.Bytes(), err
}

// writeSample writes the Pod as an item of a list: without envelope, with a resourceVersion.
func writeSample(folder string) error {
	object := pod(12345, true)
	object.ResourceVersion = "1000012345"
	message, err := object.Marshal()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "pod.pb"), message, 0o644); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme,
		json.SerializerOptions{}).Encode(object, &text); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "pod.json"), bytes.TrimSpace(text.Bytes()), 0o644)
}
