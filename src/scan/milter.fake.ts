import { BytePeer } from "../net/byte-peer.fake.ts";
import {
  formatMilterPacket,
  type MilterPacket,
  MilterPacketReader,
  nulEnded,
  uint32,
} from "./milter-wire.ts";

/** How a fake milter behaves. */
export interface FakeMilterScript {
  /** What it asks for: actions and steps, and further bytes of its answer. */
  readonly agrees?: { readonly actions?: number; readonly protocol?: number };
  readonly negotiation?: Uint8Array;
  /**
   * Packets in answer to a command, by its letter; `undefined`: continue. None: it hangs, if an
   * answer is due.
   */
  readonly answer?: (packet: MilterPacket, count: number) => readonly Uint8Array[] | undefined;
}

/** A packet with texts that end in NUL. */
export function texts(code: string, ...values: readonly string[]): Uint8Array {
  return formatMilterPacket(code, ...values.map(nulEnded));
}

/** A packet with a number and texts. */
export function indexed(code: string, index: number, ...values: readonly string[]): Uint8Array {
  return formatMilterPacket(code, uint32(index), ...values.map(nulEnded));
}

/** A milter for tests: notes what it is told, and answers by a script. */
export class FakeMilter {
  /** `letter texts`, NULs as `|`. */
  readonly told: string[] = [];
  readonly #peer: BytePeer;

  constructor(script: FakeMilterScript = {}) {
    this.#peer = new BytePeer(async (talk) => {
      const reader = new MilterPacketReader();
      let seen = 0;
      let count = 0;
      for (;;) {
        await talk.until((bytes) => bytes.length > seen);
        const bytes = talk.received();
        const packets = reader.push(bytes.subarray(seen));
        seen = bytes.length;
        for (const packet of packets.ok ? packets.value : []) {
          count += 1;
          this.#note(packet);
          for (const said of answerOf(script, packet, count)) talk.say(said);
          if (packet.code === "Q") return talk.hangUp();
        }
      }
    });
  }

  /** On a free port of the loopback address. */
  async listen(): Promise<number> {
    await this.#peer.listen();
    return this.#peer.port;
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  get connections(): number {
    return this.#peer.connections;
  }

  #note({ code, data }: MilterPacket): void {
    const text = Buffer.from(data).toString("latin1").replaceAll("\0", "|");
    if (code !== "O") this.told.push(`${code} ${text}`);
  }
}

function answerOf(
  script: FakeMilterScript,
  packet: MilterPacket,
  count: number,
): readonly Uint8Array[] {
  const { code } = packet;
  if (code === "O") {
    const { actions = 0x1ff, protocol = 0 } = script.agrees ?? {};
    return [
      script.negotiation ?? formatMilterPacket("O", uint32(6), uint32(actions), uint32(protocol)),
    ];
  }
  if (["D", "A", "Q", "K"].includes(code)) return [];
  return script.answer?.(packet, count) ?? [formatMilterPacket("c")];
}
