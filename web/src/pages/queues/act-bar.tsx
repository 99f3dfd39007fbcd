import {
  Button,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
  ToolbarButton,
} from "@fluentui/react-components";
import type { FluentIcon } from "@fluentui/react-icons";
import { type ReactNode, useCallback, useState } from "react";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import type { Selection } from "../../widgets/selection.ts";
import { ToolRow } from "../../widgets/tool-row.tsx";
import { texts } from "./texts.ts";

/** What acts are about: things by name, or all that a filter picks. */
export type Scope =
  | { readonly kind: "named"; readonly identities: readonly string[] }
  | { readonly kind: "filter"; readonly filter: string };

/** Something that can be done to queues or messages. */
export interface Act {
  readonly title: string;
  readonly icon: FluentIcon;
  readonly cmdlet: string;
  /** Besides what it is about. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** About one thing at a time. */
  readonly isSingle?: true;
  /** The cmdlet that takes it back. */
  readonly undo?: string;
  /** It cannot be done without these parameters. */
  readonly needs?: readonly string[];
  /** Further fields of its dialog, which change its parameters. */
  readonly fields?: (own: {
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly onChange: (parameters: Readonly<Record<string, unknown>>) => void;
  }) => ReactNode;
}

const useStyles = makeStyles({
  root: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "4px 12px" },
  act: { whiteSpace: "nowrap" },
});

/** What acts do, as a call. */
function callOf({ cmdlet, isSingle }: Act, scope: Scope, parameters: object): AnyCall {
  if (scope.kind === "filter")
    return { cmdlet, parameters: { Filter: scope.filter, ...parameters } };
  const [first] = scope.identities;
  const Identity = isSingle ? first : scope.identities;
  return { cmdlet, parameters: { Identity, ...parameters } };
}

/** What is acted on; how many match changes while one reads, so that only the preview says it. */
function nameOf(scope: Scope): string {
  if (scope.kind === "filter") return texts.allMatching;
  const [only] = scope.identities;
  const isOne = scope.identities.length === 1 && only !== undefined;
  return isOne ? only : texts.selected(scope.identities.length);
}

/** Buttons for acts; each asks first, with a preview of what it touches. */
export function ActButtons(props: {
  readonly label: string;
  readonly acts: readonly Act[];
  readonly scope: Scope;
  readonly children?: ReactNode;
  readonly onDone?: () => void;
}) {
  const { label, acts, scope, children, onDone } = props;
  const styles = useStyles();
  const mayRun = useMayRun();
  const [asked, setAsked] = useState<{ readonly act: Act; readonly scope: Scope }>();
  const allowed = acts.filter(({ cmdlet }) => mayRun(cmdlet));
  if (allowed.length === 0 && children === undefined) return null;
  return (
    <>
      <ToolRow label={visibleText(label)}>
        {allowed.map((act) => {
          const Icon = act.icon;
          return (
            <ToolbarButton
              key={act.title}
              className={styles.act}
              icon={<Icon />}
              onClick={() => setAsked({ act, scope })}
            >
              {act.title}
            </ToolbarButton>
          );
        })}
        {children}
      </ToolRow>
      {asked && (
        <ActDialog
          {...asked}
          onClose={(isDone) => {
            setAsked(undefined);
            if (isDone) onDone?.();
          }}
        />
      )}
    </>
  );
}

function ActDialog(props: {
  readonly act: Act;
  readonly scope: Scope;
  readonly onClose: (isDone: boolean) => void;
}) {
  const { act, scope, onClose } = props;
  const notify = useNotify();
  const [parameters, setParameters] = useState(act.parameters ?? {});
  const { undo } = act;
  const close = useCallback(
    ({ isDone }: { readonly isDone: boolean }) => {
      if (isDone) {
        const taken =
          undo === undefined ? {} : { undo: callOf({ ...act, cmdlet: undo }, scope, {}) };
        notify({ title: texts.doneTitle(act.title, nameOf(scope)), ...taken });
      }
      onClose(isDone);
    },
    [act, scope, undo, notify, onClose],
  );
  return (
    <RunDialog
      title={`${act.title}: ${nameOf(scope)}`}
      call={callOf(act, scope, parameters)}
      verb={act.title}
      isReady={act.needs?.every((name) => Object.hasOwn(parameters, name)) ?? true}
      onClose={close}
    >
      {act.fields?.({ parameters, onChange: setParameters })}
      {scope.kind === "filter" && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{texts.runsAsJob}</MessageBarBody>
        </MessageBar>
      )}
    </RunDialog>
  );
}

/** The line above a table: what is selected, what can be done to it. */
export function SelectionBar(props: {
  readonly acts: readonly Act[];
  readonly selection: Selection;
  /** How many match in all; absent: not known yet. */
  readonly total: number | undefined;
  /** What picks all that match. */
  readonly filter: string;
  /** Further buttons, for what is named. */
  readonly children?: (identities: readonly string[]) => ReactNode;
}) {
  const { acts, selection, total = 0, filter, children } = props;
  const styles = useStyles();
  const [isAll, setAll] = useState(false);
  const { keys, set } = selection;
  const clear = () => {
    setAll(false);
    set([]);
  };
  const mayRun = useMayRun();
  if (!acts.some(({ cmdlet }) => mayRun(cmdlet))) return null;
  const scope: Scope = isAll
    ? { kind: "filter", filter }
    : { kind: "named", identities: [...keys] };
  const isNothing = !isAll && keys.size === 0;
  return (
    <div className={styles.root}>
      {!isNothing && (
        <>
          <Text weight="semibold" role="status">
            {isAll ? texts.allSelected(total) : texts.selected(keys.size)}
          </Text>
          <ActButtons label={texts.acts} acts={acts} scope={scope} onDone={clear}>
            {!isAll && children?.([...keys])}
          </ActButtons>
          <Button size="small" appearance="subtle" onClick={clear}>
            {texts.clearSelection}
          </Button>
        </>
      )}
      {!isAll && total > 1 && total > keys.size && (
        <Button size="small" appearance="subtle" onClick={() => setAll(true)}>
          {texts.selectAllMatching(total)}
        </Button>
      )}
    </div>
  );
}
