// Decides how one request is put to skel inside this process: its environment and its files are global.
package main

import (
	"encoding/json"
	"os"

	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	current "github.com/containernetworking/cni/pkg/types/100"
	"github.com/containernetworking/cni/pkg/version"
)

var variables = []string{
	"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS", "CNI_PATH", "CNI_NETNS_OVERRIDE",
}

// The code with which a plugin that does nothing refuses a request, or that it answers it.
func requestOf(text []byte) answer {
	var asked struct {
		Env   map[string]string `json:"env"`
		Stdin string            `json:"stdin"`
	}
	if err := json.Unmarshal(text, &asked); err != nil {
		panic(err)
	}
	for _, name := range variables {
		os.Unsetenv(name)
		if value, isSet := asked.Env[name]; isSet {
			os.Setenv(name, value)
		}
	}
	in, err := os.CreateTemp("", "stdin")
	if err != nil {
		panic(err)
	}
	defer os.Remove(in.Name())
	defer in.Close()
	if _, err := in.WriteString(asked.Stdin); err != nil {
		panic(err)
	}
	if _, err := in.Seek(0, 0); err != nil {
		panic(err)
	}
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	defer nowhere.Close()
	stdin, stdout, stderr := os.Stdin, os.Stdout, os.Stderr
	os.Stdin, os.Stdout, os.Stderr = in, nowhere, nowhere
	defer func() { os.Stdin, os.Stdout, os.Stderr = stdin, stdout, stderr }()
	nothing := func(*skel.CmdArgs) error { return nil }
	refused := skel.PluginMainWithError(answerAdd, nothing, nothing, version.All, "a plugin that does nothing")
	if refused != nil {
		return answer{"code": refused.Code}
	}
	return answer{"answered": true}
}

func answerAdd(args *skel.CmdArgs) error {
	var conf struct {
		CNIVersion string `json:"cniVersion"`
	}
	if err := json.Unmarshal(args.StdinData, &conf); err != nil {
		return err
	}
	return types.PrintResult(&current.Result{CNIVersion: current.ImplementedSpecVersion}, conf.CNIVersion)
}
