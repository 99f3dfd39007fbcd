import { makeStyles, Text, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircleFilled,
  type FluentIcon,
  QuestionCircleRegular,
  SubtractCircleRegular,
} from "@fluentui/react-icons";
import { useEffect, useRef } from "react";
import { visibleText } from "../../base/visible-text.ts";
import { PartList } from "./part-sentence.tsx";
import type { Rule } from "./rule-list.tsx";
import { describePart, hasPart, offerPart, type RulePart } from "./rule-parts.ts";
import { type RuleVerdict, type VerdictLine, verdictsOf } from "./test-verdict.ts";
import { texts } from "./texts.ts";
import type { RuleParts } from "./use-rule-parts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  rule: {
    display: "flex",
    flexDirection: "column",
    gap: "6px",
    padding: "8px 12px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    overflowWrap: "anywhere",
  },
  line: { display: "flex", gap: "8px", alignItems: "start" },
  title: { margin: 0 },
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: "4px",
  },
  icon: { fontSize: "20px", flexShrink: 0 },
  holds: { color: tokens.colorPaletteGreenForeground1 },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** What rules make of a message: each with its predicates, and what it would do. */
export function TestResult(props: {
  readonly lines: readonly VerdictLine[];
  readonly rules: readonly Rule[];
  readonly parts: RuleParts;
}) {
  const { lines, rules, parts } = props;
  const styles = useStyles();
  const section = useRef<HTMLElement>(null);
  // It comes below a long form.
  useEffect(() => {
    if (lines.length >= 0) section.current?.scrollIntoView({ block: "start" });
  }, [lines]);
  const verdicts = verdictsOf(lines);
  const asked = new Set(verdicts.map(({ rule }) => rule.Rule));
  const others = rules.filter((rule) => !asked.has(rule.Identity));
  return (
    <section ref={section} className={styles.root} role="status">
      {verdicts.length === 0 && <Text>{texts.noRuleAsked}</Text>}
      {verdicts.map((verdict) => (
        <VerdictView
          key={`${verdict.rule.Rule} ${verdict.rule.Seen?.join()}`}
          verdict={verdict}
          rule={rules.find(({ Identity }) => Identity === verdict.rule.Rule)}
          parts={parts}
        />
      ))}
      {others.map((rule) => (
        <div key={rule.Identity} className={styles.rule}>
          <Text weight="semibold">
            <bdi>{visibleText(rule.Identity ?? "")}</bdi>
            {`: ${texts.notAsked}`}
          </Text>
          <Text size={200}>{rule.Enabled === true ? texts.notAskedHint : texts.isOff}</Text>
        </div>
      ))}
    </section>
  );
}

const RESULTS: Readonly<Record<string, { readonly icon: FluentIcon; readonly words: string }>> = {
  True: { icon: CheckmarkCircleFilled, words: texts.holds },
  False: { icon: SubtractCircleRegular, words: texts.holdsNot },
};
const UNKNOWN = { icon: QuestionCircleRegular, words: texts.cannotBeKnown };

function ResultMark({ result }: { readonly result: string | null }) {
  const styles = useStyles();
  const { icon: Icon, words } = RESULTS[result ?? ""] ?? UNKNOWN;
  const colour = result === "True" ? styles.holds : styles.quiet;
  return (
    <span role="img" aria-label={words} title={words} className={`${styles.icon} ${colour}`}>
      <Icon aria-hidden />
    </span>
  );
}

function VerdictView(props: {
  readonly verdict: RuleVerdict;
  readonly rule: Rule | undefined;
  readonly parts: RuleParts;
}) {
  const { verdict, rule, parts } = props;
  const { Rule: name, Result, Found, Mode } = verdict.rule;
  const styles = useStyles();
  const { words } = RESULTS[Result ?? ""] ?? UNKNOWN;
  return (
    <div className={styles.rule}>
      <div className={styles.line}>
        <ResultMark result={Result} />
        <Text as="h3" weight="semibold" className={styles.title}>
          <bdi>{visibleText(name ?? "")}</bdi>
          {` ${words}`}
        </Text>
      </div>
      {Result === "True" && Found && <Text size={200}>{texts.holdsFor(visibleText(Found))}</Text>}
      <ul className={styles.list}>
        {verdict.predicates.map((line) => (
          <PredicateView
            key={`${line.Kind} ${line.Name} ${line.Recipient}`}
            line={line}
            rule={rule}
            parts={parts}
          />
        ))}
      </ul>
      {Result === "True" && rule && (
        <>
          <Text weight="semibold">{Mode === "Enforce" ? texts.wouldDo : texts.wouldOnlyLog}</Text>
          <PartList parts={parts.actions} values={rule} none={texts.noActions} />
        </>
      )}
    </div>
  );
}

/** With the values of the rule, where they are known. */
function wordsOf(part: RulePart, rule: Rule | undefined): string {
  if (rule === undefined || !hasPart(part, rule)) return offerPart(part);
  return visibleText(
    describePart(part, rule)
      .map(({ text }) => text)
      .join(""),
  );
}

function PredicateView(props: {
  readonly line: VerdictLine;
  readonly rule: Rule | undefined;
  readonly parts: RuleParts;
}) {
  const { line, rule, parts } = props;
  const styles = useStyles();
  const { Kind, Name, Recipient, Result, Seen, Found } = line;
  const all = [...parts.conditions, ...parts.exceptions];
  const part = all.find(({ name }) => name.toLowerCase() === Name?.toLowerCase());
  const kind = Kind === "Exception" ? texts.exception : texts.condition;
  const seen = visibleText((Seen ?? []).join(", "));
  return (
    <li className={styles.line}>
      <ResultMark result={Result} />
      <div>
        <Text block>
          {`${kind}: ${part ? wordsOf(part, rule) : (Name ?? "")}`}
          {Recipient && (
            <>
              {" ("}
              <bdi>{visibleText(Recipient)}</bdi>)
            </>
          )}
        </Text>
        {seen !== "" && (
          <Text size={200} block className={styles.quiet}>
            {`${texts.seen}: `}
            <bdi>{seen}</bdi>
          </Text>
        )}
        {Found && (
          <Text size={200} block className={styles.quiet}>
            {`${texts.found}: `}
            <bdi>{visibleText(Found)}</bdi>
          </Text>
        )}
      </div>
    </li>
  );
}
