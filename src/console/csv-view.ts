import type { OutputValue } from "../cmdlet/output-type.ts";
import type { OutputView, ViewOptions } from "./output-view.ts";
import { safeText } from "./safe-text.ts";

/** Between the values of a list, in one field. */
const LIST_SEPARATOR = ";";

/** RFC 4180 with a header line. Lists are joined with semicolons, objects are JSON. */
export function createCsvView({ properties, width }: ViewOptions): OutputView {
  let head = formatLine(properties);
  const takeHead = () => {
    const taken = head;
    head = "";
    return taken;
  };
  return {
    push(value) {
      const fields = properties.map((name) => fieldText(value[name]));
      // In a file a text is as it was; a terminal would obey what is in it.
      const shown = width === undefined ? fields : fields.map(safeText);
      return takeHead() + formatLine(shown);
    },
    flush: () => "",
    end: takeHead,
  };
}

function fieldText(value: OutputValue | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return String(value);
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.map((item: OutputValue) => fieldText(item)).join(LIST_SEPARATOR);
}

/** RFC 4180 §2: fields with a comma, a quote or a line end stand in quotes, quotes doubled. */
function formatLine(fields: readonly string[]): string {
  const texts = fields.map((field) =>
    /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field,
  );
  return `${texts.join(",")}\r\n`;
}
