import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CUSTOM_TEXT_CHARACTERS_MAX, parseCustomText } from "./custom-text.ts";

for (const [source, text, html] of [
  ["Call us.", "Call us.", "Call us."],
  ["a<br>b<BR/>c", "a\r\nb\r\nc", "a<br>b<br>c"],
  ["<p>a</p><P>b</P>", "a\r\n\r\nb", "<p>a</p><p>b</p>"],
  ["<B>x</b> &lt;&amp;&gt;&quot;", 'x <&>"', "<b>x</b> &lt;&amp;&gt;&quot;"],
  [
    'See <A HREF="https://help.test/?a=1&b=2">help</A>',
    "See help (https://help.test/?a=1&b=2)",
    'See <a href="https://help.test/?a=1&amp;b=2">help</a>',
  ],
  ["two\nlines", "two lines", "two lines"],
] as const) {
  test(`custom text: ${JSON.stringify(source)}`, () => {
    assert.deepEqual(parseCustomText(source), { text, html });
  });
}

for (const [source, problem] of [
  ["", /says nothing/],
  ["<br>", /says nothing/],
  ["a < b", /a < on its own/],
  ["a & b", /a & on its own/],
  ["&nbsp;", /&nbsp;, which is none/],
  ["<script>x</script>", /<script>; write only/],
  ["<b>x", /<b> that is not closed/],
  ["x</b>", /<\/b> where none is open/],
  ["<b><em>x</b></em>", /<\/b> where none is open/],
  ["<b onclick=x>x</b>", /<b> with attributes/],
  ["<a>x</a>", /without its target/],
  ['<a href="javascript:x">x</a>', /without its target/],
  ['<a href="https://x.test" onclick="x">x</a>', /without its target/],
  ["a\u0000b", /control characters/],
  ["x".repeat(CUSTOM_TEXT_CHARACTERS_MAX + 1), /longer than 512/],
] as const) {
  test(`custom text refused: ${JSON.stringify(source.slice(0, 40))}`, () => {
    const parsed = parseCustomText(source);
    assert.match("problem" in parsed ? parsed.problem : "", problem);
  });
}

test("whatever is accepted holds no tag but those allowed", () => {
  const part = fc.constantFrom(
    "<b>",
    "</b>",
    "<p>",
    "</p>",
    "<",
    ">",
    "&",
    "&lt;",
    '"',
    "x",
    "<br>",
    '<a href="https://x.test">',
    "</a>",
    "<img src=x>",
    "<b/x>",
    "</a >",
    "<!--",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const parsed = parseCustomText(parts.join(""));
      if ("problem" in parsed) return;
      const rest = parsed.html.replace(/<(?:\/?(?:b|p|a|em)|br|a href="https:\/\/x\.test")>/g, "");
      assert.doesNotMatch(rest, /[<>]/);
    }),
    { numRuns: 2000 },
  );
});
