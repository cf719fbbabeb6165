// Attaches one container through libcni with what cnitool reads from its environment: for the names of the variables and
// the container's id see docs/cli.md, `metacni net`.
package main

import (
	"context"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containernetworking/cni/libcni"
)

func orElse(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func tool(words []string) int {
	if err := attach(words); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func attach(words []string) error {
	if len(words) != 3 {
		return fmt.Errorf("three words are needed: a verb, a network, a namespace")
	}
	list, err := libcni.LoadConfList(orElse("NETCONFPATH", "/etc/cni/net.d"), words[1])
	if err != nil {
		return err
	}
	netns, err := filepath.Abs(words[2])
	if err != nil {
		return err
	}
	runtime := &libcni.RuntimeConf{
		ContainerID: fmt.Sprintf("cnitool-%x", sha512.Sum512([]byte(netns)))[:len("cnitool-")+20],
		NetNS:       netns,
		IfName:      orElse("CNI_IFNAME", "eth0"),
	}
	if text := os.Getenv("CAP_ARGS"); text != "" {
		if err := json.Unmarshal([]byte(text), &runtime.CapabilityArgs); err != nil {
			return err
		}
	}
	if text := os.Getenv("CNI_ARGS"); text != "" {
		for _, pair := range strings.Split(text, ";") {
			key, value, _ := strings.Cut(pair, "=")
			runtime.Args = append(runtime.Args, [2]string{key, value})
		}
	}
	cni := libcni.NewCNIConfigWithCacheDir(filepath.SplitList(os.Getenv("CNI_PATH")), orElse("CACHE_DIR", "/var/lib/cni"), nil)
	switch words[0] {
	case "add":
		result, err := cni.AddNetworkList(context.Background(), list, runtime)
		if err != nil {
			return err
		}
		return result.Print()
	case "check":
		return cni.CheckNetworkList(context.Background(), list, runtime)
	case "del":
		return cni.DelNetworkList(context.Background(), list, runtime)
	}
	return fmt.Errorf("an unknown verb: %s", words[0])
}
