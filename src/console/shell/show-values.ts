import type { Clock } from "../../base/clock.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import type { ProgressLine } from "../progress-line.ts";
import type { Format } from "../run-parameters.ts";
import { ViewWriter } from "../run-report.ts";
import { safeText } from "../safe-text.ts";
import type { Screen } from "../screen.ts";
import { createOutputView, selectProperties } from "../view-choice.ts";
import { ShellFault } from "./shell-fault.ts";
import { isObjectValue, type ShellValue, typeOf, valueText } from "./shell-value.ts";

/** `Format-Table` or `Format-List` at the end of a pipe. */
export interface ShownForm {
  readonly format: Extract<Format, "table" | "list">;
  /** Asked for, with wildcards; empty: those of the view. */
  readonly properties: readonly string[];
  readonly at: number;
}

/** Where values are shown. */
export interface ShowParts {
  readonly screen: Screen;
  readonly clock: Clock;
  /** Taken away before anything is written. */
  readonly line: ProgressLine;
}

/**
 * Shows what comes out of a pipe: objects of one type in one table or list, all else as lines.
 * What came before a failure is shown whole.
 */
export async function showValues(
  values: AsyncIterable<ShellValue>,
  parts: ShowParts,
  form?: ShownForm,
): Promise<void> {
  const shower = new Shower(parts, form);
  try {
    for await (const value of values) await shower.show(value);
  } finally {
    await shower.end();
  }
}

class Shower {
  readonly #parts: ShowParts;
  readonly #form: ShownForm | undefined;
  #writer: ViewWriter | undefined;
  /** Of the objects that the writer shows, and the names in those without a type. */
  #type: OutputType | undefined;
  #names = "";
  #isFirst = true;

  constructor(parts: ShowParts, form: ShownForm | undefined) {
    this.#parts = parts;
    this.#form = form;
  }

  async show(item: ShellValue): Promise<void> {
    const { value } = item;
    if (!isObjectValue(value)) {
      await this.end();
      this.#parts.line.clear();
      this.#isFirst = false;
      await this.#parts.screen.write(`${this.#lineOf(valueText(value))}\n`);
      return;
    }
    const names = item.type === undefined ? Object.keys(value).join("\n") : "";
    const isSame = item.type === undefined ? names === this.#names : item.type === this.#type;
    if (this.#writer === undefined || !isSame) {
      await this.end();
      this.#names = names;
      this.#type = item.type;
      this.#writer = this.#openWriter(typeOf(item));
      if (!this.#isFirst) await this.#parts.screen.write("\n");
      this.#isFirst = false;
    }
    await this.#writer.push(value);
  }

  async end(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.end({ isDone: true });
  }

  #openWriter(outputType: OutputType): ViewWriter {
    const { screen, line } = this.#parts;
    const form = this.#form;
    const format = form?.format ?? (outputType.table.length === 0 ? "list" : "table");
    const asked = form?.properties ?? [];
    const properties = selectProperties(outputType, { format, asked });
    if (!properties.ok) {
      throw new ShellFault(properties.fault, form === undefined ? {} : { at: form.at });
    }
    const { width, hasColour } = screen;
    const options = { outputType, properties: properties.value, width, hasColour };
    return new ViewWriter(createOutputView(format, options), this.#parts, line);
  }

  /** In a file or a pipe a text is as it was; a terminal would obey what is in it. */
  #lineOf(text: string): string {
    return this.#parts.screen.width === undefined ? text : safeText(text);
  }
}
