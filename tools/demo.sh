#!/usr/bin/env bash
# `make demo`: a player, a JACK server, downbeatd and two renderer nodes with half of the canvas each.
#
#   DURATION=40   stops after about this many seconds, with status 0 if all went well (25 or more: three scenes)
#   AUDIO=FILE    plays this file, in any format that mpv knows, instead of the demo song
#   SHOW=evening  runs config/examples/evening.toml: cues and rules change the picture, instead of this script
#   BIN=DIR       folder of the programs (target/release)
#   BEGUN=TIME    start time, in seconds since 1970: prints the time to the first picture
#
# Leaves pictures of the wall, one per scene, and logs in target/demo/. Ctrl-C stops everything started here, and nothing
# else. Status 1: something failed; the output says what, and which log to read.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/target/demo
bin=$(realpath -m "${BIN:-target/release}")
scenes=(spectrum tunnel echo)
canvas=(1280 720)
show=${SHOW:-demo}
player=downbeat-demo
osc_port=9010

declare -A running=()
mkdir -p "$out"
# Keys of its own: the demo leaves nothing behind.
export DOWNBEAT_KEYS=$out/keys
rm -rf "$out"/*.log "$out"/wall-*.png "$out"/frames

# --- What is started, and how it ends -----------------------------------------------------------------------------

# start NAME COMMAND...: in the background, with a log of its own.
start() {
    local name=$1
    shift
    "$@" </dev/null >"$out/$name.log" 2>&1 &
    running[$name]=$!
}

alive() {
    kill -0 "${running[$1]}" 2>/dev/null
}

stop() {
    local pid=${running[$1]:-}
    [[ -n $pid ]] || return 0
    unset "running[$1]"
    kill -TERM "$pid" 2>/dev/null || return 0
    for _ in {1..40}; do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

# Those who listen end before those whom they listen to.
finish() {
    local status=$? name
    trap '' INT TERM
    for name in watch director left right player downbeatd lights jackd; do
        stop "$name"
    done
    rm -rf "$out/frames"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() {
    echo "demo: $*" >&2
    exit 1
}

# wait_for SECONDS NAME COMMAND...: until the command succeeds; gives up when NAME has ended or the time is over.
wait_for() {
    local tries=$(($1 * 10)) name=$2
    shift 2
    for ((; tries > 0; tries--)); do
        if "$@" >/dev/null 2>&1; then return 0; fi
        if ! alive "$name"; then return 1; fi
        sleep 0.1
    done
    return 1
}

last_words() {
    tail -n 3 "$out/$1.log" | sed 's/^/    /'
}

# --- The parts ----------------------------------------------------------------------------------------------------

start_jack() {
    if jack_lsp >/dev/null 2>&1; then
        return
    fi
    # libjack keeps the place of a server that ended badly until one of the same name follows, and has only eight: so
    # the name stays the same, unless another demo runs under it.
    export JACK_DEFAULT_SERVER=downbeat-demo-jack
    ! jack_lsp >/dev/null 2>&1 || JACK_DEFAULT_SERVER+=-$$
    # Who may not run in real time is late now and then: longer periods forgive it.
    local period=128
    chrt --fifo 1 true 2>/dev/null || period=512
    start jackd jackd -n "$JACK_DEFAULT_SERVER" -d dummy -r 48000 -p "$period"
    export JACK_NO_START_SERVER=1
    wait_for 10 jackd jack_lsp || fail "the JACK server did not start; $out/jackd.log says why:"$'\n'"$(last_words jackd)"
}

start_daemon() {
    start lights oscdump "$osc_port"
    start downbeatd "$bin/downbeatd" --config "config/examples/$show.toml"
    wait_for 10 downbeatd grep -xF 'downbeatd: ready' "$out/downbeatd.log" ||
        fail "the daemon did not start; $out/downbeatd.log says why:"$'\n'"$(last_words downbeatd)"
    alive lights || fail "nobody can listen for OSC at port $osc_port; $out/lights.log says why:"$'\n'"$(last_words lights)"
}

has_port() {
    jack_lsp | grep -xF "$player:out_0"
}

start_player() {
    local file=$1
    start player mpv --no-config --no-video --no-terminal --ao=jack --jack-autostart=no --jack-name="$player" \
        --audio-channels=stereo --loop-file=inf "$file"
    wait_for 10 player has_port || fail "mpv does not play $file; $out/player.log says why:"$'\n'"$(last_words player)"
}

# node NAME SLICE FLAGS...
node() {
    local name=$1 slice=$2
    shift 2
    start "$name" "$bin/downbeat-renderer" --name "$name" --canvas "${canvas[0]}x${canvas[1]}" --slice "$slice" "$@"
}

half=$((canvas[0] / 2))
left_slice=0,0,$half,${canvas[1]}
right_slice=$half,0,$half,${canvas[1]}
windows=
# How long a picture takes.
camera_seconds=0
if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
    windows=yes
    camera_seconds=3
fi

start_nodes() {
    if [[ -n $windows ]]; then
        node left "$left_slice"
        node right "$right_slice"
    else
        node left "$left_slice" --headless "$out/frames/left" --every 30
        node right "$right_slice" --headless "$out/frames/right" --every 30
    fi
}

# --- Pictures -----------------------------------------------------------------------------------------------------

# The newest frame that both nodes have written. A file that has a successor is complete.
common_frame() {
    local side
    for side in left right; do
        find "$out/frames/$side" -name '*.png' -printf '%f\n' 2>/dev/null | sort | head -n -1
    done | sort | uniq -d | tail -n 1
}

picture() {
    local scene=$1 frame
    if [[ -n $windows ]]; then
        # The windows' nodes write no files: two more are asked for a few frames of the same moments.
        rm -rf "$out/frames"
        local side pids=()
        for side in left right; do
            local slice=${side}_slice
            "$bin/downbeat-renderer" --name "camera-$side" --canvas "${canvas[0]}x${canvas[1]}" --slice "${!slice}" \
                --headless "$out/frames/$side" --every 30 --frames 3 </dev/null >>"$out/camera.log" 2>&1 &
            pids+=($!)
        done
        wait "${pids[@]}" || true
    fi
    frame=$(common_frame)
    [[ -n $frame ]] || return 1
    "$bin/downbeat-wall" "$out/frames/left/$frame" "$out/frames/right/$frame" "$out/wall-$scene.png"
    # What is older is of no use any more.
    find "$out/frames" -name '*.png' ! -newer "$out/frames/left/$frame" -delete
}

# --- The show -----------------------------------------------------------------------------------------------------

# Shows one scene after the other for so many seconds each, takes its picture at the end of its time, and looks whether
# everything is still there. Ends, saying why, when something is not. A show with rules chooses its scenes itself: pictures
# are numbered then.
direct() {
    local seconds=$1 rounds=$2 round scene until part begin=$SECONDS
    trap 'kill $(jobs -p) 2>/dev/null; exit' TERM
    for ((round = 0; rounds == 0 || round < rounds; round++)); do
        scene=${scenes[round % ${#scenes[@]}]}
        [[ $show != demo ]] || "$bin/downbeatctl" command --when bar /layer/back/scene "$scene" >>"$out/command.log" 2>&1 || {
            echo "cannot set the scene \`$scene\`; see $out/command.log"
            return
        }
        until=$((begin + (round + 1) * seconds - camera_seconds))
        while ((SECONDS < until)); do
            for part in "${!running[@]}"; do
                if ! alive "$part"; then
                    echo "$part has stopped; see $out/$part.log:"
                    last_words "$part"
                    return
                fi
            done
            sleep 0.5
        done
        picture "$scene" >>"$out/pictures.log" 2>&1 || {
            echo "no picture of the scene \`$scene\`; see $out/left.log and right.log"
            return
        }
    done
}

# NAME TIMES for each rule that has acted, as a surface reads it.
acted() {
    local rule count
    sed -n 's/^\[rule\.\(.*\)\]$/\1/p' "config/examples/$show.toml" | while read -r rule; do
        count=$(curl -fs "http://127.0.0.1:9480/rule/$rule/count?VALUE" | sed 's/.*\[\([0-9]*\).*/\1/')
        [[ ${count:-0} == 0 ]] || echo "$rule $count"
    done
}

