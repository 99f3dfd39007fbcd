import { compareValues } from "./compare-values.ts";
import { evaluate } from "./evaluate.ts";
import { inputOf, type LocalCall, type LocalCmdlet } from "./local-cmdlet.ts";
import { ColumnPicker, readColumns } from "./object-columns.ts";
import { runBlock, streamBlock } from "./run-block.ts";
import { ShellFault } from "./shell-fault.ts";
import { COMPARISONS } from "./shell-syntax.ts";
import {
  enumerate,
  HELD_MAX,
  isTrue,
  joinValues,
  memberOf,
  NULL_VALUE,
  type ShellValue,
} from "./shell-value.ts";

const whereObject: LocalCmdlet = {
  name: "Where-Object",
  aliases: ["where", "?"],
  summary: "Lets through the objects for which it is true.",
  parameters: {
    Property: {
      form: "value",
      position: 0,
      doc: "A property to be compared, or { … } with $_ as the object.",
      names: "properties",
    },
    Value: { form: "value", position: 1, doc: "What it is compared with." },
    ...Object.fromEntries(
      COMPARISONS.map((name) => [capital(name), { form: "switch", doc: "How." }] as const),
    ),
    Not: { form: "switch", doc: "Lets through those that lack the property." },
  },
  examples: [
    "Get-Queue | Where-Object MessageCount -gt 100",
    "Get-Queue | Where-Object { $_.Status -eq 'Retry' -and $_.MessageCount -gt 100 }",
  ],
  async *run(call) {
    const input = inputOf(call);
    const matches = await compileWhere(call);
    for await (const item of input) if (await matches(item)) yield item;
  },
};

type Match = (item: ShellValue) => boolean | Promise<boolean>;

