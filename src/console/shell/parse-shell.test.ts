import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseShell } from "./parse-shell.ts";
import type { CommandWord, PipeElement, Script, ShellNode } from "./shell-syntax.ts";

/** What was read, as short text that shows its structure. */
function show(script: Script): string {
  return script.statements
    .map(({ target, pipeline }) => {
      const assignment = target === undefined ? "" : `${target}=`;
      return assignment + pipeline.elements.map(showElement).join("|");
    })
    .join(";");
}

function showElement(element: PipeElement): string {
  if (element.kind === "expression") return showNode(element.node);
  return [element.name, ...element.words.map(showWord)].join(" ");
}

function showWord(word: CommandWord): string {
  if (word.kind === "value") return showNode(word.node);
  return word.value === undefined ? `-${word.name}` : `-${word.name}:${showNode(word.value)}`;
}

function showPart(part: string | ShellNode): string {
  return typeof part === "string" ? part : `{${showNode(part)}}`;
}

function showNode(node: ShellNode): string {
  const all = (nodes: readonly ShellNode[]) => nodes.map(showNode).join(",");
  switch (node.kind) {
    case "literal":
      return JSON.stringify(node.value);
    case "bare":
      return node.text;
    case "template":
      return `<${node.parts.map(showPart).join("")}>`;
    case "variable":
      return `$${node.name}`;
    case "member":
      return `${showNode(node.target)}.${node.name}`;
    case "index":
      return `${showNode(node.target)}[${showNode(node.index)}]`;
    case "method":
      return `${showNode(node.target)}.${node.name}(${all(node.arguments)})`;
    case "list":
      return `[${all(node.items)}]`;
    case "hash":
      return `@{${node.entries.map(({ name, value }) => `${name}=${showNode(value)}`).join(";")}}`;
    case "block":
      return `{${"problem" in node.script ? `! ${node.script.problem}` : show(node.script)}}`;
    case "pipeline":
      return `(${node.pipeline.elements.map(showElement).join("|")})`;
    case "compare":
      return `(${showNode(node.left)} ${node.operator} ${showNode(node.right)})`;
    case "not":
    case "negate":
      return `${node.kind}(${showNode(node.operand)})`;
    case "arithmetic":
      return `(${showNode(node.left)}${node.operator}${showNode(node.right)})`;
    default:
      return `(${showNode(node.left)} ${node.kind} ${showNode(node.right)})`;
  }
}

