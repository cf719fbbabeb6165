#!/bin/bash
# Makes the recordings of this folder anew, in network and mount namespaces of its own: a node with Debian's plugins, one
# with stubs that fail, and a simulated one. Needs root and a built `dist`. An older recording is worth more than a new one:
# it says what an earlier engine did. Make one anew only where its difference is meant.
#
# Usage: test/recordings/record.sh [name]...
set -eu
if [ "${RECORDING_INSIDE-}" = '' ]; then
  RECORDING_INSIDE=1 exec unshare --net --mount --propagation private "$0" "$@"
fi
here=$(cd "$(dirname "$0")" && pwd)
plugins=${CNI_PLUGINS:-/usr/lib/cni}
mount -t tmpfs none /run
mount -t tmpfs none /srv
mkdir /run/netns
ip link set lo up
ip link add uplink type veth peer name beyond
ip link set uplink up
cd /srv
mkdir bin net.d

metacni() { node "$here/../../dist/bin/metacni.cjs" "$@" > /srv/stdout 2> /srv/stderr || true; }
ipam() { echo '{"type": "host-local", "dataDir": "/srv/ipam", "ranges": [['"$1"']'"${2+, [$2]}"']}'; }
four='{"subnet": "10.77.0.0/24"}'
six='{"subnet": "fd77::/64"}'
network() { cat > "net.d/$1.conflist"; }

# A plugin that answers like a bridge, or as its configuration says.
cat > bin/stub <<'STUB'
#!/bin/sh
config=$(cat)
case "$config" in
  *"\"fail\":\"$CNI_COMMAND\""*)
    echo 'login with password=correct-horse-battery failed' >&2
    printf '{"code": 123, "msg": "the server refused correct-horse-battery", "details": "stub0"}\n'
    exit 1 ;;
  *"\"wait\":\"$CNI_COMMAND\""*) echo "$$" > /srv/waiting; exec sleep 1000 ;;
  *"\"garble\":\"$CNI_COMMAND\""*) echo 'Segmentation fault, token: correct-horse-battery'; exit 0 ;;
esac
[ "$CNI_COMMAND" != ADD ] || printf '{"cniVersion": "1.0.0", "interfaces": [{"name": "%s", "mac": "02:00:00:00:00:01",
  "sandbox": "%s"}], "ips": [{"address": "10.9.8.7/24", "interface": 0}], "apiToken": "correct-horse-battery"}\n' "$CNI_IFNAME" "$CNI_NETNS"
STUB
chmod +x bin/stub

for version in 0.2.0 0.3.1 0.4.0 1.0.0 1.1.0; do
  name=bridge${version//./}
  echo '{"cniVersion": "'$version'", "name": "'$name'", "plugins": [
    {"type": "bridge", "bridge": "br0", "isGateway": true, "ipam": '"$(ipam "$four")"'}]}' | network "$name"
done
echo '{"cniVersion": "1.0.0", "name": "dual", "plugins": [{"type": "bridge", "bridge": "br1", "isDefaultGateway": true,
  "ipam": '"$(ipam "$four" "$six")"'}]}' | network dual
echo '{"cniVersion": "1.0.0", "name": "chain", "plugins": [
  {"type": "ptp", "ipam": '"$(ipam "$four")"'},
  {"type": "portmap", "capabilities": {"portMappings": true}, "snat": false},
  {"type": "tuning", "sysctl": {"net.ipv4.conf.eth0.rp_filter": "2"}}]}' | network chain
echo '{"cniVersion": "1.0.0", "name": "chain-broken", "plugins": [
  {"type": "ptp", "ipam": '"$(ipam "$four")"'},
  {"type": "portmap", "capabilities": {"portMappings": true}, "snat": false},
  {"type": "tuning", "sysctl": {"net.ipv4.conf.eth0.no_such_key": "1"}}]}' | network chain-broken
echo '{"cniVersion": "0.4.0", "name": "storage", "plugins": [{"type": "macvlan", "master": "uplink",
  "ipam": {"type": "static", "addresses": [{"address": "192.0.2.7/24"}]}}]}' | network storage
echo '{"cniVersion": "0.4.0", "name": "no-master", "plugins": [{"type": "macvlan", "master": "nowhere0",
  "ipam": {"type": "static", "addresses": [{"address": "192.0.2.8/24"}]}}]}' | network no-master
echo '{"cniVersion": "1.0.0", "name": "no-binary", "plugins": [{"type": "no-such-plugin"}]}' | network no-binary
echo '{"cniVersion": "1.0.0", "name": "secret", "plugins": [{"type": "stub", "server": "http://admin:pass-of-admin@192.0.2.1/",
  "credentials": {"user": "a", "password": "correct-horse-battery"}, "apiToken": "short"}]}' | network secret
for how in fail wait garble; do for verb in ADD DEL; do
  name=$how-${verb,,}
  echo '{"cniVersion": "1.0.0", "name": "'$name'", "plugins": [{"type": "stub", "'$how'":"'$verb'",
    "password": "correct-horse-battery"}]}' | network "$name"
done; done
echo '{"cniVersion": "1.0.0", "name": "good", "plugins": [{"type": "stub"}]}' | network good

