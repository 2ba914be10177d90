"""Another program that follows Hermod. It uses nothing but the published documents (../published) and nats-py.

consumer.py transitions                    every transition, none missed: the durable consumer `reader`
consumer.py states                         the newest state of each Deployment, live, at most once
consumer.py last CLUSTER NAMESPACE NAME    the last state of one Deployment, then ends

NATS_URL, NATS_USER, NATS_PASSWORD: where, and as whom. PARTITIONS: as provisioned. One line of JSON a message.
"""

import asyncio
import json
import os
import re
import signal
import sys

import nats
from nats.errors import TimeoutError
from nats.js.errors import NotFoundError

# The newest version of transitions and states that this program understands.
KNOWN_VERSION = 1


def tell(what, state):
    rollout = state["rollout"]
    line = {name: rollout[name] for name in ("cluster", "namespace", "name", "phase", "reason")}
    images = [container["image"] for container in rollout["containers"]]
    print(json.dumps({"what": what, **line, "images": images}), flush=True)


async def follow_transitions(client):
    consumer = await client.jetstream().pull_subscribe_bind("reader", stream="ROLLOUTS")
    while True:
        try:
            [message] = await consumer.fetch(1, timeout=30)
        except TimeoutError:
            continue
        data = json.loads(message.data)["data"]
        if data["version"] > KNOWN_VERSION:
            # Hermod was upgraded first: the message waits until this program is upgraded too.
            await message.nak(delay=30)
            continue
        tell(data["kind"], data)
        # Only now: whoever is killed before this line gets the message again, with the same id.
        await message.ack()


async def follow_states(client):
    states = await client.subscribe("hermod.state.>")
    # From here on nothing is missed, as long as the connection lasts.
    await client.flush()
    print("listening", file=sys.stderr, flush=True)
    async for message in states.messages:
        # An empty one says that this Deployment was forgotten.
        state = json.loads(message.data) if message.data else None
        if state and state["version"] <= KNOWN_VERSION:
            tell("state", state)


async def tell_last(client, deployment):
    partition = fnv1a32("/".join(deployment)) % int(os.environ.get("PARTITIONS", 16))
    key = ".".join([str(partition), *map(escape_token, deployment)])
    try:
        last = await client.jetstream().get_msg("KV_rollouts", subject=f"$KV.rollouts.{key}", direct=True)
    except NotFoundError:
        last = None
    if last and last.data:
        tell("last", json.loads(last.data))
    else:
        print("null", flush=True)


def fnv1a32(text):
    digest = 0x811C9DC5
    for byte in text.encode():
        digest = ((digest ^ byte) * 0x01000193) & 0xFFFFFFFF
    return digest


def escape_token(text):
    return re.sub(rb"[^A-Za-z0-9-]", lambda found: b"_%02x" % found[0][0], text.encode()).decode() or "_"


async def main(command="", *rest):
    user = os.environ.get("NATS_USER", "reader")
    client = await nats.connect(
        os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
        user=user,
        password=os.environ.get("NATS_PASSWORD", ""),
        # Each user may receive answers below its own inbox alone.
        inbox_prefix=f"_INBOX_{user}".encode(),
        max_reconnect_attempts=-1,
    )
    if command == "transitions":
        work = follow_transitions(client)
    elif command == "states":
        work = follow_states(client)
    elif command == "last" and len(rest) == 3:
        work = tell_last(client, rest)
    else:
        sys.exit("usage: transitions | states | last CLUSTER NAMESPACE NAME")
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        pass
    await client.close()


asyncio.run(main(*sys.argv[1:]))
