import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

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

/** The folder of the routing table log (reference §7.6). Rejections are the disk's words. */
export class RoutingTableFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async write(snapshot: {
    readonly version: number;
    readonly createdMs: number;
    readonly xml: string;
  }): Promise<void> {
    const time = new Date(snapshot.createdMs).toISOString().replace(/[-:.]/g, "");
    const path = join(this.#directory, `RoutingConfig#${snapshot.version}@${time}.xml`);
    await mkdir(this.#directory, { recursive: true, mode: 0o750 });
    await writeFile(path, snapshot.xml, { mode: 0o640 });
  }

  /** The oldest first. */
  async list(): Promise<readonly RoutingTableFile[]> {
    await mkdir(this.#directory, { recursive: true, mode: 0o750 });
    const names = await readdir(this.#directory);
    const files = await Promise.all(names.map((name) => this.#look(name)));
    return files
      .filter((file) => file !== undefined)
      .sort((left, right) => left.createdMs - right.createdMs || left.version - right.version);
  }

  /** `undefined` when there is no such snapshot. */
  async read(name: string): Promise<string | undefined> {
    const files = await this.list();
    if (!files.some((file) => file.name === name)) return undefined;
    return readFile(join(this.#directory, name), "utf8");
  }

  /** Removes what is too old or too much, never the newest. */
  async prune({ maxAgeMs, maxDirectoryBytes }: RoutingTableLimits, nowMs: number): Promise<void> {
    let room = maxDirectoryBytes;
    const files = await this.list();
    for (const [index, { name, createdMs, bytes }] of files.toReversed().entries()) {
      room -= bytes;
      const isExpired = maxAgeMs > 0 && createdMs + maxAgeMs <= nowMs;
      if (index === 0 || (!isExpired && room >= 0)) continue;
      await rm(join(this.#directory, name), { force: true });
    }
  }

  async #look(name: string): Promise<RoutingTableFile | undefined> {
    const match = NAME.exec(name);
    if (match === null) return undefined;
    const [, version, year, month, day, hour, minute, second, fraction] = match;
    const time = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}Z`;
    const createdMs = Date.parse(time);
    // It may have gone since the folder was read.
    const found = await stat(join(this.#directory, name)).catch(() => undefined);
    if (found === undefined || Number.isNaN(createdMs)) return undefined;
    return { name, version: Number(version), createdMs, bytes: found.size };
  }
}
