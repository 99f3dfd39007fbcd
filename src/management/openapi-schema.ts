import { unreachable } from "../base/assert.ts";
import type { OutputProperty, OutputType } from "../cmdlet/output-type.ts";
import type { Parameter } from "../cmdlet/parameter.ts";
import type { SettingForm, SettingTable, SettingType } from "../org/settings/setting.ts";
import { formatSpan } from "../org/settings/setting-types.ts";
import {
  outputFacts,
  outputPropertyFacts,
  parameterFacts,
  type Schema,
  settingFacts,
} from "./openapi-facts.ts";

type AnyParameter = Parameter<unknown, "" | "Ms">;

const UNLIMITED: Schema = { type: "string", const: "unlimited" };
const SPAN_PATTERN = String.raw`^(\d{1,5}\.)?\d{1,2}:[0-5]\d:[0-5]\d(\.\d{1,7})?$`;

/** The schema of a parameter's value, with all that forms want to know (`parameterFacts`). */
export function parameterSchema(parameter: AnyParameter): Schema {
  return { ...valueSchema(parameter), ...parameterFacts(parameter) };
}

/** As `parameterSchema`, for a body, where null clears what may be nothing. */
export function propertySchema(parameter: AnyParameter): Schema {
  const { doc: description } = parameter;
  const schema = valueSchema(parameter);
  const facts = parameterFacts(parameter);
  if (parameter.presence !== "optional") return { ...schema, ...facts, description };
  return { anyOf: [schema, { type: "null" }], ...facts, description };
}

function valueSchema({ type, presence, defaultText }: AnyParameter): Schema {
  const schema = typeSchema(type);
  if (presence === "defaulted") return { ...schema, default: defaultOf(type, defaultText) };
  return type.isSecret === true ? { ...schema, format: "password", writeOnly: true } : schema;
}

/** The schema of an output type: all its properties are there, null where there is nothing. */
export function outputSchema(output: OutputType): Schema {
  const { properties } = output;
  return {
    type: "object",
    required: Object.keys(properties),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [
        name,
        { ...outputPropertySchema(property), ...outputPropertyFacts(property) },
      ]),
    ),
    ...outputFacts(output),
  };
}

function outputPropertySchema({ kind, doc: description, choices }: OutputProperty): Schema {
  switch (kind) {
    case "text":
      return { type: ["string", "null"], description };
    case "choice":
      return choices === undefined
        ? { type: ["string", "null"], description }
        : { enum: [...choices, null], description };
    case "number":
      return { type: ["number", "null"], description };
    case "bytes":
      return { type: ["integer", "null"], description };
    case "boolean":
      return { type: ["boolean", "null"], description };
    case "date":
      return { type: ["string", "null"], format: "date-time", description };
    case "span":
      return { type: ["string", "null"], description: `${description} [d.]hh:mm:ss[.fff]` };
    case "list":
      return { type: ["array", "null"], items: { type: "string" }, description };
    case "object":
      return { description };
    default:
      return unreachable(kind);
  }
}

function typeSchema(type: SettingType<unknown, "" | "Ms">): Schema {
  const { form = { kind: "text" }, table, listMax, takesListChange } = type;
  if (table === undefined) {
    const schema = formSchema(form);
    return takesListChange === true ? { anyOf: [schema, listChangeSchema(schema)] } : schema;
  }
  const map = tableSchema(table);
  return listMax === undefined ? map : { type: "array", items: map, maxItems: listMax };
}

function listChangeSchema(list: Schema): Schema {
  const properties = { Add: list, Remove: list };
  return { type: "object", additionalProperties: false, minProperties: 1, properties };
}

function tableSchema(table: SettingTable): Schema {
  const rows = Object.entries(table);
  return {
    type: "object",
    additionalProperties: false,
    required: rows.filter(([, row]) => row.presence === "required").map(([name]) => name),
    properties: Object.fromEntries(
      rows.map(([name, row]) => {
        const schema = typeSchema(row.type);
        const orNull = row.presence === "nullable" ? { anyOf: [schema, { type: "null" }] } : schema;
        return [name, { ...orNull, ...settingFacts(row), description: row.doc }];
      }),
    ),
  };
}

function formSchema(form: SettingForm): Schema {
  switch (form.kind) {
    case "text":
      return form.charactersMax === undefined
        ? { type: "string" }
        : { type: "string", maxLength: form.charactersMax };
    case "boolean":
      return { type: "boolean" };
    case "number": {
      const { min: minimum, max: maximum } = form;
      const number = { type: form.isWhole ? "integer" : "number", minimum, maximum };
      return form.isUnlimited ? { anyOf: [number, UNLIMITED] } : number;
    }
    case "bytes": {
      const { min: minimum, max: maximum } = form;
      const text = { type: "string", pattern: String.raw`^\d+(\.\d+)? ?(B|KB|MB|GB)?$` };
      const sizes = [
        { type: "integer", minimum, maximum },
        { ...text, examples: ["36MB"] },
      ];
      return { anyOf: form.isUnlimited ? [...sizes, UNLIMITED] : sizes };
    }
    case "date":
      return { type: "string" };
    case "span":
      return { type: "string", pattern: SPAN_PATTERN, examples: [formatSpan(form.minMs)] };
    case "choice":
      return { type: "string", enum: form.choices };
    case "list":
      return { type: "array", items: formSchema(form.items), maxItems: form.itemsMax };
    case "map":
      return { type: "object" };
    default:
      return unreachable(form);
  }
}

/** A default as JSON; texts that are JSON already were written so by the table. */
function defaultOf({ form }: SettingType<unknown, "" | "Ms">, text: string): unknown {
  switch (form?.kind) {
    case "boolean":
      return text === "true";
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case "list":
    case "map":
      try {
        return JSON.parse(text);
      } catch {
        return text === "" ? [] : [text];
      }
    default:
      return text;
  }
}
