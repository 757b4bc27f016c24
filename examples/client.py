import asyncio, json, sys, uuid, websockets  # pip install websockets
HELLO = {"op": "insert", "node": {"type": "item", "attrs": {"text": "hello from Python"}}}
def hello(parent): return {"type": "mutate", "mutations": [{"mutation": 1, "ops": [{**HELLO, "parent": parent}]}]}
nodes, FIELDS = {}, ("id", "parent", "prev", "type", "attrs")  # nodes by id, each with these fields
def find(*place): return next((node for node in nodes.values() if (node["parent"], node["prev"]) == place), {})
def edit(old, changes, at=0):  # in UTF-16 units, two bytes each
    old, new = old.encode("utf-16-le"), b""
    for n in changes:
        if isinstance(n, str): new += n.encode("utf-16-le")
        else: new, at = new + old[2 * at:2 * (at + max(n, 0))], at + abs(n)
    return (new + old[2 * at:]).decode("utf-16-le")
def apply(op, node={}, id=None, parent=None, after=None, attrs={}, unset=[], type=None, attr="", changes=None, **_):
    known = nodes.get(id or node["id"], {"parent": None, "prev": "", "type": "", "attrs": {}})
    if changes is not None: op, attrs = "update", {attr: edit(known["attrs"].get(attr, ""), changes)}
    known.update({"attrs": {}, **node} if node else dict(type=type or known["type"], attrs={**known["attrs"], **attrs}))
    for key in unset: known["attrs"].pop(key, None)
    for child in [each for each in nodes.values() if node and each["parent"] == node["id"]]: child["prev"] = ""
    if op != "update": find(known["parent"], known.get("id"))["prev"], known["prev"] = known["prev"], ""
    if op in ("update", "remove"): return  # what was removed is kept, with all below it, for a move that restores it
    find(parent, after)["prev"], nodes[known["id"]] = known["id"], {**known, "parent": parent, "prev": after}
def show(node, indent="", prev=None):
    print(f"{indent}{node['attrs'].get('text', node['type'])}", flush=True)
    while child := find(node["id"], prev): show(child, indent + "  "); prev = child["id"]
async def main(url="ws://127.0.0.1:8787/documents/hello", seq=None):
    async with websockets.connect(url, max_size=None) as socket:
        await socket.send(json.dumps({"type": "join", "protocol": 2, "client": str(uuid.uuid4()), "keeps": 0}))
        async for frame in socket:
            message = json.loads(frame)
            if message["type"] == "sync": await socket.send(frame)
            if message["type"] == "welcome": await socket.send(json.dumps(hello(message["root"])))
            if message["type"] in ("reject", "error"): print(frame, file=sys.stderr)
            if message["type"] == "snapshot" and message["seq"] != seq: nodes.clear(); seq = message["seq"]
            for row in message.get("nodes", []): nodes[row[0]] = dict(zip(FIELDS, row))
            for effect in [effect for event in message.get("events", []) for effect in event["ops"]]: apply(**effect)
            if message["type"] == "delta" or message.get("done"): show(find(None, None))
try: sys.exit(asyncio.run(main(*sys.argv[1:])) or "closed by the server")
except (OSError, websockets.WebSocketException) as problem: sys.exit(f"closed: {problem}")
