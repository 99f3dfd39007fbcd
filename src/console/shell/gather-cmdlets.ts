import { findProperty } from "../../cmdlet/filter.ts";
import { toNumber } from "../../cmdlet/filter-match.ts";
import type { OutputType, PropertyKind } from "../../cmdlet/output-type.ts";
import { compareBy, type SortKey, SortOrder } from "../../cmdlet/sort-order.ts";
import { formatSpan } from "../../org/settings/setting-types.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import { compareValues } from "./compare-values.ts";
import { inputOf, type LocalCmdlet } from "./local-cmdlet.ts";
import { ShellFault } from "./shell-fault.ts";
import {
  holdValues,
  isObjectValue,
  memberOf,
  type ShellValue,
  typeOf,
  valueText,
} from "./shell-value.ts";

const sortObject: LocalCmdlet = {
  name: "Sort-Object",
  aliases: ["sort"],
  summary: "Sorts what is in the pipe; dates, spans and sizes by what they mean.",
  parameters: {
    Property: { form: "list", position: 0, doc: "The first one counts most.", names: "properties" },
    Descending: { form: "switch", doc: "The greatest first." },
    Unique: { form: "switch", doc: "Of equal ones only the first." },
  },
  examples: [
    "Get-Queue | Sort-Object MessageCount -Descending",
    "Get-Message | Sort-Object Queue,Size",
  ],
  async *run(call) {
    const { given, name, at } = call;
    const properties = await given.texts("Property");
    const direction = (await given.isOn("Descending")) ? "descending" : "ascending";
    const values = await holdValues(inputOf(call), { by: name, at });
    const compare = comparerOf(values, {
      properties,
      direction,
      at: given.node("Property")?.at ?? at,
    });
    const sorted = values.toSorted(compare);
    const isUnique = await given.isOn("Unique");
    let before: ShellValue | undefined;
    for (const value of sorted) {
      const isRepeat = before !== undefined && compare(before, value) === 0;
      if (!(isUnique && isRepeat)) yield value;
      before = value;
    }
  },
};

type Compare = (left: ShellValue, right: ShellValue) => number;

function comparerOf(
  values: readonly ShellValue[],
  by: {
    readonly properties: readonly string[];
    readonly direction: SortKey["direction"];
    readonly at: number;
  },
): Compare {
  const [first] = values;
  const sign = by.direction === "descending" ? -1 : 1;
  const objects = by.properties.length > 0 && first !== undefined && isObjectValue(first.value);
  if (!objects) {
    if (by.properties.length === 0 && isObjectValue(first?.value)) {
      throw new ShellFault("say by which property", { at: by.at });
    }
    return (left, right) => sign * comparePlain(left, right);
  }
  const type = typeOf(first);
  const keys = by.properties.map((name) => keyOf(type, name, by));
  const compare = compareBy(new SortOrder(keys, type));
  return ({ value: left }, { value: right }) => {
    const areObjects = isObjectValue(left) && isObjectValue(right);
    return areObjects ? compare(left, right) : 0;
  };
}

function keyOf(
  type: OutputType,
  name: string,
  { direction, at }: { readonly direction: SortKey["direction"]; readonly at: number },
): SortKey {
  const property = findProperty(type, name);
  const propertyKind = type.properties[property ?? ""]?.kind;
  if (property === undefined || propertyKind === undefined) {
    const hint = formatSuggestion(name, Object.keys(type.properties));
    throw new ShellFault(`${type.name} has no property ${JSON.stringify(name)}${hint}`, { at });
  }
  if (propertyKind === "list" || propertyKind === "object") {
    throw new ShellFault(`${property} is a ${propertyKind} and has no order`, { at });
  }
  return { property, propertyKind, direction };
}

function comparePlain(left: ShellValue, right: ShellValue): number {
  const compared = { left, right, nowMs: 0, at: 0 };
  if (compareValues("lt", compared)) return -1;
  return compareValues("gt", compared) ? 1 : 0;
}

const GROUP_TYPE: OutputType = {
  name: "GroupInfo",
  properties: {
    Count: { kind: "number", doc: "How many there are." },
    Name: { kind: "text", doc: "What they have in common." },
    Group: { kind: "object", doc: "The objects." },
  },
  table: ["Count", "Name"],
};