async function compileWhere(call: LocalCall): Promise<Match> {
  const { given, scope, at } = call;
  const filter = given.node("Property");
  if (filter === undefined) {
    throw new ShellFault("write Where-Object Property -eq Value, or Where-Object { … }", { at });
  }
  if (filter.kind === "block") {
    return async (item) => isTrue(joinValues(await runBlock(filter, item, call)));
  }
  const property = (await given.text("Property")) ?? "";
  const operators = COMPARISONS.filter((name) => given.node(capital(name)) !== undefined);
  const [operator, ...others] = operators;
  if (others.length > 0) throw new ShellFault("one operator only; for more use { … }", { at });
  const value = given.node("Value");
  if (operator === undefined) {
    if (value !== undefined) throw new ShellFault("the operator is missing, as in -eq", { at });
    const isInverse = given.node("Not") !== undefined;
    return (item) => isTrue(memberOf(item, property, filter.at)) !== isInverse;
  }
  if (value === undefined) throw new ShellFault(`the value after -${operator} is missing`, { at });
  const right = await evaluate(value, scope);
  const nowMs = scope.nowMs();
  return (item) => {
    const left = memberOf(item, property, filter.at);
    return compareValues(operator, { left, right, nowMs, at: value.at });
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const selectObject: LocalCmdlet = {
  name: "Select-Object",
  aliases: ["select"],
  summary: "Keeps some properties, or some of the objects.",
  parameters: {
    Property: {
      form: "list",
      position: 0,
      doc: "Those to keep, * for any letters, or @{Name='x'; Expression={ … }}.",
      names: "properties",
    },
    ExpandProperty: { form: "value", doc: "Puts out its values alone.", names: "properties" },
    First: { form: "value", doc: "So many from the beginning; the server stops then." },
    Last: { form: "value", doc: "So many from the end." },
    Skip: { form: "value", doc: "Leaves out so many at the beginning." },
    Unique: { form: "switch", doc: "Each only once." },
  },
  examples: [
    "Get-Queue | Select-Object Identity,MessageCount -First 5",
    "Get-Message | Select-Object -ExpandProperty FromAddress -Unique",
    "Get-Message | Select-Object Identity,@{Name='MB';Expression={$_.Size/1MB}}",
  ],
  async *run(call) {
    const { given } = call;
    const columns = await readColumns(given.nodes("Property"), call);
    const picker = columns.length === 0 ? undefined : new ColumnPicker(columns, call);
    const expanded = await given.text("ExpandProperty");
    const at = given.node("ExpandProperty")?.at ?? call.at;
    const isUnique = await given.isOn("Unique");
    const seen = new Set<string>();
    for await (const item of await cutValues(inputOf(call), call)) {
      const picked = picker === undefined ? item : await picker.pick(item);
      const values = expanded === undefined ? [picked] : enumerate(memberOf(item, expanded, at));
      for (const value of values) {
        if (isUnique && !addUnseen(seen, value, call)) continue;
        yield value;
      }
    }
  },
};

function addUnseen(seen: Set<string>, { value }: ShellValue, { at }: LocalCall): boolean {
  const text = JSON.stringify(value);
  if (seen.has(text)) return false;
  if (seen.size === HELD_MAX) throw new ShellFault(`-Unique holds at most ${HELD_MAX}`, { at });
  seen.add(text);
  return true;
}

/** -Skip, -First and -Last. */
async function cutValues(
  values: AsyncIterable<ShellValue>,
  { given, at }: LocalCall,
): Promise<AsyncIterable<ShellValue>> {
  const skip = (await given.count("Skip")) ?? 0;
  const first = await given.count("First");
  const last = await given.count("Last");
  if (last === undefined) return takeFirst(values, { skip, first: first ?? Infinity });
  if (first !== undefined) throw new ShellFault("-First and -Last exclude each other", { at });
  if (last + skip > HELD_MAX) {
    throw new ShellFault(`-Last and -Skip take at most ${HELD_MAX} together`, { at });
  }
  return takeLast(values, { skip, last });
}

async function* takeFirst(
  values: AsyncIterable<ShellValue>,
  { skip, first }: { readonly skip: number; readonly first: number },
): AsyncGenerator<ShellValue> {
  if (first === 0) return;
  let count = 0;
  for await (const value of values) {
    count += 1;
    if (count > skip) yield value;
    // Whoever puts them out is stopped before he looks for another one.
    if (count === skip + first) return;
  }
}

async function* takeLast(
  values: AsyncIterable<ShellValue>,
  { skip, last }: { readonly skip: number; readonly last: number },
): AsyncGenerator<ShellValue> {
  const kept: ShellValue[] = [];
  for await (const value of values) {
    kept.push(value);
    // Cut now and then, not each time: a shift moves all.
    if (kept.length >= 2 * (last + skip) + 1000) kept.splice(0, kept.length - last - skip);
  }
  const end = kept.length - skip;
  yield* kept.slice(Math.max(0, end - last), Math.max(0, end));
}

const forEachObject: LocalCmdlet = {
  name: "ForEach-Object",
  aliases: ["foreach", "%"],
  summary: "Does something with each object, or takes one property out of it.",
  parameters: {
    Process: {
      form: "value",
      position: 0,
      doc: "{ … } with $_ as the object, or the name of a property.",
      names: "properties",
    },
  },
  examples: [
    "Get-Queue | ForEach-Object Identity",
    "Import-Csv domains.csv | ForEach-Object { New-AcceptedDomain -Name $_.Name }",
  ],
  async *run(call) {
    const input = inputOf(call);
    const { given, at } = call;
    const what = given.node("Process");
    if (what === undefined) throw new ShellFault("write ForEach-Object { … }", { at });
    if (what.kind === "block") {
      for await (const item of input) yield* streamBlock(what, item, call);
      return;
    }
    const name = (await given.text("Process")) ?? "";
    for await (const item of input) {
      const member = memberOf(item, name, what.at);
      yield* member.value === null ? [NULL_VALUE] : enumerate(member);
    }
  },
};

/** Cmdlets that look at one object after the other. */
export const PICK_CMDLETS: readonly LocalCmdlet[] = [whereObject, selectObject, forEachObject];
