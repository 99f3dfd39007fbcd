import {
  Dialog,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Input,
  makeStyles,
  mergeClasses,
  Text,
  tokens,
} from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useMemo, useState } from "react";
import { useSession } from "../api/session.ts";
import { useFocusBack } from "../widgets/focus-back.ts";
import { CHOSEN } from "../widgets/marked-style.ts";
import type { Area, Page } from "./area.ts";
import { texts } from "./texts.ts";

const SHOWN_MAX = 12;

const useStyles = makeStyles({
  surface: { maxWidth: "560px", "@media (min-height: 800px)": { top: "-20vh" } },
  input: { width: "100%" },
  list: { listStyleType: "none", margin: "8px 0 0", padding: 0, minHeight: "120px" },
  option: {
    position: "relative",
    display: "flex",
    justifyContent: "space-between",
    gap: "12px",
    padding: "8px",
    borderRadius: tokens.borderRadiusMedium,
    cursor: "pointer",
  },
  active: CHOSEN,
});

interface Entry {
  readonly title: string;
  readonly kind: string;
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
}

/** Goes to a page, runs a cmdlet, or traces what was typed: all by keyboard. */
export function CommandPalette(props: {
  readonly areas: readonly Area[];
  readonly onClose: () => void;
}) {
  const { areas, onClose } = props;
  const styles = useStyles();
  useFocusBack();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const entries = useEntries(areas, text);
  const current = Math.min(active, entries.length - 1);
  const open = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    void navigate({ to: entry.to, search: entry.search ?? {} });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setActive(Math.min(current + 1, entries.length - 1));
    else if (event.key === "ArrowUp") setActive(Math.max(current - 1, 0));
    else if (event.key === "Enter") open(entries[current]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{texts.palette}</DialogTitle>
          <DialogContent>
            <Input
              className={styles.input}
              autoFocus
              value={text}
              placeholder={texts.paletteHint}
              role="combobox"
              aria-label={texts.palette}
              aria-expanded
              aria-controls="palette-list"
              aria-activedescendant={current >= 0 ? `palette-${current}` : undefined}
              onChange={(_event, { value }) => {
                setText(value);
                setActive(0);
              }}
              onKeyDown={onKeyDown}
            />
            <Found entries={entries} current={current} onOpen={open} />
          </DialogContent>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Found(props: {
  readonly entries: readonly Entry[];
  readonly current: number;
  readonly onOpen: (entry: Entry) => void;
}) {
  const { entries, current, onOpen } = props;
  const styles = useStyles();
  return (
    <>
      {entries.length === 0 && <Text>{texts.paletteNothing}</Text>}
      <div id="palette-list" role="listbox" aria-label={texts.palette} className={styles.list}>
        {entries.map((entry, at) => (
          // Keys go to the field, as the combobox pattern has it.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          <div
            key={`${entry.to}${entry.title}`}
            id={`palette-${at}`}
            role="option"
            aria-selected={at === current}
            tabIndex={-1}
            className={mergeClasses(styles.option, at === current && styles.active)}
            onClick={() => onOpen(entry)}
          >
            <span>{entry.title}</span>
            <Text size={200}>{entry.kind}</Text>
          </div>
        ))}
      </div>
    </>
  );
}

/** Guided set-ups are not in the navigation, but have words to be found by. */
function isFindable({ isHidden, words }: Page): boolean {
  return isHidden !== true || words !== undefined;
}

function useEntries(areas: readonly Area[], text: string): readonly Entry[] {
  const { cmdlets } = useSession();
  return useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const own = new Set(cmdlets);
    const pages = areas.flatMap((area) =>
      area.pages
        .filter((page) => isFindable(page) && page.needs.every((name) => own.has(name)))
        .map((page) => ({
          title: page.title,
          kind: area.title,
          to: page.path,
          words: `${page.title} ${area.title} ${page.words ?? ""}`.toLowerCase(),
        })),
    );
    const runs = cmdlets.map((name) => ({
      title: texts.runCmdlet(name),
      kind: "",
      to: `/cmdlet/${name}`,
      words: `${texts.runCmdlet(name)} ${name.replaceAll(/([A-Z])/g, " $1")}`.toLowerCase(),
    }));
    const found = [...pages, ...(words.length === 0 ? [] : runs)].filter((entry) =>
      words.every((word) => entry.words.includes(word)),
    );
    const trace = {
      title: texts.trace(text.trim()),
      kind: "",
      to: "/trace",
      search: { search: text.trim() },
    };
    const mayTrace = words.length > 0 && own.has("Get-MessageTrace");
    return [...found.slice(0, SHOWN_MAX), ...(mayTrace ? [trace] : [])];
  }, [areas, cmdlets, text]);
}
