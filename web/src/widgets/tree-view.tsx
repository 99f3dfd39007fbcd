import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { ChevronDownRegular, ChevronRightRegular } from "@fluentui/react-icons";
import { useMemo, useState } from "react";
import { type CmdletFacts, type TreeFacts, useFacts, type ValueSchema } from "../api/facts.ts";
import { visibleText } from "../base/visible-text.ts";
import { labelOf } from "./form/label.ts";
import { formatValue } from "./property-list.tsx";
import { texts } from "./texts.ts";
import { buildTree, type TreeNode } from "./tree.ts";
import { VerdictMark, verdictOf } from "./verdict-mark.tsx";

type Row = Readonly<Record<string, unknown>>;

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  inner: {
    marginInlineStart: "11px",
    paddingInlineStart: "12px",
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  line: { display: "flex", alignItems: "start", gap: "6px", padding: "3px 0" },
  words: { minWidth: 0, overflowWrap: "anywhere", flexGrow: 1 },
  title: { display: "flex", flexWrap: "wrap", columnGap: "10px", alignItems: "baseline" },
  quiet: { color: tokens.colorNeutralForeground2 },
  details: {
    display: "grid",
    gridTemplateColumns: "max-content minmax(0, 1fr)",
    columnGap: "10px",
    margin: "2px 0 4px",
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
  },
  value: { margin: 0, overflowWrap: "anywhere", whiteSpace: "pre-wrap" },
  toggle: { minWidth: "24px", width: "24px", height: "24px", padding: 0, flexShrink: 0 },
  place: { width: "24px", flexShrink: 0 },
});

/**
 * What a cmdlet whose objects make a tree has put out: each step with its verdict, what came of
 * it, and why. It grows while steps come.
 */
export function TreeView(props: {
  readonly cmdlet: string;
  readonly objects: readonly Row[];
  /** For screen readers. */
  readonly label: string;
}) {
  const { cmdlet, objects, label } = props;
  const styles = useStyles();
  const facts = useFacts(cmdlet);
  const tree = facts?.output.tree;
  const nodes = useMemo(
    () => (tree === undefined ? [] : buildTree(objects, (row) => Number(row[tree.depth] ?? 0))),
    [objects, tree],
  );
  if (facts === undefined || tree === undefined) return null;
  return (
    <ul className={styles.list} aria-label={label}>
      {nodes.map((node) => (
        <Node key={node.index} node={node} facts={facts} tree={tree} />
      ))}
    </ul>
  );
}

function Node(props: {
  readonly node: TreeNode<Row>;
  readonly facts: CmdletFacts;
  readonly tree: TreeFacts;
}) {
  const { node, facts, tree } = props;
  const styles = useStyles();
  const [isOpen, setOpen] = useState(true);
  const { row, children } = node;
  const schemaOf = (name: string) => facts.output.properties[name] ?? {};
  const show = (name: string) => visibleText(formatValue(row[name], schemaOf(name)));
  const shown = (names: readonly string[]) =>
    names.map((name) => ({ name, text: show(name) })).filter(({ text }) => text !== "");
  const titles = shown(tree.title).map((one) => ({ ...one, isQuiet: isTime(schemaOf(one.name)) }));
  // What it is stands out, not when it was or how long it took.
  const first = titles.find(({ isQuiet }) => !isQuiet);
  const details = shown(tree.details);
  return (
    <li>
      <div className={styles.line}>
        {children.length === 0 ? (
          <span className={styles.place} />
        ) : (
          <Button
            className={styles.toggle}
            appearance="subtle"
            size="small"
            aria-expanded={isOpen}
            aria-label={texts.stepsOf(first?.text ?? "")}
            icon={isOpen ? <ChevronDownRegular /> : <ChevronRightRegular />}
            onClick={() => setOpen(!isOpen)}
          />
        )}
        <VerdictMark verdict={verdictOf(row[tree.mark])} />
        <div className={styles.words}>
          <div className={styles.title}>
            {titles.map(({ name, text, isQuiet }) => (
              <Text
                key={name}
                weight={name === first?.name ? "semibold" : "regular"}
                {...(isQuiet && { className: styles.quiet })}
              >
                <bdi>{text}</bdi>
              </Text>
            ))}
          </div>
          {details.length > 0 && (
            <dl className={styles.details}>
              {details.map(({ name, text }) => (
                <DetailLine key={name} name={name} text={text} />
              ))}
            </dl>
          )}
        </div>
      </div>
      {isOpen && children.length > 0 && (
        <ul className={`${styles.list} ${styles.inner}`}>
          {children.map((child) => (
            <Node key={child.index} node={child} facts={facts} tree={tree} />
          ))}
        </ul>
      )}
    </li>
  );
}

function isTime(schema: ValueSchema): boolean {
  return schema["x-kind"] === "date" || schema["x-kind"] === "span";
}

function DetailLine({ name, text }: { readonly name: string; readonly text: string }) {
  const styles = useStyles();
  return (
    <>
      <dt>{labelOf(name)}</dt>
      <dd className={styles.value}>
        <bdi>{text}</bdi>
      </dd>
    </>
  );
}
