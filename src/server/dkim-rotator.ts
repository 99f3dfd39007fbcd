import type { Clock, Timer } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { HOUR, MINUTE } from "../base/units.ts";
import { checkDkim } from "../diagnosis/dkim-records.ts";
import { openResolver, type Resolver } from "../dns/resolver.ts";
import type { DnsServer } from "../dns/transport.ts";
import { openDnsTransport } from "../net/dns-transport.ts";
import { type DkimSigningConfig, signingKeysAt } from "../org/dkim-keys.ts";
import { makeDkimKeys } from "../org/dkim-new-keys.ts";
import {
  awaitsKeys,
  nextRotationStep,
  type RecordsInDns,
  type RotationStep,
} from "../org/dkim-rotation.ts";
import type { ObjectProperties, OrganizationEditor } from "../org/organization-editor.ts";
import type { OrganizationKeeper } from "./organization-keeper.ts";

/** What the rotation works with. */
export interface DkimRotatorParts {
  readonly editor: Pick<OrganizationEditor, "organization" | "edit" | "dkimRecord">;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  /** A resolver that has nothing in its memory yet. */
  readonly openResolver: () => Resolver;
}

/** After the start, then each time: within the day before a key's time it is asked often enough. */
const FIRST_MS = 5 * MINUTE;
const INTERVAL_MS = 6 * HOUR;
const RSA_BITS = 2048;

/** Starts the rotation for a server. */
export function startDkimRotator({
  keeper,
  nameServers: servers,
  clock,
  diagnostics,
}: {
  readonly keeper: Pick<OrganizationKeeper, "editor">;
  readonly nameServers: readonly DnsServer[];
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}): DkimRotator {
  const rotator = new DkimRotator({
    ...{ editor: keeper.editor, clock, diagnostics },
    // A fresh one for each look: what DNS says now counts, not what it said.
    openResolver: () => openResolver({ servers, exchange: openDnsTransport(clock), clock }),
  });
  rotator.start();
  return rotator;
}

/** Replaces DKIM keys as they grow old, and lets none sign whose record is not in DNS. */
export class DkimRotator {
  readonly #parts: DkimRotatorParts;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: DkimRotatorParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#wait(FIRST_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #wait(ms: number): void {
    this.#timer = this.#parts.clock.startTimer(ms, () => {
      this.#running = this.work().then(() => {
        if (!this.#isStopped) this.#wait(INTERVAL_MS);
      });
    });
  }

  /** One look at all domains; never rejects. */
  async work(): Promise<void> {
    const { editor, diagnostics } = this.#parts;
    for (const config of editor.organization.dkimSigningConfigs) {
      try {
        await this.#rotate(config);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        diagnostics.warn("dkim-rotation-failed", { domain: config.name, reason });
      }
    }
  }

  async #rotate(config: DkimSigningConfig): Promise<void> {
    const { clock, editor, diagnostics } = this.#parts;
    const nowMs = clock.nowMs();
    const dns = awaitsKeys(config, nowMs) ? await this.#askDns(config) : "unknown";
    const step = nextRotationStep(config, nowMs, dns);
    if (step.kind === "wait") return;
    const changes = await this.#changesOf(step, config, nowMs);
    const edited = await editor.edit(
      [
        {
          kind: "dkimSigningConfig",
          name: config.name,
          change: (stored) => stored && { ...stored.properties, ...changes },
        },
      ],
      { mode: "store" },
    );
    const domain = config.name;
    if (!edited.ok) {
      const reason = edited.fault.messages.join("; ");
      diagnostics.warn("dkim-rotation-failed", { domain, reason });
      return;
    }
    const told = { domain, step: step.kind, cure: CURES[step.kind] };
    if (step.kind === "postpone") diagnostics.warn("dkim-rotation", told);
    else diagnostics.info("dkim-rotation", told);
  }

  async #askDns(config: DkimSigningConfig): Promise<RecordsInDns> {
    const { editor, openResolver: open } = this.#parts;
    const checks = checkDkim({
      domain: config.name,
      config: { ...config, rsaKey: undefined, ed25519Key: undefined },
      dkimRecord: (kind, sealed) => editor.dkimRecord(kind, sealed),
      resolver: open(),
    });
    let answer: RecordsInDns = "there";
    for await (const { verdict } of checks) {
      if (verdict === "Fail") return "missing";
      if (verdict !== "Pass") answer = "unknown";
    }
    return answer;
  }

  async #changesOf(
    step: Exclude<RotationStep, { readonly kind: "wait" }>,
    config: DkimSigningConfig,
    nowMs: number,
  ): Promise<ObjectProperties> {
    if (step.kind === "schedule" || step.kind === "postpone") {
      return { rotateOnDate: secondsOf(step.rotateOnMs) };
    }
    const { rsaKey, ed25519Key } = signingKeysAt(config, nowMs);
    const own = {
      rsaKey: rsaKey === undefined ? null : { ...rsaKey },
      ed25519Key: ed25519Key === undefined ? null : { ...ed25519Key },
    };
    if (step.kind === "retire") {
      return { ...own, nextRsaKey: null, nextEd25519Key: null, rotateOnDate: null };
    }
    const taken = [rsaKey, ed25519Key].flatMap((key) => key?.selector ?? []);
    const keys = await makeDkimKeys({ nowMs, taken, rsaBits: RSA_BITS });
    const next = { nextRsaKey: keys.rsa, nextEd25519Key: keys.ed25519 };
    return { ...own, ...next, rotateOnDate: secondsOf(step.rotateOnMs) };
  }
}

const CURES: Readonly<Record<Exclude<RotationStep["kind"], "wait">, string>> = {
  announce: "put the DnsRecords of the next keys into DNS: Get-DkimSigningConfig shows them",
  schedule: "nothing: the next keys sign from tomorrow on; leave the old records there",
  postpone: "the next keys wait: put their DnsRecords into DNS (Get-DkimSigningConfig)",
  retire: "the records of the former keys can be taken out of DNS",
};

function secondsOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -5)}Z`;
}
