import { MiB } from "../../base/units.ts";
import { ShellFault } from "./shell-fault.ts";

/** Characters of one row; a file without line ends must not fill the memory. */
const ROW_CHARACTERS_MAX: number = MiB;
const FIELDS_MAX = 1000;

/**
 * Cuts CSV (RFC 4180, also with lone line feeds) into rows, however the text is cut; empty lines
 * are left out. @throws ShellFault
 */
export async function* readCsvRows(
  chunks: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<readonly string[]> {
  const rows = new RowCutter(delimiter);
  for await (const chunk of chunks) {
    yield* rows.push(chunk);
  }
  yield* rows.end();
}

class RowCutter {
  readonly #delimiter: string;
  #fields: string[] = [];
  #field = "";
  #length = 0;
  #state: "start" | "plain" | "quoted" | "quote" = "start";

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  *push(chunk: string): Generator<readonly string[]> {
    for (const character of chunk) {
      this.#length += 1;
      if (this.#length > ROW_CHARACTERS_MAX || this.#fields.length > FIELDS_MAX) {
        throw new ShellFault("a row of the file is too long; is it CSV?");
      }
      if (this.#state === "quoted") {
        if (character === '"') this.#state = "quote";
        else this.#field += character;
        continue;
      }
      if (character === '"' && this.#state !== "plain") {
        // Doubled, it is one; and else it opens the field.
        if (this.#state === "quote") this.#field += '"';
        this.#state = "quoted";
      } else if (character === this.#delimiter) {
        this.#endField();
      } else if (character === "\n") {
        yield* this.#endRow();
      } else if (character !== "\r") {
        this.#field += character;
        this.#state = "plain";
      }
    }
  }

  *end(): Generator<readonly string[]> {
    if (this.#state === "quoted") throw new ShellFault('the file ends within "');
    yield* this.#endRow();
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = "";
    this.#state = "start";
  }

  *#endRow(): Generator<readonly string[]> {
    const isEmpty = this.#fields.length === 0 && this.#field === "" && this.#state === "start";
    this.#length = 0;
    if (isEmpty) return;
    this.#endField();
    yield this.#fields;
    this.#fields = [];
  }
}
