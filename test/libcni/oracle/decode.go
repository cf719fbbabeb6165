// Decides how a question becomes a call of the Go library, and how its answer is written down.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/types/create"
	"github.com/containernetworking/cni/pkg/utils"
	"github.com/containernetworking/cni/pkg/version"

	// Registers the result types of every version.
	_ "github.com/containernetworking/cni/pkg/types/020"
	_ "github.com/containernetworking/cni/pkg/types/040"
	_ "github.com/containernetworking/cni/pkg/types/100"
)

type question struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// What was accepted is under a key of its own; a refusal leaves the key out.
type answer map[string]interface{}

var released = []string{"0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0"}

func decode(in io.Reader, out io.Writer) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	writer := bufio.NewWriter(out)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := encoder.Encode(answerTo(asked)); err != nil {
			panic(err)
		}
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
	writer.Flush()
}

func answerTo(asked question) (said answer) {
	// Some results make the library die.
	defer func() {
		if fault := recover(); fault != nil {
			said = answer{"panic": fmt.Sprint(fault)}
		}
	}()
	text := asked.Text
	switch asked.Kind {
	case "address":
		return addressOf(text)
	case "name":
		return namesOf(text)
	case "version":
		return versionOf(text)
	case "version reply":
		return replyOf([]byte(text))
	case "request":
		return requestOf([]byte(text))
	case "result":
		return resultOf([]byte(text))
	case "list":
		list, err := libcni.ConfListFromBytes([]byte(text))
		return listOf(list, err)
	case "single":
		single, err := libcni.ConfFromBytes([]byte(text))
		if err != nil {
			return answer{}
		}
		list, err := libcni.ConfListFromConf(single)
		return listOf(list, err)
	}
	panic("an unknown kind: " + asked.Kind)
}

func addressOf(text string) answer {
	said := answer{}
	if ip := net.ParseIP(text); ip != nil {
		said["ip"] = ip.String()
	}
	if ip, network, err := net.ParseCIDR(text); err == nil {
		masked := network.String()
		network.IP = ip
		said["cidr"] = network.String()
		said["network"] = masked
	}
	if mac, err := net.ParseMAC(text); err == nil {
		said["mac"] = mac.String()
	}
	return said
}

func namesOf(text string) answer {
	return answer{
		"containerId": utils.ValidateContainerID(text) == nil,
		"network":     utils.ValidateNetworkName(text) == nil,
		"ifname":      utils.ValidateInterfaceName(text) == nil,
	}
}

func versionOf(text string) answer {
	said := answer{}
	if major, minor, micro, err := version.ParseVersion(text); err == nil {
		said["parts"] = []int{major, minor, micro}
	}
	return said
}

func replyOf(text []byte) answer {
	said := answer{}
	if info, err := (&version.PluginDecoder{}).Decode(text); err == nil {
		said["versions"] = info.SupportedVersions()
	}
	return said
}

// The result in every version it can be converted to, as Go prints it.
func resultOf(text []byte) answer {
	said := answer{}
	result, err := create.CreateFromBytes(text)
	if err != nil {
		return said
	}
	for _, one := range released {
		converted, err := result.GetAsVersion(one)
		if err != nil {
			continue
		}
		if printed, err := json.Marshal(converted); err == nil {
			said[one] = json.RawMessage(printed)
		}
	}
	return said
}

func listOf(list *libcni.NetworkConfigList, err error) answer {
	if err != nil {
		return answer{}
	}
	plugins := []interface{}{}
	for _, one := range list.Plugins {
		capabilities := map[string]bool{}
		for name, isOn := range one.Network.Capabilities {
			if isOn {
				capabilities[name] = true
			}
		}
		plugins = append(plugins, answer{"type": one.Network.Type, "capabilities": capabilities})
	}
	return answer{"list": answer{
		"name": list.Name, "cniVersion": list.CNIVersion, "disableCheck": list.DisableCheck, "plugins": plugins,
	}}
}
