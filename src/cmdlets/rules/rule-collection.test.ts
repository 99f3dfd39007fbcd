import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commandOf, takeRule } from "./collected-properties.ts";
import { type CommandBlock, formatCommandBlock, parseCommandBlock } from "./command-block.ts";
import { formatRuleCollection, parseRuleCollection } from "./rule-collection.ts";

/** A file as Exchange writes it. */
const EXCHANGE = `<?xml version="1.0" encoding="utf-16" standalone="yes"?>
<rules name="TransportVersioned">
  <rule name="Append company disclaimer" id="5a4df25f-70d4-4318-99d4-b7ed15621e34" format="cmdlet">
    <version requiredMinVersion="15.0.3.0">
      <commandBlock><![CDATA[New-TransportRule
 -Name 'Append company disclaimer' -Comments '
' -Mode Enforce -FromScope InOrganization
 -ApplyHtmlDisclaimerFallbackAction Wrap
 -ApplyHtmlDisclaimerText '<p>It''s &lt;ours&gt;</p>']]></commandBlock>
    </version>
  </rule>
  <rule name="Big &amp; bad" id="x" format="cmdlet">
    <version requiredMinVersion="15.0.3.0">
      <commandBlock>New-TransportRule -Name 'Big &amp; bad'
 -MessageSizeOver '10 MB (10,485,760 bytes)'
 -ExceptIfFrom 'a@b.test','c@d.test' -DeleteMessage $true -StopRuleProcessing:$false</commandBlock>
    </version>
  </rule>
  <rule name="Rights" id="y" format="cmdlet">
    <version requiredMinVersion="15.0.3.0">
      <commandBlock><![CDATA[New-TransportRule -Name Rights -From 'Carol'
 -ApplyRightsProtectionTemplate 'Do Not Forward' -SetSCL 3]]></commandBlock>
    </version>
  </rule>
  <rule name="Old" id="z"><fork/></rule>
</rules>`;

const wide = Buffer.from(`\ufeff${EXCHANGE}`, "utf16le");

test("a collection of Exchange's is read, in UTF-16 and in UTF-8", () => {
  for (const file of [wide, Buffer.from(wide).swap16(), Buffer.from(EXCHANGE)]) {
    const read = parseRuleCollection(file);
    assert.ok(read.ok);
    const [disclaimer, big, rights, old] = read.value;
    assert.deepEqual(disclaimer?.command?.parameters.at(-1), {
      name: "ApplyHtmlDisclaimerText",
      values: ["<p>It's &lt;ours&gt;</p>"],
    });
    assert.equal(big?.name, "Big & bad");
    assert.deepEqual(big.command?.parameters[2]?.values, ["a@b.test", "c@d.test"]);
    assert.equal(rights?.command?.parameters.length, 4);
    assert.equal(old?.command, undefined);
  }
});

test("what is known is taken over, and what is not is named", () => {
  const read = parseRuleCollection(wide);
  assert.ok(read.ok);
  const [disclaimer, big, rights] = read.value.map(
    ({ name, command }) => command && takeRule(name, command),
  );
  assert.equal(disclaimer?.isPartial, false);
  assert.equal(disclaimer.properties?.["fromScope"], "InOrganization");
  assert.deepEqual(big?.properties, {
    name: "Big & bad",
    messageSizeOver: "10 MB",
    exceptIfFrom: ["a@b.test", "c@d.test"],
    deleteMessage: "true",
    stopRuleProcessing: "false",
  });
  assert.equal(rights?.isPartial, true);
  assert.deepEqual(rights.properties, { name: "Rights", setSCL: "3" });
  assert.match(rights.problems.join("\n"), /^-From: "Carol" is not an address/);
  assert.match(rights.problems.join("\n"), /-ApplyRightsProtectionTemplate is not known here/);
});

test("a rule that would do nothing is not taken over", () => {
  const command = parseCommandBlock("New-TransportRule -Name x -ApplyOME $true");
  assert.ok(command !== undefined);
  const taken = takeRule("x", command);
  assert.equal(taken.properties, undefined);
  assert.match(taken.problems.join("\n"), /the rule does nothing/);
});

test("a moment in Exchange's form is taken for UTC", () => {
  const text = "New-TransportRule -Name x -DeleteMessage $true -ExpiryDate '6/1/2026 3:00:00 PM'";
  const command = parseCommandBlock(text);
  assert.ok(command !== undefined);
  assert.equal(takeRule("x", command).properties?.["expiryDate"], "2026-06-01T15:00:00Z");
});

for (const text of [
  "",
  "-Name x",
  "New-TransportRule 'x' 'y'",
  "New-TransportRule -Name x; Remove-Item y",
  "New-TransportRule -Name $(Get-Date)",
  "New-TransportRule -Name 'x",
  "New-TransportRule -Name a b",
  "New-TransportRule -Name ,a",
]) {
  test(`no command: ${text}`, () => {
    assert.equal(parseCommandBlock(text), undefined);
  });
}

const word = fc.string({ minLength: 1 });

test("a command is read as it was written, whatever its values are", () => {
  const command: fc.Arbitrary<CommandBlock> = fc.record(
    {
      cmdlet: fc.constant("New-TransportRule"),
      parameters: fc.array(
        fc.record(
          {
            name: fc.stringMatching(/^[A-Za-z]{1,10}$/),
            values: fc.array(word, { minLength: 1, maxLength: 4 }),
          },
          { noNullPrototype: true },
        ),
      ),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(command, (block) => {
      assert.deepEqual(parseCommandBlock(formatCommandBlock(block)), block);
    }),
  );
});

test("a collection is read as it was written", () => {
  const rule = fc.record({ name: word, text: fc.string() }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(rule), (rules) => {
      const blocks = rules.map(({ name, text }) => ({
        name: clean(name),
        command: {
          cmdlet: "New-TransportRule",
          parameters: [{ name: "Comments", values: [clean(text)] }],
        },
      }));
      const file = formatRuleCollection(
        blocks.map(({ name, command }) => ({
          name,
          id: name,
          command: formatCommandBlock(command),
        })),
      );
      const read = parseRuleCollection(file);
      assert.ok(read.ok);
      assert.deepEqual(read.value, blocks);
    }),
  );
});

/** Names and texts have none of what XML cannot hold. */
const clean = (text: string) => text.toWellFormed();

test("no file makes the reader throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, text) => {
      parseRuleCollection(bytes);
      parseRuleCollection(Buffer.from(`<rules><rule name='a'>${text}<commandBlock>${text}`));
      parseCommandBlock(text);
    }),
  );
});

test("a file is no collection, or too large a one", () => {
  const fault = (file: string | Buffer) => {
    const read = parseRuleCollection(Buffer.from(file));
    return read.ok ? "" : read.fault;
  };
  assert.match(fault("<html/>"), /no collection/);
  assert.match(fault(Buffer.from([0xff, 0xfe, 0])), /neither/);
  assert.match(fault(`<rules>${"<rule name='x'/>".repeat(5001)}</rules>`), /more than 5000/);
});

test("what is stored comes back by way of a command", () => {
  const properties = {
    name: "It's one",
    enabled: "false",
    subjectContainsWords: ["a, b", "c"],
    exceptIfSclOver: "5",
    setSCL: "-1",
    priority: "7",
  };
  const command = parseCommandBlock(formatCommandBlock(commandOf(properties)));
  assert.ok(command !== undefined);
  const { priority: _, ...rest } = properties;
  assert.deepEqual(takeRule("It's one", command).properties, rest);
});
