import assert from "node:assert/strict";
import { test } from "node:test";
import { splitWords } from "./command-words.fake.ts";
import { formatExample } from "./example-command.ts";

for (const [command, typed] of [
  ["Get-Queue", "postrider Get-Queue"],
  ["Get-Queue \"a b\" -X 'c d'", "postrider Get-Queue \"a b\" -X 'c d'"],
  [
    "Get-Queue -Filter \"LastError -eq $null -and A -eq 'b'\"",
    `'LastError -eq $null -and A -eq "b"'`,
  ],
  ["Set-X -List @{Add='a';Remove=\"b c\"}", `postrider Set-X -List '@{Add="a";Remove="b c"}'`],
  ["Set-X -Enabled $false", "postrider Set-X -Enabled '$false'"],
  ["Set-X -Enabled:$false -Confirm:$false", "postrider Set-X '-Enabled:$false' -Confirm:$false"],
  ["Get-X *.test", "postrider Get-X '*.test'"],
  ["Get-X | Remove-X", "postrider> Get-X | Remove-X"],
  ['Get-X "a | b"', 'postrider Get-X "a | b"'],
  ["postrider apply -f x", "postrider apply -f x"],
] as const) {
  test(`example: ${command}`, () => assert.ok(formatExample(command).endsWith(typed)));
}

test("example: a shell makes the words of it that were meant", () => {
  const typed = formatExample("Set-X 'a b' -List @{Add='a'; Remove='b'} -Enabled $false");
  assert.deepEqual(splitWords(typed).slice(1), [
    ...["Set-X", "a b", "-List", '@{Add="a"; Remove="b"}', "-Enabled", "$false"],
  ]);
});
