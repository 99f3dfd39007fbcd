import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import type { DnsServer, DnsTransport, ExchangeOptions } from "../dns/transport.ts";

/** Length prefix of a message over TCP (RFC 1035 §4.2.2). */
const LENGTH_BYTES = 2;
const TIMED_OUT = "timed out";

/**
 * The DNS transport of the network. Each UDP query has a socket of its own, so that its port is the
 * kernel's random choice (RFC 5452 §9.2), and is connected, so that the kernel drops what does not
 * come from the asked server's address and port, and tells us when nobody listens there.
 */
export function openDnsTransport(clock: Clock): DnsTransport {
  return (server, packet, options) =>
    options.tcp
      ? exchangeTcp(clock, server, packet, options)
      : exchangeUdp(clock, server, packet, options);
}

type Settle = (result: Result<Uint8Array, string>) => void;

function exchangeUdp(
  clock: Clock,
  server: DnsServer,
  packet: Uint8Array,
  options: ExchangeOptions,
) {
  return new Promise<Result<Uint8Array, string>>((resolve) => {
    const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
    const settle: Settle = once((result) => {
      timer.cancel();
      socket.close();
      resolve(result);
    });
    const timer = clock.startTimer(options.timeoutMs, () => settle(fault(TIMED_OUT)));
    socket.on("error", (error) => settle(fault(error.message)));
    socket.on("message", (bytes) => {
      if (options.accepts(bytes)) settle(ok(bytes));
    });
    socket.on("connect", () => {
      socket.send(packet, (error) => {
        if (error) settle(fault(error.message));
      });
    });
    socket.connect(server.port, server.address);
  });
}

function exchangeTcp(
  clock: Clock,
  server: DnsServer,
  packet: Uint8Array,
  options: ExchangeOptions,
) {
  return new Promise<Result<Uint8Array, string>>((resolve) => {
    const socket = connect({ host: server.address, port: server.port, noDelay: true });
    const settle: Settle = once((result) => {
      timer.cancel();
      socket.destroy();
      resolve(result);
    });
    const timer = clock.startTimer(options.timeoutMs, () => settle(fault(TIMED_OUT)));
    let received: Buffer = Buffer.alloc(0);
    socket.on("error", (error) => settle(fault(error.message)));
    socket.on("close", () => settle(fault("connection closed without an answer")));
    socket.on("connect", () => {
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(packet.length);
      socket.write(Buffer.concat([length, packet]));
    });
    socket.on("data", (bytes) => {
      // At most 64 KiB and what came with its end: the length has two bytes.
      received = Buffer.concat([received, bytes]);
      if (received.length < LENGTH_BYTES) return;
      const end = LENGTH_BYTES + received.readUInt16BE(0);
      if (received.length < end) return;
      const answer = received.subarray(LENGTH_BYTES, end);
      settle(options.accepts(answer) ? ok(answer) : fault("answer to another question"));
    });
  });
}

/** Timer, error and answer may all come; the first one counts. */
function once(settle: Settle): Settle {
  let isSettled = false;
  return (result) => {
    if (isSettled) return;
    isSettled = true;
    settle(result);
  };
}
