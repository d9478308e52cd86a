// An informer of client-go for the benchmark: Pods, Services, EndpointSlices and Namespaces, at client-go's best
// settings. It has the contract of bench-informer (../../main.cpp): the same flags, the same lines of JSON.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

type settings struct {
	kubeconfig, mode, encoding string
	paced, burst               int
}

func main() {
	var given settings
	flag.StringVar(&given.kubeconfig, "kubeconfig", "", "file")
	flag.StringVar(&given.mode, "mode", "list", "how the first state comes: list or stream")
	flag.StringVar(&given.encoding, "encoding", "protobuf", "protobuf or json")
	flag.IntVar(&given.paced, "paced", 0, "number of paced events to wait for")
	flag.IntVar(&given.burst, "burst", 0, "number of events in a burst to wait for")
	flag.Parse()
	if err := run(given); err != nil {
		fmt.Fprintln(os.Stderr, "informer:", err)
		os.Exit(1)
	}
}

// featureGate tells client-go by its environment variable whether to use streaming lists; before its first use.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
func featureGate(mode string) error {
	value, known := map[string]string{"list": "false", "stream": "true"}[mode]
	if !known {
		return fmt.Errorf("no such mode: %s", mode)
	}
	return os.Setenv("KUBE_FEATURE_WatchListClient", value)
}

func client(given settings) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", given.kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.DisableCompression = true // costs more than it saves on a fast network
	if given.encoding == "protobuf" {
		config.ContentType = "application/vnd.kubernetes.protobuf"
		config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	} else {
		config.ContentType = "application/json"
	}
	return kubernetes.NewForConfig(config)
}

func run(given settings) error {
	if err := featureGate(given.mode); err != nil {
		return err
	}
	api, err := client(given)
	if err != nil {
		return err
	}
	began, cpu := time.Now(), cpuSeconds()
	factory := informers.NewSharedInformerFactoryWithOptions(api, 0, informers.WithTransform(strip))
	kinds := map[string]cache.SharedIndexInformer{
		"pods":           factory.Core().V1().Pods().Informer(),
		"services":       factory.Core().V1().Services().Informer(),
		"namespaces":     factory.Core().V1().Namespaces().Informer(),
		"endpointslices": factory.Discovery().V1().EndpointSlices().Informer(),
	}
	changes := newCounter(given.paced, given.burst)
	var handlers []cache.ResourceEventHandlerRegistration
	for kind, informer := range kinds {
		handler := cache.ResourceEventHandlerFuncs{AddFunc: func(any) {}}
		if kind == "pods" {
			handler.UpdateFunc = func(any, any) { changes.handled() }
		}
		registration, err := informer.AddEventHandler(handler)
		if err != nil {
			return err
		}
		handlers = append(handlers, registration)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	factory.Start(ctx.Done())
	for _, handler := range handlers {
		for !handler.HasSynced() {
			time.Sleep(5 * time.Millisecond)
		}
	}
	objects := map[string]int{}
	for kind, informer := range kinds {
		objects[kind] = len(informer.GetStore().ListKeys())
	}
	tell(line{Phase: "synced", Seconds: time.Since(began).Seconds(), CPU: cpuSeconds() - cpu, Objects: objects})
	runtime.GC()
	debug.FreeOSMemory()
	tell(line{Phase: "steady"})
	changes.report()
	return nil
}