const groupObject: LocalCmdlet = {
  name: "Group-Object",
  aliases: ["group"],
  summary: "Counts objects that have the same values.",
  parameters: {
    Property: { form: "list", position: 0, doc: "Whose values count.", names: "properties" },
    NoElement: { form: "switch", doc: "Keeps the counts only, and not the objects." },
  },
  examples: ["Get-Message -ResultSize Unlimited | Group-Object Status -NoElement"],
  async *run(call) {
    const { given, name, at } = call;
    const properties = await given.texts("Property");
    const isBare = await given.isOn("NoElement");
    const groups = new Map<string, { name: string; count: number; values: ShellValue[] }>();
    const nameAt = given.node("Property")?.at ?? at;
    const values = isBare ? inputOf(call) : await holdValues(inputOf(call), { by: name, at });
    for await (const value of values) {
      const parts =
        properties.length === 0 ? [value] : properties.map((one) => memberOf(value, one, nameAt));
      const title = parts.map((part) => valueText(part.value)).join(", ");
      const key = title.toLowerCase();
      const group = groups.get(key) ?? { name: title, count: 0, values: [] };
      groups.set(key, group);
      if (groups.size > GROUPS_MAX)
        throw new ShellFault(`there are more than ${GROUPS_MAX} groups`, { at });
      group.count += 1;
      if (!isBare) group.values.push(value);
    }
    for (const group of groups.values()) {
      const members = group.values.map((one) => one.value);
      yield {
        value: { Count: group.count, Name: group.name, Group: members },
        type: GROUP_TYPE,
      };
    }
  },
};

const GROUPS_MAX = 100_000;

const STATISTICS = ["Average", "Sum", "Maximum", "Minimum"] as const;

const measureObject: LocalCmdlet = {
  name: "Measure-Object",
  aliases: ["measure"],
  summary: "Counts what is in the pipe; adds up a property, or finds its least and greatest.",
  parameters: {
    Property: { form: "value", position: 0, doc: "Whose values count.", names: "properties" },
    Average: { form: "switch", doc: "Puts out the mean." },
    Sum: { form: "switch", doc: "Adds them up." },
    Maximum: { form: "switch", doc: "Puts out the greatest." },
    Minimum: { form: "switch", doc: "Puts out the least." },
  },
  examples: ["Get-Queue | Measure-Object MessageCount -Sum -Maximum"],
  async *run(call) {
    const { given, at } = call;
    const property = await given.text("Property");
    const nameAt = given.node("Property")?.at ?? at;
    const wanted = STATISTICS.filter((name) => given.node(name) !== undefined);
    const sums = new Sums();
    for await (const value of inputOf(call)) {
      sums.add(property === undefined ? value : memberOf(value, property, nameAt), {
        isCounted: wanted.length === 0,
        at: nameAt,
      });
    }
    yield sums.result(wanted, property);
  },
};

/** The statistics of one property as they grow. */
class Sums {
  #count = 0;
  #numbers = 0;
  #sum = 0;
  #least: { readonly number: number; readonly value: ShellValue } | undefined;
  #greatest: { readonly number: number; readonly value: ShellValue } | undefined;
  #kind: PropertyKind = "number";

  add(
    item: ShellValue,
    { isCounted, at }: { readonly isCounted: boolean; readonly at: number },
  ): void {
    this.#count += 1;
    if (isCounted || item.value === null) return;
    const kind = item.property?.kind ?? "number";
    const number = toNumber(item.value, kind) ?? Number(valueText(item.value));
    if (Number.isNaN(number)) {
      throw new ShellFault(`${JSON.stringify(valueText(item.value))} is not a number`, { at });
    }
    this.#kind = kind === "text" ? "number" : kind;
    this.#numbers += 1;
    this.#sum += number;
    if (this.#least === undefined || number < this.#least.number)
      this.#least = { number, value: item };
    if (this.#greatest === undefined || number > this.#greatest.number) {
      this.#greatest = { number, value: item };
    }
  }

  result(wanted: readonly (typeof STATISTICS)[number][], property: string | undefined): ShellValue {
    const all = {
      Average: this.#numbers === 0 ? null : this.#format(this.#sum / this.#numbers),
      Sum: this.#format(this.#sum),
      Maximum: this.#greatest?.value.value ?? null,
      Minimum: this.#least?.value.value ?? null,
    };
    const kind = this.#kind;
    const properties = {
      Count: { kind: "number", doc: "How many there are." } as const,
      ...Object.fromEntries(wanted.map((name) => [name, { kind, doc: "" }])),
      ...(property !== undefined && { Property: { kind: "text", doc: "" } as const }),
    };
    const shown = Object.fromEntries(wanted.map((name) => [name, all[name]]));
    return {
      value: {
        Count: this.#count,
        ...shown,
        ...(property !== undefined && { Property: property }),
      },
      type: { name: "MeasureInfo", properties, table: [] },
    };
  }

  /** Of dates there is no sum. */
  #format(number: number): string | number | null {
    if (this.#kind === "date") return null;
    return this.#kind === "span" ? formatSpan(Math.round(number)) : number;
  }
}

/** Cmdlets that need all of the pipe before they put anything out. */
export const GATHER_CMDLETS: readonly LocalCmdlet[] = [sortObject, groupObject, measureObject];
