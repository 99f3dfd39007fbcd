import {
  Badge,
  Button,
  makeStyles,
  mergeClasses,
  Switch,
  Text,
  tokens,
} from "@fluentui/react-components";
import {
  ArrowDownRegular,
  ArrowUpRegular,
  ReOrderDotsVerticalRegular,
} from "@fluentui/react-icons";
import { type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { formatAgo, formatDateTime } from "../../base/format.ts";
import { formatNumber } from "../../base/texts.ts";
import { visibleText } from "../../base/visible-text.ts";
import { CHOSEN, HOVERED } from "../../widgets/marked-style.ts";
import { summaryOf } from "./part-sentence.tsx";
import { ruleState } from "./rule-state.ts";
import { MODE_WORDS, texts } from "./texts.ts";
import type { RuleParts } from "./use-rule-parts.ts";

/** A rule as the server shows it. */
export type Rule = OutputOf<"Get-TransportRule">;

const WIDE = "@media (min-width: 1024px)";
const NARROW = "@media (max-width: 639px)";

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    overflow: "auto",
    flexGrow: 1,
    minHeight: "160px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  row: {
    position: "relative",
    display: "grid",
    gridTemplateColumns: "32px 28px minmax(0, 1fr) auto auto",
    alignItems: "center",
    columnGap: "8px",
    padding: "6px 8px",
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    ":hover": HOVERED,
    [NARROW]: { gridTemplateColumns: "28px minmax(0, 1fr) auto" },
  },
  compact: { gridTemplateColumns: "28px minmax(0, 1fr) auto" },
  chosen: CHOSEN,
  dragged: { opacity: 0.5 },
  target: {
    "::after": {
      content: "''",
      position: "absolute",
      top: 0,
      insetInline: 0,
      borderTop: `2px solid ${tokens.colorCompoundBrandStroke}`,
    },
  },
  handle: { cursor: "grab", minWidth: "28px", padding: "2px" },
  wide: { [NARROW]: { display: "none" } },
  hidden: { display: "none" },
  end: { textAlign: "end" },
  words: { minWidth: 0 },
  name: {
    padding: 0,
    border: "none",
    background: "none",
    color: tokens.colorNeutralForeground1,
    font: "inherit",
    fontWeight: tokens.fontWeightSemibold,
    textAlign: "start",
    cursor: "pointer",
    overflowWrap: "anywhere",
    minHeight: "24px",
    ":hover": { textDecoration: "underline" },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  summary: {
    display: "block",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    color: tokens.colorNeutralForeground2,
  },
  facts: { display: "flex", flexWrap: "wrap", gap: "6px", alignItems: "center" },
  acts: { display: "flex", alignItems: "center" },
  hits: { color: tokens.colorNeutralForeground2, [WIDE]: { whiteSpace: "nowrap" } },
});

/** Where a rule is moved to: the place counts from 0. */
export interface RuleMove {
  readonly name: string;
  readonly place: number;
}

/** What a list of rules shows and tells. */
export interface RuleListProps {
  /** In the order in which they are asked. */
  readonly rules: readonly Rule[];
  readonly parts: RuleParts;
  readonly openName: string | undefined;
  /** Only part of the rules is shown: nothing can be moved. */
  readonly isFiltered: boolean;
  readonly mayChange: boolean;
  readonly onOpen: (name: string) => void;
  readonly onMove: (move: RuleMove) => void;
  readonly onSwitch: (rule: Rule) => void;
}

/** The rules in their order, which is changed by dragging, by buttons and by Alt with arrows. */
export function RuleList(props: RuleListProps) {
  const { rules, onMove } = props;
  const styles = useStyles();
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<string>();
  const [target, setTarget] = useState<string>();
  // A row that changes its place loses the focus: it gets it back at its new one.
  const moved = useRef<RuleMove & { readonly how: string }>(undefined);
  useEffect(() => {
    const { current } = moved;
    if (current === undefined || rules[current.place]?.Identity !== current.name) return;
    // Once: when the list changes later, the focus is where it is for a reason.
    moved.current = undefined;
    const escaped = CSS.escape(`${current.how}:${current.name}`);
    const element = list.current?.querySelector<HTMLElement>(`[data-focus="${escaped}"]`);
    if (document.activeElement !== element) element?.focus();
  }, [rules]);
  const move = (name: string, place: number, how: string) => {
    if (place < 0 || place >= rules.length) return;
    moved.current = { name, place, how };
    onMove({ name, place });
  };
  const drop = (to: string) => {
    const place = rules.findIndex((rule) => rule.Identity === to);
    if (dragged !== undefined && dragged !== to) move(dragged, place, "handle");
    setDragged(undefined);
    setTarget(undefined);
  };
  return (
    <ol ref={list} className={styles.list} aria-label={texts.rules}>
      {rules.map((rule, place) => {
        const name = rule.Identity ?? "";
        return (
          <RuleRow
            key={name}
            {...props}
            rule={rule}
            place={place}
            isDragged={dragged === name}
            isTarget={target === name && dragged !== name}
            onMoveTo={(to, how) => move(name, to, how)}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = "move";
              event.dataTransfer.setData("text/plain", name);
              setDragged(name);
            }}
            onDragOver={(event) => {
              if (dragged === undefined) return;
              event.preventDefault();
              setTarget(name);
            }}
            onDrop={(event) => {
              event.preventDefault();
              drop(name);
            }}
            onDragEnd={() => setDragged(undefined)}
          />
        );
      })}
    </ol>
  );
}