check() {
    local scene beats rules
    for scene in "${scenes[@]}"; do
        [[ -s $out/wall-$scene.png ]] || fail "there is no picture of the scene \`$scene\` in $out"
    done
    beats=$(grep -c '^[^/]*/beat ' "$out/lights.log" || true)
    if [[ -z ${AUDIO:-} ]] && ((beats < DURATION / 2)); then
        fail "only $beats beats arrived by OSC; see $out/downbeatd.log"
    fi
    echo "demo: all went well: $beats beats by OSC; pictures of the wall in ${out#"$PWD"/}/"
    if [[ $show != demo ]]; then
        rules=$(sed 's/^/    /' "$out/rules.log")
        [[ $rules == *scenes* ]] || fail "no rule has changed the scene; see $out/downbeatd.log"
        echo "demo: rules have acted:"$'\n'"$rules"
    fi
}

[[ ${DURATION:-0} =~ ^[0-9]+$ ]] || fail "DURATION is in seconds, a whole number: not \`$DURATION\`"
DURATION=${DURATION:-0}
[[ -r config/examples/$show.toml ]] || fail "there is no config/examples/$show.toml; SHOW=demo or SHOW=evening"
for program in downbeatd downbeatctl downbeat-renderer downbeat-song downbeat-wall; do
    [[ -x $bin/$program ]] || fail "$bin/$program is missing; \`make demo\` builds it"
done

if [[ -n ${AUDIO:-} ]]; then
    [[ -r $AUDIO ]] || fail "cannot read $AUDIO"
    song=$(realpath "$AUDIO")
else
    song=$("$bin/downbeat-song" "$out/song")
fi

SECONDS=0
start_jack
start_daemon
start_nodes
start_player "$song"
if [[ -n ${BEGUN:-} && -z $windows ]]; then
    first_picture() { [[ -n $(common_frame) ]]; }
    wait_for 20 left first_picture || fail "the nodes draw nothing; $out/left.log says why:"$'\n'"$(last_words left)"
    echo "demo: the first picture of the wall, $(($(date +%s) - BEGUN)) s after \`make demo\`"
fi

if ((DURATION > 0)); then
    # Three scenes, and some seconds for all to end.
    each=$(((DURATION - SECONDS - 4) / ${#scenes[@]}))
    ((each >= 4)) || each=4
    direct "$each" "${#scenes[@]}" >"$out/failure.log" &
else
    direct 16 0 >"$out/failure.log" &
fi
running[director]=$!
# In the background with the terminal as its input, so that this script hears Ctrl-C at once and ends the rest.
"$bin/downbeatctl" watch <&0 &
running[watch]=$!

status=0
wait -n -p ended "${running[director]}" "${running[watch]}" || status=$?
if [[ $ended == "${running[watch]}" ]]; then
    unset "running[watch]"
    [[ $status =~ ^(0|130|143)$ ]] || fail "downbeatctl watch has ended with status $status"
    echo "demo: stopped"
    exit 0
fi
unset "running[director]"
stop watch
[[ ! -s $out/failure.log ]] || fail "$(<"$out/failure.log")"
acted >"$out/rules.log"
check