# add NAME CONTAINER NETWORKS [option]...: on plugin binaries, in a namespace that is made when it is missing.
on() { echo "--record $here/$1.jsonl --state-dir /srv/state --bin-dir /srv/bin --bin-dir $plugins --container-id $2"; }
add() {
  [ -e "/run/netns/$2" ] || ip netns add "$2"
  metacni add $(on "$1" "$2") --netns "/run/netns/$2" --conf-dir net.d --networks "$3" "${@:4}"
}
check() { metacni check $(on "$1" "$2") "${@:3}"; }
del() { metacni del $(on "$1" "$2") "${@:3}"; }
untilWaiting() { for _ in $(seq 200); do [ -s waiting ] && return; sleep 0.05; done; cat stdout stderr; exit 1; }

record() {
  name=$1
  rm -f "$here/$name.jsonl" waiting
  case $name in
    version-*) version=${name#version-}; add "$name" web "bridge${version//./}"; check "$name" web; del "$name" web ;;
    dual-stack) add "$name" web dual; check "$name" web; del "$name" web ;;
    chain)
      add "$name" web chain --capability-args '{"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}'
      check "$name" web; del "$name" web ;;
    chain-rollback)
      add "$name" web chain-broken --capability-args '{"portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]}' ;;
    several-attachments) add "$name" web 'dual,storage@north,good'; check "$name" web; del "$name" web ;;
    several-rollback) add "$name" web 'dual,storage,no-master' ;;
    several-requests)
      add "$name" web good; add "$name" web 'storage@net7' --ifname net7; add "$name" web 'good@eth0'
      add "$name" web 'secret@eth9,good@net7' --ifname eth9
      check "$name" web; del "$name" web ;;
    missing-plugin) add "$name" web 'dual,no-binary' ;;
    secrets)
      add "$name" web secret --cni-args 'IgnoreUnknown=1;API_TOKEN=correct-horse-battery'
      check "$name" web; del "$name" web
      add "$name" web fail-add; add "$name" web garble-add ;;
    nothing) check "$name" web; del "$name" web ;;
    check-fails)
      add "$name" web dual; ip netns exec web ip link del eth0; check "$name" web; del "$name" web ;;
    del-fails) add "$name" web 'good,fail-del'; del "$name" web
      mv bin/stub bin/gone; del "$name" web; mv bin/gone bin/stub ;;
    gc)
      add "$name" web dual; add "$name" api 'dual,storage@north'
      echo '[{"containerID": "web", "ifname": "eth0"}]' > valid.json
      metacni gc --record "$here/$name.jsonl" --state-dir state --bin-dir bin --bin-dir "$plugins" --conf-dir net.d \
        --valid-attachments valid.json
      del "$name" web ;;
    interrupted)
      add "$name" web 'good,wait-add' & untilWaiting
      pkill -TERM -P $! node; wait ;;
    timeout) add "$name" web 'good,wait-add' --timeout 0.5 ;;
    crash)
      add "$name" web 'good,wait-add' & untilWaiting
      pkill -KILL -P $! node; kill -KILL "$(cat waiting)"; wait
      add "$name" web 'good'; del "$name" web ;;
    corrupt-record)
      add "$name" web good; echo '{"record": "metacni", "version": 1' > state/.metacni/web/eth0.json
      rm -r state/results # what is cached would stand in for it
      check "$name" web; del "$name" web; del "$name" web ;;
    memory-tke)
      cd "$here/../../examples/tke"
      simulated="--record $here/$name.jsonl --state-dir /srv/simulated --container-id web"
      metacni add --runner memory $simulated --netns /run/netns/web --pod pods/annotated.yaml \
        --config 00-multus.three-delegates.conf --conf-dir net.d
      metacni check $simulated; metacni del $simulated; cd /srv ;;
    memory-1.1.0)
      for id in web api; do
        metacni add --runner memory --record "$here/$name.jsonl" --state-dir simulated --container-id $id \
          --netns /run/netns/$id --conf-dir net.d --networks bridge110
      done
      echo '[{"containerID": "web", "ifname": "eth0"}]' > valid.json
      mkdir net1; cp net.d/bridge110.conflist net1
      metacni gc --record "$here/$name.jsonl" --state-dir simulated --conf-dir net1 --valid-attachments valid.json
      metacni check --record "$here/$name.jsonl" --state-dir simulated --container-id web
      metacni del --record "$here/$name.jsonl" --state-dir simulated --container-id web ;;
    status) node --import "$here/../../node_modules/tsx/dist/loader.mjs" "$here/record-status.ts" "$here/$name.jsonl" ;;
    *) echo "no recording is named $name" >&2; exit 1 ;;
  esac
  cat stdout stderr
}

all='version-0.2.0 version-0.3.1 version-0.4.0 version-1.0.0 version-1.1.0 dual-stack chain chain-rollback
  several-attachments several-rollback several-requests missing-plugin secrets nothing check-fails gc interrupted
  timeout crash corrupt-record del-fails memory-tke memory-1.1.0 status'
for one in ${*:-$all}; do
  echo "== $one"
  record "$one"
  # The next one begins with an empty node.
  rm -rf state simulated net1
  for id in web api; do ip netns del $id 2> /dev/null || true; done
done
