// Answers as Go's libcni, skel and net package do, so that metacni can be held against them. Decides nothing: `decode`
// answers questions, a line each; `tool` attaches one container the way cnitool does.
package main

import (
	"fmt"
	"os"
)

func main() {
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "decode":
		decode(os.Stdin, os.Stdout)
	case "tool":
		os.Exit(tool(os.Args[2:]))
	default:
		fmt.Fprintln(os.Stderr, "usage: oracle decode | oracle tool add|check|del NETWORK NETNS")
		os.Exit(2)
	}
}
