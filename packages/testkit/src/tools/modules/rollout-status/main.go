// Says what `kubectl rollout status` says of Deployments: a JSON object a line in, a JSON verdict a line out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubectl/pkg/polymorphichelpers"
)

type verdict struct {
	Message string `json:"message,omitempty"`
	Done    bool   `json:"done"`
	Error   string `json:"error,omitempty"`
}

func main() {
	viewer, err := polymorphichelpers.StatusViewerFor(schema.GroupKind{Group: "apps", Kind: "Deployment"})
	if err != nil {
		fail(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<22)
	verdicts := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		deployment := &unstructured.Unstructured{}
		if err := deployment.UnmarshalJSON(lines.Bytes()); err != nil {
			fail(err)
		}
		said := verdict{}
		if said.Message, said.Done, err = viewer.Status(deployment, 0); err != nil {
			said.Error = err.Error()
		}
		if err := verdicts.Encode(said); err != nil {
			fail(err)
		}
	}
	if err := lines.Err(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
