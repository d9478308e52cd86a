// guestbook-go, the example of Kubernetes 1.8, built from the module that its
// project publishes. simpleredis has the only Go code here.
module kube-network-manager/tests/testbed/apps/guestbook

go 1.26.0

tool k8s.io/kubernetes/examples/guestbook-go

require k8s.io/kubernetes v1.8.15 // indirect

require github.com/xyproto/simpleredis v0.0.0 // indirect

require (
	github.com/codegangsta/negroni v1.0.0 // indirect
	github.com/gomodule/redigo v1.9.3 // indirect
	github.com/gorilla/mux v1.8.1 // indirect
)

replace github.com/xyproto/simpleredis => ./simpleredis
