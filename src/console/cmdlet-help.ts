import type { Parameter } from "../cmdlet/parameter.ts";
import { describeParameter, formatSyntax, type KnownCmdlet, shortLabel } from "./cmdlet-syntax.ts";
import { formatExample } from "./example-command.ts";
import { RUN_PARAMETERS } from "./run-parameters.ts";
import { wrapText } from "./wrap-text.ts";

/** Help for one cmdlet, as text for a terminal of any width. */
export function formatCmdletHelp(cmdlet: KnownCmdlet): string {
  const { name, summary, notes = [], examples, output } = cmdlet;
  const parameters = Object.entries(cmdlet.parameters).flatMap(([one, described]) => [
    described.isSwitch ? `  -${one}` : `  -${one} <${shortLabel(described.type.label)}>`,
    ...wrapText([typeSentence(described), ...describeParameter(described)].join(" "), "      "),
  ]);
  const common = Object.keys(RUN_PARAMETERS).map((one) => `-${one}`);
  const properties = Object.entries(output.properties).flatMap(([property, { kind, doc }]) =>
    wrapText(`${property} (${kind}): ${doc}`, "  "),
  );
  const sections: readonly (readonly string[])[] = [
    wrapText(`${name}: ${summary}`, ""),
    ["SYNTAX", ...formatSyntax(cmdlet).map((line) => `  ${line}`)],
    ...notes.map((note) => wrapText(note, "")),
    ["PARAMETERS", ...parameters, `  and those of every cmdlet: ${common.join(" ")}`],
    properties.length === 0 ? [] : ["OUTPUT", ...properties],
    ["WHO MAY", ...wrapText(["Organization Management", ...cmdlet.roles].join(", "), "  ")],
    [
      "EXAMPLES",
      ...examples.flatMap(({ command, doc }) => [
        `  ${formatExample(command)}`,
        ...wrapText(doc, "      "),
      ]),
    ],
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join("\n"))
    .join("\n\n")}\n`;
}

/** The whole type, where the line above it has only its beginning. */
function typeSentence({ type: { label }, isSwitch }: Parameter<unknown, "" | "Ms">): string {
  const short = shortLabel(label);
  return isSwitch || short === label || short === label.split(", ").join("|") ? "" : `(${label})`;
}
