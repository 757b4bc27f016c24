/**
 * One frame of every kind, as it goes over the wire. Clients in the field hold on to these texts: one that has to change
 * here means that an older peer may misread it, and then PROTOCOL in src/protocol/version.ts goes up and the old text
 * stays, for as long as MIN_PROTOCOL reaches it.
 */
export const fromClients = [
  '{"type":"join","protocol":2,"client":"c-1"}',
  '{"type":"join","protocol":2,"client":"c-1","incarnation":"i1","seq":7,"presence":{"cursor":["a",1]}}',
  '{"type":"mutate","mutations":[]}',
  '{"type":"mutate","refused":3,"mutations":[{"mutation":4,"ops":[]}]}',
  '{"type":"mutate","mutations":[{"mutation":1,"ops":[{"op":"remove","id":"a"}]}]}',
  '{"type":"mutate","mutations":[{"mutation":2,"base":7,"meta":{"why":"tidy"},"ops":[{"op":"move","id":"a","parent":"b","after":null,"before":"c"}]},{"mutation":3,"ops":[]}]}',
  '{"type":"mutate","mutations":[{"mutation":4,"ops":[{"op":"insert","node":{"id":"a","type":"item","attrs":{"x":[1,null,{"y":true}]},"children":[{"type":"text"}]},"parent":"root","after":"b"}]}]}',
  '{"type":"mutate","mutations":[{"mutation":5,"ops":[{"op":"update","id":"a","attrs":{"x":1},"unset":["y"],"type":"heading"}]}]}',
  '{"type":"mutate","mutations":[{"mutation":6,"base":9,"ops":[{"op":"edit","id":"a","attr":"text","changes":[3,0,"x",-2]}]}]}',
  '{"type":"mutate","mutations":[{"mutation":7,"base":9,"ops":[{"op":"split","id":"a","attr":"text","at":5,"node":{"id":"b","type":"item","attrs":{"done":false}},"head":true}]}]}',
  '{"type":"mutate","mutations":[{"mutation":9,"base":9,"ops":[{"op":"mark","id":"a","attr":"text","from":2,"to":5,"key":"link","value":{"to":"b"}}]}]}',
  '{"type":"mutate","mutations":[{"mutation":10,"base":9,"ops":[{"op":"mark","id":"a","attr":"text","from":2,"to":5,"key":"link","value":null}]}]}',
  '{"type":"mutate","mutations":[{"mutation":8,"base":9,"ops":[{"op":"join","id":"b","into":"a","attr":"text"}]}]}',
  '{"type":"presence","data":{"cursor":"a"}}',
  '{"type":"presence","data":null}',
  '{"type":"sync","n":3}',
  '{"type":"auth","token":"a.b.c"}',
  '{"type":"leave"}',
];
