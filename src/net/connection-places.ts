import type { Socket } from "node:net";
import { sourceOf } from "./client-address.ts";

/** Connections at one time. */
export interface PlaceLimits {
  readonly inAll: number;
  /** Of one source (IPv4 address, IPv6 /64). */
  readonly perSource: number;
}

/** The other end of a connection, as long as it lasts. */
export type ConnectionEnd = Pick<Socket, "remoteAddress" | "remotePort">;
/** A socket, though servers over TLS call it a stream. */
interface Connection extends Partial<ConnectionEnd> {
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

/**
 * Who may stay connected. Many sources are cheap (IPv6), so that a limit for each keeps nobody from
 * taking all places: when they are taken, the oldest connection goes of which it is not known that
 * it is somebody's who may be here.
 */
export class ConnectionPlaces {
  readonly #limits: PlaceLimits;
  /** By address and port of the other end; the oldest first. */
  readonly #strangers = new Map<string, Connection>();
  readonly #known = new Map<string, Connection>();
  readonly #counts = new Map<string, number>();

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Takes a place for a connection that has just come, or ends it. */
  take(connection: Connection): void {
    const source = sourceOf(connection.remoteAddress ?? "");
    const count = this.#counts.get(source) ?? 0;
    if (count >= this.#limits.perSource || !this.#makeRoom()) {
      connection.destroy();
      return;
    }
    const key = keyOf(connection);
    this.#counts.set(source, count + 1);
    this.#strangers.set(key, connection);
    // Addresses are gone by then.
    connection.once("close", () => {
      this.#strangers.delete(key);
      this.#known.delete(key);
      const left = (this.#counts.get(source) ?? 1) - 1;
      if (left === 0) this.#counts.delete(source);
      else this.#counts.set(source, left);
    });
  }

  /** Somebody who may be here has asked for something over the connection with that end. */
  know(end: ConnectionEnd): void {
    const key = keyOf(end);
    const connection = this.#strangers.get(key);
    if (connection === undefined) return;
    this.#strangers.delete(key);
    this.#known.set(key, connection);
  }

  #makeRoom(): boolean {
    if (this.#strangers.size + this.#known.size < this.#limits.inAll) return true;
    const [oldest] = this.#strangers;
    if (oldest === undefined) return false;
    const [key, connection] = oldest;
    // It closes by and by.
    this.#strangers.delete(key);
    connection.destroy();
    return true;
  }
}

function keyOf({ remoteAddress, remotePort }: Partial<ConnectionEnd>): string {
  return `${remoteAddress} ${remotePort}`;
}