for (const [text, shown] of [
  ["", ""],
  ["  # only a remark", ""],
  ["Get-Queue", "Get-Queue"],
  ["a; b # c ; d\n\n e", "a;b;e"],
  ["a |\n  b | c", "a|b|c"],
  ["a `\n -X 1", "a -X 1"],
  ["a x#y", "a x#y"],
  ["a mail\\7 [127.0.0.1] *.test a@b.c", "a mail\\7 [127.0.0.1] *.test a@b.c"],
  ['a \'it\'\'s\' "say ""x"" `$n"', 'a "it\'s" "say \\"x\\" $n"'],
  ['a "$x-y $($q.Count) $null"', "a <{$x}-y {$q.Count} $null>"],
  ["a mail\\$n $b.x", "a <mail\\{$n}> $b.x"],
  ["a O'Brien x'", 'a "OBrien x"'],
  ["a O'Brien", undefined],
  ["a -X:1 -Y: 'z' -Confirm:$false -5 -2h", 'a -X:1 -Y:"z" -Confirm:false -5 -2h'],
  ["a -SortOrder -Size,+Name", "a -SortOrder [-Size,+Name]"],
  ["a x, 'y z',$b", 'a [x,"y z",$b]'],
  ["a -S (Get-Date).AddHours(-2)", "a -S (Get-Date).AddHours(-2)"],
  ["a -MessageId <one@contoso.test>", "a -MessageId <one@contoso.test>"],
  ["a @{Add='x','y'; Remove=z}", 'a @{Add=["x","y"];Remove="z"}'],
  ["a @('x','y') @()", 'a ["x","y"] []'],
  ["$q = Get-Queue 7", "q=Get-Queue 7"],
  ["$q | a", "$q|a"],
  ["$q[0].Name", "$q[0].Name"],
  ["$q[-1]", "$q[-1]"],
  ["%{$_}|?{$_.A}", "% {$_}|? {$_.A}"],
  [
    "? { $_.A -gt 100 -and $_.B -eq 'x' -or !$_.C }",
    '? {((($_.A gt 100) and ($_.B eq "x")) or not($_.C))}',
  ],
  ["? A -gt 10MB", "? A -gt 10MB"],
  ["$_ -lt 1.5KB", "($_ lt 1536)"],
  ["$a -in 'x','y'", '($a in ["x","y"])'],
  ["$a -ieq Retry", '($a eq "Retry")'],
  ["$a -gt 2026-11-21T08:00:00Z", '($a gt "2026-11-21T08:00:00Z")'],
  ["$a -lt -2h", '($a lt "-2h")'],
  ["1 + 2 * 3 - $b", "((1+(2*3))-$b)"],
  ["(1 + 2) * 3", "((1+2)*3)"],
  ["-not ($a -like '*x')", 'not(($a like "*x"))'],
  ["a -Filter {Status -eq 'Retry' -and -not (X -eq $null)}", /^a -Filter \{/],
  ["a {'x' -eq}", /^a \{! a value is missing/],
  ["(a | b).C", "(a|b).C"],
  ["a -x $true", "a -x true"],
] as const) {
  test(`shell syntax: ${JSON.stringify(text)}`, () => {
    const parsed = parseShell(text);
    if (shown === undefined) assert.equal(parsed.ok, false);
    else if (!parsed.ok) assert.fail(parsed.fault.problem);
    else if (typeof shown === "string") assert.equal(show(parsed.value), shown);
    else assert.match(show(parsed.value), shown);
  });
}

for (const [text, problem, at, isIncomplete] of [
  ["a 'b", /the ' here has no end/, 2, true],
  ['a "b', /the " here has no end/, 2, true],
  ["a | ", /missing after \|/, 2, true],
  ["a {b", /the \{ here has no end/, 2, true],
  ["a (b", /the \( here is not closed/, 2, true],
  ["a @{x=1", /the @\{ here has no end/, 2, true],
  ["a x,", /missing after ,/, 3, true],
  ["a )", /"\)" cannot stand here/, 2, false],
  ["a > b", /Out-File/, 2, false],
  ["a && b", /quotes/, 2, false],
  ["a || b", /no \|\|/, 2, false],
  ["a | $b", /values can only be first/, 4, false],
  ["$a -bogus 1", /no operator -bogus/, 3, false],
  ["$a -match 'x'", /use -like/, 3, false],
  ["a @{x}", /write @\{/, 4, false],
  ["a @{x=1; X=2}", /twice/, 9, false],
  ["$true = 1", /no variable/, 0, false],
  ["$null = a", /no variable/, 0, false],
  ["a\nb )", /cannot stand/, 4, false],
  [`a ${"(".repeat(60)}`, /deeper than 40/, undefined, false],
  [`a ${"{".repeat(60)}${"}".repeat(60)}`, undefined, undefined, false],
  [`a ${"x".repeat(300_000)}`, /characters/, undefined, false],
] as const) {
  test(`shell syntax: what is wrong with ${JSON.stringify(text.slice(0, 40))}`, () => {
    const parsed = parseShell(text);
    if (problem === undefined) return assert.equal(parsed.ok, true);
    if (parsed.ok) return assert.fail(show(parsed.value));
    assert.match(parsed.fault.problem, problem);
    if (at !== undefined) assert.equal(parsed.fault.at, at);
    assert.equal(parsed.fault.isIncomplete, isIncomplete);
  });
}

const PIECES = [
  ..."|;,(){}[]'\"`$@#\n =.-:<>&!+*/%",
  ...["Get-Queue", "$q", "-Name", "@{", "@(", "$(", "-eq", "-and", "-not", "10MB", "x", "''", "5"],
];

test("shell syntax: any text is read, or its fault is within it", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join("")),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(" ")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parseShell(text);
      if (parsed.ok) return;
      const { at } = parsed.fault;
      assert.ok(at >= 0 && at <= text.length);
    }),
    { numRuns: 5000 },
  );
});

test("shell syntax: what is only cut off may go on", () => {
  const whole =
    "$a = Get-Queue -Filter \"Status -eq 'x'\" | ? { $_.A -in @('b', \"c\") } | " +
    "select @{n='x';e={$_}}";
  assert.equal(parseShell(whole).ok, true);
  for (const opener of ["'", '"', "(", "{", "@{"]) {
    for (let at = whole.indexOf(opener); at !== -1; at = whole.indexOf(opener, at + 1)) {
      const parsed = parseShell(whole.slice(0, at + 1));
      const isOpen = parsed.ok || parsed.fault.isIncomplete;
      assert.equal(isOpen, true, whole.slice(0, at + 1));
    }
  }
});