interface RuleRowProps extends RuleListProps {
  readonly rule: Rule;
  readonly place: number;
  readonly isDragged: boolean;
  readonly isTarget: boolean;
  readonly onMoveTo: (place: number, how: string) => void;
  readonly onDragStart: (event: DragEvent) => void;
  readonly onDragOver: (event: DragEvent) => void;
  readonly onDrop: (event: DragEvent) => void;
  readonly onDragEnd: () => void;
}

function RuleRow(props: RuleRowProps) {
  const { rule, place, parts, openName, onOpen, onMoveTo, isDragged, isTarget } = props;
  const styles = useStyles();
  const name = rule.Identity ?? "";
  const canMove = props.mayChange && !props.isFiltered;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step === 0 || !event.altKey || !canMove) return;
    event.preventDefault();
    onMoveTo(place + step, "name");
  };
  const isCompact = openName !== undefined;
  return (
    <li
      className={mergeClasses(
        styles.row,
        isCompact && styles.compact,
        openName === name && styles.chosen,
        isDragged && styles.dragged,
        isTarget && styles.target,
      )}
      onDragOver={props.onDragOver}
      onDrop={props.onDrop}
    >
      {!isCompact && <span className={styles.wide}>{canMove && <DragHandle {...props} />}</span>}
      <Text className={styles.end}>{formatNumber(rule.Priority ?? place)}</Text>
      <div className={styles.words}>
        <button
          type="button"
          className={styles.name}
          data-focus={`name:${name}`}
          aria-current={openName === name ? true : undefined}
          aria-keyshortcuts={canMove ? "Alt+ArrowUp Alt+ArrowDown" : undefined}
          onClick={() => onOpen(name)}
          onKeyDown={onKeyDown}
        >
          <bdi>{visibleText(name)}</bdi>
        </button>
        <Text size={200} className={styles.summary}>
          {summaryOf(parts, rule, { every: texts.everyMessage, and: texts.and })}
        </Text>
        <RuleFacts rule={rule} />
      </div>
      {!isCompact && <MoveButtons {...props} canMove={canMove} />}
      <RuleSwitch {...props} />
    </li>
  );
}

function DragHandle({ rule, onDragStart, onDragEnd }: RuleRowProps) {
  const styles = useStyles();
  const name = rule.Identity ?? "";
  return (
    // For the mouse alone: with the keyboard there are buttons, and Alt with arrows.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <span
      className={styles.handle}
      draggable
      data-focus={`handle:${name}`}
      title={texts.drag(visibleText(name))}
      onDragStart={onDragStart}
      onDragEnd={onDragEnd}
    >
      <ReOrderDotsVerticalRegular aria-hidden fontSize={20} />
    </span>
  );
}

function MoveButtons(props: RuleRowProps & { readonly canMove: boolean }) {
  const { rule, place, rules, canMove, onMoveTo } = props;
  const styles = useStyles();
  const name = rule.Identity ?? "";
  return (
    <span className={mergeClasses(styles.acts, styles.wide)}>
      {canMove && (
        <>
          <Button
            appearance="subtle"
            size="small"
            data-focus={`up:${name}`}
            disabledFocusable={place === 0}
            icon={<ArrowUpRegular />}
            aria-label={texts.moveUp(visibleText(name))}
            onClick={() => onMoveTo(place - 1, "up")}
          />
          <Button
            appearance="subtle"
            size="small"
            data-focus={`down:${name}`}
            disabledFocusable={place === rules.length - 1}
            icon={<ArrowDownRegular />}
            aria-label={texts.moveDown(visibleText(name))}
            onClick={() => onMoveTo(place + 1, "down")}
          />
        </>
      )}
    </span>
  );
}

function RuleSwitch({ rule, mayChange, onSwitch }: RuleRowProps) {
  const name = rule.Identity ?? "";
  const isOn = rule.Enabled === true;
  const isDeclared = (rule.DeclaredIn ?? "") !== "";
  if (!mayChange || isDeclared) return <Text>{isOn ? texts.on : texts.off}</Text>;
  return (
    <Switch
      checked={isOn}
      aria-label={texts.switchRule(visibleText(name))}
      onChange={() => onSwitch(rule)}
    />
  );
}

/** Mode, time and hits of a rule. */
export function RuleFacts({ rule }: { readonly rule: Rule }) {
  const styles = useStyles();
  const state = ruleState(rule, serverNowMs());
  const { LastHit } = rule;
  return (
    <span className={styles.facts}>
      {rule.Mode !== "Enforce" && (
        <Badge appearance="outline" color="informative">
          {MODE_WORDS[rule.Mode ?? ""] ?? rule.Mode}
        </Badge>
      )}
      {state === "expired" && <Badge appearance="outline">{texts.expired}</Badge>}
      {state === "future" && <Badge appearance="outline">{texts.notYet}</Badge>}
      <Text
        size={200}
        className={styles.hits}
        {...(rule.HitsSince && { title: texts.hitsSince(formatDateTime(rule.HitsSince)) })}
      >
        {texts.hitsOf(rule.HitCount ?? 0)}
        {LastHit && `, ${formatAgo(LastHit, serverNowMs())}`}
      </Text>
    </span>
  );
}
