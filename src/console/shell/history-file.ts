import { appendFile, chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Lines that are kept. */
export const HISTORY_LINES_MAX = 1000;
/** A longer line is not kept. */
const LINE_CHARACTERS_MAX = 4000;
const FILE_MODE = 0o600;

/** The lines of earlier sessions, in a file that only its owner may read. */
export class HistoryFile {
  readonly #path: string;
  #lines: string[] = [];
  #problem: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The latest last. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Why nothing can be kept, if so. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Reads what there is, and cuts a file that has grown long. Never rejects. */
  async load(): Promise<void> {
    try {
      const all = (await readFile(this.#path, "utf8")).split("\n").filter((line) => line !== "");
      await chmod(this.#path, FILE_MODE);
      this.#lines = all.slice(-HISTORY_LINES_MAX);
      if (all.length < 2 * HISTORY_LINES_MAX) return;
      const partial = `${this.#path}.new`;
      await writeFile(partial, `${this.#lines.join("\n")}\n`, { mode: FILE_MODE });
      await rename(partial, this.#path);
    } catch (error) {
      // There is none before the first session.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) {
        this.#problem = error instanceof Error ? error.message : String(error);
      }
    }
  }

  /** Keeps what was typed, line by line. Never rejects. */
  async add(text: string): Promise<void> {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    if (lines.length === 0 || lines.some((line) => line.length > LINE_CHARACTERS_MAX)) return;
    this.#lines.push(...lines);
    this.#lines.splice(0, this.#lines.length - HISTORY_LINES_MAX);
    if (this.#problem !== undefined) return;
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await appendFile(this.#path, `${lines.join("\n")}\n`, { mode: FILE_MODE });
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    }
  }
}
