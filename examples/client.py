import asyncio, json, sys, uuid, websockets  # pip install websockets
HELLO = {"op": "insert", "node": {"type": "item", "attrs": {"text": "hello from Python"}}}
def hello(parent): return {"type": "mutate", "mutations": [{"mutation": 1, "ops": [{**HELLO, "parent": parent}]}]}
nodes, FIELDS = {}, ("id", "parent", "prev", "type", "attrs")  # nodes by id, each with these fields
def find(*place): return next((node for node in nodes.values() if (node["parent"], node["prev"]) == place), {})
def apply(op, node={}, id=None, parent=None, after=None, attrs={}, unset=[], type=None, **_):
    target = nodes.get(id) or {"attrs": {}, **node}  # an update of a node that was removed goes nowhere
    target.update(type=type or target.get("type"), attrs={**target["attrs"], **attrs})
    for key in unset: target["attrs"].pop(key, None)
    if op in ("move", "remove"): find(target["parent"], id)["prev"] = nodes.pop(id)["prev"]  # what is behind moves up
    if op in ("move", "insert"): find(parent, after)["prev"] = target["id"]  # what stands there now comes behind it
    if op in ("move", "insert"): nodes[target["id"]] = {**target, "parent": parent, "prev": after}
    for child in [each for each in nodes.values() if op == "remove" and each["parent"] == id]: apply(op, id=child["id"])
def show(node, indent="", prev=None):
    print(f"{indent}{node['attrs'].get('text', node['type'])}", flush=True)
    while child := find(node["id"], prev): show(child, indent + "  "); prev = child["id"]
async def main(url="ws://127.0.0.1:8787/documents/hello", seq=None):
    async with websockets.connect(url, max_size=None) as socket:
        await socket.send(json.dumps({"type": "join", "protocol": 1, "client": str(uuid.uuid4())}))
        async for frame in socket:
            message = json.loads(frame)
            if message["type"] == "sync": await socket.send(frame)
            if message["type"] in ("reject", "error"): print(frame, file=sys.stderr)
            if message["type"] == "snapshot" and message["seq"] != seq: nodes.clear(); seq = message["seq"]
            for row in message.get("nodes", []): nodes[row[0]] = dict(zip(FIELDS, row))
            for effect in [effect for event in message.get("events", []) for effect in event["ops"]]: apply(**effect)
            if message.get("done"): await socket.send(json.dumps(hello(find(None, None)["id"])))
            if message["type"] == "delta": show(find(None, None))
try: sys.exit(asyncio.run(main(*sys.argv[1:])) or "closed by the server")
except (OSError, websockets.WebSocketException) as problem: sys.exit(f"closed: {problem}")
