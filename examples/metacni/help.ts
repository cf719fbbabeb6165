/** Decides what the help says beside the options: what belongs together, and examples that can be typed. */

/** Below the list of commands. */
export const overview = `
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 128 + n interrupted by signal n and undone.
NO_COLOR=1 turns colours off; off a terminal there are none.

Try it without root, without a cluster and without plugins:
  metacni plan --networks 'a,b@eth5' --conf-dir ./net.d
  metacni add --runner memory --netns /run/netns/blue --container-id blue \\
    --networks 'a,b@eth5' --conf-dir ./net.d -o table
`

/** Below the options of `plan`. */
export const planExamples = `
A plan that is refused exits 1, with every problem: on stderr, or with -o json and -o yaml as
{"problems": [...], "partial": {...}} on stdout.

Examples:
  metacni plan --pod pod.yaml --config 00-multus.conf --conf-dir /etc/cni/net.d/multus
  kubectl get pod web -o yaml | metacni plan --pod - --conf-dir ./net.d -o json
  metacni plan --networks mynet --conf-dir ./net.d --runner ip -o commands
`

/** Below the options of every command that calls plugins. */
export const runnerHelp = `
The runner: exec starts plugin binaries; ip does without those of bridge, ptp, macvlan, loopback,
tuning, host-local and static where it understands the configuration, and starts the others; what one
of these two attached, the other can undo. memory simulates a node, its plugins included, and keeps it
in <state-dir>/node.json; without a state directory the node lives for the call. Without --runner a
state directory that holds a simulated node is used with it, any other with exec; the other runner
is refused where one has left its records.
`

/** Below the options of `add`. */
export const addExamples = `
Failures exit 1: with -o json a CNI error object on stdout, and on stderr what was undone and what is
left. The records of a container are in <state-dir>/.metacni; check and del need nothing else.

Examples:
  metacni add --netns /run/netns/blue --container-id blue --pod pod.yaml --config 00-multus.conf
  metacni add --netns /run/netns/blue --container-id blue --plan plan.json --state-dir ./state -o table
`

/** Below the options of every command of `net`. */
export const netHelp = `
The environment:
  NETCONFPATH        where networks are defined (default: /etc/cni/net.d)
  CNI_PATH           directories of plugins, joined with :
  CNI_IFNAME         the interface (default: eth0)
  CNI_ARGS           K=V;K=V
  CAP_ARGS           capability arguments, a JSON object
  METACNI_CACHE_DIR  where results are cached, as libcni does (default: /var/lib/cni)
`

/** Below the commands of `net`. */
export const netExamples = `
The container id is cnitool- and the first 20 digits of the SHA-512 of the namespace's path: cnitool
can check and delete what net has added, and the other way round.

Example:
  CNI_PATH=/opt/cni/bin metacni net add mynet /run/netns/blue
`

/** Below the options of `gc`. */
export const collectionHelp = `
The valid attachments are a JSON list: [{"containerID": "...", "ifname": "eth0"}]. An empty list means
that everything is stale. Never run it beside an ADD whose attachment is not in the list yet.
`

/** Below the options of `replay`. */
export const replayHelp = `
Nothing is run and nothing is written. Exit codes: 0 everything goes the same way, 1 something does
not, or a file holds nothing that can be replayed.

Example:
  metacni add --record web.jsonl --netns /run/netns/web --container-id web --networks a
  metacni replay web.jsonl
`

/** Below the options of `leaks`. */
export const leaksHelp = `
Exit codes: 0 nothing, 1 something belongs to nobody, or may, 2 wrong usage. Severity leaked: nothing on
the node explains it. unknown: it may be somebody's that cannot be seen from here. Run it in the node's
own namespaces. As root it reads everything; otherwise it says what it could not read.
`
