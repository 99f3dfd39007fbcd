import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { ConnectionPlaces } from "./connection-places.ts";

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort: number;
  isOver = false;

  constructor(remoteAddress: string, remotePort: number) {
    super();
    this.remotePort = remotePort;
    this.remoteAddress = remoteAddress;
  }

  destroy(): this {
    this.isOver = true;
    this.emit("close");
    return this;
  }
}

let port = 1024;

function connect(places: ConnectionPlaces, address: string): FakeSocket {
  const socket = new FakeSocket(address, port++);
  places.take(socket);
  return socket;
}

test("many sources take no place from those who are known, nor from who comes after them", () => {
  const places = new ConnectionPlaces({ inAll: 10, perSource: 3 });
  const alice = connect(places, "192.0.2.7");
  places.know(alice);
  const crowd = Array.from({ length: 30 }, (_, at) => connect(places, `2001:db8:0:${at}::1`));
  assert.equal(crowd.filter(({ isOver }) => !isOver).length, 9, "the latest ones");
  const bob = connect(places, "192.0.2.8");
  assert.deepEqual([alice.isOver, bob.isOver], [false, false]);
  for (const one of crowd) places.know(one);
  for (let count = 0; count < 8; count += 1) connect(places, `198.51.100.${count}`);
  assert.equal(bob.isOver, true, "bob has shown nothing, and is the oldest of those");
  assert.equal(alice.isOver, false);
});

test("with nobody but known ones there is no room", () => {
  const places = new ConnectionPlaces({ inAll: 2, perSource: 2 });
  const [one, two] = [connect(places, "192.0.2.1"), connect(places, "192.0.2.2")];
  places.know(one);
  places.know(two);
  assert.equal(connect(places, "192.0.2.3").isOver, true);
  one.destroy();
  assert.equal(connect(places, "192.0.2.3").isOver, false);
});

test("a source has so many, and those that have gone count no more", () => {
  const places = new ConnectionPlaces({ inAll: 10, perSource: 2 });
  const [first] = ["2001:db8::1", "2001:db8::2"].map((address) => connect(places, address));
  assert.equal(connect(places, "2001:db8::3").isOver, true, "the /64 is one source");
  assert.equal(connect(places, "2001:db8:0:1::3").isOver, false);
  first?.destroy();
  assert.equal(connect(places, "2001:db8::3").isOver, false);
});
