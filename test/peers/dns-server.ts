import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { DnsServer } from "../../src/dns/transport.ts";
import { answerFromZone, type Zone } from "../../src/dns/zone.fake.ts";

/** A name server on loopback that holds `zone`; the table may be changed while it runs. */
export interface TestDnsServer extends DnsServer {
  /** Questions that came, by the way they came. */
  readonly counts: { udp: number; tcp: number };
  close(): Promise<void>;
}

const PORT_ATTEMPTS_MAX = 20;

/** Starts it on a free port, the same one for UDP and TCP. End it with the test. */
export async function startDnsServer(zone: Zone): Promise<TestDnsServer> {
  const counts = { udp: 0, tcp: 0 };
  const connections = new Set<Socket>();
  const tcp = createServer((socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      counts.tcp++;
      const answer = answerFromZone(zone, received.subarray(2), { tcp: true });
      if (answer === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      // In two writes, as the network may do it.
      socket.write(Buffer.concat([length, answer.subarray(0, 5)]));
      setImmediate(() => socket.write(answer.subarray(5)));
    });
  });
  const { udp, port } = await bindBoth(tcp);
  udp.on("message", (packet, client) => {
    counts.udp++;
    const answer = answerFromZone(zone, packet, { tcp: false });
    if (answer !== undefined) udp.send(answer, client.port, client.address);
  });
  return {
    address: "127.0.0.1",
    port,
    counts,
    async close() {
      udp.close();
      for (const socket of connections) socket.destroy();
      tcp.close();
      await once(tcp, "close");
    },
  };
}

/** A port that is free for UDP may be taken for TCP: then another one. */
async function bindBoth(tcp: ReturnType<typeof createServer>) {
  for (let attempt = 0; ; attempt++) {
    const udp = createSocket("udp4");
    udp.bind(0, "127.0.0.1");
    await once(udp, "listening");
    const { port } = udp.address();
    try {
      tcp.listen(port, "127.0.0.1");
      await once(tcp, "listening");
      return { udp, port };
    } catch (error) {
      udp.close();
      if (attempt === PORT_ATTEMPTS_MAX) throw error;
    }
  }
}
