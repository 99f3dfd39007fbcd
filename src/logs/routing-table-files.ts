import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onDisk } from "../base/log-file.ts";

/** One snapshot of the routing table as it lies in its folder. */
export interface RoutingTableFile {
  /** `RoutingConfig#17@20260805T162441123Z.xml` */
  readonly name: string;
  /** Of the organization. */
  readonly version: number;
  readonly createdMs: number;
  readonly bytes: number;
}

/** What its folder may hold. */
export interface RoutingTableLimits {
  /** 0: never by age. */
  readonly maxAgeMs: number;
  readonly maxDirectoryBytes: number;
}

const NAME = /^RoutingConfig#(\d{1,15})@(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.xml$/;

/** The folder of the routing table log (reference §7.6). Every method throws LogFailure. */
export class RoutingTableFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  write(snapshot: {
    readonly version: number;
    readonly createdMs: number;
    readonly xml: string;
  }): void {
    const time = new Date(snapshot.createdMs).toISOString().replace(/[-:.]/g, "");
    const path = join(this.#directory, `RoutingConfig#${snapshot.version}@${time}.xml`);
    onDisk(`write ${path}`, () => {
      mkdirSync(this.#directory, { recursive: true, mode: 0o750 });
      writeFileSync(path, snapshot.xml, { mode: 0o640 });
    });
  }

  /** The oldest first. */
  list(): readonly RoutingTableFile[] {
    return onDisk(`list ${this.#directory}`, () => {
      mkdirSync(this.#directory, { recursive: true, mode: 0o750 });
      return readdirSync(this.#directory);
    })
      .flatMap((name): RoutingTableFile[] => {
        const match = NAME.exec(name);
        if (match === null) return [];
        const [, version, year, month, day, hour, minute, second, fraction] = match;
        const time = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}Z`;
        const path = join(this.#directory, name);
        const stat = onDisk(`look at ${path}`, () => statSync(path, { throwIfNoEntry: false }));
        const createdMs = Date.parse(time);
        if (stat === undefined || Number.isNaN(createdMs)) return [];
        return [{ name, version: Number(version), createdMs, bytes: stat.size }];
      })
      .sort((left, right) => left.createdMs - right.createdMs || left.version - right.version);
  }

  /** `undefined` when there is no such snapshot. */
  read(name: string): string | undefined {
    if (!this.list().some((file) => file.name === name)) return undefined;
    const path = join(this.#directory, name);
    return onDisk(`read ${path}`, () => readFileSync(path, "utf8"));
  }

  /** Removes what is too old or too much, never the newest. */
  prune({ maxAgeMs, maxDirectoryBytes }: RoutingTableLimits, nowMs: number): void {
    let room = maxDirectoryBytes;
    for (const [index, { name, createdMs, bytes }] of this.list().toReversed().entries()) {
      room -= bytes;
      const isExpired = maxAgeMs > 0 && createdMs + maxAgeMs <= nowMs;
      if (index === 0 || (!isExpired && room >= 0)) continue;
      const path = join(this.#directory, name);
      onDisk(`delete ${path}`, () => rmSync(path, { force: true }));
    }
  }
}
